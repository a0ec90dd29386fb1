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

USUAL_EMULATION, LAST_INTERRUPTING, POLLED = 4, 5, 7
"""Values of Canon's property EventEmulateMode: up to 5 events come by themselves, with 7 they wait
for CheckEvent, and with 6 there are none.
"""

Listener = Callable[[Event], None]


class EventOutbox:
    """Gives each event to every listener (the doors), or keeps it for CheckEvent: once, not twice.

    Any thread may tell. A listener must not wait: it sends or drops. Without a session nobody is
    told anything, and nobody of events that the camera does not list.
    """

    def __init__(self, listed: tuple[int, ...]) -> None:
        self._listed = frozenset(listed)
        self._listeners: list[Listener] = []
        self._kept: deque[Event] = deque(maxlen=KEPT)
        self._lock = threading.Lock()
        self._open = False
        self.emulation = USUAL_EMULATION

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
            if not self._open or code not in self._listed:
                return
            listeners = list(self._listeners) if self.emulation <= LAST_INTERRUPTING else []
            if self.emulation == POLLED or (not listeners and 3 <= self.emulation <= 5):
                self._kept.append(event)
        for listener in listeners:
            listener(event)

    def take_kept(self) -> Event | None:
        """Take the oldest event that CheckEvent did not give yet, None where there is none."""
        with self._lock:
            return self._kept.popleft() if self._kept else None
