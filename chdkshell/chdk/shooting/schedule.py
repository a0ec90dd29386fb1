"""The times of a series of shots: the n-th is due at the start plus n intervals, however long each
takes, and whatever happens to the connection meanwhile.
"""

from __future__ import annotations

import math
import time

from chdkshell.flow import CancelToken


class LapseClock:
    """The time by which shots are taken, in seconds."""

    def now(self) -> float:
        """Return the time."""
        return time.monotonic()

    def wait(self, seconds: float, cancel: CancelToken) -> None:
        """Return `seconds` later. Raises `Cancelled`."""
        cancel.wait(seconds)


class Schedule:
    """Which time of a series is the next. `interval` is in seconds; with 0 a shot is always due."""

    def __init__(self, interval: float, clock: LapseClock) -> None:
        self._interval = interval
        self._clock = clock
        self._start = clock.now()
        self._next = 0

    def start(self) -> None:
        """The first shot is due now."""
        self._start = self._clock.now()

    def advance(self) -> None:
        """The shot of the present time was taken."""
        self._next += 1

    @property
    def seconds_left(self) -> float:
        """Seconds until the next shot is due, 0 where it is."""
        return max(0.0, -self._behind()) if self._interval else 0.0

    def skip_passed(self) -> int:
        """Go to the last time that is due. Returns how many passed before it without a shot."""
        return self._skip(math.floor(self._behind() / self._interval) if self._interval else 0)

    def skip_failed(self) -> int:
        """Go to the time at which a failed shot is taken anew. Returns how many passed by then."""
        if not self._interval:
            return 0
        return self._skip(max(1, math.ceil(self._behind() / self._interval)))

    def _skip(self, times: int) -> int:
        missed = max(0, times)
        self._next += missed
        return missed

    def _behind(self) -> float:
        """Return how many seconds ago the next shot was due."""
        return self._clock.now() - (self._start + self._next * self._interval)
