"""Traces as text and as packets. What the packets say is judged by tshark, Wireshark's reader."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from chdk_replay import Answer, Player
from emulated_usb.fixtures import UsbBus
from shell_process import run

from chdkshell.errors import Cancelled, DisconnectedError, HostFileError
from chdkshell.ptp.session import Session
from chdkshell.sim.camera import SimCamera
from chdkshell.streams import BytesSink, BytesSource, NullSink
from chdkshell.trace.link import TraceWriter
from chdkshell.trace.packets import PacketTrace
from chdkshell.trace.pieces import Pieces
from chdkshell.trace.text import TextTrace
from chdkshell.trace.tracer import Tracer, open_trace
from chdkshell.trace.transport import TracedTransport, unwrap, wrap
from chdkshell.transport.base import Event, Request

RECORDED = Path(__file__).parent / "data" / "basic.jsonl"
NOON = 1_700_000_000_123_456_000
"""2023-11-14 22:13:20.123456 UTC, in nanoseconds."""

VERSION_REQUEST = Request(0x9999, 7, (0,))

Tshark = Callable[..., list[list[str]]]


def recorded_bytes(value: str | dict[str, object] | None) -> bytes | None:
    """Return recorded data; of long data only its length and start were kept."""
    if value is None or isinstance(value, str):
        return None if value is None else bytes.fromhex(value)
    return bytes.fromhex(str(value["head"])).ljust(int(str(value["len"])), b"\x5a")


def recorded_steps() -> list[dict[str, object]]:
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


def traced(path: Path, *answers: object, address: str = "play:", **options: object):
    """Return a traced player with its writer."""
    kind = PacketTrace if path.suffix == ".pcapng" else TextTrace
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
        run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
        assert "cut short" not in run.stderr
        assert "damaged" not in run.stderr
        return [line.split("\t") for line in run.stdout.splitlines()]

    return read


MALFORMED = "_ws.malformed or tcp.analysis.flags or _ws.expert.severity >= 0x600000"
"""Packets that Wireshark cannot read, that do not fit their connection, or that it warns of."""


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


def test_text_tells_failures_events_and_the_end(tmp_path: Path) -> None:
    path = tmp_path / "trace.txt"
    link, writer = traced(path, DisconnectedError("gone\x1b[2J\nnow"), now=lambda: NOON)
    link.transport.next_event = lambda seconds: Event(0x4002, 9, (17,))
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
    seen = []
    player = Player(answer=lambda asked: seen.append(path.read_text()) or Answer((2, 9)))
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


# ---- PTP/IP -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "camera", "host"),
    [("sim:", "127.0.0.1", "127.0.0.1"), ("ip:192.168.1.20:4711", "192.168.1.20", "192.0.2.1")],
)
def test_wireshark_reads_a_session_as_ptpip(
    tmp_path: Path, tshark: Tshark, address: str, camera: str, host: str
) -> None:
    path = tmp_path / "trace.pcapng"
    play_recorded(PacketTrace(path), address)
    assert tshark(path, "frame.number", "_ws.expert.message", where=MALFORMED) == []

    steps = recorded_steps()
    requests = tshark(path, "ip.src", "ptpip.opcode", "ptpip.transactionID", "ptpip.phaseinfo",
                      where="ptpip.pktType == 6")  # fmt: skip
    assert requests == [
        [host, f"0x{s['op']:04x}", f"0x{i:08x}", f"0x{1 if s['out'] is None else 2:08x}"]
        for i, s in enumerate(steps)
    ]
    # Wireshark 4.0 has the response code in the field of the operation code
    answers = tshark(path, "ip.src", "ptpip.opcode", "tcp.payload", where="ptpip.pktType == 7")
    assert [a[:2] for a in answers] == [[camera, f"0x{s['rc']:04x}"] for s in steps]
    # "version" is the fifth step: 0x16 bytes, type 7, 0x2001, transaction 4, parameters 2 and 9
    assert answers[4][2] == "16000000070000000120040000000200000009000000"


def test_wireshark_sees_the_whole_data_of_a_session(tmp_path: Path, tshark: Tshark) -> None:
    path = tmp_path / "trace.pcapng"
    play_recorded(PacketTrace(path), "sim:")
    expected = [
        data
        for step in recorded_steps()
        for data in (recorded_bytes(step["out"]), recorded_bytes(step["in"]))
        if data is not None
    ]
    rows = tshark(path, "ptpip.pktType", "ptpip.datalen", "tcp.payload",
                  where="ptpip.pktType in {9, 10, 12}")  # fmt: skip
    announced = [int(length) for kind, length, _ in rows if kind == "0x00000009"]
    assert announced == [len(data) for data in expected]
    phases: list[str] = []
    for kind, _, payload in rows:
        if kind == "0x00000009":
            phases.append("")
        else:
            phases[-1] += payload[24:]
    assert phases == [data.hex() for data in expected]


def test_the_connections_open_and_close_as_ptpip_does(tmp_path: Path, tshark: Tshark) -> None:
    path = tmp_path / "trace.pcapng"
    link, writer = traced(path, address="sim:")
    link.transport.next_event = lambda seconds: Event(0x4002, 0xFFFFFFFF, (1,))
    link.next_event(0)
    link.close()
    link.close()
    writer.close()
    assert tshark(path, "frame.number", where=MALFORMED) == []
    rows = tshark(path, "tcp.stream", "tcp.flags.syn", "tcp.flags.fin", "ptpip.pktType")
    assert rows == [
        ["0", "1", "0", ""],
        ["0", "1", "0", ""],
        ["0", "0", "0", ""],
        ["0", "0", "0", "0x00000001"],
        ["0", "0", "0", "0x00000002"],
        ["1", "1", "0", ""],
        ["1", "1", "0", ""],
        ["1", "0", "0", ""],
        ["1", "0", "0", "0x00000003"],
        ["1", "0", "0", "0x00000004"],
        ["1", "0", "0", "0x00000008"],
        ["0", "0", "1", ""],
        ["0", "0", "1", ""],
        ["0", "0", "0", ""],
        ["1", "0", "1", ""],
        ["1", "0", "1", ""],
        ["1", "0", "0", ""],
    ]


@pytest.mark.parametrize("address", ["sim:", "usb:001:004"])
def test_a_transaction_that_failed_carries_the_reason(
    tmp_path: Path, tshark: Tshark, address: str
) -> None:
    path = tmp_path / "trace.pcapng"
    link, writer = traced(path, Cancelled(), DisconnectedError("gone"), address=address)
    for expected in (Cancelled, DisconnectedError):
        with pytest.raises(expected):
            link.transact(Request(0x1001, 3))
    writer.close()
    comments = tshark(path, "frame.comment", where="frame.comment")
    assert comments == [["Cancelled: cancelled"], ["DisconnectedError: gone"]]
    assert tshark(path, "frame.number", where="_ws.malformed") == []


# ---- USB ----------------------------------------------------------------------------------------


def test_wireshark_reads_a_usb_session(tmp_path: Path, tshark: Tshark) -> None:
    path = tmp_path / "trace.pcapng"
    play_recorded(PacketTrace(path), "usb:001:004")
    assert tshark(path, "frame.number", "_ws.expert.message", where=MALFORMED) == []
    device = tshark(path, "usb.idVendor", "usb.device_address", "usb.bus_id", where="usb.idVendor")
    assert device == [["0x04a9", "4", "1"]]
    kind = tshark(path, "usb.bInterfaceClass", "usb.bInterfaceSubClass", "usb.bInterfaceProtocol",
                  where="usb.bInterfaceSubClass")  # fmt: skip
    assert kind == [["0x06", "0x01", "0x01"]]
    bulk = tshark(path, "usb.bInterfaceClass", "usb.endpoint_address", "usb.capdata",
                  where="usb.transfer_type == 3 and usb.data_len > 0")  # fmt: skip
    assert {row[0] for row in bulk} == {"0x06"}  # the dissector for cameras is chosen by this
    if bulk[0][2]:  # a newer Wireshark passes the bytes to its PTP dissector instead
        containers = [(endpoint, bytes.fromhex(data)) for _, endpoint, data in bulk]
        assert containers[0] == ("0x02", bytes.fromhex("10000000 0100 0210 00000000 01000000"))
        assert containers[1] == ("0x81", bytes.fromhex("0c000000 0300 0120 00000000"))
        assert ("0x02", bytes.fromhex("10000000 0100 9999 04000000 00000000")) in containers
        version = bytes.fromhex("14000000 0300 0120 04000000 02000000 09000000")
        assert ("0x81", version) in containers
        script = bytes.fromhex("36000000 0200 9999 07000000") + recorded_bytes(
            recorded_steps()[7]["out"]
        )
        assert ("0x02", script) in containers


def test_newer_wiresharks_name_the_operations_over_usb(
    tmp_path: Path, tshark: Tshark, peer: Callable[[str], str]
) -> None:
    protocols = subprocess.run(
        [peer("tshark"), "-G", "protocols"], capture_output=True, text=True, check=True
    )
    if "usb-ptp" not in protocols.stdout:
        pytest.skip("this Wireshark has no dissector for PTP over USB (4.6 has)")
    path = tmp_path / "trace.pcapng"
    play_recorded(PacketTrace(path), "usb:001:004")
    codes = tshark(path, "usb-ptp.operation.code", where="usb-ptp.container.type == 1")
    assert [code for (code,) in codes] == [f"0x{s['op']:04x}" for s in recorded_steps()]


def test_large_data_over_usb_is_cut_into_transfers(tmp_path: Path, tshark: Tshark) -> None:
    path = tmp_path / "trace.pcapng"
    data = bytes(range(256)) * 1200
    link, writer = traced(path, Answer((len(data),), data), address="usb:001:004")
    link.transact(Request(0x9999, 1, (6,)))
    writer.close()
    rows = tshark(path, "usb.data_len", "usb.capdata",
                  where="usb.endpoint_address == 0x81 and usb.data_len > 0")  # fmt: skip
    assert [int(row[0]) for row in rows] == [131072, 131072, 307200 + 12 - 262144, 16]
    assert "".join(row[1] for row in rows[:3]) == "0cb004000200999901000000" + data.hex()


# ---- large data ---------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["sim:", "usb:001:004"])
def test_with_a_limit_only_the_start_of_data_is_kept(
    tmp_path: Path, tshark: Tshark, address: str
) -> None:
    path = tmp_path / "trace.pcapng"
    data = b"\xa5" * 300_000
    link, writer = traced(path, Answer((), data), address=address, data_limit=1000)
    link.transact(Request(0x9999, 1, (6,)))
    writer.close()
    assert path.read_bytes().count(b"\xa5" * 10) == 100
    assert tshark(path, "frame.number", "_ws.expert.message", where=MALFORMED) == []
    lengths = tshark(path, "frame.len", "frame.cap_len")
    assert sum(int(real) - int(kept) for real, kept in lengths) == 299_000


@pytest.mark.parametrize("address", ["sim:", "usb:001:004"])
def test_data_passes_in_little_memory(address: str) -> None:
    buffer = bytes(1 << 20)

    class Stream:
        length = 24 << 20

        def chunks(self):
            yield from [buffer] * 24

    class Forward(Player):
        def transact(self, request, source=None, sink=None, cancel=None):
            sink.begin(source.length)
            for chunk in source.chunks():
                sink.write(chunk)
            return super().transact(request)

    player = Forward(Answer())
    player.address = address
    writer = PacketTrace(Path(os.devnull))
    link = wrap(player, writer)
    tracemalloc.start()
    try:
        link.transact(Request(0x9999, 1, (5,)), Stream(), NullSink())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        writer.close()
    assert peak < 2 << 20


def test_pieces_do_not_depend_on_how_the_data_comes() -> None:
    for sizes in ([10], [1] * 10, [3, 3, 4], [4, 6], [0, 10]):
        pieces, written = Pieces(4, 6), []
        view = memoryview(b"0123456789")

        def note(pieces=pieces, written=written) -> None:
            written.append((bytes(pieces.kept), pieces.missing))

        for size in sizes:
            pieces.add(view[:size], note)
            view = view[size:]
        note()
        assert written == [(b"0123", 0), (b"45", 2), (b"", 2)]


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
    link.silence = 3.0
    assert link.transact(Request(0x1001, 2), None, sink).params == (1,)
    assert sink.data == b"abc"
    assert link.transport.silence == 3.0
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
    assert codes[ends:] == ["0x1003", "0x1002", "0x1001", "0x9999"]
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
