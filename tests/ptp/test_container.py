"""USB container framing, against bytes typed by hand from PIMA 15740, annex D."""

from __future__ import annotations

import pytest

from chdkshell.errors import FramingError
from chdkshell.ptp.container import (
    ContainerType,
    Header,
    pack_event,
    pack_header,
    pack_request,
    pack_response,
    unpack_event,
    unpack_header,
    unpack_params,
)
from chdkshell.ptp.transaction import Event, Request, Response

OPEN_SESSION = bytes.fromhex("10000000 0100 0210 00000000 01000000")
DOWNLOAD = bytes.fromhex("20000000 0100 9999 07000000 06000000 01020304 ffffffff 00000000 78563412")


def test_request_without_parameters() -> None:
    assert pack_request(Request(0x1001, 0x01020304)) == bytes.fromhex("0c000000 0100 0110 04030201")


def test_request_with_one_and_with_five_parameters() -> None:
    assert pack_request(Request(0x1002, 0, (1,))) == OPEN_SESSION
    params = (6, 0x04030201, 0xFFFFFFFF, 0, 0x12345678)
    assert pack_request(Request(0x9999, 7, params)) == DOWNLOAD


def test_response_and_event() -> None:
    assert pack_response(Response(0x2001, 9, (2, 9))) == bytes.fromhex(
        "14000000 0300 0120 09000000 02000000 09000000"
    )
    assert pack_event(Event(0x4002, 0, (7,))) == bytes.fromhex(
        "10000000 0400 0240 00000000 07000000"
    )


@pytest.mark.parametrize(
    ("payload", "length_field"),
    [
        (0, "0c000000"),
        (500, "00020000"),
        (0xFFFFFFF2, "feffffff"),
        (0xFFFFFFF3, "ffffffff"),
        (1 << 32, "ffffffff"),
        (None, "ffffffff"),
    ],
)
def test_data_header(payload: int | None, length_field: str) -> None:
    header = pack_header(ContainerType.DATA, 0x9999, 3, payload)
    assert header == bytes.fromhex(length_field + "0200 9999 03000000")


@pytest.mark.parametrize(
    ("data", "header"),
    [
        (OPEN_SESSION, Header(ContainerType.COMMAND, 0x1002, 0, 4)),
        (DOWNLOAD, Header(ContainerType.COMMAND, 0x9999, 7, 20)),
        (
            bytes.fromhex("0c000000 0300 0120 05000000"),
            Header(ContainerType.RESPONSE, 0x2001, 5, 0),
        ),
        (bytes.fromhex("0d000000 0200 0110 05000000 99"), Header(ContainerType.DATA, 0x1001, 5, 1)),
        (
            bytes.fromhex("feffffff 0200 0110 05000000"),
            Header(ContainerType.DATA, 0x1001, 5, 0xFFFFFFF2),
        ),
        (bytes.fromhex("ffffffff 0200 0110 05000000"), Header(ContainerType.DATA, 0x1001, 5, None)),
    ],
)
def test_header(data: bytes, header: Header) -> None:
    assert unpack_header(data) == header
    assert unpack_header(memoryview(data)) == header


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        ("", "0 bytes"),
        ("0c000000 0300 0120 050000", "11 bytes"),
        ("0c000000 0000 0120 05000000", "unknown type 0"),
        ("0c000000 0500 0120 05000000", "unknown type 5"),
        ("00000000 0200 0120 05000000", "data|0 bytes"),
        ("0b000000 0200 0120 05000000", "11 bytes"),
        ("0b000000 0300 0120 05000000", "11 bytes"),
        ("0e000000 0300 0120 05000000", "response container that claims to be 14 bytes"),
        ("24000000 0300 0120 05000000", "response container that claims to be 36 bytes"),
        ("ffffffff 0300 0120 05000000", "response container that claims to be 4294967295 bytes"),
        ("24000000 0100 0120 05000000", "command container that claims to be 36 bytes"),
        ("00000080 0400 0120 05000000", "event container that claims to be"),
    ],
)
def test_header_that_lies(data: str, complaint: str) -> None:
    with pytest.raises(FramingError, match=complaint):
        unpack_header(bytes.fromhex(data))


def test_params() -> None:
    assert unpack_params(b"") == ()
    assert unpack_params(memoryview(DOWNLOAD)[12:]) == (6, 0x04030201, 0xFFFFFFFF, 0, 0x12345678)


def test_event_is_read() -> None:
    data = bytes.fromhex("10000000 0400 0240 00000000 07000000")
    assert unpack_event(memoryview(data)) == Event(0x4002, 0, (7,))


@pytest.mark.parametrize(
    "data",
    [
        "10000000 0400 0240 00000000",
        "0c000000 0400 0240 00000000 07000000",
        "10000000 0300 0240 00000000 07000000",
        "10000000 04",
    ],
)
def test_event_that_lies(data: str) -> None:
    with pytest.raises(FramingError):
        unpack_event(bytes.fromhex(data))
