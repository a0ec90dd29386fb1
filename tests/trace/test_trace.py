"""Traces as text, and what of a trace does not depend on its form."""

# needs: POSIX

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

import pytest
from support.chdk_replay import Answer, Asked, Player
from support.emulated_usb.fixtures import UsbBus
from support.shell_process import run
from support.trace_links import (
    MALFORMED,
    NOON,
    VERSION_REQUEST,
    Tshark,
    traced,
)

from chdkshell.errors import DisconnectedError, HostFileError
from chdkshell.ptp.session import Session
from chdkshell.ptp.transaction import Event, Request
from chdkshell.sim.camera import SimCamera
from chdkshell.streams import BytesSink, BytesSource, NullSink
from chdkshell.trace.text import TextTrace
from chdkshell.trace.tracer import Tracer, open_trace
from chdkshell.trace.transport import TracedTransport, unwrap, wrap

# ---- text ---------------------------------------------------------------------------------------


def lines_of(path: Path) -> list[str]:
    """Return the lines of a text trace with their durations replaced by T."""
    return [re.sub(r"[\d.e+-]+ ms$", "T ms", line) for line in path.read_text().splitlines()]


def test_text_tells_names_parameters_sizes_answers_and_durations(tmp_path: Path) -> None:
    path = tmp_path / "trace.txt"
    link, writer = traced(
        path,
        Answer((3, 0)),
        Answer((2, 4, 3, 5), b"hello"),
        Answer((), b"\0", code=0x2002),
        Answer((), None, code=0x2005),
        address="usb:001:004",
        now=lambda: NOON,
    )
    link.transact(Request(0x9999, 5, (7, 0x700)), BytesSource(b"return 1\0"))
    link.transact(Request(0x9999, 6, (10,)), None, BytesSink())
    link.transact(Request(0x9999, 7, (6,)))
    link.transact(Request(0x9ABC, 8))
    writer.close()
    start = "2023-11-14T22:13:20.123456Z usb:001:004"
    assert lines_of(path)[1:] == [
        f"{start} #5 > CHDK ExecuteScript (0x700)",
        f"{start} #5 < CHDK ExecuteScript OK (3, 0) sent 9 bytes, T ms",
        f"{start} #6 > CHDK ReadScriptMsg ()",
        f"{start} #6 < CHDK ReadScriptMsg OK (2, 4, 3, 5) received 5 bytes, T ms",
        f"{start} #7 > CHDK DownloadFile ()",
        f"{start} #7 < CHDK DownloadFile GeneralError () received 1 bytes, T ms",
        f"{start} #8 > 0x9ABC ()",
        f"{start} #8 < 0x9ABC OperationNotSupported () no data, T ms",
    ]


def test_text_tells_failures_events_and_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "trace.txt"
    link, writer = traced(path, DisconnectedError("gone\x1b[2J\nnow"), now=lambda: NOON)
    monkeypatch.setattr(link.transport, "next_event", lambda seconds: Event(0x4002, 9, (17,)))
    with pytest.raises(DisconnectedError):
        link.transact(Request(0x1001, 1))
    link.next_event(0)
    link.close()
    writer.close()
    assert [line.split(" ", 2)[2] for line in lines_of(path)[2:]] == [
        "#1 < GetDeviceInfo failed: DisconnectedError: gone\\x1b[2J now; no data, T ms",
        "event ObjectAdded (0x11)",
        "closed",
    ]


def test_text_tells_data_that_is_not_what_was_announced(tmp_path: Path) -> None:
    path = tmp_path / "trace.txt"
    link, writer = traced(path, Answer((10,), b"12345", announce=10))
    link.transact(Request(0x9999, 1, (6,)))
    writer.close()
    assert "received 5 bytes of 10" in path.read_text()


def test_what_a_program_waits_for_is_in_the_file_already(tmp_path: Path) -> None:
    path = tmp_path / "trace.txt"
    seen: list[str] = []

    def answer(asked: Asked) -> Answer:
        seen.append(path.read_text())
        return Answer((2, 9))

    player = Player(answer=answer)
    writer = TextTrace(path)
    wrap(player, writer).transact(VERSION_REQUEST)
    writer.close()
    assert seen[0].endswith("play: #7 > CHDK Version ()\n")


# ---- the file -----------------------------------------------------------------------------------


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
@pytest.mark.parametrize("name", ["trace.txt", "trace.pcapng"])
def test_only_the_owner_can_read_a_trace(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("what was there before, open to all")
    path.chmod(0o644)
    open_trace(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert b"before" not in path.read_bytes()


def test_a_file_that_cannot_be_made_is_an_error_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "trace.txt"
    with pytest.raises(HostFileError, match=r"missing/trace\.txt cannot be written: No such file"):
        open_trace(path)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_ends_the_trace_and_not_the_session() -> None:
    writer = TextTrace(Path("/dev/full"))
    link = wrap(Player(Answer((2, 9))), writer)
    assert link.transact(VERSION_REQUEST).params == (2, 9)
    writer.close()
    assert writer.file.problem == "the trace /dev/full ends early: No space left on device"


# ---- in a session -------------------------------------------------------------------------------


def test_without_a_trace_the_session_has_the_transport_itself(tmp_path: Path) -> None:
    player = Player(answer=lambda asked: Answer((2, 9)))
    session, tracer = Session(player), Tracer()
    tracer.adopt(session)
    session.open()
    assert session.transport is player
    tracer.start(tmp_path / "a.txt")
    assert isinstance(session.transport, TracedTransport)
    session.transaction(0x9999, 0)
    tracer.start(tmp_path / "b.txt")
    session.transaction(0x9999, 8)
    tracer.stop()
    assert session.transport is player
    assert tracer.path is None
    session.transaction(0x9999, 9)
    names = [re.findall(r"> (.*) \(", (tmp_path / n).read_text()) for n in ("a.txt", "b.txt")]
    assert names == [["CHDK Version"], ["CHDK ScriptStatus"]]


def test_a_session_that_begins_while_a_trace_is_written_is_in_it(tmp_path: Path) -> None:
    tracer = Tracer()
    tracer.start(tmp_path / "trace.txt")
    session = Session(Player(answer=lambda asked: Answer()))
    tracer.adopt(session)
    session.open()
    session.close()
    tracer.stop()
    told = [line.split(" ", 2)[2] for line in lines_of(tmp_path / "trace.txt")]
    assert told[1:] == [
        "#0 > OpenSession (1)",
        "#0 < OpenSession OK () no data, T ms",
        "#1 > CloseSession ()",
        "#1 < CloseSession OK () no data, T ms",
        "closed",
    ]


def test_a_trace_changes_nothing_for_the_caller(tmp_path: Path) -> None:
    class StopError(Exception):
        pass

    class StoppingSink(NullSink):
        def write(self, data: object) -> None:
            raise StopError

    link, writer = traced(tmp_path / "trace.txt", Answer((), b"abc"), Answer((1,), b"abc"))
    with pytest.raises(StopError):
        link.transact(Request(0x1001, 1), None, StoppingSink())
    sink = BytesSink()
    link.timeout = 3.0
    assert link.transact(Request(0x1001, 2), None, sink).params == (1,)
    assert sink.data == b"abc"
    assert link.transport.timeout == 3.0
    player = link.transport
    assert unwrap(link) is player
    writer.close()
    assert unwrap(player) is player


def test_a_simulated_camera_can_be_traced(tmp_path: Path, tshark: Tshark) -> None:
    from chdkshell.transport.base import open_transport

    path = tmp_path / "trace.pcapng"
    tracer = Tracer()
    tracer.start(path)
    session = Session(open_transport("sim:model=Traced"))
    tracer.adopt(session)
    session.open()
    assert session.get_device_info().model == "Traced"
    session.transaction(0x9999, 0)
    session.close()
    tracer.stop()
    assert tshark(path, "frame.number", where=MALFORMED) == []
    codes = tshark(path, "ptpip.opcode", where="ptpip.pktType == 6")
    assert codes == [["0x1002"], ["0x1001"], ["0x9999"], ["0x1003"]]


# ---- in the shell -------------------------------------------------------------------------------


def test_the_program_traces_from_the_first_transaction_to_the_last(tmp_path: Path) -> None:
    ended = run("--trace", "a b.txt", "--sim", "-e", "lua return 1", cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    told = [line.split(" ", 2)[2] for line in lines_of(tmp_path / "a b.txt")]
    assert told[1] == "#0 > OpenSession (1)"
    assert any("CHDK ExecuteScript OK" in line for line in told)
    assert told[-3].endswith("> CloseSession ()")
    assert told[-1] == "closed"


def test_a_trace_is_switched_at_the_prompt_and_survives_a_reconnect(
    tmp_path: Path, tshark: Tshark
) -> None:
    path = tmp_path / "t.pcapng"
    commands = ["connect sim:", "set trace=t.pcapng", "ls", "reconnect", "set trace=", "ls"]
    ended = run(*[part for line in commands for part in ("-e", line)], cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    codes = [code for (code,) in tshark(path, "ptpip.opcode", where="ptpip.pktType == 6")]
    ends = codes.index("0x1003")
    assert set(codes[:ends]) == {"0x9999"}
    assert codes[ends : ends + 3] == ["0x1003", "0x1002", "0x1001"]
    assert set(codes[ends + 3 :]) == {"0x9999"}
    assert tshark(path, "frame.number", where=MALFORMED) == []


def test_list_is_traced_too(tmp_path: Path, usb_bus: UsbBus) -> None:
    camera = SimCamera()
    try:
        usb_bus.plug_sim(camera)
        ended = run("--trace=t.txt", "-e", "list", cwd=tmp_path, **usb_bus.environment("system"))
    finally:
        camera.close()
    assert ended.stdout.startswith("-1:Canon PowerShot SIM1 b=001 d=004 v=0x4a9 p=0x32c8 s=SIM0001")
    told = [line.split(" ", 2)[2] for line in lines_of(tmp_path / "t.txt")]
    assert "#1 > GetDeviceInfo ()" in told
    assert told[-1] == "closed"


def test_a_trace_that_cannot_be_written_stops_the_program_at_once(tmp_path: Path) -> None:
    ended = run("--trace=missing/t.txt", "--sim", "-e", "lua return 1", cwd=tmp_path)
    assert ended.returncode == 1
    assert ended.stderr == (
        "ERROR: the trace missing/t.txt cannot be written: No such file or directory; "
        "name another file\n"
    )


def test_a_session_over_a_usb_bus_is_traced_as_one(
    tmp_path: Path, tshark: Tshark, usb_bus: UsbBus
) -> None:
    camera = SimCamera()
    try:
        usb_bus.plug_sim(camera)
        path = tmp_path / "usb.pcapng"
        ended = run(
            f"--trace={path}",
            "-e",
            "connect",
            "-e",
            "lua return 1",
            **usb_bus.environment("system"),
        )
    finally:
        camera.close()
    assert ended.returncode == 0, ended.stderr
    assert tshark(path, "frame.number", where=MALFORMED) == []
    rows = tshark(path, "usb.bus_id", "usb.device_address", "usb.endpoint_address", "usb.data_len",
                  where="usb.bInterfaceClass == 6 and usb.transfer_type == 3")  # fmt: skip
    assert {tuple(row[:3]) for row in rows} == {("1", "4", "0x02"), ("1", "4", "0x81")}
    assert rows[0][3] == "16"  # OpenSession with its one parameter
