"""PTP/IP packets against bytes written by hand, in any split, and lies about lengths."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chdkshell.errors import FramingError
from chdkshell.ptp.packet import (
    DataPhase,
    DataPiece,
    FailReason,
    Packet,
    PacketParser,
    PacketType,
    Peer,
    pack,
    pack_cancel,
    pack_data_header,
    pack_event,
    pack_init_command_ack,
    pack_init_command_request,
    pack_init_event_request,
    pack_init_fail,
    pack_request,
    pack_response,
    pack_start_data,
    unpack_event,
    unpack_init_command_ack,
    unpack_init_command_request,
    unpack_request,
    unpack_response,
    unpack_start_data,
    unpack_u32,
)
from chdkshell.ptp.transaction import Event, Request, Response

GUID = bytes(range(16))
GUID_HEX = "000102030405060708090a0b0c0d0e0f"
HOST = Peer(GUID, "Hi")
OPEN_SESSION = Request(0x1002, 0, (1,))

PACKED = {
    "init command request": (
        pack_init_command_request(HOST),
        "22000000 01000000" + GUID_HEX + "4800 6900 0000 00000100",
    ),
    "init command ack": (
        pack_init_command_ack(0x01020304, HOST),
        "26000000 02000000 04030201" + GUID_HEX + "4800 6900 0000 00000100",
    ),
    "init event request": (pack_init_event_request(7), "0c000000 03000000 07000000"),
    "init event ack": (pack(PacketType.INIT_EVENT_ACK), "08000000 04000000"),
    "init fail": (pack_init_fail(FailReason.BUSY), "0c000000 05000000 02000000"),
    "request": (
        pack_request(OPEN_SESSION, DataPhase.NONE_OR_IN),
        "16000000 06000000 01000000 0210 00000000 01000000",
    ),
    "request with data": (
        pack_request(Request(0x9999, 5, (7, 0xFFFFFFFF)), DataPhase.OUT),
        "1a000000 06000000 02000000 9999 05000000 07000000 ffffffff",
    ),
    "response": (
        pack_response(Response(0x201E, 3, (1,))),
        "12000000 07000000 1e20 03000000 01000000",
    ),
    "response without parameters": (
        pack_response(Response(0x2001, 0x11223344)),
        "0e000000 07000000 0120 44332211",
    ),
    "event": (
        pack_event(Event(0x4002, 0xFFFFFFFF, (9,))),
        "12000000 08000000 0240 ffffffff 09000000",
    ),
    "start data": (
        pack_start_data(2, 0x1_0000_0001),
        "14000000 09000000 02000000 0100000001000000",
    ),
    "start data of unknown length": (
        pack_start_data(2, None),
        "14000000 09000000 02000000 ffffffffffffffff",
    ),
    "data": (pack_data_header(2, 3, is_end=False), "0f000000 0a000000 02000000"),
    "end data": (pack_data_header(2, 0, is_end=True), "0c000000 0c000000 02000000"),
    "cancel": (pack_cancel(2), "0c000000 0b000000 02000000"),
    "ping": (pack(PacketType.PROBE_REQUEST), "08000000 0d000000"),
    "pong": (pack(PacketType.PROBE_RESPONSE), "08000000 0e000000"),
}


@pytest.mark.parametrize("name", PACKED)
def test_packing(name: str) -> None:
    packed, expected = PACKED[name]
    assert packed.hex() == expected.replace(" ", "")


STREAM = bytes.fromhex(
    "08000000 0d000000"
    "14000000 09000000 02000000 0800000000000000"
    "0f000000 0a000000 02000000 616263"
    "0d000000 0a000000 00000000 64"
    "0c000000 0a000000 00000000"
    "10000000 0c000000 02000000 65666768"
    "16000000 07000000 0120 02000000 01000000 02000000"
    "0c000000 0c000000 03000000"
)
ITEMS = [
    (PacketType.PROBE_REQUEST, b""),
    (PacketType.START_DATA, bytes.fromhex("02000000 0800000000000000")),
    (2, b"abc", False),
    (0, b"d", False),
    (2, b"efgh", True),
    (PacketType.OPERATION_RESPONSE, bytes.fromhex("0120 02000000 01000000 02000000")),
    (3, b"", True),
]


def parse(pieces: list[bytes]) -> list[tuple[object, ...]]:
    """Feed the pieces; data that was split is joined, empty pieces that end nothing left out."""
    parser, data = PacketParser(), b""
    items: list[tuple[object, ...]] = []
    for piece in pieces:
        for item in parser.feed(memoryview(piece)):
            if isinstance(item, Packet):
                items.append((item.type, item.payload))
                continue
            data += item.data
            items.append((item.transaction_id, bytes(item.data), item.is_end))
    return _joined(items)


def _joined(items: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    joined: list[tuple[object, ...]] = []
    for item in items:
        if len(item) == 3 and joined and len(joined[-1]) == 3 and joined[-1][0] == item[0]:
            before = joined.pop()
            assert not before[2], "data after the end"
            item = (item[0], before[1] + item[1], item[2])  # type: ignore[operator]
        joined.append(item)
    return joined


def test_a_stream_in_one_piece() -> None:
    expected = _joined([*ITEMS[:4], (0, b"", False), *ITEMS[4:]])
    assert parse([STREAM]) == expected


def test_a_stream_byte_by_byte() -> None:
    assert parse([STREAM[i : i + 1] for i in range(len(STREAM))]) == parse([STREAM])


@given(st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_a_stream_in_any_split(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(STREAM)]
    assert parse([STREAM[a:b] for a, b in pairwise(edges)]) == parse([STREAM])


def test_data_is_passed_on_as_it_comes() -> None:
    parser = PacketParser()
    header = bytes.fromhex("ffffffff 0c000000 05000000")
    [piece] = parser.feed(memoryview(header + b"xy"))
    assert isinstance(piece, DataPiece)
    assert (piece.transaction_id, bytes(piece.data), piece.is_end) == (5, b"xy", False)


def test_data_is_not_copied() -> None:
    received = bytearray(bytes.fromhex("0e000000 0a000000 05000000") + b"xy")
    [piece] = PacketParser().feed(memoryview(received))
    received[-1] = ord("z")
    assert isinstance(piece, DataPiece)
    assert bytes(piece.data) == b"xz"


@pytest.mark.parametrize(
    "stream",
    [
        b"HTTP/1.1 400 Bad Request\r\n",
        bytes.fromhex("07000000 07000000"),
        bytes.fromhex("00000000 06000000"),
        bytes.fromhex("01100000 07000000"),
        bytes.fromhex("ffffffff 02000000"),
        bytes.fromhex("0b000000 0a000000"),
        bytes.fromhex("08000000 00000000"),
        bytes.fromhex("08000000 0f000000"),
        bytes.fromhex("08000000 0d000000 08000000 ff000000"),
    ],
)
def test_what_is_no_packet_is_refused(stream: bytes) -> None:
    with pytest.raises(FramingError, match="not a PTP/IP packet"):
        parse([stream])
    with pytest.raises(FramingError, match="not a PTP/IP packet"):
        parse([stream[i : i + 1] for i in range(len(stream))])


@given(st.binary(max_size=64))
def test_any_bytes_give_packets_or_a_framing_error(stream: bytes) -> None:
    try:
        items = parse([stream])
    except FramingError:
        return
    assert len(items) <= len(stream) // 8


def test_unpacking() -> None:
    payload = bytes.fromhex(GUID_HEX + "4800 6900 0000 00000100")
    assert unpack_init_command_request(payload) == HOST
    assert unpack_init_command_ack(bytes.fromhex("04030201") + payload) == (0x01020304, HOST)
    request = bytes.fromhex("02000000 9999 05000000 07000000 ffffffff")
    assert unpack_request(request) == (DataPhase.OUT, Request(0x9999, 5, (7, 0xFFFFFFFF)))
    assert unpack_response(bytes.fromhex("0120 44332211")) == Response(0x2001, 0x11223344)
    assert unpack_event(bytes.fromhex("0240 00000000 09000000")) == Event(0x4002, 0, (9,))
    assert unpack_start_data(bytes.fromhex("02000000 0100000001000000")) == (2, 0x1_0000_0001)
    assert unpack_start_data(bytes.fromhex("02000000 ffffffffffffffff")) == (2, None)
    assert unpack_u32(bytes.fromhex("02000000")) == FailReason.BUSY


@pytest.mark.parametrize("tail", ["", "4800", "4800 6900", "4800 6900 0000", "00", "4800 69"])
def test_the_version_and_more_may_be_missing(tail: str) -> None:
    peer = unpack_init_command_request(GUID + bytes.fromhex(tail))
    assert peer.guid == GUID
    assert peer.name == "Hi"[: len(peer.name)]


@pytest.mark.parametrize(
    ("unpack", "payload"),
    [
        (unpack_init_command_request, GUID[:15]),
        (unpack_init_command_ack, b"\1\0\0"),
        (unpack_init_command_ack, b"\1\0\0\0" + GUID[:15]),
        (unpack_request, b"\1\0\0\0\1\x10\0\0\0"),
        (unpack_response, b"\1\x20\0\0\0"),
        (unpack_response, b"\1\x20\0\0\0\0\0"),
        (unpack_response, b"\1\x20" + bytes(4 + 4 * 6)),
        (unpack_event, b""),
        (unpack_start_data, bytes(11)),
        (unpack_u32, bytes(3)),
    ],
)
def test_payloads_that_are_too_short_or_too_long(unpack: object, payload: bytes) -> None:
    assert callable(unpack)
    with pytest.raises(FramingError):
        unpack(payload)
