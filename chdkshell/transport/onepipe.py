"""Both connections of PTP/IP over one pipe in each direction, told apart by the type of packets.

Each end has a pair of sockets for what is a TCP connection elsewhere, so that all above this works
as it does over TCP.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import socket
import threading
from collections.abc import Iterator
from typing import NamedTuple

from chdkshell.errors import FramingError
from chdkshell.ptp.packet import HEADER, HEADER_SIZE, PacketType

_BUFFER = 1 << 18

_EVENT_TYPES = (PacketType.INIT_EVENT_REQUEST, PacketType.INIT_EVENT_ACK, PacketType.EVENT)
"""What belongs to the event connection; all else to the command connection."""

_FOR_BOTH = (PacketType.CANCEL, PacketType.INIT_FAIL)
"""What may belong to either: whoever does not wait for it there lets it pass."""


class PacketPart(NamedTuple):
    """Bytes of one packet of the type `kind`; `is_end` says that they are its last."""

    kind: int
    data: memoryview
    is_end: bool


class Splitter:
    """Finds where packets begin in a stream, and keeps no more of it than a header."""

    def __init__(self) -> None:
        self._head = b""
        self._kind = 0
        self._left = 0

    @property
    def is_between(self) -> bool:
        """Whether the last packet is whole."""
        return not self._left and not self._head

    def feed(self, received: memoryview) -> Iterator[PacketPart]:
        """Yield the parts of packets that `received` has. Raises `FramingError`."""
        at = 0
        while at < len(received):
            if not self._left:
                taken = received[at : at + HEADER_SIZE - len(self._head)]
                at += len(taken)
                self._head += taken
                if len(self._head) < HEADER_SIZE:
                    return
                length, self._kind = HEADER.unpack(self._head)
                if length < HEADER_SIZE:
                    raise FramingError(f"not a PTP/IP packet: length {length}")
                head, self._head = self._head, b""
                self._left = length - HEADER_SIZE
                yield PacketPart(self._kind, memoryview(head), not self._left)
                continue
            piece = received[at : at + self._left]
            at += len(piece)
            self._left -= len(piece)
            yield PacketPart(self._kind, piece, not self._left)


class OnePipe:
    """Carries `command` and `event` over the file descriptors `incoming` and `outgoing`.

    Both descriptors are closed in the end: when the other end closes its own, or when both sockets
    are closed here.
    """

    def __init__(self, incoming: int, outgoing: int) -> None:
        self.command, self._command = socket.socketpair()
        self.event, self._event = socket.socketpair()
        self._incoming, self._outgoing = incoming, outgoing
        for name, work in (("in", self._receive), ("out", self._send)):
            threading.Thread(target=work, name=f"one pipe, {name}", daemon=True).start()

    def _receive(self) -> None:
        splitter = Splitter()
        # Whoever does not read any more does not end what the other one still gets.
        with contextlib.suppress(OSError, FramingError):
            while data := os.read(self._incoming, _BUFFER):
                for part in splitter.feed(memoryview(data)):
                    self._pass_on(part)
        for sock in (self._command, self._event):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(OSError):
            os.close(self._incoming)

    def _pass_on(self, part: PacketPart) -> None:
        if part.kind in _EVENT_TYPES or part.kind in _FOR_BOTH:
            self._event.sendall(part.data)
        if part.kind not in _EVENT_TYPES:
            self._command.sendall(part.data)

    def _send(self) -> None:
        """Send packets of both connections, each as a whole, until the command connection ends."""
        buffer = memoryview(bytearray(_BUFFER))
        splitters = {self._command: Splitter(), self._event: Splitter()}
        with selectors.DefaultSelector() as selector, contextlib.suppress(OSError, FramingError):
            for sock in splitters:
                selector.register(sock, selectors.EVENT_READ)
            while True:
                ready = [key.fileobj for key, _ in selector.select()]
                for sock in (s for s in splitters if s in ready):
                    if not self._send_from(sock, splitters[sock], buffer):
                        if sock is self._command:
                            raise OSError
                        selector.unregister(sock)
        for sock in splitters:
            sock.close()
        with contextlib.suppress(OSError):
            os.close(self._outgoing)

    def _send_from(self, sock: socket.socket, splitter: Splitter, buffer: memoryview) -> bool:
        """Send what a connection has, to the end of a packet. Returns False at its end."""
        while True:
            count = sock.recv_into(buffer)
            if not count:
                return False
            for _ in splitter.feed(buffer[:count]):
                pass
            left = buffer[:count]
            while left:
                left = left[os.write(self._outgoing, left) :]
            if splitter.is_between:
                return True
