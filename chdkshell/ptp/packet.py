"""PTP/IP packets (CIPA DC-005): their bytes, and a parser for any split of the stream.

A packet is `u32 length (with this header), u32 type, payload`, little-endian. There are no sockets
here: `PacketParser.feed` takes what was received, and the other functions give bytes to send.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple

from chdkshell.errors import FramingError
from chdkshell.ptp.transaction import MAX_PARAMS, Event, Request, Response

PORT = 15740
"""The TCP port that cameras listen on."""

VERSION = 0x00010000
"""Version 1.0 of the protocol, as the init packets carry it."""

UNKNOWN_LENGTH = 0xFFFFFFFFFFFFFFFF
"""Start_Data: the sender does not know how long the data will be."""

HEADER_SIZE = 8
DATA_HEADER_SIZE = 12
"""Bytes in front of the data of Data and End_Data: the header and the transaction id."""

GUID_SIZE = 16
MAX_DATA = 0xFFFFFFFF - DATA_HEADER_SIZE
"""Data bytes that one packet can carry."""

MAX_CONTROL = 4096
"""The longest packet that is no data: an init packet with a name. A longer one is a lie."""


class PacketType(IntEnum):
    """What a packet is."""

    INIT_COMMAND_REQUEST = 1
    INIT_COMMAND_ACK = 2
    INIT_EVENT_REQUEST = 3
    INIT_EVENT_ACK = 4
    INIT_FAIL = 5
    OPERATION_REQUEST = 6
    OPERATION_RESPONSE = 7
    EVENT = 8
    START_DATA = 9
    DATA = 10
    CANCEL = 11
    END_DATA = 12
    PROBE_REQUEST = 13
    PROBE_RESPONSE = 14


_TYPES = {int(kind): kind for kind in PacketType}
_DATA_TYPES = frozenset((int(PacketType.DATA), int(PacketType.END_DATA)))
HEADER = struct.Struct("<II")
"""The length of a packet, with these bytes, and its type."""


class DataPhase(IntEnum):
    """The first field of Operation_Request."""

    UNKNOWN = 0
    NONE_OR_IN = 1
    OUT = 2


class FailReason(IntEnum):
    """Why a responder refuses a connection."""

    REJECTED = 1
    BUSY = 2
    UNSPECIFIED = 3


class Packet(NamedTuple):
    """A whole packet of any type but Data and End_Data."""

    type: PacketType
    payload: bytes = b""


class DataPiece(NamedTuple):
    """Some bytes of a Data or End_Data packet, and whether they are the last of the data phase.

    `data` is a view of what was fed to the parser: valid until its memory is used again.
    """

    transaction_id: int
    data: memoryview
    is_end: bool


class Peer(NamedTuple):
    """Who is at the other end, by its init packet."""

    guid: bytes
    name: str


# ---- bytes to send ------------------------------------------------------------------------------


def pack(kind: PacketType, payload: bytes = b"") -> bytes:
    """Return the bytes of a packet that is no data."""
    return HEADER.pack(HEADER_SIZE + len(payload), kind) + payload


def pack_init_command_request(peer: Peer) -> bytes:
    """Return the packet that opens the command connection."""
    return pack(PacketType.INIT_COMMAND_REQUEST, _pack_peer(peer))


def pack_init_command_ack(connection: int, peer: Peer) -> bytes:
    """Return the responder's answer, with the number that the event connection must name."""
    return pack(PacketType.INIT_COMMAND_ACK, struct.pack("<I", connection) + _pack_peer(peer))


def pack_init_event_request(connection: int) -> bytes:
    """Return the packet that opens the event connection."""
    return pack(PacketType.INIT_EVENT_REQUEST, struct.pack("<I", connection))


def pack_init_fail(reason: FailReason) -> bytes:
    """Return a responder's refusal."""
    return pack(PacketType.INIT_FAIL, struct.pack("<I", reason))


def pack_request(request: Request, phase: DataPhase) -> bytes:
    """Return the packet of an operation."""
    return pack(
        PacketType.OPERATION_REQUEST,
        struct.pack(
            f"<IHI{len(request.params)}I",
            phase,
            request.code,
            request.transaction_id,
            *request.params,
        ),
    )


def pack_response(response: Response) -> bytes:
    """Return the packet that ends a transaction."""
    return pack(PacketType.OPERATION_RESPONSE, _pack_dataset(response))


def pack_event(event: Event) -> bytes:
    """Return the packet of an event."""
    return pack(PacketType.EVENT, _pack_dataset(event))


def pack_start_data(transaction_id: int, length: int | None) -> bytes:
    """Return the packet that announces `length` bytes of data (None: not known)."""
    total = UNKNOWN_LENGTH if length is None else length
    return pack(PacketType.START_DATA, struct.pack("<IQ", transaction_id, total))


def pack_data_header(transaction_id: int, length: int, is_end: bool) -> bytes:
    """Return what stands before `length` bytes of data, the last of the phase if `is_end`."""
    kind = PacketType.END_DATA if is_end else PacketType.DATA
    return struct.pack("<III", DATA_HEADER_SIZE + length, kind, transaction_id)


def pack_cancel(transaction_id: int) -> bytes:
    """Return the packet that asks for a transaction to end."""
    return pack(PacketType.CANCEL, struct.pack("<I", transaction_id))


def _pack_peer(peer: Peer) -> bytes:
    name = (peer.name + "\0").encode("utf-16-le")
    return peer.guid + name + struct.pack("<I", VERSION)


def _pack_dataset(dataset: Response | Event) -> bytes:
    fields = _DATASETS[len(dataset.params)]
    return fields.pack(dataset.code, dataset.transaction_id, *dataset.params)


# ---- payloads that were received ----------------------------------------------------------------


def unpack_init_command_request(payload: bytes) -> Peer:
    """Read who asks for a connection. The version may be missing."""
    return _unpack_peer(payload, 0)


def unpack_init_command_ack(payload: bytes) -> tuple[int, Peer]:
    """Read the connection number and who answers. The version may be missing."""
    return unpack_u32(payload), _unpack_peer(payload, 4)


def unpack_u32(payload: bytes) -> int:
    """Read a payload that starts with a 32-bit value: connection number, reason, transaction."""
    if len(payload) < 4:
        raise FramingError(f"a packet of {len(payload)} bytes lacks its 32-bit value")
    return int.from_bytes(payload[:4], "little")


def unpack_request(payload: bytes) -> tuple[int, Request]:
    """Read an operation: the data phase info (see `DataPhase`) and the request."""
    phase = unpack_u32(payload)
    return phase, Request(*_unpack_dataset(payload, 4))


def unpack_response(payload: bytes) -> Response:
    """Read how a transaction ended."""
    return Response(*_unpack_dataset(payload))


def unpack_event(payload: bytes) -> Event:
    """Read an event."""
    return Event(*_unpack_dataset(payload))


def unpack_start_data(payload: bytes) -> tuple[int, int | None]:
    """Read the transaction id and how long the data will be (None: not known)."""
    if len(payload) < 12:
        raise FramingError(f"a Start_Data packet has {len(payload)} bytes of 12")
    transaction_id, total = struct.unpack_from("<IQ", payload)
    return transaction_id, None if total == UNKNOWN_LENGTH else total


def _unpack_peer(payload: bytes, start: int) -> Peer:
    guid = payload[start : start + GUID_SIZE]
    if len(guid) < GUID_SIZE:
        raise FramingError(f"an init packet of {len(payload)} bytes lacks its GUID")
    name = payload[start + GUID_SIZE :]
    text = name[: len(name) & ~1].decode("utf-16-le", "replace")
    return Peer(guid, text.partition("\0")[0])


_DATASETS = tuple(struct.Struct(f"<HI{count}I") for count in range(MAX_PARAMS + 1))


def _unpack_dataset(payload: bytes, start: int = 0) -> tuple[int, int, tuple[int, ...]]:
    size = len(payload) - start
    count, rest = divmod(size - 6, 4)
    if rest or not 0 <= count <= MAX_PARAMS:
        raise FramingError(f"a dataset of {size} bytes has no whole number of parameters")
    dataset = _DATASETS[count].unpack_from(payload, start)
    return dataset[0], dataset[1], dataset[2:]


# ---- the parser ---------------------------------------------------------------------------------


class PacketParser:
    """Splits a byte stream into packets, whatever pieces it arrives in.

    Data is passed on as it comes and never collected, so memory is bounded by `MAX_CONTROL`. A
    packet whose length or type cannot be raises `FramingError`; the stream is lost then.
    """

    def __init__(self) -> None:
        self._head = b""
        self._data_left = 0
        self._data_id = 0
        self._data_ends = False

    def feed(self, received: memoryview) -> Iterator[Packet | DataPiece]:
        """Yield the packets and pieces of data that `received` completes."""
        if self._head:
            received = memoryview(self._head + received)
            self._head = b""
        at = 0
        while at < len(received):
            if self._data_left:
                piece = received[at : at + self._data_left]
                at += len(piece)
                self._data_left -= len(piece)
                yield self._piece(piece)
                continue
            wanted = self._wanted(received[at : at + HEADER_SIZE])
            head = bytes(received[at : at + wanted])
            if len(head) < wanted:
                self._head = head
                return
            at += wanted
            packet = self._complete(head)
            if packet is not None:
                yield packet

    def _wanted(self, head: memoryview) -> int:
        """Return how many bytes a packet needs before more can be said of it."""
        if len(head) < HEADER_SIZE:
            return HEADER_SIZE
        length, kind = HEADER.unpack_from(head)
        if kind in _DATA_TYPES:
            if length < DATA_HEADER_SIZE:
                raise _no_packet(length, kind)
            return DATA_HEADER_SIZE
        if kind not in _TYPES or not HEADER_SIZE <= length <= MAX_CONTROL:
            raise _no_packet(length, kind)
        return int(length)

    def _complete(self, head: bytes) -> Packet | DataPiece | None:
        """Return a whole packet; of one with data, only where it has none, what is to be said."""
        length, kind = HEADER.unpack_from(head)
        if kind not in _DATA_TYPES:
            return Packet(_TYPES[kind], head[HEADER_SIZE:])
        self._data_id = int.from_bytes(head[8:12], "little")
        self._data_left = length - DATA_HEADER_SIZE
        self._data_ends = kind == PacketType.END_DATA
        return None if self._data_left else self._piece(memoryview(b""))

    def _piece(self, data: memoryview) -> DataPiece:
        return DataPiece(self._data_id, data, self._data_ends and not self._data_left)


def _no_packet(length: int, kind: int) -> FramingError:
    return FramingError(f"not a PTP/IP packet: length {length}, type {kind}")
