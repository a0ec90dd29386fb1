"""Shots that several cameras take at the same moment, to their cards and to this computer."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.sync_rig import (
    SyncSim,
    cameras,
    check_at_rest,
    check_kept,
    check_true,
    sync_rig,
    to_card,
    to_host,
)

from chdkshell.chdk.shooting.cardpictures import CardShotSettings
from chdkshell.chdk.shooting.exposure import Exposure
from chdkshell.errors import HostFileError, UsageError
from chdkshell.reasons import Reason
from chdkshell.rig import clockscript, syncshot
from chdkshell.rig.clock import OffsetInterval, TickClock
from chdkshell.rig.syncreport import SyncListener, SyncRequest, SyncShot
from chdkshell.rig.syncshot import synchronised_shoot


@pytest.fixture(autouse=True)
def _few_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clockscript, "QUESTIONS", 10)
    monkeypatch.setattr(clockscript, "CHECKS", 2)
    monkeypatch.setattr(syncshot, "SPARE_SECONDS", 0.5)  # computers that test are busy


@pytest.fixture
def rig() -> Iterator[list[SyncSim]]:
    with sync_rig() as sims:
        yield sims


def test_pictures_go_to_the_cards_and_come_here(rig: list[SyncSim], tmp_path: Path) -> None:
    request = to_card(rig, tmp_path, shots=2, remove=True)
    report = synchronised_shoot(cameras(rig), request)
    assert report.problems == []
    assert [sim.shots for sim in rig] == [2, 2, 2]
    for number, shot in enumerate(report.shots, 1):
        assert shot.number == number
        assert shot.target is not None
        assert len(shot.fired) == 3
        for camera in shot.cameras.values():
            assert camera.count == rig[0].sim.state.exposure_count - 2 + number
            assert camera.removed
            assert [path.name.startswith(f"{camera.camera}-IMG_") for path in camera.downloads]
    assert len(list(tmp_path.iterdir())) == 6
    check_kept(report, rig, tmp_path)
    check_at_rest(rig)


def test_remote_captures(rig: list[SyncSim], tmp_path: Path) -> None:
    report = synchronised_shoot(cameras(rig), to_host(rig, tmp_path))
    assert report.problems == []
    assert [sim.shots for sim in rig] == [1, 1, 1]
    assert sorted(path.name[:2] for path in tmp_path.iterdir()) == ["c1", "c2", "c3"]
    assert all(len(shot.captured) == 1 for shot in report.shots[0].cameras.values())
    check_kept(report, rig, tmp_path)
    check_at_rest(rig)


def test_what_is_reported_agrees_with_the_shutters(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with sync_rig(shutter_log=log) as rig:
        report = synchronised_shoot(cameras(rig), SyncRequest())
        opened = {
            f"c{int(line.split()[1][3:])}": int(line.split()[0]) / 1e6
            for line in log.read_text().splitlines()
        }
    (shot,) = report.shots
    assert shot.target is not None
    assert shot.spread is not None
    assert shot.spread_bound is not None
    for name, camera in shot.cameras.items():
        late = opened[name] - shot.target * 1000
        assert camera.lateness is not None
        assert camera.earliest is not None
        assert camera.earliest <= camera.lateness
        assert camera.earliest <= late  # the shutter opens after the key went down
    assert shot.spread <= shot.spread_bound


def test_the_clocks_that_are_known_are_used_and_kept(rig: list[SyncSim]) -> None:
    clocks: dict[str, TickClock] = {}
    synchronised_shoot(cameras(rig), SyncRequest(), clocks=clocks)
    assert set(clocks) == {"c1", "c2", "c3"}
    before = {name: len(clock.measured) for name, clock in clocks.items()}
    synchronised_shoot(cameras(rig), SyncRequest(), clocks=clocks)
    assert all(len(clocks[name].measured) == before[name] + 1 for name in clocks)


def test_a_clock_that_steps_is_measured_anew(rig: list[SyncSim]) -> None:
    clocks: dict[str, TickClock] = {}
    synchronised_shoot(cameras(rig), SyncRequest(), clocks=clocks)
    rig[1].sim.state.clock.advance(7000)
    report = synchronised_shoot(cameras(rig), SyncRequest(), clocks=clocks)
    assert report.problems == []
    assert clocks["c2"].has_stepped
    assert not clocks["c1"].has_stepped
    late = [shot.lateness for shot in report.shots[0].cameras.values()]
    assert all(lateness is not None and abs(lateness) < 1000 for lateness in late)
    assert [sim.shots for sim in rig] == [2, 2, 2]


def test_the_shot_is_taken_at_the_time_that_is_asked_for(rig: list[SyncSim]) -> None:
    at = time.perf_counter() + 2
    report = synchronised_shoot(cameras(rig), SyncRequest(at=at))
    (shot,) = report.shots
    assert shot.target is not None
    assert shot.target >= at


def test_a_series_keeps_its_interval(rig: list[SyncSim]) -> None:
    report = synchronised_shoot(cameras(rig), SyncRequest(shots=2, interval=1.5))
    targets = [shot.target for shot in report.shots if shot.target is not None]
    assert len(targets) == 2
    assert targets[1] - targets[0] >= 1.5


def test_settings_are_put_back(rig: list[SyncSim]) -> None:
    for sim in rig:
        sim.sim.state.raw = False
    settings = CardShotSettings(Exposure.of(shutter=1 / 250, distance=1500), raw=True)
    report = synchronised_shoot(cameras(rig), SyncRequest(settings))
    assert report.problems == []
    for sim in rig:
        shot = sim.sim.state.last_shot
        assert shot is not None
        assert (shot.tv96, shot.focus) == (765, 1500)
        assert not sim.sim.state.raw
        assert not sim.sim.state.manual_focus
    assert all(len(shot.pictures) == 2 for shot in report.shots[0].cameras.values())


def test_one_camera_measures_the_exposure_for_all(rig: list[SyncSim]) -> None:
    for number, sim in enumerate(rig):
        sim.sim.state.bv96 = 300 + 100 * number
    report = synchronised_shoot(cameras(rig), SyncRequest(lock="c2"))
    assert report.problems == []
    assert report.locked is not None
    taken = [sim.sim.state.last_shot for sim in rig]
    values = [(shot.tv96, shot.av96, shot.sv96, shot.nd) for shot in taken if shot is not None]
    assert len(values) == 3
    assert len(set(values)) == 1
    assert values[0][0] == report.locked.tv
    assert [sim.sim.state.manual_focus for sim in rig] == [False] * 3


def test_what_is_asked_for_goes_before_what_is_measured(rig: list[SyncSim]) -> None:
    wanted = CardShotSettings(Exposure.of(shutter=1 / 30))
    report = synchronised_shoot(cameras(rig), SyncRequest(wanted, lock="c1"))
    assert report.locked is not None
    assert report.locked.tv == wanted.exposure.tv
    assert report.locked.sv is not None


def test_nobody_shoots_unless_all_get_ready(rig: list[SyncSim], tmp_path: Path) -> None:
    rig[2].camera.switch_mode(False)
    report = synchronised_shoot(cameras(rig), to_card(rig, tmp_path))
    (shot,) = report.shots
    assert shot.called_off is not None
    assert shot.called_off.reason is Reason.NOT_ALL_READY
    problem = shot.cameras["c3"].problem
    assert problem is not None
    assert problem.reason is Reason.NOT_RECORDING
    assert [sim.shots for sim in rig] == [0, 0, 0]
    assert [camera.fired for camera in shot.cameras.values()] == [False] * 3
    check_at_rest(rig)


def test_as_many_as_are_wanted_shoot(rig: list[SyncSim], tmp_path: Path) -> None:
    rig[2].camera.switch_mode(False)
    report = synchronised_shoot(cameras(rig), to_card(rig, tmp_path, minimum=2))
    assert report.shots[0].called_off is None
    assert [sim.shots for sim in rig] == [1, 1, 0]
    check_true(report, rig)
    check_kept(report, rig, tmp_path)


@pytest.mark.parametrize("destination", [to_card, to_host])
def test_a_full_card(rig: list[SyncSim], tmp_path: Path, destination: type) -> None:
    """Nobody shoots; a remote capture needs no card."""
    rig[0].sim.card.capacity = 0
    report = synchronised_shoot(cameras(rig), destination(rig, tmp_path))
    problem = report.shots[0].cameras["c1"].problem
    if destination is to_card:
        assert problem is not None
        assert problem.reason is Reason.CARD_FULL
    assert [sim.shots for sim in rig] == ([0] * 3 if destination is to_card else [1] * 3)
    check_true(report, rig)
    check_at_rest(rig)


def test_a_series_ends_that_nobody_can_take(rig: list[SyncSim]) -> None:
    rig[0].camera.switch_mode(False)
    report = synchronised_shoot(cameras(rig), SyncRequest(shots=100))
    assert len(report.shots) == 3
    assert [sim.shots for sim in rig] == [0, 0, 0]


def test_the_usb_line_fires_all(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with sync_rig(shutter_log=log) as rig:
        edges = []

        def trigger() -> None:
            edges.append(time.perf_counter_ns())
            for sim in rig:
                sim.sim.state.power_usb(False)
                sim.sim.state.power_usb(True)

        report = synchronised_shoot(cameras(rig), SyncRequest(edge=True, trigger=trigger))
        opened = [int(line.split()[0]) for line in log.read_text().splitlines()]
        check_at_rest(rig)
    assert report.problems == []
    assert len(edges) == 1
    assert len(opened) == 3
    assert min(opened) > edges[0]
    assert all(shot.fired and shot.lateness is None for shot in report.shots[0].cameras.values())


def test_a_trigger_that_fails_is_told(rig: list[SyncSim]) -> None:
    warnings: list[str] = []

    class Listener(SyncListener):
        def warn(self, text: str) -> None:
            warnings.append(text)
            for sim in rig:
                sim.sim.state.power_usb(False)

    def trigger() -> None:
        raise HostFileError("cannot run it")

    request = SyncRequest(edge=True, trigger=trigger)
    report = synchronised_shoot(cameras(rig), request, listener=Listener())
    assert warnings == ["the trigger: cannot run it"]
    assert [sim.shots for sim in rig] == [1, 1, 1]
    check_true(report, rig)


def test_a_listener_hears_of_each_shot(rig: list[SyncSim]) -> None:
    heard: list[SyncShot] = []

    class Listener(SyncListener):
        def shot(self, shot: SyncShot) -> None:
            heard.append(shot)

    report = synchronised_shoot(cameras(rig), SyncRequest(shots=2), listener=Listener())
    assert heard == report.shots


def test_what_cannot_be_is_said_before_anything_is_sent(rig: list[SyncSim]) -> None:
    request = to_host(rig[:2], Path())
    for wrong in (SyncRequest(lock="c9"), request, replace(request, captures={})):
        with pytest.raises(UsageError):
            synchronised_shoot(cameras(rig), wrong)
    with pytest.raises(UsageError):
        synchronised_shoot({}, SyncRequest())
    with pytest.raises(UsageError):
        SyncRequest(shots=0)


def test_a_wrong_clock_makes_no_shot_that_is_late_without_a_word(rig: list[SyncSim]) -> None:
    """A clock that is off by a second contradicts what the camera tells before the shot."""
    now = time.perf_counter()
    wrong = TickClock((OffsetInterval(now, 1000.0, 1001.0),), loops=100.0)
    clocks = {"c1": wrong}
    report = synchronised_shoot(cameras(rig), SyncRequest(), clocks=clocks)
    assert clocks["c1"].has_stepped
    assert report.problems == []
