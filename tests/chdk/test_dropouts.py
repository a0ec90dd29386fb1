"""A camera drops off the bus at any point of a row of shots: none is missing, none doubled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.failing_link import FailingLink, failing_links
from support.shooting_shell import ShootingShell, shooting_shell

from chdkshell.chdk.constants import ScriptStart
from chdkshell.sim.clock import Clock
from chdkshell.sim.properties import Prop
from chdkshell.sim.shot import Shot


@dataclass(frozen=True, slots=True)
class Desk:
    """A shell, its links so far, and the folder that it works in."""

    shell: ShootingShell
    links: list[FailingLink]
    folder: Path

    def files(self) -> list[str]:
        return sorted(path.name for path in self.folder.rglob("*.*"))

    def card(self) -> list[str]:
        return sorted(path.name for path in self.shell.sim.card.root.rglob("*.*"))

    def check_left_as_it_was(self) -> None:
        """The camera has no capture, no key and no setting left over, and takes commands."""
        state = self.shell.sim.state
        assert not state.capture.target
        assert not state.keys_held
        assert not state.raw
        assert state.config[226] == 0  # DNG
        self.shell.run("luar return 1")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    links = failing_links(monkeypatch)
    with shooting_shell(tmp_path / "card", clock=Clock(speed=4)) as shell:
        shell.sim.state.set_prop(Prop.DRIVE_MODE, 1)
        links[0].count = 0
        yield Desk(shell, links, folder)


slow = pytest.mark.slow
POINTS = (1, 9, 14, 35, *(pytest.param(point, marks=slow) for point in (4, 19, 27)))
"""Transactions of a command; its first shot begins after about six, and each takes about ten."""


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    "line", ["rcapture -cont=3", "rcapture -quick=3 -int=0.2", "rcapture -shots=3"]
)
def test_rows_of_captures(desk: Desk, line: str, when: str, point: int) -> None:
    setattr(desk.links[0], when, lambda number: number == point)
    ok, _, said = desk.shell.try_(line)
    assert ok, said
    assert desk.links[0].lost
    assert "WARNING: the camera is gone: the camera went away; looking for it" in said
    # The shot that was cut off is taken again; it costs a number, but no file.
    assert len(desk.files()) == 3
    assert all(path.stat().st_size > 10_000 for path in desk.folder.iterdir())
    assert desk.shell.sim.state.shots <= 4
    desk.check_left_as_it_was()


@pytest.mark.parametrize(
    "point", (1, 12, 45, 80, *(pytest.param(point, marks=slow) for point in (3, 25, 60)))
)
@pytest.mark.parametrize("when", ["before", "after"])
def test_rows_to_the_card_with_all_their_files(desk: Desk, when: str, point: int) -> None:
    setattr(desk.links[0], when, lambda number: number == point)
    ok, out, said = desk.shell.try_("shoot -shots=2 -dng -dl")
    assert ok, said
    assert desk.links[0].lost
    names = ["CRW_0001.DNG", "CRW_0002.DNG", "IMG_0001.JPG", "IMG_0002.JPG"]
    assert desk.files() == names
    assert desk.card() == names
    assert desk.shell.sim.state.shots == 2
    assert len(out) == 4
    desk.check_left_as_it_was()


@pytest.mark.parametrize("call", ["rlib_shoot(", "wait_file(", "os.remove("])
def test_a_script_that_runs_while_the_camera_is_gone(desk: Desk, call: str) -> None:
    scripts = desk.shell.sim.scripts
    execute = scripts.execute

    def then_lose(source: bytes, flags: int = 0) -> tuple[int, ScriptStart]:
        if call.encode() in source.rpartition(b"\nreturn ")[2] and len(desk.links) == 1:
            desk.links[0].after = lambda number: True
        return execute(source, flags)

    scripts.execute = then_lose  # type: ignore[method-assign]
    ok, out, said = desk.shell.try_("shoot -shots=2 -dl -rm")
    assert ok, said
    assert desk.links[0].lost
    assert [line.split("->")[0] for line in out] == [
        "A/DCIM/100___11/IMG_0001.JPG",
        "A/DCIM/100___11/IMG_0001.JPG: OK",
        "A/DCIM/100___11/IMG_0002.JPG",
        "A/DCIM/100___11/IMG_0002.JPG: OK",
    ]
    assert desk.files() == ["IMG_0001.JPG", "IMG_0002.JPG"]
    assert desk.card() == []
    assert desk.shell.sim.state.shots == 2
    desk.check_left_as_it_was()


def test_a_shot_that_never_reached_the_card_is_taken_again(desk: Desk) -> None:
    state = desk.shell.sim.state
    develop = state.on_shoot
    assert develop is not None

    def on_shoot(shot: Shot) -> None:
        state.clock.speed = 4
        if shot.number == 2:
            desk.links[0].before = lambda number: True
            state.clock.speed = 100  # its file is waited for ten seconds
        else:
            develop(shot)

    state.on_shoot = on_shoot
    ok, _, said = desk.shell.try_("shoot -shots=3 -dl")
    assert ok, said
    assert desk.files() == ["IMG_0001.JPG", "IMG_0003.JPG", "IMG_0004.JPG"]
    assert any("IMG_0002.JPG was not written when the camera was gone" in line for line in said)


def test_the_link_breaks_again_while_the_camera_is_brought_back(desk: Desk) -> None:
    desk.links[0].before = lambda number: number == 15
    lose_next = iter([2, 4, 7])

    class Losing(list[FailingLink]):
        def append(self, made: FailingLink) -> None:
            point = next(lose_next, 0)
            made.before = lambda number: number == point
            super().append(made)

    desk.shell.run("set cli_shotseq=1")
    ok, _, said = desk.shell.try_("rcapture -quick=3 out/")
    assert ok, said
    assert len(desk.files()) == 3


def test_a_script_of_the_user_s_own_is_not_started_again(desk: Desk) -> None:
    (desk.folder / "mine.lua").write_text("for i=1,rs_opts.shots do shoot() end")
    desk.links[0].before = lambda number: (desk.folder / "out/IMG_0001.jpg").exists()
    said = desk.shell.fail("rcapture -script=mine.lua -shots=3 out/").splitlines()
    assert said == [
        "WARNING: the camera is gone after 1 of 3 shots; your script is not started again, for "
        "only you know where it would have to go on",
        "ERROR: the camera went away; wake or replug the camera, then `reconnect`",
    ]
    assert desk.files() == ["IMG_0001.jpg", "mine.lua"]


def test_a_single_shot_is_not_tried_again(desk: Desk) -> None:
    desk.links[0].before = lambda number: number == 12
    assert desk.shell.fail("rcapture out/").startswith("ERROR: the camera went away")
    assert desk.files() == []
    desk.shell.try_("killscript")
    clock = desk.shell.sim.state.clock
    clock.speed = 0.25  # a minute of this computer's for 15 s
    started = clock.ticks()
    desk.shell.run("rcapture out/")
    took = clock.ticks() - started
    assert took < 15_000  # not the 30 s that the lost shot would wait for its host


def test_an_interval_goes_on_in_its_old_rhythm(desk: Desk) -> None:
    """The camera keeps the time by itself, and begins again at a time that the host counts."""
    times: list[int] = []
    state = desk.shell.sim.state
    develop = state.on_shoot
    assert develop is not None

    def on_shoot(shot: Shot) -> None:
        times.append(shot.ticks)
        develop(shot)

    state.on_shoot = on_shoot
    desk.links[0].before = lambda number: len(times) == 2
    ok, _, said = desk.shell.try_("rcapture -quick=4 -int=0.5 out/")
    assert ok, said
    assert len(desk.files()) == 4
    assert said[1].startswith("WARNING: gap after shot 1: ")


def test_rsint_goes_on_with_its_settings(desk: Desk) -> None:
    (desk.folder / "commands").write_text("s\ns\ns\nl\n")
    desk.links[0].before = lambda number: number == 22
    ok, _, said = desk.shell.try_("rsint -tv=1/500 -pipe='cat commands' out/")
    assert ok, said
    assert said[0] == "WARNING: the camera is gone: the camera went away; looking for it"
    assert "WARNING: the camera is back, with the same settings" in said
    lost = [line for line in said if "was lost with the connection" in line]
    assert len(desk.files()) == 4 - len(lost)
    shot = desk.shell.sim.state.last_shot
    assert shot is not None
    assert shot.tv96 == 861
    desk.check_left_as_it_was()
