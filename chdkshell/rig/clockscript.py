"""Measuring the clocks of cameras, by a script that tells its tick count."""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Mapping, MutableMapping
from typing import NamedTuple

from chdkshell.camera import Camera
from chdkshell.chdk.constants import MessageType
from chdkshell.chdk.lifesigns import LifeSigns
from chdkshell.chdk.marks import Mark
from chdkshell.chdk.scripts import Scripts
from chdkshell.errors import ChdkError
from chdkshell.flow import NEVER, CancelToken
from chdkshell.reasons import Reason
from chdkshell.rig.clock import (
    TickClock,
    TickReading,
    offset_interval,
    tick_step,
    uneven_clock,
)
from chdkshell.rig.parallel import Outcomes, each_of

QUESTIONS = 60
"""How often a camera is asked for its tick count: at so many phases of its step."""

CHECKS = 8
"""How often one is asked whose clock is known: enough to tell that it was not set meanwhile."""

MEASURE_SECONDS = 3.0
"""How long a camera is asked at most, but for `CHECKS` questions: its link may be slow."""

LONGEST_PAUSE = 0.012
"""Seconds between two questions at most; random, so that they fall on all phases of a step."""

ANSWER_SECONDS = 5.0
"""How long a script may take for an answer."""

TRIES = 3
"""How often a clock is measured whose readings contradict each other."""

AT_A_TIME = 8
"""Cameras that are measured together: more of them would wait for each other on this computer."""


def measure_clocks(
    members: Mapping[str, Camera],
    clocks: MutableMapping[str, TickClock],
    cancel: CancelToken = NEVER,
) -> Outcomes[TickClock]:
    """Measure the clocks of all cameras, some at a time; `clocks` gets what is new.

    A clock that was measured before is narrowed down, and tells its drift then.
    """
    outcomes: Outcomes[TickClock] = Outcomes()
    names = list(members)
    for start in range(0, len(names), AT_A_TIME):
        group = {name: members[name] for name in names[start : start + AT_A_TIME]}
        done = each_of(group, lambda name, camera: measure_clock(camera, clocks.get(name), cancel))
        clocks.update(done.results)
        outcomes.results.update(done.results)
        outcomes.errors.update(done.errors)
    return outcomes


def measure_clock(
    camera: Camera, known: TickClock | None = None, cancel: CancelToken = NEVER
) -> TickClock:
    """Measure the clock of one camera, and narrow down what is known of it.

    Raises `ChdkError`, `TransportError` and `Cancelled`.
    """
    scripts = camera.scripts
    scripts.start("tell_ticks()", libraries=("tick_clock",), mark=Mark.OWN)
    try:
        with LifeSigns(scripts):
            clock = ask_clock(scripts, known, QUESTIONS, cancel).clock
            with contextlib.suppress(ChdkError):
                scripts.send("end")
        scripts.wait(timeout=ANSWER_SECONDS, cancel=cancel)
    except BaseException:
        scripts.end_own()
        raise
    return clock


class AskedClock(NamedTuple):
    """A clock, and how many seconds the slowest question took with its answer."""

    clock: TickClock
    longest: float


def ask_clock(
    scripts: Scripts, known: TickClock | None, questions: int, cancel: CancelToken = NEVER
) -> AskedClock:
    """Narrow a clock down by asking the running script, which answers `t` and `c`.

    One that contradicts what was known, or was not known, is asked as often as it takes.
    """
    turns = known.loops if known else _ask_number(scripts, "c", cancel).tick / 1000
    has_stepped = False
    for _ in range(TRIES):
        readings = read_ticks(scripts, questions if known else QUESTIONS, cancel)
        longest = max(reading.received - reading.sent for reading in readings)
        step = known.step if known else tick_step(readings)
        interval = offset_interval(readings, step)
        if interval.is_empty:
            known, has_stepped = None, known is not None or has_stepped
            continue
        if known is None:
            return AskedClock(TickClock((interval,), step, turns, has_stepped), longest)
        clock = known.narrowed(interval)
        if not clock.has_stepped:
            return AskedClock(clock, longest)
        known, has_stepped = None, True
    raise uneven_clock(interval)


def read_ticks(scripts: Scripts, count: int, cancel: CancelToken = NEVER) -> list[TickReading]:
    """Ask for the tick count, at random phases of its step."""
    readings: list[TickReading] = []
    end = time.perf_counter() + MEASURE_SECONDS
    while len(readings) < count and (len(readings) < CHECKS or time.perf_counter() < end):
        cancel.wait(random.uniform(0, LONGEST_PAUSE))
        readings.append(_ask_number(scripts, "t", cancel))
    return readings


def _ask_number(scripts: Scripts, question: str, cancel: CancelToken) -> TickReading:
    """Send a message, and return the number that the script answers with the times of both."""
    sent = time.perf_counter()
    scripts.send(question)
    while True:
        message = scripts.read_message()
        received = time.perf_counter()
        if message is None:
            cancel.check()
            if received - sent > ANSWER_SECONDS:
                raise ChdkError("the script does not tell the time", reason=Reason.NO_ANSWER)
        elif message.type is MessageType.ERROR:
            raise scripts.error_of(message)
        elif message.type is MessageType.USER and type(value := message.value) is int:
            return TickReading(sent, value, received)
