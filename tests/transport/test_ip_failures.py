"""PTP/IP links where something goes wrong: cancelled transfers, lies, silence, peers that leave."""

from __future__ import annotations

import contextlib
import itertools
import os
import socket
import threading
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from support.ip_peer import (
    CANCEL,
    END_EMPTY,
    END_HELLO,
    OK,
    PING,
    REFUSED,
    REQUEST,
    REQUEST_BYTES,
    REQUEST_OUT_BYTES,
    START_5,
    camera,
    raw_peer,
    read,
    shake_hands,
    two_connections,
    until_closed,
)
from support.timeouts import TIMEOUT

from chdkshell.errors import (
    AnswerTooLongError,
    CameraTimeoutError,
    Cancelled,
    DisconnectedError,
    FramingError,
    TransportError,
)
from chdkshell.flow import CancelToken
from chdkshell.ptp.packet import Packet
from chdkshell.shell.advice import next_step
from chdkshell.streams import Buffer, BytesSink, BytesSource
from chdkshell.transport import ip, iplink
from chdkshell.transport.ip import IpTransport
from chdkshell.transport.iplink import EVENT_BUFFER, Link, PacketSocket

# ---- cancelling ---------------------------------------------------------------------------------


class CancellingSink(BytesSink):
    """Sets a token when the first bytes come."""

    def __init__(self, token: CancelToken) -> None:
        super().__init__()
        self._token = token

    def write(self, data: Buffer) -> None:
        super().write(data)
        self._token.set()


def _send_halfway_and_end_on_cancel(command: socket.socket, event: socket.socket) -> None:
    read(command, 22)
    command.sendall(bytes.fromhex("14000000 09000000 07000000 0001000000000000"))
    command.sendall(bytes.fromhex("11000000 0a000000 07000000") + b"hello")
    assert read(event, 12) == CANCEL
    command.sendall(END_EMPTY + bytes.fromhex("0e000000 07000000 1f20 07000000"))
    assert read(command, 22) == REQUEST_BYTES
    command.sendall(OK)


def test_cancelling_a_download_leaves_the_link_usable() -> None:
    token = CancelToken()
    with camera(_send_halfway_and_end_on_cancel) as transport:
        with pytest.raises(Cancelled):
            transport.transact(REQUEST, sink=CancellingSink(token), cancel=token)
        assert transport.transact(REQUEST).code == 0x2001


def test_a_sink_that_fails_leaves_the_link_usable() -> None:
    class FullDisk(BytesSink):
        def write(self, data: Buffer) -> None:
            raise OSError(28, "No space left on device")

    with camera(_send_halfway_and_end_on_cancel) as transport:
        with pytest.raises(OSError, match="No space left"):
            transport.transact(REQUEST, sink=FullDisk())
        assert transport.transact(REQUEST).code == 0x2001


def test_a_camera_that_ignores_the_cancel_is_read_to_the_end() -> None:
    def script(command: socket.socket, event: socket.socket) -> None:
        read(command, 22)
        command.sendall(bytes.fromhex("14000000 09000000 07000000 0a00000000000000"))
        command.sendall(bytes.fromhex("11000000 0a000000 07000000") + b"hello")
        read(event, 12)
        command.sendall(bytes.fromhex("11000000 0c000000 07000000") + b"world" + OK)
        read(command, 22)
        command.sendall(REFUSED)

    token = CancelToken()
    with camera(script) as transport:
        with pytest.raises(Cancelled):
            transport.transact(REQUEST, sink=CancellingSink(token), cancel=token)
        assert transport.transact(REQUEST).code == 0x2002


def test_cancelling_while_nothing_comes() -> None:
    token = CancelToken()

    def script(command: socket.socket, event: socket.socket) -> None:
        read(command, 22)
        token.set()
        assert read(event, 12) == CANCEL
        command.sendall(REFUSED)

    with camera(script) as transport, pytest.raises(Cancelled):
        transport.transact(REQUEST, cancel=token)


def _read_hello_then_cancel(command: socket.socket, event: socket.socket) -> None:
    expected = (
        REQUEST_OUT_BYTES
        + bytes.fromhex("14000000 09000000 07000000 0a00000000000000")
        + bytes.fromhex("11000000 0a000000 07000000")
        + b"hello"
        + CANCEL
    )
    assert read(command, len(expected)) == expected
    command.sendall(bytes.fromhex("0e000000 07000000 1f20 07000000"))
    assert read(command, 22) == REQUEST_BYTES
    command.sendall(OK)


def test_cancelling_an_upload_leaves_the_link_usable() -> None:
    token = CancelToken()

    class Stopped:
        length = 10

        def chunks(self) -> Iterator[Buffer]:
            yield b"hello"
            token.set()
            yield b"world"

    with camera(_read_hello_then_cancel) as transport:
        with pytest.raises(Cancelled):
            transport.transact(REQUEST, Stopped(), cancel=token)
        assert transport.transact(REQUEST).code == 0x2001


@pytest.mark.parametrize("kind", ["raises", "gives less", "gives more"])
def test_a_source_that_fails_leaves_the_link_usable(kind: str) -> None:
    class Failing:
        length = 10

        def chunks(self) -> Iterator[Buffer]:
            yield b"hello"
            if kind == "raises":
                raise ValueError("bytes gave out")
            if kind == "gives more":
                yield b"more than that"

    with camera(_read_hello_then_cancel) as transport:
        with pytest.raises(ValueError, match="bytes gave"):
            transport.transact(REQUEST, Failing())
        assert transport.transact(REQUEST).code == 0x2001


def test_what_fails_before_anything_was_sent_sends_nothing() -> None:
    class Missing:
        length = 10

        def chunks(self) -> Iterator[Buffer]:
            raise FileNotFoundError("gone")
            yield b""

    token = CancelToken()
    token.set()

    def script(command: socket.socket, event: socket.socket) -> None:
        assert read(command, 22) == REQUEST_BYTES
        command.sendall(OK)

    with camera(script) as transport:
        with pytest.raises(FileNotFoundError):
            transport.transact(REQUEST, Missing())
        with pytest.raises(Cancelled):
            transport.transact(REQUEST, cancel=token)
        assert transport.transact(REQUEST).code == 0x2001


def test_a_camera_that_never_ends_a_cancelled_transfer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ip, "DRAIN_SECONDS", 0.3)

    def script(command: socket.socket, event: socket.socket) -> None:
        command.sendall(bytes.fromhex("14000000 09000000 07000000 ffffffffffffffff"))
        with contextlib.suppress(ConnectionError):
            while True:
                command.sendall(bytes.fromhex("00040000 0a000000 07000000") + bytes(1012))

    token = CancelToken()
    with camera(script) as transport:
        with pytest.raises(CameraTimeoutError, match="did not end"):
            transport.transact(REQUEST, sink=CancellingSink(token), cancel=token)
        with pytest.raises(DisconnectedError):
            transport.transact(REQUEST)


def test_pings_do_not_put_off_the_end_of_a_cancelled_transfer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ip, "DRAIN_SECONDS", 0.3)
    over = threading.Event()

    def script(command: socket.socket, event: socket.socket) -> None:
        command.sendall(START_5 + END_HELLO)
        with contextlib.suppress(ConnectionError):
            while not over.wait(0.05):
                command.sendall(PING)

    token = CancelToken()
    silent = pytest.raises(CameraTimeoutError, match="did not end")
    with camera(script) as transport:
        with silent:
            transport.transact(REQUEST, sink=CancellingSink(token), cancel=token)
        over.set()


def test_events_without_end_do_not_hold_up_a_transaction() -> None:
    events = bytes.fromhex("0e000000 08000000 0840 00000000") * 1000
    with two_connections() as (ours, theirs):
        event = PacketSocket(ours[1])
        link = Link(PacketSocket(ours[0]), event, 1.0)
        theirs[1].sendall(events)
        assert not link.wait(TIMEOUT)  # something is there, but not on the command connection
        assert 0 < event.received <= EVENT_BUFFER
        link.close()


# ---- a link that fails --------------------------------------------------------------------------

LIES = {
    "more than announced": START_5 + bytes.fromhex("12000000 0c000000 07000000") + b"hello!" + OK,
    "less than announced": START_5 + bytes.fromhex("10000000 0c000000 07000000") + b"hell" + OK,
    "no End_Data": START_5 + bytes.fromhex("11000000 0a000000 07000000") + b"hello" + OK,
    "data after the end": START_5 + END_HELLO + END_HELLO + OK,
    "data without start": END_HELLO + OK,
    "two starts": START_5 + START_5 + END_HELLO + OK,
    "another transaction": bytes.fromhex("0e000000 07000000 0120 08000000"),
    "a request": REQUEST_BYTES,
    "half a parameter": bytes.fromhex("10000000 07000000 0120 07000000 0000"),
    "no packet": b"HTTP/1.1 500\r\n\r\n",
    "a packet of 4 GB": bytes.fromhex("ffffffff 07000000") + bytes(10000),
}


def test_data_above_what_was_announced_does_not_reach_the_sink() -> None:
    def script(command: socket.socket, event: socket.socket) -> None:
        read(command, 22)
        command.sendall(LIES["more than announced"])
        until_closed(command)

    sink = BytesSink()
    with camera(script) as transport, pytest.raises(FramingError, match="announced 5 bytes"):
        transport.transact(REQUEST, sink=sink)
    assert sink.data == b""


@pytest.mark.parametrize("lie", LIES)
def test_a_camera_that_breaks_the_rules(lie: str) -> None:
    def script(command: socket.socket, event: socket.socket) -> None:
        read(command, 22)
        command.sendall(LIES[lie])
        until_closed(command)

    with camera(script) as transport:
        with pytest.raises(FramingError):
            transport.transact(REQUEST, sink=BytesSink())
        with pytest.raises(DisconnectedError):
            transport.transact(REQUEST)


def test_a_length_that_a_sink_refuses_costs_no_memory_and_not_the_link() -> None:
    def script(command: socket.socket, event: socket.socket) -> None:
        read(command, 22)
        command.sendall(bytes.fromhex("14000000 09000000 07000000 0000000000010000"))
        assert read(event, 12) == CANCEL
        command.sendall(REFUSED)
        assert read(command, 22) == REQUEST_BYTES
        command.sendall(OK)

    with camera(script) as transport:
        with pytest.raises(AnswerTooLongError, match="at most"):
            transport.transact(REQUEST, sink=BytesSink())
        assert transport.transact(REQUEST).code == 0x2001


@pytest.mark.parametrize("sent", [b"", START_5, START_5 + END_HELLO[:14], OK[:9]])
def test_a_camera_that_goes_away(sent: bytes) -> None:
    def script(command: socket.socket, event: socket.socket) -> None:
        read(command, 22)
        command.sendall(sent)

    with camera(script) as transport, pytest.raises(DisconnectedError) as caught:
        transport.transact(REQUEST, sink=BytesSink())
    assert "reconnect" in next_step(caught.value)


def test_a_camera_that_goes_away_in_an_upload() -> None:
    def script(command: socket.socket, event: socket.socket) -> None:
        read(command, 100)

    with camera(script) as transport, pytest.raises(DisconnectedError):
        transport.transact(REQUEST, BytesSource(bytes(64 << 20)))


def test_silence() -> None:
    def script(command: socket.socket, event: socket.socket) -> None:
        read(command, 22)
        command.sendall(START_5)
        until_closed(command)

    silent = pytest.raises(CameraTimeoutError, match=r"nothing for 0\.2 s")
    with camera(script, timeout=0.2) as transport, silent:
        transport.transact(REQUEST, sink=BytesSink())


def test_a_camera_that_takes_no_data() -> None:
    def script(command: socket.socket, event: socket.socket) -> None:
        until_closed(event)

    silent = pytest.raises(CameraTimeoutError, match=r"no data for 0\.2 s")
    with camera(script, timeout=0.2) as transport, silent:
        transport.transact(REQUEST, BytesSource(bytes(64 << 20)))


def test_slow_is_not_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each part of a packet comes after a pause, and all of them together take too long."""
    parts, looks, now = [OK[:5], OK[5:9], OK[9:]], itertools.count(), 0.0
    monkeypatch.setattr(iplink, "time", SimpleNamespace(monotonic=lambda: now))

    def at_each_look() -> None:
        nonlocal now
        if next(looks) % 2:
            theirs[0].sendall(parts.pop(0))
        else:
            now += 0.3  # and nothing comes

    with two_connections() as (ours, theirs):
        link = Link(PacketSocket(ours[0]), PacketSocket(ours[1]), timeout=0.4)
        assert isinstance(link.receive(at_each_look), Packet)
        assert now > 0.4
        link.close()


def test_reset_connects_anew() -> None:
    def script(listener: socket.socket) -> None:
        for _ in range(2):
            command, event = shake_hands(listener)
            with command, event:
                assert read(command, 22) == REQUEST_BYTES
                command.sendall(OK)
                until_closed(command)

    with raw_peer(script) as port:
        transport = IpTransport("127.0.0.1", port)
        transport.transact(REQUEST)
        transport.reset()
        assert transport.transact(REQUEST).code == 0x2001
        transport.close()
        transport.close()
        with pytest.raises(TransportError):
            transport.transact(REQUEST)


def test_large_transfers_keep_their_bytes() -> None:
    pattern = os.urandom(1 << 16) * 80
    total = len(pattern)
    header = bytes.fromhex("14000000 09000000 07000000") + total.to_bytes(8, "little")

    def script(command: socket.socket, event: socket.socket) -> None:
        read(command, 22)
        command.sendall(header)
        for at in range(0, total, 99_999):
            part = pattern[at : at + 99_999]
            command.sendall((len(part) + 12).to_bytes(4, "little"))
            command.sendall(bytes.fromhex("0a000000 07000000") + part)
        command.sendall(END_EMPTY + OK)

    with camera(script) as transport:
        sink = BytesSink()
        transport.transact(REQUEST, sink=sink)
        assert sink.data == pattern
