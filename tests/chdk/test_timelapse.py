"""Series of shots keep their rhythm, over drop-outs too."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from support.hand_clock import HandClock
from support.shooting_shell import shooting_shell

from chdkshell.camera import Camera
from chdkshell.chdk.shooting import series
from chdkshell.chdk.shooting.schedule import LapseClock
from chdkshell.chdk.shooting.series import ConnectedCamera, ShotListener, ShotSeries
from chdkshell.errors import Cancelled, DisconnectedError, SeriesError
from chdkshell.flow import NEVER, CancelToken, Progress
from chdkshell.sim.clock import Clock
from chdkshell.sim.imaging import pictures
from chdkshell.sim.shot import Shot
from chdkshell.sim.state import CameraState


class Gaps(ShotListener):
    """Collects the gaps of a series: after how many shots, how many times passed, and why."""

    def __init__(self) -> None:
        self.gaps: list[tuple[int, int, str]] = []

    def warn(self, text: str) -> None:
        gap = re.fullmatch(r"gap after shot (\d+)(?:: (\d+) shot times? passed)? \((.*)\)", text)
        if gap:
            self.gaps.append((int(gap[1]), int(gap[2] or 0), gap[3]))
        else:
            assert text == "the camera is gone: the camera went away; looking for it"


class Row(ShotSeries):
    """Shots that take `seconds` each; `gone` names the tries at which the camera is not there."""

    def __init__(
        self, shots: int, interval: float, seconds: float = 0.2, cancel: CancelToken = NEVER
    ) -> None:
        self.clock = HandClock()
        self.listener = Gaps()
        super().__init__(
            cast(ConnectedCamera, self),
            shots,
            interval,
            listener=self.listener,
            cancel=cancel,
            clock=self.clock,
        )
        self.seconds = seconds
        self.gone: dict[int, float] = {}
        self.is_anew = True
        self.times: list[float] = []
        self.numbers: list[int] = []
        self.tries = 0
        self._away = 0.0

    @property
    def gaps(self) -> list[tuple[int, int]]:
        return [gap[:2] for gap in self.listener.gaps]

    def run(self) -> None:
        self._take_all()

    def _get_ready(self) -> None: ...

    def _take_shot(self, number: int) -> None:
        self.tries += 1
        if self.tries in self.gone:
            self._away = self.gone[self.tries]
            raise DisconnectedError("the camera went away")
        self.times.append(self.clock.time - 1000.0)
        self.numbers.append(number)
        self.clock.time += self.seconds

    def reconnect(self, wait: float, cancel: CancelToken, progress: Progress) -> None:
        self.clock.time += self._away

    def _after_drop_out(self) -> bool:
        return self.is_anew


def test_shots_are_counted_from_the_first_not_from_the_last() -> None:
    row = Row(1000, 10, seconds=3.7)
    row.run()
    assert row.times == [10.0 * n for n in range(1000)]
    assert row.numbers == list(range(1000))
    assert row.gaps == []


def test_a_drop_out_costs_the_times_that_passed_and_no_shot() -> None:
    row = Row(6, 10)
    row.gone = {3: 25.0}
    row.run()
    assert row.times == [0, 10, 50, 60, 70, 80]
    assert row.numbers == [0, 1, 2, 3, 4, 5]
    assert row.gaps == [(2, 3)]
    assert "went away" in row.listener.gaps[0][2]


def test_a_shot_is_taken_anew_an_interval_later_also_where_the_camera_is_back_soon() -> None:
    row = Row(4, 10)
    row.gone = {2: 1.5}
    row.run()
    assert row.times == [0, 20, 30, 40]
    assert [missed for _, missed in row.gaps] == [1]


def test_a_shot_that_was_taken_goes_on_at_once() -> None:
    row = Row(4, 10)
    row.gone, row.is_anew = {2: 1.5}, False
    row.run()
    assert row.times == [0, 11.5, 20, 30]
    assert [missed for _, missed in row.gaps] == [0]


def test_a_shot_is_tried_three_times_in_all_and_the_next_one_again() -> None:
    row = Row(4, 10)
    row.gone = {2: 0.5, 3: 0.5, 5: 0.5, 6: 0.5}
    row.run()
    assert row.times == [0, 30, 60, 70]


@pytest.mark.parametrize("interval", [0, 10])
def test_a_row_ends_where_each_try_of_a_shot_loses_the_camera(interval: int) -> None:
    row = Row(4, interval)
    row.gone = dict.fromkeys(range(2, 99), 0.5)
    with pytest.raises(SeriesError) as caught:
        row.run()
    assert str(caught.value) == (
        "shot 2 of 4 was tried 3 times, and each time the camera was gone (the camera went away): "
        "the row ends with 1 of 4 shots"
    )
    assert (caught.value.taken, row.numbers, row.tries) == (1, [0], 4)
    assert row.clock.time - 1000 >= 3 * interval


def test_shots_that_take_too_long_are_told_and_stay_on_the_grid() -> None:
    row = Row(4, 1, seconds=2.5)
    row.run()
    assert row.times == [0, 2.5, 5, 7.5]
    assert [missed for _, missed in row.gaps] == [1, 2, 1]


def test_no_interval_means_one_after_the_other() -> None:
    row = Row(3, 0, seconds=0.5)
    row.run()
    assert row.times == [0, 0.5, 1.0]


def test_cancelling_ends_it_between_two_shots() -> None:
    cancel = CancelToken()
    cancel.set()
    row = Row(5, 10, cancel=cancel)
    with pytest.raises(Cancelled):
        row.run()
    assert row.times == []


class SharedClock(Clock):
    """The camera's clock: it moves when the host waits, when a test says so, and in the short waits
    of scripts between shots; not while host and camera wait for each other.
    """

    def __init__(self) -> None:
        super().__init__()
        self.milliseconds = 1000
        self.state: CameraState | None = None

    def ticks(self) -> int:
        return self.milliseconds

    def exact_ticks(self) -> float:
        return self.milliseconds

    def seconds(self, ticks: float) -> float:
        shutter = None if self.state is None else self.state.shutter
        is_busy = shutter is not None and (
            shutter._asked != shutter._done
            or (shutter._focused_at is not None and not shutter._ready)
        )
        if ticks > 1000 or is_busy:
            return super().seconds(ticks)
        self.milliseconds += int(ticks)
        return 0

    def pause(
        self, ticks: float, changed: threading.Condition, stopped: Callable[[], bool]
    ) -> None:
        """Take no time: the test adds that of the whole shot while the host waits for it."""


class SharedLapseClock(LapseClock):
    """The host's side of a `SharedClock`. `on_wait` is called with the number of each wait."""

    def __init__(self, clock: SharedClock, on_wait: Callable[[int], None]) -> None:
        self._clock = clock
        self._on_wait = on_wait
        self._waits = 0

    def now(self) -> float:
        return self._clock.milliseconds / 1000

    def wait(self, seconds: float, cancel: CancelToken) -> None:
        cancel.check()
        self._clock.milliseconds += round(seconds * 1000)
        self._waits += 1
        self._on_wait(self._waits)


SHOTS = 2000
INTERVAL = 5
DROP_OUTS = (300, 1001, 1702)
RESTART_MS = 12_000
"""How long the camera is away."""


@pytest.mark.slow
def test_two_thousand_shots_with_three_drop_outs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SharedClock()
    taken: list[Shot] = []
    reconnect = Camera.reconnect
    monkeypatch.setattr(pictures, "jpeg", lambda state, shot: b"\xff\xd8\xff\xd9")

    def reconnect_later(camera: Camera, *args: Any, **named: Any) -> None:
        clock.milliseconds += RESTART_MS
        reconnect(camera, *args, **named)

    with shooting_shell(tmp_path / "card", clock=clock) as shell:
        state = clock.state = shell.sim.state
        develop = state.on_shoot
        assert develop is not None

        def on_shoot(shot: Shot) -> None:
            taken.append(shot)
            clock.milliseconds += 500 + shot.number % 7 * 100
            develop(shot)

        def drop_out(wait: int) -> None:
            if wait in DROP_OUTS:
                state.power_off()

        state.on_shoot = on_shoot
        monkeypatch.setattr(Camera, "reconnect", reconnect_later)
        monkeypatch.setattr(series, "LapseClock", lambda: SharedLapseClock(clock, drop_out))
        ok, _, warnings = shell.try_(f"rcapture -shots={SHOTS} -int={INTERVAL} {tmp_path}/out/")
    assert ok, warnings[-10:]
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == [f"IMG_{number:04d}.jpg" for number in range(1, SHOTS + 1)]
    assert [shot.number for shot in taken] == list(range(1, SHOTS + 1))
    # Every shot lies as far behind its time as the first, but for the keys: nothing adds up.
    phases = {shot.ticks % (INTERVAL * 1000) for shot in taken}
    assert max(phases) - min(phases) < 500
    gaps = [line for line in warnings if "gap after shot" in line]
    assert len(gaps) == len(DROP_OUTS)
    assert all("3 shot times passed" in line for line in gaps)


def test_a_shot_that_is_cut_off_is_taken_again(tmp_path: Path) -> None:
    with shooting_shell(tmp_path / "card") as shell:
        state = shell.sim.state
        develop = state.on_shoot
        assert develop is not None

        def on_shoot(shot: Shot) -> None:
            if shot.number == 2:
                state.power_off()
            else:
                develop(shot)

        state.on_shoot = on_shoot
        ok, _, warnings = shell.try_(f"rcapture -shots=3 -int=0.1 {tmp_path}/out/")
    assert ok
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["IMG_0001.jpg", "IMG_0003.jpg", "IMG_0004.jpg"]
    assert any("gap after shot 1" in line for line in warnings)


def test_shots_to_the_card_are_not_doubled_by_a_drop_out(tmp_path: Path) -> None:
    with shooting_shell(tmp_path / "card") as shell:
        state = shell.sim.state
        develop = state.on_shoot
        assert develop is not None

        def on_shoot(shot: Shot) -> None:
            develop(shot)
            if shot.number == 2:
                state.power_off()

        state.on_shoot = on_shoot
        ok, out, _ = shell.try_(f"shoot -shots=3 -dl={tmp_path}/out/")
    assert ok
    assert state.shots == 3
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["IMG_0001.JPG", "IMG_0002.JPG", "IMG_0003.JPG"]
    assert len(out) == 3
