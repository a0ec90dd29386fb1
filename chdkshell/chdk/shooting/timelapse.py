"""Rows of shots at fixed times: the n-th is due at the start plus n intervals, however long each
takes, and whatever happens to the connection meanwhile.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from chdkshell.errors import TransportError
from chdkshell.flow import NEVER, CancelToken

SOON = 0.25
"""The part of an interval that a shot may come late after a drop-out, else it waits for the next
time.
"""


class LapseClock:
    """The time by which shots are taken, in seconds."""

    def now(self) -> float:
        """Return the time."""
        return time.monotonic()

    def wait(self, seconds: float, cancel: CancelToken) -> None:
        """Return `seconds` later. Raises `Cancelled`."""
        cancel.wait(seconds)


@dataclass(frozen=True, slots=True)
class Gap:
    """A hole in the rhythm: after how many shots, how many times passed without one, and why."""

    after: int
    missed: int
    reason: str


class TimeLapse:
    """Takes `shots` shots every `interval` seconds (0: one after the other).

    `take` takes one, and gets its number from 0 on. It raises `TransportError` where the camera
    dropped off the bus; then `recover` brings it back, and the shot is tried again at the next time
    that is due. `tell` hears of every time that passes without a shot. `waiting` is told how many
    shots are taken, and the seconds until the next. Where the camera keeps the time by itself, the
    lapse is not `paced`: it waits for the time of a shot only after a drop-out.
    """

    def __init__(
        self,
        shots: int,
        interval: float,
        take: Callable[[int], None],
        recover: Callable[[TransportError], None],
        *,
        tell: Callable[[Gap], None] = lambda gap: None,
        waiting: Callable[[int, float], None] = lambda taken, seconds: None,
        paced: bool = True,
        clock: LapseClock | None = None,
    ) -> None:
        self.taken = 0
        self._shots = shots
        self._interval = interval
        self._take = take
        self._recover = recover
        self._tell = tell
        self._waiting = waiting
        self._paced = paced
        self._clock = clock or LapseClock()
        self._start = 0.0

    def run(self, cancel: CancelToken = NEVER) -> None:
        """Take all shots. Raises what `take` and `recover` raise, and `Cancelled`."""
        self._start = self._clock.now()
        slot = 0
        wait = self._paced
        while self.taken < self._shots:
            if wait:
                slot = self._wait_for(slot, cancel)
            wait = self._paced
            try:
                self._take(self.taken)
            except TransportError as error:
                self._recover(error)
                slot = self._next_slot(slot, f"the camera was gone: {error}")
                wait = True
                continue
            self.taken += 1
            slot += 1

    def _behind(self, slot: int) -> float:
        """Return how many seconds ago `slot` was due."""
        return self._clock.now() - (self._start + slot * self._interval)

    def _wait_for(self, slot: int, cancel: CancelToken) -> int:
        """Wait until `slot` is due. Returns it, or the last one where later ones are due, too."""
        cancel.check()
        behind = self._behind(slot)
        if not self._interval:
            return slot
        if behind < 0:
            self._waiting(self.taken, -behind)
            self._clock.wait(-behind, cancel)
            return slot
        missed = int(behind / self._interval)
        if missed:
            self._tell(Gap(self.taken, missed, "the shots take longer than the interval"))
        return slot + missed

    def _next_slot(self, slot: int, reason: str) -> int:
        """Return the time at which the shot that failed at `slot` is tried again."""
        behind = self._behind(slot)
        if not self._interval:
            self._tell(Gap(self.taken, 0, reason))
            return slot
        missed = 0 if behind <= SOON * self._interval else math.ceil(behind / self._interval)
        self._tell(Gap(self.taken, missed, reason))
        return slot + missed
