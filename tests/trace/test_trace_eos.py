"""A session with the simulated EOS R6, as tshark reads it."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.shell_process import run
from support.trace_links import MALFORMED, Tshark


@pytest.mark.slow
def test_wireshark_reads_all_of_an_eos_session(tmp_path: Path, tshark: Tshark) -> None:
    (tmp_path / "fw.fir").write_bytes(b"12345")
    lines = (
        "connect sim:model=EOSR6",
        "eos props",
        "eos prop ISO 0x58",
        "eos release",
        "eos release both -download",
        "eos liveview",
        "eos events -seconds=1 -count=5",
        "eos firmware fw.fir -y",
        "ptp props",
        "ptp objects -tree",
    )
    ended = run("--trace", "t.pcapng", *(w for line in lines for w in ("-e", line)), cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    path = tmp_path / "t.pcapng"
    assert tshark(path, "frame.number", where=MALFORMED) == []
    codes = {code for (code,) in tshark(path, "ptpip.opcode", where="ptpip.pktType == 6")}
    assert {
        *("0x9104", "0x9110", "0x9114", "0x9115", "0x9116", "0x9117", "0x911a", "0x911d"),
        *("0x911f", "0x9127", "0x9128", "0x9129", "0x9153", "0x1014", "0x1008"),
    } <= codes
