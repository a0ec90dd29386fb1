"""A camera's clock as an interval that the answers of its tick count leave."""

from __future__ import annotations

import random
import statistics
from dataclasses import dataclass, field

import pytest

from chdkshell.rig.clock import (
    MAX_DRIFT,
    OffsetInterval,
    TickClock,
    TickReading,
    offset_interval,
    tick_step,
)
from chdkshell.rig.targets import choose_target

QUESTIONS = 60


@dataclass
class Camera:
    """A clock that is known, and a link that takes its time."""

    offset: float = 123456.7
    drift: float = 0.0
    step: int = 10
    chance: random.Random = field(default_factory=lambda: random.Random(1))
    now: float = 1000.0

    def time(self, moment: float) -> float:
        return moment * 1000 * (1 + self.drift) + self.offset

    def true_offset(self, moment: float) -> float:
        return self.time(moment) - moment * 1000

    def ask(self) -> TickReading:
        self.now += self.chance.uniform(0, 0.012)
        sent = self.now
        read = sent + self.chance.uniform(0.0005, 0.004)
        self.now = read + self.chance.uniform(0.0005, 0.004)
        return TickReading(sent, int(self.time(read) // self.step) * self.step, self.now)

    def readings(self, count: int = QUESTIONS) -> list[TickReading]:
        return [self.ask() for _ in range(count)]

    def measured(self) -> OffsetInterval:
        return offset_interval(self.readings(), self.step)


@pytest.mark.parametrize("seed", range(20))
def test_the_interval_holds_the_offset_and_is_narrow(seed: int) -> None:
    chance = random.Random(seed)
    camera = Camera(chance.uniform(0, 1e6), chance.uniform(-50e-6, 50e-6), chance=chance)
    interval = camera.measured()
    assert interval.low <= camera.true_offset(interval.at) <= interval.high
    assert interval.bound < 3


def test_the_middle_is_right_within_half_a_millisecond() -> None:
    errors = []
    for seed in range(200):
        camera = Camera(seed * 3.7, chance=random.Random(seed))
        interval = camera.measured()
        errors.append(interval.offset - camera.true_offset(interval.at))
    assert statistics.pstdev(errors) < 0.5
    assert abs(statistics.mean(errors)) < 0.2


def test_it_stays_true_with_the_fastest_clock() -> None:
    camera = Camera(drift=0.9 * MAX_DRIFT)
    interval = offset_interval(camera.readings(2000), camera.step)  # some half a minute
    assert interval.low <= camera.true_offset(interval.at) <= interval.high


@pytest.mark.parametrize("jump", [-15.0, 15.0, 3600e3])
def test_a_clock_that_is_set_meanwhile_contradicts_itself(jump: float) -> None:
    camera = Camera()
    before = camera.readings()
    camera.offset += jump
    assert offset_interval([*before, *camera.readings()], camera.step).is_empty


def test_a_longer_step_than_assumed_contradicts_itself() -> None:
    camera = Camera(step=20)
    assert offset_interval(camera.readings(), 10).is_empty
    assert not offset_interval(camera.readings(), 20).is_empty


@pytest.mark.parametrize("step", [1, 10, 20])
def test_the_step_is_found_in_the_readings(step: int) -> None:
    assert tick_step(Camera(step=step).readings()) == step


@pytest.mark.parametrize("ppm", [-50, 0, 43])
def test_two_measurements_tell_the_drift(ppm: float) -> None:
    camera = Camera(drift=ppm * 1e-6)
    clock = TickClock((camera.measured(),))
    camera.now += 20
    clock = clock.narrowed(camera.measured())
    assert abs(clock.drift.ppm - ppm) <= clock.drift.bound_ppm < 200
    camera.now += 600
    clock = clock.narrowed(camera.measured())
    assert abs(clock.drift.ppm - ppm) <= clock.drift.bound_ppm < 6


def test_what_is_known_widens_with_age_and_still_holds_the_offset() -> None:
    camera = Camera(drift=50e-6)
    clock = TickClock((camera.measured(),))
    at_once, later = clock.at(camera.now), clock.at(camera.now + 60)
    assert later.bound > at_once.bound + 5
    assert later.low <= camera.true_offset(camera.now + 60) <= later.high


def test_a_clock_is_stale_once_it_may_have_drifted_too_far() -> None:
    camera = Camera()
    clock = TickClock((camera.measured(),))
    assert not clock.is_stale(camera.now + 1, 0.5)
    assert clock.is_stale(camera.now + 10, 0.5)
    camera.now += 600
    known = clock.narrowed(camera.measured())  # its drift is known now
    assert not known.is_stale(camera.now + 60, 0.5)


def test_a_clock_that_was_set_between_two_measurements_begins_anew() -> None:
    camera = Camera()
    clock = TickClock((camera.measured(),), loops=150.0)
    camera.now += 10
    assert not clock.narrowed(camera.measured()).has_stepped
    camera.offset += 40
    stepped = clock.narrowed(camera.measured())
    assert stepped.has_stepped
    assert len(stepped.measured) == 1
    assert stepped.loops == 150.0
    assert abs(stepped.at(camera.now).offset - camera.true_offset(camera.now)) < 2


def test_moments_and_ticks_lead_back_to_each_other() -> None:
    camera = Camera(drift=50e-6)
    clock = TickClock((camera.measured(),))
    moment = camera.now + 3.3
    assert clock.moment_of(clock.tick_at(moment)) == pytest.approx(moment, abs=1e-8)


def clock_with(offset: float, step: int = 10) -> TickClock:
    return TickClock((OffsetInterval(1000.0, offset, offset),), step, loops=100.0)


def test_the_target_lies_where_the_ticks_are_closest() -> None:
    clocks = {name: clock_with(offset) for name, offset in zip("abc", (1.0, 2.5, 9.0), strict=True)}
    target = choose_target(clocks, 1000.0)
    assert 0 <= target.moment - 1000.0 <= 0.01
    left = {name: camera.left for name, camera in target.cameras.items()}
    # the ticks begin 9, 7.5 and 1 ms after a full hundredth: it is the end of the densest part
    assert left == pytest.approx({"a": 2.0, "b": 3.5, "c": 0.0}, abs=0.02)


def test_each_camera_gets_its_tick_and_the_loop_that_is_left() -> None:
    clocks = {name: clock_with(3.3 * number) for number, name in enumerate("abcde")}
    target = choose_target(clocks, 1000.5)
    assert target.moment >= 1000.5
    for name, camera in target.cameras.items():
        assert camera.tick % 10 == 0
        reached = clocks[name].moment_of(camera.tick + camera.left)
        assert reached == pytest.approx(target.moment, abs=1e-5)
        assert camera.turns == round(camera.left * 100)


def test_cameras_with_different_steps() -> None:
    target = choose_target({"a": clock_with(4.0), "b": clock_with(0.4, step=1)}, 1000.0)
    assert target.cameras["a"].left == pytest.approx(0, abs=0.02)
    assert target.cameras["b"].left < 1
