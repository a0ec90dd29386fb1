"""PTP/IP transactions, pings and events against packets written by hand."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
from support.ip_peer import (
    END_EMPTY,
    END_HELLO,
    OK,
    PING,
    PONG,
    REFUSED,
    REQUEST,
    REQUEST_BYTES,
    REQUEST_OUT_BYTES,
    START_5,
    camera,
    read,
    until_closed,
)
from support.timeouts import TIMEOUT

from chdkshell.ptp.transaction import Event, Response
from chdkshell.streams import Buffer, BytesSink, BytesSource

# ---- transactions -------------------------------------------------------------------------------


def test_no_data() -> None:
    def script(command: socket.socket, event: socket.socket) -> None:
        assert read(command, 22) == REQUEST_BYTES
        command.sendall(OK)

    with camera(script) as transport:
        assert transport.transact(REQUEST) == Response(0x2001, 7, (42,))


@pytest.mark.parametrize(
    "data",
    [
        START_5 + END_HELLO,
        START_5 + bytes.fromhex("11000000 0a000000 07000000") + b"hello" + END_EMPTY,
        START_5
        + bytes.fromhex("0e000000 0a000000 00000000")
        + b"he"
        + bytes.fromhex("0c000000 0a000000 07000000")
        + PING
        + bytes.fromhex("0f000000 0c000000 07000000")
        + b"llo",
        bytes.fromhex("14000000 09000000 07000000 ffffffffffffffff") + END_HELLO,
    ],
)
@pytest.mark.parametrize("split", [1, 7, 1000])
def test_data_in(data: bytes, split: int) -> None:
    def script(command: socket.socket, event: socket.socket) -> None:
        command.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        assert read(command, 22) == REQUEST_BYTES
        stream = data + OK
        for at in range(0, len(stream), split):
            command.sendall(stream[at : at + split])
        if PING in data:
            assert read(command, 8) == PONG

    with camera(script) as transport:
        sink = BytesSink()
        assert transport.transact(REQUEST, sink=sink).code == 0x2001
        assert sink.data == b"hello"


def test_data_that_is_left_out_and_data_that_is_empty() -> None:
    def script(command: socket.socket, event: socket.socket) -> None:
        read(command, 22)
        command.sendall(REFUSED)
        read(command, 22)
        command.sendall(bytes.fromhex("14000000 09000000 07000000") + bytes(8) + END_EMPTY + OK)

    with camera(script) as transport:
        left_out, empty = BytesSink(), BytesSink()
        assert transport.transact(REQUEST, sink=left_out).code == 0x2002
        assert transport.transact(REQUEST, sink=empty).code == 0x2001
        assert left_out.data is None
        assert empty.data == b""


def test_data_that_nobody_asked_for_is_thrown_away() -> None:
    def script(command: socket.socket, event: socket.socket) -> None:
        for _ in range(2):
            read(command, 22)
            command.sendall(START_5 + END_HELLO + OK)

    with camera(script) as transport:
        assert transport.transact(REQUEST).code == 0x2001
        assert transport.transact(REQUEST).code == 0x2001


def test_data_out_is_one_write_of_known_bytes() -> None:
    expected = REQUEST_OUT_BYTES + START_5 + END_HELLO

    def script(command: socket.socket, event: socket.socket) -> None:
        assert command.recv(4096) == expected
        command.sendall(OK)

    with camera(script) as transport:
        assert transport.transact(REQUEST, BytesSource(b"hello")).params == (42,)


def test_data_out_in_several_buffers_and_none() -> None:
    several = (
        REQUEST_OUT_BYTES
        + START_5
        + bytes.fromhex("0e000000 0a000000 07000000")
        + b"he"
        + bytes.fromhex("0f000000 0c000000 07000000")
        + b"llo"
    )
    none = REQUEST_OUT_BYTES + bytes.fromhex("14000000 09000000 07000000") + bytes(8) + END_EMPTY

    def script(command: socket.socket, event: socket.socket) -> None:
        assert read(command, len(several)) == several
        command.sendall(OK)
        assert read(command, len(none)) == none
        command.sendall(OK)

    with camera(script) as transport:
        transport.transact(REQUEST, BytesSource(b"he", b"llo"))
        transport.transact(REQUEST, BytesSource())


def test_data_out_of_unknown_length() -> None:
    class Unknown:
        length = None

        def chunks(self) -> Iterator[Buffer]:
            yield b"hello"

    expected = (
        REQUEST_OUT_BYTES
        + bytes.fromhex("14000000 09000000 07000000 ffffffffffffffff")
        + bytes.fromhex("11000000 0a000000 07000000")
        + b"hello"
        + END_EMPTY
    )

    def script(command: socket.socket, event: socket.socket) -> None:
        assert read(command, len(expected)) == expected
        command.sendall(OK)

    with camera(script) as transport:
        assert transport.transact(REQUEST, Unknown()).code == 0x2001


def test_a_camera_that_answers_before_the_data_ends() -> None:
    answered = threading.Event()

    class Patient:
        length = 10

        def chunks(self) -> Iterator[Buffer]:
            yield b"hello"
            assert answered.wait(TIMEOUT)
            yield b"never"

    def script(command: socket.socket, event: socket.socket) -> None:
        read(command, len(REQUEST_OUT_BYTES) + len(START_5) + 17)
        command.sendall(REFUSED)
        # The answer must have reached the client's end before the source goes on.
        command.shutdown(socket.SHUT_WR)
        answered.set()
        assert read(command, 12) == END_EMPTY

    with camera(script) as transport:
        assert transport.transact(REQUEST, Patient()).code == 0x2002


# ---- pings and events ---------------------------------------------------------------------------


def test_pings_are_answered_on_both_connections_while_waiting() -> None:
    def script(command: socket.socket, event: socket.socket) -> None:
        read(command, 22)
        command.sendall(PING)
        assert read(command, 8) == PONG
        event.sendall(PING)
        assert read(event, 8) == PONG
        command.sendall(PONG + OK)

    with camera(script) as transport:
        assert transport.transact(REQUEST).code == 0x2001


def test_events_are_kept_in_order() -> None:
    def script(command: socket.socket, event: socket.socket) -> None:
        read(command, 22)
        event.sendall(bytes.fromhex("12000000 08000000 0240 00000000 09000000"))
        event.sendall(bytes.fromhex("0e000000 08000000 0840 00000000") + PING)
        assert read(event, 8) == PONG
        command.sendall(OK)
        until_closed(command)

    with camera(script) as transport:
        transport.transact(REQUEST)
        assert transport.next_event(0) == Event(0x4002, 0, (9,))
        assert transport.next_event(TIMEOUT) == Event(0x4008, 0)
        assert transport.next_event(0.05) is None


def test_waiting_for_an_event_answers_pings() -> None:
    def script(command: socket.socket, event: socket.socket) -> None:
        command.sendall(PING)
        assert read(command, 8) == PONG
        event.sendall(PING)
        assert read(event, 8) == PONG
        event.sendall(bytes.fromhex("0e000000 08000000 0840 00000000"))
        until_closed(command)

    with camera(script) as transport:
        assert transport.next_event(TIMEOUT) == Event(0x4008, 0)
