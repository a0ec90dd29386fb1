"""Each switch of the commands that shoot does what it says, seen at the camera and in the files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.shooting_shell import ShootingShell, shooting_shell

from chdkshell.chdk.imaging.dngtools import DngImage
from chdkshell.sim.clock import Clock
from chdkshell.sim.properties import Prop
from chdkshell.sim.shot import Shot


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ShootingShell]:
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    with shooting_shell(tmp_path / "card", clock=Clock(speed=4)) as shell:
        yield shell


def last_shot(shell: ShootingShell) -> Shot:
    shot = shell.sim.state.last_shot
    assert shot is not None
    return shot


@pytest.mark.parametrize("command", ["shoot", "rcapture", "rsint -pipe='echo l'"])
def test_exposure(shell: ShootingShell, command: str) -> None:
    shell.run(f"{command} -u=a -tv=6.5 -sv=5 -av=4 -nd=in")
    shot = last_shot(shell)
    assert (shot.tv96, shot.sv96, shot.av96, shot.nd) == (624, 480, 384, True)
    shell.run(f"{command} -u=96 -tv=-96 -svm=576 -nd=out")
    shot = last_shot(shell)
    assert (shot.tv96, shot.sv96, shot.nd) == (-96, 507, False)  # ISO 200 as marketed is 124
    shell.run(f"{command} -isomode=400")
    assert shell.sim.state.prop(Prop.ISO_MODE) == 400


@pytest.mark.parametrize("command", ["shoot", "rcapture"])
def test_focus_that_cannot_be_set_is_left_out(
    shell: ShootingShell, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    execute = shell.sim.scripts.execute
    monkeypatch.setattr(
        shell.sim.scripts,
        "execute",
        lambda source, flags=0: execute(b"get_sd_over_modes=nil " + source, flags),
    )
    assert "focus override not available" in shell.fail(f"{command} -sd=2ft")
    shell.run(f"{command} -sd=2ft -sdmode=NONE")
    assert not shell.sim.state.manual_focus


def test_bad_pixels_are_patched_on_request(shell: ShootingShell) -> None:
    shell.run("rcapture -dng a")
    shell.run("rcapture -dng -badpix b")
    found = []
    for name in ("a.dng", "b.dng"):
        image = DngImage(Path(name))
        found.append(len(list(image.matching(image.area(False), 0, 0))))
    assert found[0] > 0
    assert found[1] == 0


def test_a_shot_is_waited_for_as_long_as_asked(shell: ShootingShell) -> None:
    said = shell.fail("rcapture -tv=2 -shotwait=100 a")
    assert said.startswith("ERROR: jpg: nothing came from the camera in 0.1 s")
    shell.run("rcapture -tv=2 a")
    assert [path.name for path in Path().iterdir()] == ["a.jpg"]


def test_substitutions_can_be_switched_off(shell: ShootingShell) -> None:
    shell.run("rcapture -nosubst 'a${shotseq}'")
    shell.run("rsint -nosubst -pipe='echo l' 'b${shotseq}'")
    assert sorted(path.name for path in Path().iterdir()) == ["a${shotseq}.jpg", "b${shotseq}.jpg"]


def test_keys_are_pressed_and_let_go(shell: ShootingShell, monkeypatch: pytest.MonkeyPatch) -> None:
    state = shell.sim.state
    keys: list[str] = []
    press = state.shutter.press

    def note(key: str, wake: Callable[[], None] = lambda: None) -> int:
        keys.append(key)
        return press(key, wake)

    monkeypatch.setattr(state.shutter, "press", note)
    before = state.clock.ticks()
    shell.run("press shoot_half -t=400")
    assert keys == ["shoot_half"]
    assert state.clock.ticks() - before >= 400
    shell.run("click shoot_full")
    assert keys == ["shoot_half", "shoot_full"]
    assert not state.keys_held
