"""What befalls cameras in a synchronised shot: nobody fires twice, nobody fires alone, nothing is
lost, and the report is true."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.sync_rig import (
    PHASES,
    SyncSim,
    cameras,
    check_at_rest,
    check_kept,
    check_together,
    check_true,
    sync_rig,
    to_card,
    to_host,
)

from chdkshell.errors import Cancelled, TransportError
from chdkshell.flow import CancelToken
from chdkshell.rig import clockscript, endedshot, syncshot
from chdkshell.rig.syncreport import SyncRequest
from chdkshell.rig.syncshot import synchronised_shoot
from chdkshell.sim.individual import Spread

QUICK = (1, 2)
SEEDS = [
    pytest.param(seed, marks=[] if seed in QUICK else [pytest.mark.slow]) for seed in range(1, 21)
]


@pytest.fixture(autouse=True)
def _little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clockscript, "QUESTIONS", 8)
    monkeypatch.setattr(clockscript, "CHECKS", 2)
    monkeypatch.setattr(syncshot, "SPARE_SECONDS", 0.5)  # computers that test are busy
    monkeypatch.setattr(clockscript, "MEASURE_SECONDS", 0.5)
    monkeypatch.setattr(endedshot, "COME_BACK_SECONDS", 1.0)
    monkeypatch.setattr(syncshot, "RECONNECT_SECONDS", 0.2)


@pytest.fixture
def rig() -> Iterator[list[SyncSim]]:
    with sync_rig() as sims:
        yield sims


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("phase", PHASES)
def test_a_camera_dies(rig: list[SyncSim], tmp_path: Path, phase: str, seed: int) -> None:
    chance = random.Random(f"{phase} {seed}")
    victim = chance.choice(rig)
    destination = chance.choice([to_card, to_host])
    minimum = chance.choice([None, 2])
    victim.strike_at(phase, victim.die)
    report = synchronised_shoot(cameras(rig), destination(rig, tmp_path, minimum=minimum))
    (shot,) = report.shots
    told = shot.cameras[victim.name]
    assert isinstance(told.problem, TransportError)
    if phase == "fetching" and destination is to_card:
        assert told.fired, "it had told so before its files came"
    else:
        assert told.fired is (None if phase in ("released", "fetching") else False)
    others = [sim for sim in rig if sim is not victim]
    check_together(report, rig)
    check_true(report, rig)
    check_kept(report, others, tmp_path)
    check_at_rest(others)
    if phase in ("arming", "aimed"):
        assert victim.shots == 0
        assert [sim.shots for sim in others] == ([1, 1] if minimum else [0, 0])
    else:
        assert [sim.shots for sim in others] == [1, 1]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("phase", PHASES)
def test_a_cable_is_pulled_and_put_back(
    rig: list[SyncSim], tmp_path: Path, phase: str, seed: int
) -> None:
    chance = random.Random(f"{phase} {seed}")
    victim = chance.choice(rig)
    victim.strike_at(phase, victim.lose_link)
    report = synchronised_shoot(cameras(rig), to_card(rig, tmp_path, shots=2))
    first, second = report.shots
    assert first.cameras[victim.name].fired is (phase in ("released", "fetching"))
    assert len(second.fired) == 3
    assert second.called_off is None
    check_together(report, rig)
    check_true(report, rig)
    check_kept(report, rig, tmp_path)
    check_at_rest(rig)
    taken = sum(sim.shots for sim in rig)
    assert len(list(tmp_path.iterdir())) == taken


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("phase", [*PHASES, "measuring"])
def test_ctrl_c(rig: list[SyncSim], tmp_path: Path, phase: str, seed: int) -> None:
    """It comes in time for all or for none: from the word to fire on, nobody is called off."""
    chance = random.Random(f"{phase} {seed}")
    cancel = CancelToken()
    destination = chance.choice([to_card, to_host])
    if phase == "measuring":
        cancel.set()
    else:
        chance.choice(rig).strike_at(phase, cancel.set)
    report = synchronised_shoot(cameras(rig), destination(rig, tmp_path, shots=3), cancel=cancel)
    assert isinstance(report.ended, Cancelled)
    check_together(report, rig)
    check_true(report, rig)
    check_kept(report, rig, tmp_path)
    check_at_rest(rig)
    shots = {sim.shots for sim in rig}
    assert shots == {int(phase in ("released", "fetching"))}


@pytest.mark.parametrize("seed", SEEDS)
def test_one_link_is_slow(tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    milliseconds = 25 if seed in QUICK else 200
    if seed not in QUICK:
        monkeypatch.setattr(syncshot, "SPARE_SECONDS", 2.0)  # an answer takes four ways
    slow = SyncSim(9, latency=Spread(milliseconds, milliseconds))
    with sync_rig(2) as rig:
        sims = [*rig, slow]
        random.Random(seed).shuffle(sims)
        try:
            report = synchronised_shoot(cameras(sims), to_card(sims, tmp_path))
            check_true(report, sims)
            check_together(report, sims)
            check_kept(report, sims, tmp_path)
            check_at_rest(sims)
            assert report.problems == []
            assert [sim.shots for sim in sims] == [1, 1, 1]
        finally:
            slow.close()


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("lost", [1, 3])
def test_cameras_that_cannot_be_called_off_do_not_fire(
    rig: list[SyncSim], tmp_path: Path, lost: int, seed: int
) -> None:
    """Links are lost for good after the target was told: nobody had the word to fire."""
    victims = random.Random(seed).sample(rig, lost)

    def forget() -> None:
        for sim in victims:
            sim.be_cut_off()

    victims[0].strike_at("aimed", forget)
    synchronised_shoot(cameras(rig), to_card(rig, tmp_path))
    for sim in victims:
        assert not sim.sim.scripts.wait_ended(1.5)  # the moment of the shot passes
        sim.sim.state.clock.advance(20_000)  # the host's time, too
    check_at_rest(rig)
    assert [sim.shots for sim in rig] == [0, 0, 0]


@pytest.mark.parametrize("seed", SEEDS)
def test_no_edge_comes_and_a_cable_is_pulled(rig: list[SyncSim], tmp_path: Path, seed: int) -> None:
    """A camera that was to wait for the USB line does so no more."""
    victim = random.Random(seed).choice(rig)
    victim.strike_at("released", victim.lose_link)

    def trigger() -> None:
        for sim in rig:
            sim.sim.state.power_usb(False)
            sim.sim.state.power_usb(True)

    report = synchronised_shoot(cameras(rig), SyncRequest(edge=True, trigger=trigger))
    check_together(report, rig)
    check_true(report, rig)
    check_at_rest(rig)
    assert all(not sim.sim.state.usb.forced for sim in rig)
