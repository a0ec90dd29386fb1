"""The moment of a synchronised shot: where the steps of the cameras' tick counts lie closest.

A script goes on as a tick begins, and what is left until the shot it waits in a loop that does
nothing. The shorter that is on all cameras, the less it matters how well the loop is known.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from chdkshell.rig.clock import TickClock

_HAIR = 1e-3
"""What a tick may be short of its edge, in ms, to be counted as there."""


@dataclass(frozen=True, slots=True)
class CameraTarget:
    """When a camera is to fire: as its tick count reaches `tick`, and `left` ms after that.

    `turns` are those of an empty loop which take so long.
    """

    tick: int
    left: float
    turns: int


@dataclass(frozen=True, slots=True)
class SyncTarget:
    """The moment of a shot (`time.perf_counter`), and what it is on each camera's clock."""

    moment: float
    cameras: dict[str, CameraTarget]


def choose_target(clocks: Mapping[str, TickClock], earliest: float) -> SyncTarget:
    """Return the moment, at `earliest` or within a tick after it, with the shortest loops."""
    candidates = [_next_edge(clock, earliest) for clock in clocks.values()]
    moment = min(
        candidates,
        key=lambda moment: max(_after_edge(clock, moment) for clock in clocks.values()),
    )
    return SyncTarget(moment, {name: _target(clock, moment) for name, clock in clocks.items()})


def _next_edge(clock: TickClock, moment: float) -> float:
    """Return the first moment at or after another one at which a camera's tick begins."""
    tick = math.ceil(clock.tick_at(moment) / clock.step) * clock.step
    return clock.moment_of(tick)


def _after_edge(clock: TickClock, moment: float) -> float:
    """Return how many ms before a moment the camera's tick began."""
    return max(0.0, (clock.tick_at(moment) + _HAIR) % clock.step - _HAIR)


def _target(clock: TickClock, moment: float) -> CameraTarget:
    left = _after_edge(clock, moment)
    tick = round(clock.tick_at(moment) - left)
    return CameraTarget(tick, left, round(left * clock.loops))
