"""What the packets of a trace say, judged by tshark, Wireshark's reader."""

from __future__ import annotations

import os
import subprocess
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.chdk_replay import Answer, Player
from support.trace_links import (
    MALFORMED,
    Tshark,
    play_recorded,
    recorded_bytes,
    recorded_steps,
    traced,
)

from chdkshell.errors import Cancelled, DisconnectedError
from chdkshell.flow import NEVER, CancelToken
from chdkshell.ptp.transaction import Event, Request, Response
from chdkshell.streams import NullSink, Sink, Source
from chdkshell.trace.packets import PacketTrace
from chdkshell.trace.pieces import Pieces
from chdkshell.trace.transport import wrap

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


def test_the_connections_open_and_close_as_ptpip_does(
    tmp_path: Path, tshark: Tshark, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "trace.pcapng"
    link, writer = traced(path, address="sim:")
    monkeypatch.setattr(
        link.transport, "next_event", lambda seconds: Event(0x4002, 0xFFFFFFFF, (1,))
    )
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
        code = recorded_bytes(recorded_steps()[7]["out"])
        assert code is not None
        script = bytes.fromhex("36000000 0200 9999 07000000") + code
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

        def chunks(self) -> Iterator[bytes]:
            yield from [buffer] * 24

    class Forward(Player):
        def transact(
            self,
            request: Request,
            source: Source | None = None,
            sink: Sink | None = None,
            cancel: CancelToken = NEVER,
        ) -> Response:
            assert source is not None
            assert sink is not None
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
        pieces = Pieces(4, 6)
        written: list[tuple[bytes, int]] = []
        view = memoryview(b"0123456789")

        def note(pieces: Pieces = pieces, written: list[tuple[bytes, int]] = written) -> None:
            written.append((bytes(pieces.kept), pieces.missing))

        for size in sizes:
            pieces.add(view[:size], note)
            view = view[size:]
        note()
        assert written == [(b"0123", 0), (b"45", 2), (b"", 2)]
