"""What a command changes on the camera for its own sake is put back, however the command ends."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support.breaking_link import Breaks, Rule, breaking_links, never
from support.command_kinds import CHANGING, KEEPING
from support.shooting_shell import ShootingShell, shooting_shell

from chdkshell.chdk.constants import ChdkCommand, ScriptStart
from chdkshell.chdk.shooting import capturesession
from chdkshell.shell import commands
from chdkshell.shell.command import REGISTRY
from chdkshell.sim.camera import SimCamera
from chdkshell.sim.clock import Clock
from chdkshell.sim.properties import Prop
from chdkshell.sim.shot import Shot
from chdkshell.sim.state import CameraState

DNG = 226
LINES = [line for lines in CHANGING.values() for line in lines]


def test_every_command_has_its_place() -> None:
    assert sorted([*CHANGING, *KEEPING]) == sorted(command.name for command in REGISTRY)


def settings(sim: SimCamera) -> dict[str, Any]:
    """Return all that a command may change for its own sake."""
    state = sim.state
    return {
        "raw": state.raw,
        "dng": state.config[DNG],
        "format": state.image_format,
        "mf": state.manual_focus,
        "aflock": state.prop(Prop.AF_LOCK),
        "flash": state.prop(Prop.FLASH_MODE),
        "drive": state.prop(Prop.DRIVE_MODE),
        "mode": state.mode,
        "capture": state.capture.target,
        "keys": set(state.keys_held),
        "hook": state.shutter.hook_shoot.timeout,
        "remote": state.usb.sync_wait,
    }


@dataclass(frozen=True, slots=True)
class Desk:
    """A shell, when its links break, and how the camera was set at first."""

    shell: ShootingShell
    breaks: Breaks
    before: dict[str, Any]

    def check(self) -> None:
        """Check that all is as it was."""
        assert settings(self.shell.sim) == self.before

    def check_after_next_command(self) -> None:
        """Check that the next command works, and that after it all is as it was."""
        self.breaks.before = self.breaks.after = never
        ok, out, err = self.shell.try_("luar return 'fine'")
        assert ok, err
        assert out[0].endswith("'fine'")
        assert not self.shell.sim.scripts.running
        self.check()


LUALIB = Path(commands.__file__).parents[2] / "sim/card_template/CHDK/LUALIB"


def make_desk(folder: Path, patch: pytest.MonkeyPatch, before: str) -> Iterator[Desk]:
    patch.chdir(folder)
    breaks = breaking_links(patch)
    shutil.copytree(LUALIB, folder / "card/CHDK/LUALIB")
    with shooting_shell(folder / "card", clock=Clock(speed=4), craw=True) as shell:
        shell.sim.state.set_prop(Prop.DRIVE_MODE, 1)
        if before:
            shell.run(f"luar {before}")
        yield Desk(shell, breaks, settings(shell.sim))


@pytest.fixture(params=["", "set_mf(true)", "set_aflock(true) set_raw(1)"])
def desk(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    """A camera that is set in several ways."""
    yield from make_desk(tmp_path, monkeypatch, request.param)


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A camera as it comes."""
    yield from make_desk(tmp_path, monkeypatch, "")


def note_changes(desk: Desk) -> set[str]:
    """Return a set that gets the names of what is not as it was when a picture is taken."""
    state = desk.shell.sim.state
    develop, changed = state.on_shoot, set[str]()
    assert develop is not None

    def on_shoot(shot: Shot) -> None:
        now = settings(desk.shell.sim)
        changed.update(name for name, value in desk.before.items() if now[name] != value)
        develop(shot)

    state.on_shoot = on_shoot
    return changed


@pytest.mark.parametrize("line", LINES)
def test_at_the_end(desk: Desk, line: str) -> None:
    changed = note_changes(desk)
    ok, _, err = desk.shell.try_(line)
    assert ok, err
    assert changed - {"keys", "hook"}, "the line shows nothing: it changes nothing"
    desk.check()


@pytest.mark.parametrize("line", LINES)
def test_an_error_of_lua(desk: Desk, monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    scripts = desk.shell.sim.scripts
    execute = scripts.execute
    broken = b"function set_focus() error('boom',0) end "

    def with_a_fault(source: bytes, flags: int = 0) -> tuple[int, ScriptStart]:
        return execute((broken if b"sd=" in source else b"") + source, flags)

    monkeypatch.setattr(scripts, "execute", with_a_fault)
    assert "boom" in desk.shell.fail(line)
    desk.check()


def transactions(desk: Desk, line: str) -> int:
    """Return how many transactions a line takes, about."""
    count = 0

    def counted(command: ChdkCommand, data: bytes) -> bool:
        nonlocal count
        count += 1
        return False

    desk.breaks.before = counted
    ok, _, err = desk.shell.try_(line)
    assert ok, err
    desk.breaks.before = never
    return count


def at(number: int, happens: Callable[[], bool]) -> Rule:
    """Return a rule by which something happens once, at that transaction."""
    seen = 0

    def rule(command: ChdkCommand, data: bytes) -> bool:
        nonlocal seen
        seen += 1
        return seen == number and happens()

    return rule


PARTS = 4
"""At how many points of a line it is ended, all over it."""


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("line", LINES)
def test_ctrl_c(fresh: Desk, line: str, part: int) -> None:
    def interrupt() -> bool:
        fresh.shell.context.cancel.set()
        return False

    # the line as a whole first: its length depends on how quick the scripts are
    point = 1 + part * transactions(fresh, line) // PARTS
    fresh.breaks.before = at(point, interrupt)
    fresh.shell.try_(line)
    assert not fresh.shell.sim.scripts.running
    fresh.check()
    fresh.check_after_next_command()


@pytest.mark.slow
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("line", LINES)
def test_a_link_that_breaks(fresh: Desk, line: str, part: int, when: str) -> None:
    point = 1 + part * transactions(fresh, line) // PARTS
    setattr(fresh.breaks, when, at(point, lambda: True))
    fresh.shell.try_(line)
    if "shoot" in line and "-shots" not in line:
        assert fresh.shell.sim.scripts.wait_ended(60)  # the shot of a script that is not ended
    fresh.check_after_next_command()


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("line", ["shoot -dng -sd=2m -sdmode=AFL", "rcapture -craw -sd=2m"])
def test_a_link_that_breaks_and_a_program_that_does_not_come_back(
    fresh: Desk, line: str, part: int
) -> None:
    """The script comes to its end without its host."""
    point = 1 + part * transactions(fresh, line) // PARTS
    fresh.breaks.before = at(point, lambda: True)
    fresh.shell.try_(line)
    assert fresh.shell.sim.scripts.wait_ended(60)
    fresh.check()


@pytest.mark.parametrize("line", ["shoot -dng -nowait", "rcapture -craw", "rcapture -quick=2"])
def test_a_person_ends_the_script_at_the_camera(fresh: Desk, line: str) -> None:
    """The firmware calls restore() of a script that the shutter button ends."""
    scripts = fresh.shell.sim.scripts
    execute = scripts.execute

    def ended(source: bytes, flags: int = 0) -> tuple[int, ScriptStart]:
        press = b"shoot=function() restore() error('ended',0) end half=press press=function(k) "
        press += b"if k=='shoot_half' then shoot() end half(k) end "
        firing = b"rs_shoot({" in source or b"rlib_shoot({" in source
        return execute((press if firing else b"") + source, flags)

    scripts.execute = ended  # type: ignore[method-assign]
    fresh.shell.try_(line)
    assert scripts.wait_ended(60)
    fresh.check()


@pytest.mark.parametrize("line", ["shoot -dng -sd=2m", "rcapture -craw -sd=2m -sdmode=AFL"])
@pytest.mark.parametrize("end", ["interrupt", "cut"])
def test_in_the_exposure(fresh: Desk, line: str, end: str) -> None:
    """Where a command is longest, and most is changed."""
    expose = CameraState.expose

    def exposing(state: CameraState) -> Shot:
        if end == "interrupt":
            fresh.shell.context.cancel.set()
        else:
            fresh.breaks.before = lambda command, data: True
        return expose(state)

    changed = note_changes(fresh)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(CameraState, "expose", exposing)
        assert fresh.shell.fail(line).startswith("ERROR: ")
    assert fresh.shell.sim.scripts.wait_ended(60)
    fresh.check_after_next_command()
    assert changed


def test_killscript_after_nowait(fresh: Desk) -> None:
    """The script is held where it would shoot: all is changed, and nothing is shot."""
    scripts = fresh.shell.sim.scripts
    execute = scripts.execute
    held = b"shoot=function() write_usb_msg('held') while true do sleep(1000) end end "

    def holding(source: bytes, flags: int = 0) -> tuple[int, ScriptStart]:
        return execute((held if b"rlib_shoot({" in source else b"") + source, flags)

    scripts.execute = holding  # type: ignore[method-assign]
    fresh.shell.run("shoot -dng -nowait -tv=1000 -sd=2m -sdmode=MF")
    assert scripts.wait_news(60)
    assert [message.data for message in scripts.outbox] == [b"held"]
    assert settings(fresh.shell.sim) != fresh.before
    fresh.shell.run("killscript")
    fresh.check()
    assert fresh.shell.sim.state.shots == 0


def test_a_script_that_takes_too_long(fresh: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The script of a capture has so many seconds for its end."""
    monkeypatch.setattr(capturesession, "SCRIPT_END_SECONDS", 0.2)
    (Path("slow.lua")).write_text("shoot() sleep(600000)")
    said = fresh.shell.fail("rcapture -craw -script=slow.lua")
    assert "did not end in time" in said
    fresh.check()


def test_a_refusal_puts_back_what_was_done_before_it(fresh: Desk) -> None:
    assert "init failed" in fresh.shell.fail("rcapture -craw -raw -s=99999 -sd=1m")
    fresh.check()
    fresh.shell.run("play")
    fresh.breaks.before = never
    assert "not in rec mode" in fresh.shell.fail("rcapture -craw")
    fresh.shell.run("rec")
    fresh.check()


def test_what_is_the_purpose_of_a_command_stays(fresh: Desk) -> None:
    for line in ("zoom 3", "focus 3m", "mode TV", "play"):
        fresh.shell.run(line)
    state = fresh.shell.sim.state
    assert (state.zoom, state.focus, state.manual_focus) == (3, 3000, True)
    assert not state.record_mode
