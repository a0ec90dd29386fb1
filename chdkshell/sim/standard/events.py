"""What the simulated camera tells by itself, to whoever listens."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

from chdkshell.ptp.transaction import Event

KEPT = 64
"""Events that wait for CheckEvent at most; older ones are forgotten, as a camera does."""

NO_TRANSACTION = 0xFFFFFFFF
"""The transaction id of an event that belongs to none (ISO 15740, 12.4)."""

Listener = Callable[[Event], None]


class EventOutbox:
    """Gives each event to every listener (the doors), and keeps it for CheckEvent.

    Any thread may tell. A listener must not wait: it sends or drops. Without a session nobody is
    told anything.
    """

    def __init__(self) -> None:
        self._listeners: list[Listener] = []
        self._kept: deque[Event] = deque(maxlen=KEPT)
        self._lock = threading.Lock()
        self._open = False

    def open(self) -> None:
        """Begin a session: what happens from now on is told."""
        with self._lock:
            self._kept.clear()
            self._open = True

    def close(self) -> None:
        """End the session."""
        with self._lock:
            self._open = False

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Give events to `listener` from now on. Returns what ends that."""
        with self._lock:
            self._listeners.append(listener)

        def end() -> None:
            with self._lock:
                self._listeners.remove(listener)

        return end

    def tell(self, code: int, *params: int) -> None:
        """Tell that something happened."""
        event = Event(code, NO_TRANSACTION, params)
        with self._lock:
            if not self._open:
                return
            self._kept.append(event)
            listeners = list(self._listeners)
        for listener in listeners:
            listener(event)

    def take_kept(self) -> Event | None:
        """Take the oldest event that CheckEvent did not give yet, None where there is none."""
        with self._lock:
            return self._kept.popleft() if self._kept else None
