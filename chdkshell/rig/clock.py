"""A camera's tick count against this computer's clock, as an interval that it must lie in.

A script on the camera answers a question with its tick count. The answer was read between the
moment before the question was sent and the moment after it came, and the count goes on in steps:
so each answer bounds the camera's clock from both sides, whatever the link did meanwhile. Answers
at random phases of the step cut the interval down to little more than what a message takes.

Host times are seconds of `time.perf_counter`: on Windows `time.monotonic` goes on in steps of 16 ms
before Python 3.13, elsewhere both are one clock. The camera's time is in milliseconds, and an
offset is the camera's clock less the host's, in milliseconds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

from chdkshell.errors import ChdkError
from chdkshell.reasons import Reason

MAX_DRIFT = 200e-6
"""How much faster or slower than this computer's a camera's clock may run: its quartz, and ours."""

KEPT_MEASUREMENTS = 8
"""Measurements that a clock remembers: the first and the last ones."""

TICK_MS = 10
"""The step of a camera's tick count, where its readings do not tell another."""


@dataclass(frozen=True, slots=True)
class TickReading:
    """A tick count that was read on the camera between two moments of the host."""

    sent: float
    tick: int
    received: float


@dataclass(frozen=True, slots=True)
class OffsetInterval:
    """An interval in ms that a camera's offset lies in at the host's moment `at`."""

    at: float
    low: float
    high: float

    @property
    def offset(self) -> float:
        """The middle of the interval."""
        return (self.low + self.high) / 2

    @property
    def bound(self) -> float:
        """How far the offset can be from the middle at most."""
        return (self.high - self.low) / 2

    @property
    def is_empty(self) -> bool:
        """Whether no offset can be: what the interval was made of contradicts itself."""
        return self.low > self.high

    def meet(self, other: OffsetInterval) -> OffsetInterval:
        """Return what both allow; they have to be of the same moment."""
        return OffsetInterval(self.at, max(self.low, other.low), min(self.high, other.high))


@dataclass(frozen=True, slots=True)
class DriftInterval:
    """An interval that a clock's drift lies in: its ms beyond the host's, for each ms of that."""

    low: float = -MAX_DRIFT
    high: float = MAX_DRIFT

    @property
    def ppm(self) -> float:
        """The middle, in millionths."""
        return (self.low + self.high) / 2 * 1e6

    @property
    def bound_ppm(self) -> float:
        """How far the drift can be from the middle at most, in millionths."""
        return (self.high - self.low) / 2 * 1e6

    def carry(self, interval: OffsetInterval, at: float) -> OffsetInterval:
        """Return what an offset of one moment says of another."""
        passed = (at - interval.at) * 1000
        low, high = sorted((self.low * passed, self.high * passed))
        return OffsetInterval(at, interval.low + low, interval.high + high)


def tick_step(readings: Sequence[TickReading]) -> int:
    """Return the step of the tick count in ms: what all readings are multiples of, but for one.

    Few readings may show a multiple of it: an interval made with that is too wide, and still true.
    """
    first = readings[0].tick
    step = math.gcd(*(reading.tick - first for reading in readings))
    return step or TICK_MS


def offset_interval(readings: Sequence[TickReading], step: int) -> OffsetInterval:
    """Return the interval that readings leave for the offset, at the moment of the last one.

    It is empty where the clock was set meanwhile, runs too unevenly, or has a longer step.
    """
    at = readings[-1].received
    drift = DriftInterval()
    result = OffsetInterval(at, -math.inf, math.inf)
    for reading in readings:
        earliest = OffsetInterval(
            reading.received, reading.tick - reading.received * 1000, math.inf
        )
        latest = OffsetInterval(reading.sent, -math.inf, reading.tick + step - reading.sent * 1000)
        result = result.meet(drift.carry(earliest, at)).meet(drift.carry(latest, at))
    return result


@dataclass(frozen=True, slots=True)
class TickClock:
    """What is known of a camera's clock: intervals that were measured, one after the other.

    `step` is that of the tick count in ms. `loops` is how many turns of an empty loop the camera's
    Lua makes in a ms. `has_stepped`: the last measurement contradicted those before it, which were
    forgotten: the clock was set, or the camera was off.
    """

    measured: tuple[OffsetInterval, ...]
    step: int = TICK_MS
    loops: float = 0.0
    has_stepped: bool = False

    @property
    def drift(self) -> DriftInterval:
        """How much faster or slower the clock runs than the host's: each pair narrows it down."""
        low, high = -MAX_DRIFT, MAX_DRIFT
        for index, later in enumerate(self.measured):
            for earlier in self.measured[:index]:
                passed = (later.at - earlier.at) * 1000
                if passed > 0:
                    low = max(low, (later.low - earlier.high) / passed)
                    high = min(high, (later.high - earlier.low) / passed)
        return DriftInterval(low, high)

    def at(self, moment: float) -> OffsetInterval:
        """Return the offset at a moment of the host: wider the longer no measurement was made."""
        drift = self.drift
        result = drift.carry(self.measured[-1], moment)
        for interval in self.measured[:-1]:
            result = result.meet(drift.carry(interval, moment))
        return result

    def tick_at(self, moment: float) -> float:
        """Return the camera's time at a moment of the host, in ms: the middle of what it may be."""
        return moment * 1000 + self.at(moment).offset

    def moment_of(self, tick: float) -> float:
        """Return the moment of the host at which the camera's clock shows a time in ms."""
        moment = (tick - self.measured[-1].offset) / 1000
        return moment - (self.tick_at(moment) - tick) / 1000

    def age(self, now: float) -> float:
        """Return for how many seconds no measurement was made."""
        return now - self.measured[-1].at

    def is_stale(self, now: float, bound: float) -> bool:
        """Whether the offset may be farther than `bound` ms from what was last measured.

        That is told apart from the bound of the measurement itself, which another one would have.
        """
        drift = self.drift
        unknown = (drift.high - drift.low) / 2
        return self.age(now) * 1000 * unknown > bound

    def narrowed(self, interval: OffsetInterval) -> Self:
        """Return the clock after one more measurement.

        Where it contradicts those before it, these are forgotten.
        """
        together = self.at(interval.at).meet(interval)
        if together.is_empty:
            return replace(self, measured=(interval,), has_stepped=True)
        kept = (*self.measured, interval)
        if len(kept) > KEPT_MEASUREMENTS:
            kept = (kept[0], *kept[-KEPT_MEASUREMENTS + 1 :])
        narrowed = replace(self, measured=kept, has_stepped=False)
        if narrowed.drift.low > narrowed.drift.high or narrowed.at(interval.at).is_empty:
            return replace(self, measured=(interval,), has_stepped=True)
        return narrowed


def uneven_clock(interval: OffsetInterval) -> ChdkError:
    """Return the error for readings that contradict each other."""
    return ChdkError(
        "the camera's clock does not run evenly: "
        f"what it shows contradicts itself by {interval.low - interval.high:.1f} ms",
        reason=Reason.CLOCK_UNEVEN,
    )
