"""USB endpoints of a simulated device: queues of packets between its thread and a host controller.

Each side calls from its own threads. Memory is bounded: a device that sends waits for the host to
read, and what the host offers is taken only as far as there is room, like the NAK of a real device.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from chdkshell.streams import Buffer

QUEUE_LIMIT = 4 << 20
"""Bytes that wait in an endpoint at most."""


class StalledError(Exception):
    """The device answers with a STALL handshake."""


class AbortedError(Exception):
    """What the device's thread was doing was ended by the host, or by pulling the cable."""


class TransferState(Enum):
    """How a host's transfer stands after `InEndpoint.take`."""

    PENDING = auto()
    """There is room for more, and the device has not ended it."""
    COMPLETE = auto()
    """Full, or ended by a short or zero-length packet."""
    OVERFLOW = auto()
    """A packet was longer than the room that was left (babble)."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What an IN transfer got: the buffers in order, and how it stands."""

    chunks: list[memoryview]
    state: TransferState


class Endpoint:
    """What both directions share. `packet_size` is wMaxPacketSize in bytes.

    `changed` is called, without a lock held, whenever a transfer that waits may go on.
    """

    def __init__(self, address: int, packet_size: int, changed: Callable[[int], None]) -> None:
        self.address = address
        self.packet_size = packet_size
        self._changed = changed
        self._condition = threading.Condition()
        # Bytes of a transfer, and None where a short or zero-length packet ends it.
        self._queue: deque[memoryview | None] = deque()
        self._queued = 0
        self._halted = False
        self._aborted = False

    def halt(self, halted: bool = True) -> None:
        """Set or clear the halt feature: a halted endpoint stalls."""
        with self._condition:
            self._halted = halted
        self._changed(self.address)

    @property
    def halted(self) -> bool:
        """Whether it answers every transfer with a stall."""
        return self._halted

    @property
    def queued(self) -> int:
        """Bytes that wait in it."""
        return self._queued

    @property
    def aborted(self) -> bool:
        """Whether `abort` was called since the last `resume`."""
        return self._aborted

    def abort(self) -> None:
        """Empty the queue and end what the device's thread waits for with `AbortedError`."""
        with self._condition:
            self._queue.clear()
            self._queued = 0
            self._aborted = True
            self._condition.notify_all()
        self._changed(self.address)

    def resume(self) -> None:
        """Work again after `abort`."""
        with self._condition:
            self._aborted = False

    def _wait(self, ready: Callable[[], bool]) -> None:
        self._condition.wait_for(lambda: self._aborted or ready())
        if self._aborted:
            raise AbortedError


class InEndpoint(Endpoint):
    """From the device to the host."""

    def write(self, data: Buffer) -> None:
        """Queue bytes of the current transfer; waits for room. Raises `AbortedError`."""
        with self._condition:
            self._wait(lambda: self._queued < QUEUE_LIMIT)
            if len(data):
                self._queue.append(memoryview(bytes(data)))
                self._queued += len(data)
        self._changed(self.address)

    def end(self) -> None:
        """End the transfer, with a zero-length packet where the last packet is a full one."""
        with self._condition:
            self._wait(lambda: True)
            self._queue.append(None)
        self._changed(self.address)

    def take(self, room: int) -> Taken:
        """Move packets to a host's transfer that has `room` bytes left. Raises `StalledError`.

        A transfer that was not ended gives whole packets only.
        """
        with self._condition:
            if self._halted:
                raise StalledError
            ready, ended = self._ready()
            if not ended:
                ready -= ready % self.packet_size
            if ready > room:
                return self._take_part(room)
            chunks = self._pop(ready)
            if ended and (ready < room or ready % self.packet_size):
                self._queue.popleft()
                self._condition.notify_all()
                return Taken(chunks, TransferState.COMPLETE)
            full = ready == room
            return Taken(chunks, TransferState.COMPLETE if full else TransferState.PENDING)

    def wait_until_read(self) -> None:
        """Wait until the host has read all that was sent. Raises `AbortedError`."""
        with self._condition:
            self._wait(lambda: not self._queue)

    def _ready(self) -> tuple[int, bool]:
        ready = 0
        for item in self._queue:
            if item is None:
                return ready, True
            ready += len(item)
        return ready, False

    def _take_part(self, room: int) -> Taken:
        extra = room % self.packet_size
        chunks = self._pop(room - extra)
        if not extra:
            return Taken(chunks, TransferState.COMPLETE)
        self._pop(min(self.packet_size, self._ready()[0]))
        return Taken(chunks, TransferState.OVERFLOW)

    def _pop(self, count: int) -> list[memoryview]:
        chunks = []
        self._queued -= count
        while count:
            item = self._queue.popleft()
            assert item is not None
            if len(item) > count:
                self._queue.appendleft(item[count:])
                item = item[:count]
            chunks.append(item)
            count -= len(item)
        self._condition.notify_all()
        return chunks


class OutEndpoint(Endpoint):
    """From the host to the device."""

    def offer(self, data: memoryview) -> int:
        """Take what there is room for of a host's transfer, in whole packets.

        Returns the number of bytes; fewer than all mean that the host has to offer the rest again.
        An empty `data` is a zero-length packet. Raises `StalledError`.
        """
        with self._condition:
            if self._halted:
                raise StalledError
            room = max(QUEUE_LIMIT - self._queued, 0) // self.packet_size * self.packet_size
            part = data[:room]
            if len(part):
                self._queue.append(memoryview(bytes(part)))
                self._queued += len(part)
            if (len(part) == len(data) and len(data) % self.packet_size) or not len(data):
                self._queue.append(None)
            self._condition.notify_all()
            return len(part)

    def read(self, limit: int) -> memoryview | None:
        """Wait for bytes and return up to `limit`, or None where the transfer ended.

        Raises `AbortedError`.
        """
        with self._condition:
            self._wait(lambda: bool(self._queue))
            item = self._queue.popleft()
            if item is not None:
                if len(item) > limit:
                    self._queue.appendleft(item[limit:])
                    item = item[:limit]
                self._queued -= len(item)
        self._changed(self.address)
        return item
