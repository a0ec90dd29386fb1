"""The clock of this computer by which those of cameras are measured."""

from __future__ import annotations

import time

import pytest
from support.sync_rig import sync_rig

from chdkshell.rig import clockscript
from chdkshell.rig.clockscript import measure_clock

STEP = 0.016
"""Seconds by which `time.monotonic` goes on at once on Windows, before Python 3.13."""


def test_a_clock_is_measured_by_one_that_does_not_go_in_steps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(clockscript, "QUESTIONS", 40)
    monkeypatch.setattr(time, "monotonic", lambda: time.perf_counter() // STEP * STEP)
    with sync_rig(1) as (sim,):
        clock = measure_clock(sim.camera)
        before = time.perf_counter()
        ticks = sim.sim.state.clock.exact_ticks()
        after = time.perf_counter()
    known = clock.at(before)
    assert known.low - 1e-6 <= ticks - before * 1000
    assert ticks - after * 1000 <= known.high + 1e-6
