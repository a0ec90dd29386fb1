"""The two TCP connections of a PTP/IP session, as packets. Both ends use it."""

from __future__ import annotations

import contextlib
import selectors
import socket
import struct
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator

from chdkshell.errors import CameraTimeoutError, DisconnectedError, FramingError
from chdkshell.ptp.packet import DataPiece, Packet, PacketParser, PacketType, pack
from chdkshell.streams import Buffer
from chdkshell.traffic import log_bytes

COMMAND_BUFFER = 1 << 20
"""Bytes received at a time on the command connection, which carries the data."""

EVENT_BUFFER = 4096

SLICE = 0.1
"""Seconds between two looks at whether the caller wants to end a wait."""

MAX_WAITING = 256
"""Packets kept from the event connection; older ones are dropped, for the peer is not trusted."""


def _never_ends() -> None:
    """The default for a wait that the caller does not want to end."""


def _limit_waits(sock: socket.socket) -> None:
    """Let no call on a socket wait longer than SLICE."""
    try:
        if sys.platform == "win32":
            raise OSError  # its limits are another kind of number
        # The system's own limits: with Python's, each call would be two, the first of them a poll.
        limit = struct.pack("@ll", 0, round(SLICE * 1_000_000))
        sock.setblocking(True)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
    except OSError:
        sock.settimeout(SLICE)


class PacketSocket:
    """One TCP connection; `received` counts the bytes that came.

    With `quick_ack` what no answer acknowledges is acknowledged at once, where the system can do
    that: a peer that sends the parts of a packet in small writes else waits 40 ms for each.
    """

    def __init__(
        self, sock: socket.socket, buffer_size: int = EVENT_BUFFER, quick_ack: bool = False
    ) -> None:
        _limit_waits(sock)
        is_tcp = sock.family in (socket.AF_INET, socket.AF_INET6)
        if is_tcp:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = sock
        self.received = 0
        self._quick_ack = quick_ack and is_tcp and sys.platform == "linux"
        self._unanswered = False
        self._buffer = memoryview(bytearray(buffer_size))
        self._parser = PacketParser()
        self._packets: Iterator[Packet | DataPiece] = iter(())

    def packet(self) -> Packet | DataPiece | None:
        """Return the next packet or piece of data of what was received, None at its end.

        A piece is valid until the next call. Raises `FramingError`.
        """
        return next(self._packets, None)

    def receive(self) -> bool:
        """Receive once `packet` gives None. Waits as long as the socket's timeout says.

        Returns whether anything came. Raises `DisconnectedError`.
        """
        try:
            if sys.platform == "linux" and self._quick_ack and self._unanswered:
                # Linux forgets the option with time, so it is set again and again.
                self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            count = self.socket.recv_into(self._buffer)
        except (BlockingIOError, TimeoutError):
            return False
        except OSError as error:
            raise DisconnectedError(f"the connection failed: {error.strerror}") from error
        if not count:
            raise DisconnectedError("the other end closed the connection")
        self.received += count
        self._unanswered = True
        log_bytes(__name__, "received", memoryview(self._buffer)[:count])
        self._packets = self._parser.feed(self._buffer[:count])
        return True

    def first_packet(self, seconds: float, check: Callable[[], None] = _never_ends) -> Packet:
        """Wait up to `seconds` for the whole packet that a connection starts with.

        `check` is called now and then, and may raise. Raises `CameraTimeoutError`,
        `DisconnectedError`, `FramingError`.
        """
        deadline = time.monotonic() + seconds
        while (packet := self.packet()) is None:
            check()
            if time.monotonic() >= deadline:
                raise CameraTimeoutError(f"the other end sent no packet in {seconds:g} s")
            self.receive()
        if isinstance(packet, DataPiece):
            raise FramingError("the other end started with data")
        return packet

    def send_packet(
        self, packet: bytes, seconds: float, check: Callable[[], None] = _never_ends
    ) -> None:
        """Send one whole packet in up to `seconds`. `check` is called now and then, and may raise.

        Raises `CameraTimeoutError`, `DisconnectedError`.
        """
        left = [memoryview(packet)]
        deadline = time.monotonic() + seconds
        while left:
            check()
            if not self.write(left) and time.monotonic() >= deadline:
                raise CameraTimeoutError(f"the other end took no packet in {seconds:g} s")

    def write(self, buffers: list[memoryview]) -> int:
        """Send what the system takes, in one gathered write, within the socket's timeout.

        Takes what was sent off `buffers` and returns how many bytes that were, which may be 0.
        """
        try:
            if sys.platform == "win32" or len(buffers) == 1:  # no sendmsg there
                sent = self.socket.send(buffers[0])
            else:
                sent = self.socket.sendmsg(buffers)
        except (BlockingIOError, TimeoutError):
            return 0
        except OSError as error:
            raise DisconnectedError(f"the connection failed: {error.strerror}") from error
        self._unanswered = False
        log_bytes(__name__, "sent", buffers[0][:sent])
        left = sent
        while buffers and left >= len(buffers[0]):
            left -= len(buffers.pop(0))
        if left:
            buffers[0] = buffers[0][left:]
        return sent

    def close(self) -> None:
        """Close the connection."""
        with contextlib.suppress(OSError):
            self.socket.close()


class Link:
    """Both connections of a session. Pings are answered on both while a call is under way.

    `timeout` is how many seconds the peer may do nothing. `waiting` holds the packets that came on
    the event connection.
    """

    def __init__(self, command: PacketSocket, event: PacketSocket, timeout: float) -> None:
        self.timeout = timeout
        self.waiting: deque[Packet] = deque(maxlen=MAX_WAITING)
        self._command = command
        self._event = event
        self._event_looked_at = 0.0
        event.socket.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(command.socket, selectors.EVENT_READ)
        self._selector.register(event.socket, selectors.EVENT_READ)

    def receive(
        self, check: Callable[[], None] = _never_ends, seconds: float | None = None
    ) -> Packet | DataPiece:
        """Wait for the next packet on the command connection.

        `check` is called now and then, and may raise. Raises `CameraTimeoutError` when nothing
        came for `seconds` (None: for `timeout`), `DisconnectedError`, `FramingError`.
        """
        limit = self.timeout if seconds is None else seconds
        heard = time.monotonic()
        while True:
            packet = self._command.packet()
            if packet is not None:
                if isinstance(packet, DataPiece) or not self._is_probe(packet):
                    return packet
                continue
            check()
            if self._command.receive():
                heard = time.monotonic()
            elif time.monotonic() - heard >= limit:
                raise CameraTimeoutError(f"the other end sent nothing for {limit:g} s")
            self.look_at_events()

    def poll(self) -> Packet | DataPiece | None:
        """Return a packet of the command connection that is there already, or None."""
        packet = self._command.packet()
        if packet is None and self.wait(0):
            self._command.receive()
            packet = self._command.packet()
        if isinstance(packet, Packet) and self._is_probe(packet):
            return None
        return packet

    def send(self, *buffers: Buffer) -> None:
        """Send `buffers` one after another on the command connection, gathered in few writes.

        Raises `CameraTimeoutError` when the peer takes nothing for `timeout` seconds.
        """
        left = [memoryview(buffer).cast("B") for buffer in buffers if len(buffer)]
        taken = time.monotonic()
        while left:
            if self._command.write(left):
                taken = time.monotonic()
            elif time.monotonic() - taken >= self.timeout:
                raise CameraTimeoutError(f"the other end took no data for {self.timeout:g} s")

    def send_event(self, packet: bytes) -> None:
        """Send a packet on the event connection. It is dropped if the peer does not read there."""
        with contextlib.suppress(DisconnectedError):
            self._event.write([memoryview(packet)])

    def wait(self, seconds: float) -> bool:
        """Wait up to `seconds` for anything from the peer, on either connection.

        Returns whether something is there on the command connection.
        """
        ready = [key.fileobj for key, _ in self._selector.select(seconds)]
        if self._event.socket in ready:
            self._serve_events()
        return self._command.socket in ready

    def look_at_events(self) -> None:
        """Serve the event connection, but not more often than makes sense while data flows."""
        if time.monotonic() - self._event_looked_at >= SLICE:
            self._serve_events()

    def close(self) -> None:
        """Close both connections. May be called twice."""
        self._selector.close()
        self._command.close()
        self._event.close()

    def _serve_events(self) -> None:
        """Take one buffer of events: a peer that sends them without end must not hold us here."""
        self._event_looked_at = time.monotonic()
        try:
            if self._event.receive():
                while (packet := self._event.packet()) is not None:
                    if isinstance(packet, DataPiece):
                        continue
                    if packet.type is PacketType.PROBE_REQUEST:
                        self.send_event(pack(PacketType.PROBE_RESPONSE))
                    elif packet.type is not PacketType.PROBE_RESPONSE:
                        self.waiting.append(packet)
        except DisconnectedError:
            # The command connection tells whether the peer is really gone.
            with contextlib.suppress(KeyError):
                self._selector.unregister(self._event.socket)

    def _is_probe(self, packet: Packet) -> bool:
        if packet.type is PacketType.PROBE_REQUEST:
            self.send(pack(PacketType.PROBE_RESPONSE))
        return packet.type in (PacketType.PROBE_REQUEST, PacketType.PROBE_RESPONSE)
