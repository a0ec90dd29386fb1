"""One white balance for all cameras of a locked shot, and each camera's own again after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.sync_rig import PHASES, SyncSim, cameras, check_at_rest, sync_rig, to_card, to_host

from chdkshell.errors import Cancelled
from chdkshell.flow import CancelToken
from chdkshell.rig import clockscript, endedshot, syncshot
from chdkshell.rig.syncreport import SyncRequest
from chdkshell.rig.syncshot import synchronised_shoot
from chdkshell.sim.properties import Prop
from chdkshell.sim.shot import DAYLIGHT_KELVIN, Shot

AUTO, DAYLIGHT, CLOUDY, TUNGSTEN = range(4)
MODE = "require('propcase').WB_MODE"
OWN = [AUTO, CLOUDY, TUNGSTEN]
"""What the user has set on each camera."""


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[SyncSim]]:
    """Cameras with a white balance of their own each, before scenes in light of their own."""
    monkeypatch.setattr(clockscript, "QUESTIONS", 8)
    monkeypatch.setattr(clockscript, "CHECKS", 2)
    monkeypatch.setattr(clockscript, "MEASURE_SECONDS", 0.5)
    monkeypatch.setattr(syncshot, "SPARE_SECONDS", 0.5)  # computers that test are busy
    monkeypatch.setattr(endedshot, "COME_BACK_SECONDS", 1.0)
    with sync_rig() as sims:
        for number, sim in enumerate(sims):
            sim.sim.state.bv96 = 300 + 100 * number
            sim.camera.lua(f"set_prop({MODE}, {OWN[number]})")
        yield sims


def modes(rig: list[SyncSim]) -> list[object]:
    """What the cameras themselves say their white balance is."""
    return [sim.camera.lua(f"return get_prop({MODE})") for sim in rig]


def shots(rig: list[SyncSim]) -> list[Shot]:
    taken = [sim.sim.state.last_shot for sim in rig]
    return [shot for shot in taken if shot is not None]


def test_without_a_lock_each_camera_has_its_own(rig: list[SyncSim]) -> None:
    """So it is even where all of them have it automatic."""
    synchronised_shoot(cameras(rig), SyncRequest())
    assert [shot.wb_mode for shot in shots(rig)] == OWN
    for sim in rig:
        sim.camera.lua(f"set_prop({MODE}, {AUTO})")
    synchronised_shoot(cameras(rig), SyncRequest())
    assert len({shot.kelvin for shot in shots(rig)}) == 3


@pytest.mark.parametrize("is_capture", [False, True])
@pytest.mark.parametrize(("lock", "mode"), [("c1", DAYLIGHT), ("c2", CLOUDY), ("c3", TUNGSTEN)])
def test_a_lock_gives_all_that_of_one(
    rig: list[SyncSim], tmp_path: Path, is_capture: bool, lock: str, mode: int
) -> None:
    """Automatic is none that others could have: it is daylight for all."""
    destination = to_host if is_capture else to_card
    report = synchronised_shoot(cameras(rig), destination(rig, tmp_path, shots=2, lock=lock))
    assert report.problems == []
    assert report.locked is not None
    assert report.locked.white_balance == mode
    assert [shot.wb_mode for shot in shots(rig)] == [mode] * 3
    assert len({shot.kelvin for shot in shots(rig)}) == 1
    assert (shots(rig)[0].kelvin == DAYLIGHT_KELVIN) is (mode == DAYLIGHT)
    assert modes(rig) == OWN


def changes_seen(sim: SyncSim, strike: Callable[[], object], seen: list[int]) -> None:
    """Note what the white balance is as `strike` comes."""
    seen.append(sim.sim.state.prop(Prop.WB_MODE))
    strike()


@pytest.mark.parametrize("is_capture", [False, pytest.param(True, marks=pytest.mark.slow)])
@pytest.mark.parametrize("phase", PHASES)
def test_ctrl_c_puts_it_back(
    rig: list[SyncSim], tmp_path: Path, phase: str, is_capture: bool
) -> None:
    cancel, seen = CancelToken(), list[int]()
    rig[2].strike_at(phase, lambda: changes_seen(rig[2], cancel.set, seen))
    destination = to_host if is_capture else to_card
    request = destination(rig, tmp_path, shots=2, lock="c1")
    report = synchronised_shoot(cameras(rig), request, cancel=cancel)
    assert isinstance(report.ended, Cancelled)
    assert phase in ("arming", "fetching") or seen == [DAYLIGHT]
    check_at_rest(rig)
    assert modes(rig) == OWN


@pytest.mark.parametrize("phase", PHASES)
def test_a_cable_that_was_out_for_a_moment(rig: list[SyncSim], tmp_path: Path, phase: str) -> None:
    rig[2].strike_at(phase, rig[2].lose_link)
    synchronised_shoot(cameras(rig), to_card(rig, tmp_path, lock="c1"))
    rig[2].camera.reconnect(10)
    assert modes(rig) == OWN


@pytest.mark.parametrize("phase", PHASES)
def test_a_camera_that_is_cut_off_puts_it_back_alone(
    rig: list[SyncSim], tmp_path: Path, phase: str
) -> None:
    victim = rig[2]
    victim.strike_at(phase, victim.be_cut_off)
    synchronised_shoot(cameras(rig), to_card(rig, tmp_path, lock="c1"))
    if not victim.sim.scripts.wait_ended(1.5):
        victim.sim.state.clock.advance(20_000)  # the host's time to be heard is over
    check_at_rest(rig)
    assert victim.sim.state.prop(Prop.WB_MODE) == TUNGSTEN
    assert modes(rig[:2]) == OWN[:2]


def test_nobody_shoots_and_all_have_their_own(rig: list[SyncSim]) -> None:
    rig[1].camera.switch_mode(False)
    report = synchronised_shoot(cameras(rig), SyncRequest(lock="c1"))
    assert report.shots[0].called_off is not None
    assert shots(rig) == []
    assert modes(rig) == OWN


def test_a_card_that_does_not_know_the_property(rig: list[SyncSim]) -> None:
    """Then white balance stays as it is, and the rest is locked."""
    for sim in rig:
        (sim.sim.card.root / "CHDK/LUALIB/propcase.lua").write_text("return {}")
    report = synchronised_shoot(cameras(rig), SyncRequest(lock="c1"))
    assert report.problems == []
    assert report.locked is not None
    assert report.locked.white_balance is None
    assert report.locked.tv is not None
    assert [shot.wb_mode for shot in shots(rig)] == OWN
