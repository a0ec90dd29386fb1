"""PTP/IP peers on loopback whose every byte is written by hand."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

from chdkshell.ptp.transaction import Request
from chdkshell.transport.ip import IpTransport
from support.timeouts import TIMEOUT

ACK = bytes.fromhex("24000000 02000000 01000000 000102030405060708090a0b0c0d0e0f 43000000 00000100")
EVENT_ACK = bytes.fromhex("08000000 04000000")
PING = bytes.fromhex("08000000 0d000000")
PONG = bytes.fromhex("08000000 0e000000")
START_5 = bytes.fromhex("14000000 09000000 07000000 0500000000000000")
END_HELLO = bytes.fromhex("11000000 0c000000 07000000") + b"hello"
END_EMPTY = bytes.fromhex("0c000000 0c000000 07000000")
CANCEL = bytes.fromhex("0c000000 0b000000 07000000")
OK = bytes.fromhex("12000000 07000000 0120 07000000 2a000000")
REFUSED = bytes.fromhex("0e000000 07000000 0220 07000000")
REQUEST = Request(0x9999, 7, (6,))
REQUEST_BYTES = bytes.fromhex("16000000 06000000 01000000 9999 07000000 06000000")
REQUEST_OUT_BYTES = bytes.fromhex("16000000 06000000 02000000 9999 07000000 06000000")

Script = Callable[[socket.socket, socket.socket], None]


class RawPeer:
    """Listens on loopback and plays a script on the connections of one client."""

    def __init__(self, script: Callable[[socket.socket], None]) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(TIMEOUT)
        self.port: int = self._listener.getsockname()[1]
        self._script = script
        self._problem: BaseException | None = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._script(self._listener)
        except BaseException as error:
            self._problem = error

    def stop(self) -> None:
        self._thread.join(TIMEOUT)
        self._listener.close()
        assert not self._thread.is_alive()
        if self._problem is not None:
            raise self._problem


@contextlib.contextmanager
def raw_peer(script: Callable[[socket.socket], None]) -> Iterator[int]:
    """Run a peer for the time of the block. What failed in its script fails the test."""
    peer = RawPeer(script)
    try:
        yield peer.port
    finally:
        peer.stop()


def accept(listener: socket.socket) -> socket.socket:
    connection, _ = listener.accept()
    connection.settimeout(TIMEOUT)
    return connection


def read(sock: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        part = sock.recv(count - len(data))
        assert part, f"the client closed the connection after {data!r}"
        data += part
    return data


def shake_hands(listener: socket.socket) -> tuple[socket.socket, socket.socket]:
    command = accept(listener)
    length = int.from_bytes(read(command, 4), "little")
    assert read(command, 4) == b"\1\0\0\0"
    read(command, length - 8)
    command.sendall(ACK)
    event = accept(listener)
    assert read(event, 12) == bytes.fromhex("0c000000 03000000 01000000")
    event.sendall(EVENT_ACK)
    return command, event


@contextlib.contextmanager
def camera(script: Script, timeout: float = TIMEOUT) -> Iterator[IpTransport]:
    """Connect to a camera that plays `script` after the handshake."""

    def play(listener: socket.socket) -> None:
        command, event = shake_hands(listener)
        with command, event:
            script(command, event)

    with raw_peer(play) as port:
        transport = IpTransport("127.0.0.1", port, TIMEOUT)
        transport.timeout = timeout
        try:
            yield transport
        finally:
            transport.close()


@contextlib.contextmanager
def two_connections() -> Iterator[tuple[list[socket.socket], list[socket.socket]]]:
    """Give our ends of two connections, and the other ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener, contextlib.ExitStack() as stack:
        ours = [socket.create_connection(listener.getsockname()) for _ in range(2)]
        theirs = [stack.enter_context(listener.accept()[0]) for _ in range(2)]
        yield ours, theirs


def until_closed(sock: socket.socket) -> bytes:
    """Return all that the client sends until it closes its end."""
    data = bytearray()
    with contextlib.suppress(ConnectionError):
        while part := sock.recv(1 << 16):
            data += part
    return bytes(data)
