"""Links that are traced, and what tshark reads from the packets."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chdkshell.ptp.transaction import Request
from chdkshell.streams import BytesSink, BytesSource
from chdkshell.trace.link import TraceWriter
from chdkshell.trace.packets import PacketTrace
from chdkshell.trace.text import TextTrace
from chdkshell.trace.transport import TracedTransport, wrap
from support.chdk_replay import Answer, Answers, Player
from support.timeouts import TIMEOUT

RECORDED = Path(__file__).parent.parent / "data" / "basic.jsonl"
NOON = 1_700_000_000_123_456_000
"""2023-11-14 22:13:20.123456 UTC, in nanoseconds."""

VERSION_REQUEST = Request(0x9999, 7, (0,))

Tshark = Callable[..., list[list[str]]]


def recorded_bytes(value: str | dict[str, object] | None) -> bytes | None:
    """Return recorded data; of long data only its length and start were kept."""
    if value is None or isinstance(value, str):
        return None if value is None else bytes.fromhex(value)
    return bytes.fromhex(str(value["head"])).ljust(int(str(value["len"])), b"\x5a")


def recorded_steps() -> list[dict[str, Any]]:
    return [json.loads(line) for line in RECORDED.read_text().splitlines()]


def play_recorded(writer: TraceWriter, address: str) -> None:
    """Run the recorded session of the firmware through a trace."""
    steps = recorded_steps()
    answers = [Answer(tuple(s["rparams"]), recorded_bytes(s["in"]), s["rc"]) for s in steps]
    player = Player(*answers)
    player.address = address
    link = wrap(player, writer)
    for number, step in enumerate(steps):
        out = recorded_bytes(step["out"])
        source = None if out is None else BytesSource(out)
        link.transact(Request(step["op"], number, tuple(step["params"])), source, BytesSink())
    link.close()
    writer.close()


def traced(
    path: Path, *answers: Answers, address: str = "play:", **options: Any
) -> tuple[TracedTransport, TraceWriter]:
    """Return a traced player with its writer."""
    kind: type[PacketTrace | TextTrace] = PacketTrace if path.suffix == ".pcapng" else TextTrace
    writer = kind(path, **options)
    player = Player(*answers)
    player.address = address
    return wrap(player, writer), writer


@pytest.fixture
def tshark(peer: Callable[[str], str]) -> Tshark:
    """Return a function that gives the fields of the packets in a file, checksums checked."""
    program = peer("tshark")

    def read(path: Path, *fields: str, where: str = "") -> list[list[str]]:
        command = [program, "-n", "-r", str(path), "-T", "fields"]
        command += ["-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"]
        command += [part for field in fields for part in ("-e", field)]
        command += ["-Y", where] if where else []
        run = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=True)
        assert "cut short" not in run.stderr
        assert "damaged" not in run.stderr
        return [line.split("\t") for line in run.stdout.splitlines()]

    return read


MALFORMED = "_ws.malformed or tcp.analysis.flags or _ws.expert.severity >= 0x600000"
"""Packets that Wireshark cannot read, that do not fit their connection, or that it warns of."""
