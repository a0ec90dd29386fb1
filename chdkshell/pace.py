"""A rate that is held: turns come at fixed times, however long each takes."""

from __future__ import annotations

import time
from collections.abc import Callable

from chdkshell.flow import NEVER, CancelToken

TOLERANCE = 0.25
"""The part of a period that a turn may begin late before it counts as late."""


class Pace:
    """Gives a turn every `period` seconds (0: at once), counted from the first.

    `late` counts the turns that began late, and `dropped` those that were left out because their
    whole period had passed.
    """

    def __init__(self, period: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.period = period
        self.late = 0
        self.dropped = 0
        self._clock = clock
        self._due: float | None = None

    def wait(self, cancel: CancelToken = NEVER) -> None:
        """Return when the next turn is due. Raises `Cancelled`."""
        cancel.check()
        now = self._clock()
        if self._due is None or not self.period:
            self._due = now
            return
        self._due += self.period
        behind = now - self._due
        if behind < 0:
            cancel.wait(-behind)
            return
        missed = int(behind / self.period)
        self.dropped += missed
        self._due += missed * self.period
        if now - self._due > TOLERANCE * self.period:
            self.late += 1
