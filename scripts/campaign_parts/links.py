"""A TCP connection to the simulated camera that fails after so many bytes, in one of four ways."""

from __future__ import annotations

import enum
import os
import random
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from chdkshell.transport import ip, ipconnect, iplink

SLICE = 0.1
"""Seconds that a wait on a frozen link seems to take. They pass at once."""

DRIPPED = 400
"""Bytes that drip before a link is as quick as before."""


class Way(enum.Enum):
    """How a link fails. A drip is no failure: bytes come by one, two or three for a while."""

    FIN = "fin"
    RST = "rst"
    FREEZE = "freeze"
    DRIP = "drip"


class Direction(enum.Enum):
    """Whose bytes are counted."""

    TO_CAMERA = "to camera"
    FROM_CAMERA = "from camera"


@dataclass
class Fault:
    """Where a link fails and how; None: it holds. `counts` are the bytes so far, each way."""

    way: Way | None = None
    direction: Direction = Direction.FROM_CAMERA
    at: int = 0

    def __post_init__(self) -> None:
        self.counts = dict.fromkeys(Direction, 0)
        self.struck = False
        self.on_strike: Callable[[], None] = lambda: None
        self.armed = False
        self.skipped = 0.0
        self.dripped = 0
        self._random = random.Random(self.at)

    def begin(self) -> None:
        """Count from here on. Before, the link holds."""
        self.armed = True
        self.counts = dict.fromkeys(Direction, 0)

    def room(self, direction: Direction, size: int) -> int:
        """Return how many of `size` bytes may pass now; 0 where the link has failed."""
        if self.way is None or not self.armed:
            return size
        left = self.at - self.counts[direction] if direction is self.direction else size
        if self.struck and self.way is not Way.DRIP:
            return 0
        if left > 0 and not self.struck:
            return min(size, left)
        if not self.struck:
            self.struck = True
            self.on_strike()
        if self.way is not Way.DRIP:
            return 0
        if self.dripped >= DRIPPED:
            return size
        drop = min(size, self._random.randint(1, 3))
        self.dripped += drop
        return drop

    def skip(self) -> None:
        """A wait on a frozen link: let it seem long."""
        self.skipped += SLICE


class FaultySocket(socket.socket):
    """The client's end of a connection, with a fault."""

    fault: Fault

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        room = self.fault.room(Direction.FROM_CAMERA, len(buffer))
        if not room:
            return self._failed_read()
        count = super().recv_into(memoryview(buffer)[:room], 0, flags)
        self.fault.counts[Direction.FROM_CAMERA] += count
        return count

    def sendmsg(self, buffers: Any, *more: Any) -> int:
        size = sum(len(buffer) for buffer in buffers)
        room = self.fault.room(Direction.TO_CAMERA, size)
        if size and not room:
            self._strike()
            raise BrokenPipeError(32, "Broken pipe")
        if room < size:
            buffers = [memoryview(b"".join(bytes(buffer) for buffer in buffers))[:room]]
        count = super().sendmsg(buffers, *more)
        self.fault.counts[Direction.TO_CAMERA] += count
        return count

    def _failed_read(self) -> int:
        self._strike()
        if self.fault.way is Way.RST:
            raise ConnectionResetError(104, "Connection reset by peer")
        return 0

    def _strike(self) -> None:
        """Have the camera see the end, too; of a frozen link neither end sees anything."""
        if self.fault.way is Way.FREEZE:
            self.fault.skip()
            raise TimeoutError
        if self.fileno() < 0:
            return
        if self.fault.way is Way.RST:
            self.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            closed, other = socket.socketpair()
            other.close()
            os.dup2(closed.fileno(), self.fileno())  # closes the connection: with a reset
            closed.close()
        else:
            try:
                self.shutdown(socket.SHUT_RDWR)
            except OSError:
                return


class _SkippingTime:
    """The clock of the client's link, on which the waits for a frozen camera take no time."""

    def __init__(self, fault: Fault) -> None:
        self._fault = fault

    def monotonic(self) -> float:
        mine = threading.current_thread() is threading.main_thread()
        return time.monotonic() + (self._fault.skipped if mine else 0.0)


@contextmanager
def faulty_links(fault: Fault) -> Iterator[None]:
    """Have the first connection of this thread's client fail so; those after it hold."""
    made = 0
    connect = ipconnect.Connector._first_that_answers

    def first_that_answers(connector: ipconnect.Connector) -> socket.socket:
        nonlocal made
        made += 1
        sock = connect(connector)
        if made > 1:  # the event connection, or a new connection after a failure
            return sock
        faulty = FaultySocket(sock.family, sock.type, sock.proto, sock.detach())
        faulty.fault = fault
        return faulty

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ipconnect.Connector, "_first_that_answers", first_that_answers)
        for module in (ip, ipconnect, iplink):
            patch.setattr(module, "time", _SkippingTime(fault))
        yield
