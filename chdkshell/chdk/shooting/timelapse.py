"""Rows of shots at fixed times: the n-th is due at the start plus n intervals, however long each
takes, and whatever happens to the connection meanwhile.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from chdkshell.errors import SeriesError, TransportError
from chdkshell.flow import NEVER, CancelToken

MAX_RETRIES = 2
"""How often a shot is tried again whose camera dropped off the bus, before the row ends."""


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

    `begin` gets the camera ready, unless it is. `take` takes one shot, and gets its number from 0
    on. They raise `TransportError` where the camera dropped off the bus; then `recover` brings it
    back, and returns whether the shot has to be taken anew: if so this happens at the next time
    that is due, else `take` goes on with it at once. No shot is tried again more than `MAX_RETRIES`
    times. `tell` hears of every time that passes without a shot. `waiting` is told how many shots
    are taken, and the seconds until the next. Where the camera keeps the time by itself, the lapse
    is not `paced`: it waits for the time of a shot only after a drop-out.
    """

    def __init__(
        self,
        shots: int,
        interval: float,
        take: Callable[[int], None],
        recover: Callable[[TransportError], bool],
        *,
        begin: Callable[[], None] = lambda: None,
        tell: Callable[[Gap], None] = lambda gap: None,
        waiting: Callable[[int, float], None] = lambda taken, seconds: None,
        paced: bool = True,
        clock: LapseClock | None = None,
    ) -> None:
        self.taken = 0
        self._shots = shots
        self._interval = interval
        self._begin = begin
        self._take = take
        self._recover = recover
        self._tell = tell
        self._waiting = waiting
        self._paced = paced
        self._clock = clock or LapseClock()
        self._start = 0.0
        self._failures = 0
        self._is_new = True
        self._reason = ""

    def run(self, cancel: CancelToken = NEVER) -> None:
        """Take all shots. Raises what `take` and `recover` raise, `SeriesError` and `Cancelled`."""
        self._get_ready()
        self._start = self._clock.now()
        slot = 0
        wait = self._paced
        while self.taken < self._shots:
            if wait:
                slot = self._wait_for(slot, cancel)
            began_anew = self._failures > 0
            if self._try(lambda: self._take(self.taken)):
                self._failures = 0
                self.taken += 1
                slot += 1
                wait = self._paced or began_anew
            else:
                self._get_ready()
                slot = self._next_slot(slot)
                wait = True

    def _get_ready(self) -> None:
        while not self._try(self._begin):
            pass

    def _try(self, step: Callable[[], None]) -> bool:
        """Do a step of the present shot. Returns whether it is done; else the camera is back.

        Raises `SeriesError` where the shot was tried often enough.
        """
        try:
            step()
        except TransportError as error:
            self._failures += 1
            self._is_new = self._recover(error)
            self._reason = f"the camera was gone: {error}"
            if self._failures > MAX_RETRIES:
                raise self._end(error) from error
            return False
        return True

    def _end(self, error: TransportError) -> SeriesError:
        number, shots = self.taken + 1, self._shots
        return SeriesError(
            f"shot {number} of {shots} was tried {self._failures} times, and each time the camera "
            f"was gone ({error}): the row ends with {self.taken} of {shots} shots",
            taken=self.taken,
        )

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

    def _next_slot(self, slot: int) -> int:
        """Return the time at which the shot that failed at `slot` goes on."""
        missed = 0
        if self._interval and self._is_new:
            missed = max(1, math.ceil(self._behind(slot) / self._interval))
        self._tell(Gap(self.taken, missed, self._reason))
        return slot + missed
