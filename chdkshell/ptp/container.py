"""The containers in which PTP travels over USB: pure framing, no device (PIMA 15740, annex D).

Every phase is one container: `u32 length | u16 type | u16 code | u32 transaction id | payload`,
little-endian. `length` counts the header too. A command, response or event carries up to five u32
parameters, and only as many as it has, so their number follows from the length.
"""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import NamedTuple

from chdkshell.errors import FramingError
from chdkshell.ptp.transaction import MAX_PARAMS, Event, Request, Response
from chdkshell.streams import Buffer

HEADER_SIZE = 12
"""Bytes before the payload."""

MAX_PARAMS_SIZE = HEADER_SIZE + 4 * MAX_PARAMS
"""Bytes of the longest command, response or event container."""

UNKNOWN_LENGTH = 0xFFFFFFFF
"""The length field of a data container whose end only a short packet tells."""

_HEADER = struct.Struct("<IHHI")


class ContainerType(IntEnum):
    """Which phase a container is."""

    COMMAND = 1
    DATA = 2
    RESPONSE = 3
    EVENT = 4


class ClassRequest(IntEnum):
    """Requests on the control endpoint (USB still image capture device 1.0, 5.2).

    What CANCEL says is the event code of CancelTransaction, and a transaction id.
    """

    CANCEL = 0x64
    DEVICE_RESET = 0x66
    GET_DEVICE_STATUS = 0x67


class Header(NamedTuple):
    """The first twelve bytes of a container, checked.

    `payload_length` is the number of bytes that follow, or None in a data container of unknown
    length.
    """

    type: ContainerType
    code: int
    transaction_id: int
    payload_length: int | None


def pack_header(
    kind: ContainerType, code: int, transaction_id: int, payload_length: int | None
) -> bytes:
    """Return a header. A payload that is too long for the field is marked as of unknown length."""
    if payload_length is None or payload_length + HEADER_SIZE >= UNKNOWN_LENGTH:
        return _HEADER.pack(UNKNOWN_LENGTH, kind, code, transaction_id)
    return _HEADER.pack(payload_length + HEADER_SIZE, kind, code, transaction_id)


def unpack_header(data: Buffer) -> Header:
    """Read the header at the start of `data`.

    Raises `FramingError` where it is cut off, its type is none of PTP's, or its length is shorter
    than a header, or longer than a container of its type can be.
    """
    if len(data) < HEADER_SIZE:
        raise FramingError(
            f"the camera sent {len(data)} bytes where a container starts with {HEADER_SIZE}"
        )
    length, kind, code, transaction_id = _HEADER.unpack_from(data)
    try:
        kind = ContainerType(kind)
    except ValueError:
        raise FramingError(f"the camera sent a container of unknown type {kind}") from None
    if kind is ContainerType.DATA and length == UNKNOWN_LENGTH:
        return Header(kind, code, transaction_id, None)
    if length < HEADER_SIZE:
        raise FramingError(f"the camera sent a container that claims to be {length} bytes long")
    if kind is not ContainerType.DATA and (length > MAX_PARAMS_SIZE or length % 4):
        raise FramingError(
            f"the camera sent a {kind.name.lower()} container that claims to be {length} bytes long"
        )
    return Header(kind, code, transaction_id, length - HEADER_SIZE)


def pack_params(
    kind: ContainerType, code: int, transaction_id: int, params: tuple[int, ...]
) -> bytes:
    """Return a container of parameters: a command, a response or an event."""
    header = pack_header(kind, code, transaction_id, 4 * len(params))
    return header + struct.pack(f"<{len(params)}I", *params)


def pack_request(request: Request) -> bytes:
    """Return the command container for `request`."""
    return pack_params(ContainerType.COMMAND, request.code, request.transaction_id, request.params)


def pack_response(response: Response) -> bytes:
    """Return the response container for `response`."""
    return pack_params(
        ContainerType.RESPONSE, response.code, response.transaction_id, response.params
    )


def pack_event(event: Event) -> bytes:
    """Return the event container for `event`."""
    return pack_params(ContainerType.EVENT, event.code, event.transaction_id, event.params)


def unpack_params(payload: Buffer) -> tuple[int, ...]:
    """Read the parameters that follow the header of a command, a response or an event."""
    return struct.unpack(f"<{len(payload) // 4}I", payload)


def unpack_event(data: Buffer) -> Event:
    """Read a whole event container. Raises `FramingError`."""
    header = unpack_header(data)
    if header.type is not ContainerType.EVENT or header.payload_length != len(data) - HEADER_SIZE:
        raise FramingError(
            f"the camera sent {len(data)} bytes that are no event on its event endpoint"
        )
    return Event(header.code, header.transaction_id, unpack_params(data[HEADER_SIZE:]))
