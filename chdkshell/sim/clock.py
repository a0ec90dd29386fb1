"""The simulated camera's time, which may run faster than the host's."""

from __future__ import annotations

import calendar
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class _Course:
    """How the clock runs since it was last changed, replaced as a whole: other threads read it."""

    speed: float
    since: float
    ticks_then: float

    def ticks(self, now: float) -> float:
        return self.ticks_then + (now - self.since) * 1000 * self.speed


class Clock:
    """The camera's time. Everything that waits in the simulator waits through it.

    `speed` is how much faster than real time it runs, and can be changed; tests use that. A clock
    that is a little fast or slow has one near 1. `uptime` is for how many seconds the camera has
    been on.
    """

    def __init__(self, speed: float = 1.0, uptime: float = 1.0) -> None:
        self._course = _Course(speed, time.perf_counter(), 1000.0 * uptime)
        self._offset = 0.0

    @property
    def speed(self) -> float:
        """How much faster than real time the clock runs. What waits already goes on waiting."""
        return self._course.speed

    @speed.setter
    def speed(self, speed: float) -> None:
        now = time.perf_counter()
        self._course = _Course(speed, now, self._course.ticks(now))

    def ticks(self) -> int:
        """Return the tick count: milliseconds since the camera was switched on."""
        return int(self.exact_ticks())

    def exact_ticks(self) -> float:
        """Return what `ticks` does, with the fraction of its millisecond."""
        return self._course.ticks(time.perf_counter())

    def advance(self, ticks: int) -> None:
        """Let `ticks` milliseconds pass at once. Whatever waits has to be woken; tests use that."""
        course, now = self._course, time.perf_counter()
        self._course = _Course(course.speed, now, course.ticks(now) + ticks)

    def now(self) -> int:
        """Return the local time, as seconds since 1970 as if that clock showed UTC."""
        return int(self.exact_now())

    def exact_now(self) -> float:
        """Return the local time as `now` does, with the fraction of its second."""
        return _host_now() + self._offset

    def set(self, local: int) -> None:
        """Set the local time. Its second begins at this moment."""
        self._offset = local - _host_now()

    def seconds(self, ticks: float) -> float:
        """Return how long `ticks` milliseconds of the camera last, in real seconds."""
        return ticks / 1000 / self.speed

    def sleep(self, ticks: int) -> None:
        """Let `ticks` milliseconds pass, few enough that nothing has to end them."""
        time.sleep(self.seconds(ticks))

    def pause(
        self, ticks: float, changed: threading.Condition, stopped: Callable[[], bool]
    ) -> None:
        """Let `ticks` milliseconds pass. `changed` is held, and notified when `stopped` changes."""
        self.pause_until(self.exact_ticks() + ticks, changed, stopped)

    def pause_until(
        self, end: float, changed: threading.Condition, stopped: Callable[[], bool]
    ) -> None:
        """Let time pass up to the tick `end`, else as `pause`."""
        while not stopped() and (left := end - self.exact_ticks()) > 0:
            changed.wait(self.seconds(left))


def _host_now() -> float:
    """Return the host's local time as `Clock.exact_now` returns the camera's."""
    seconds = time.time()
    return calendar.timegm(time.localtime(seconds)) + seconds % 1
