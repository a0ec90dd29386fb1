"""The simulated camera's time, which may run faster than the host's."""

from __future__ import annotations

import calendar
import threading
import time
from collections.abc import Callable


class Clock:
    """The camera's time. Everything that waits in the simulator waits through it.

    `speed` is how much faster than real time it runs; tests use that.
    """

    def __init__(self, speed: float = 1.0) -> None:
        self.speed = speed
        self._start = time.monotonic()
        self._offset = 0

    def ticks(self) -> int:
        """Return the tick count: milliseconds since the camera was switched on."""
        return 1000 + int((time.monotonic() - self._start) * 1000 * self.speed)

    def now(self) -> int:
        """Return the local time, as seconds since 1970 as if that clock showed UTC."""
        return calendar.timegm(time.localtime()) + self._offset

    def set(self, local: int) -> None:
        """Set the local time."""
        self._offset += local - self.now()

    def seconds(self, ticks: int) -> float:
        """Return how long `ticks` milliseconds of the camera last, in real seconds."""
        return ticks / 1000 / self.speed

    def pause(self, ticks: int, changed: threading.Condition, stopped: Callable[[], bool]) -> None:
        """Let `ticks` milliseconds pass. `changed` is held, and notified when `stopped` changes."""
        end = self.ticks() + ticks
        while not stopped() and (left := end - self.ticks()) > 0:
            changed.wait(self.seconds(left))
