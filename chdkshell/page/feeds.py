"""Frames and events for any number of listeners: threads give them, a loop passes them on.

Nobody who is slow holds up another: of frames each listener takes the newest when it is ready for
it, and of events one that does not take them loses the oldest.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Any

MAX_VIEWERS = 16
"""Streams of one camera at a time."""

MAX_EVENTS = 256
"""Events that wait for a listener at most."""

BEAT_SECONDS = 1.0
"""How often a listener is told something at least."""


class FrameFeed:
    """The newest frame as JPEG. Threads `publish`; the loop has the viewers."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._viewers = 0
        self._waiting: list[tuple[asyncio.AbstractEventLoop, asyncio.Future[None]]] = []
        self._closed = False
        self.number = 0
        self.picture = b""

    @property
    def viewers(self) -> int:
        """How many watch. Without any, no frame has to be made."""
        return self._viewers

    @property
    def is_full(self) -> bool:
        """Whether there are as many viewers as there may be."""
        return self._viewers >= MAX_VIEWERS

    @contextmanager
    def viewer(self) -> Iterator[bool]:
        """Count one more viewer. Gives False where there are too many already."""
        with self._lock:
            admitted = self._viewers < MAX_VIEWERS
            self._viewers += admitted
        try:
            yield admitted
        finally:
            with self._lock:
                self._viewers -= admitted

    def publish(self, picture: bytes) -> None:
        """Give a frame to all who wait for one."""
        with self._lock:
            self.number += 1
            self.picture = picture
        self._wake()

    def close(self) -> None:
        """Let all viewers go."""
        with self._lock:
            self._closed = True
        self._wake()

    def _wake(self) -> None:
        with self._lock:
            waiting, self._waiting = self._waiting, []
        for loop, future in waiting:
            _call(loop, lambda future=future: future.done() or future.set_result(None))

    def pictures(self) -> AsyncGenerator[bytes, None]:
        """Return the frames from now on, always the newest, until the feed is closed."""
        return self._pictures_after(self.number)

    async def _pictures_after(self, seen: int) -> AsyncGenerator[bytes, None]:
        loop = asyncio.get_running_loop()
        while True:
            with self._lock:
                future = loop.create_future()
                if self._closed:
                    return
                if self.number == seen:
                    self._waiting.append((loop, future))
                else:
                    future.set_result(None)
            await future
            if self.number != seen:
                seen = self.number
                yield self.picture


class EventHub:
    """What happens, for all who listen. Threads `publish`; the loop has the listeners."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: list[tuple[asyncio.AbstractEventLoop, asyncio.Queue[bytes]]] = []
        self._closed = False

    @property
    def listeners(self) -> int:
        """How many listen."""
        return len(self._listeners)

    def publish(self, kind: str, value: Any) -> None:
        """Tell all who listen. `value` is made JSON."""
        data = json.dumps(value, separators=(",", ":"))
        self._give(f"event: {kind}\ndata: {data}\n\n".encode())

    def close(self) -> None:
        """Let all listeners go."""
        self._closed = True
        self._give(b"")

    def _give(self, data: bytes) -> None:
        with self._lock:
            listeners = list(self._listeners)
        for loop, queue in listeners:
            _call(loop, lambda queue=queue: _put(queue, data))

    async def events(self, first: Callable[[], bytes]) -> AsyncIterator[bytes]:
        """Yield server-sent events until the hub is closed.

        What `first` gives comes first. It is asked once nothing that happens is missed any more.

        Where nothing happens there is a beat, by which a listener knows that the server is there.
        """
        queue: asyncio.Queue[bytes] = asyncio.Queue(MAX_EVENTS)
        own = asyncio.get_running_loop(), queue
        with self._lock:
            self._listeners.append(own)
        try:
            yield first()
            while not self._closed:
                try:
                    yield await asyncio.wait_for(queue.get(), BEAT_SECONDS)
                except TimeoutError:
                    yield b"event: beat\ndata: {}\n\n"
        finally:
            with self._lock:
                self._listeners.remove(own)


def _put(queue: asyncio.Queue[bytes], data: bytes) -> None:
    if queue.full():
        queue.get_nowait()
    queue.put_nowait(data)


def _call(loop: asyncio.AbstractEventLoop, call: Any) -> None:
    try:
        loop.call_soon_threadsafe(call)
    except RuntimeError:  # the server has ended
        return
