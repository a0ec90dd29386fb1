"""Time on the camera: the steps of its tick count, its rate, and how long a script sleeps."""

from __future__ import annotations

import time

from chdkshell.selftest.bench import Bench
from chdkshell.selftest.checks import Trial
from chdkshell.selftest.outcomes import require

TICK_MS = 10
"""What the tick count of all cameras so far goes on by, at most."""

STEPS = 20
"""Steps of the tick count that are looked at."""

RATE_SECONDS = 1.0
RATE_TOLERANCE = 0.02

SLEEPS_MS = (10, 50, 200)
SLEEP_LATE_MS = 100
"""How much later than asked for a script may go on. The quickest of some tries counts."""

TRIES = 3


def step(bench: Bench) -> str:
    """The tick count goes on in small steps."""
    code = f"""local steps,last={{}},get_tick_count()
for _=1,{STEPS} do
local now repeat now=get_tick_count() until now~=last
steps[#steps+1]=now-last last=now
end
table.sort(steps)
return steps[1],steps[{STEPS // 2}]"""
    shortest, median = bench.numbers(code, 2)
    require(1 <= shortest <= TICK_MS, f"steps of {shortest} ms", f"1 to {TICK_MS} ms")
    bench.measured.update(shortest_ms=shortest, median_ms=median)
    return f"steps of {shortest} ms"


def rate(bench: Bench) -> str:
    """The tick count is true: it goes on by 1000 in a second of this computer."""
    times: list[tuple[float, int, float]] = []
    for pause in (0.0, RATE_SECONDS):
        bench.cancel.wait(pause)
        before = time.perf_counter()
        ticks = bench.number("return get_tick_count()")
        times.append((before, ticks, time.perf_counter()))
    (before, first, after), (later_before, second, later_after) = times
    # It was read at some time between the call and its answer.
    least = (later_before - after) * (1 - RATE_TOLERANCE) * 1000 - TICK_MS
    most = (later_after - before) * (1 + RATE_TOLERANCE) * 1000 + TICK_MS
    ticks = second - first
    seconds = (later_before - before + later_after - after) / 2
    require(
        least <= ticks <= most,
        f"it went on by {ticks} in {seconds:.2f} s",
        f"{least:.0f} to {most:.0f}",
    )
    bench.measured["ticks_per_s"] = round(ticks / seconds)
    return f"it went on by {ticks} in {seconds:.2f} s"


def sleeping(bench: Bench) -> str:
    """sleep takes as long as it was told to."""
    late = []
    for wanted in SLEEPS_MS:
        code = f"local t=get_tick_count() sleep({wanted}) return get_tick_count()-t"
        slept = [bench.number(code) for _ in range(TRIES)]
        shortest = min(slept)
        require(
            wanted - TICK_MS <= shortest <= wanted + SLEEP_LATE_MS,
            f"sleep({wanted}) took {shortest} ms",
            f"{wanted} to {wanted + SLEEP_LATE_MS}",
        )
        late.append(shortest - wanted)
        bench.measured[f"sleep_{wanted}_ms"] = shortest
    return f"{min(late):+d} to {max(late):+d} ms, from {SLEEPS_MS[0]} to {SLEEPS_MS[-1]} ms"


CHECKS = (
    Trial("tick step", "steps of 10 ms or less", step),
    Trial("tick rate", "1000 ticks in a second", rate),
    Trial("sleep", "it takes the time that was asked for", sleeping),
)
