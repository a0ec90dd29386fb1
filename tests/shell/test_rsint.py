"""rsint at a real terminal and from a program, and that a shot's exposure holds for a whole row."""

# needs: POSIX

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.chdk_model import RUNNING, USER, WAITING, Model, string
from support.chdk_replay import Answer
from support.shooting_shell import ShootingShell, shooting_shell
from support.terminal import Terminal

from chdkshell.chdk.shooting.capture import CaptureRequest
from chdkshell.chdk.shooting.capturesession import CapturePlan, CaptureSession
from chdkshell.errors import Cancelled
from chdkshell.flow import CancelToken
from chdkshell.sim.clock import Clock
from chdkshell.sim.properties import Prop
from chdkshell.sim.shot import Shot


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """A prompt whose simulated camera is in record mode."""
    with Terminal("-r", "--sim", "-i", "-e", "rec", home=tmp_path) as terminal:
        terminal.wait_prompt()
        yield terminal


def wait_loop(terminal: Terminal) -> None:
    terminal.wait(
        lambda: terminal.lines[terminal.screen.cursor.y] == "rsint>", "the prompt of rsint"
    )


def enter(terminal: Terminal, line: str) -> None:
    """Type a line at rsint's prompt, and wait for the next one."""
    row = terminal.screen.cursor.y
    terminal.type(line + "\r")
    terminal.wait(lambda: terminal.screen.cursor.y > row, f"the end of {line!r}")
    wait_loop(terminal)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_commands_are_completed_and_carried_out(terminal: Terminal, tmp_path: Path) -> None:
    terminal.line("rsint out/")
    wait_loop(terminal)
    terminal.type("p")
    terminal.wait_for("pcall", "run Lua on the camera, which may fail", "path", "set the dest")
    terminal.type("\x15")
    wait_loop(terminal)
    enter(terminal, "s")
    enter(terminal, "exec return 6*7")
    enter(terminal, "pcall error('oh dear', 0)")
    enter(terminal, "bogus")
    enter(terminal, "path moved/")
    assert "script msg 42" in terminal.text
    assert "script msg oh dear" in terminal.text
    assert "ERROR: unknown command bogus; there are s, l, q, exec, pcall, path" in terminal.text
    terminal.type("l\r")
    terminal.wait_for("moved/IMG_")
    terminal.wait_prompt()
    assert len(names(tmp_path / "out")) == len(names(tmp_path / "moved")) == 1
    terminal.line("luar return get_usb_capture_target()")
    terminal.wait_for(":return:0")


@pytest.mark.parametrize("key", ["\x03", "\x04", "q\r"])
def test_ways_to_leave(terminal: Terminal, tmp_path: Path, key: str) -> None:
    terminal.line("rsint")
    wait_loop(terminal)
    terminal.type(key)
    terminal.wait_prompt()
    terminal.line("luar return get_shooting(),get_usb_capture_target()")
    terminal.wait_for(":return:false", ":return:0")
    assert not list(tmp_path.glob("*.jpg"))


def test_continuous_mode_at_a_terminal(terminal: Terminal, tmp_path: Path) -> None:
    terminal.line(f"lua set_prop({Prop.DRIVE_MODE.value},1)")
    terminal.wait_prompt()
    terminal.line("rsint -cont out/")
    wait_loop(terminal)
    enter(terminal, "s")
    enter(terminal, "q")
    assert "l leaves, with one more shot" in terminal.text
    terminal.type("l\r")
    terminal.wait(lambda: terminal.text.count(".jpg") == 2, "two pictures")
    terminal.wait_prompt()
    assert len(names(tmp_path / "out")) == 2


# ---- programs, and rows -------------------------------------------------------------------------


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ShootingShell]:
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    with shooting_shell(tmp_path / "card", clock=Clock(speed=4)) as shell:
        shell.sim.state.set_prop(Prop.DRIVE_MODE, 1)
        yield shell


def test_a_program_gives_the_commands(shell: ShootingShell) -> None:
    Path("trigger.sh").write_text("echo s; echo s; echo l; sleep 600")
    start = time.monotonic()
    shell.run("rsint -pipe='sh trigger.sh' out/")
    assert time.monotonic() - start < 60, "a program that goes on is ended"
    assert names(Path("out")) == ["IMG_0001.jpg", "IMG_0002.jpg", "IMG_0003.jpg"]


def test_a_program_that_does_not_want_to_end_is_killed(
    shell: ShootingShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chdkshell.shell.programs.END_SECONDS", 0.1)
    Path("trigger.sh").write_text("trap '' TERM; echo q; while true; do sleep 1; done")
    start = time.monotonic()
    shell.run("rsint -pipe='. ./trigger.sh' out/")
    assert time.monotonic() - start < 60


def test_a_program_that_dies_is_told(shell: ShootingShell) -> None:
    Path("trigger.sh").write_text("echo s; exit 3")
    ok, _, said = shell.try_("rsint -pipe='sh trigger.sh' out/")
    assert ok
    assert said == ["WARNING: sh trigger.sh failed with status 3"]
    assert names(Path("out")) == ["IMG_0001.jpg"]
    assert shell.run("luar return get_usb_capture_target()")[0].endswith(":return:0")


def test_a_program_that_is_not_there(shell: ShootingShell) -> None:
    ok, _, said = shell.try_("rsint -pipe=./nowhere out/")
    assert said == ["WARNING: ./nowhere failed with status 127"]
    assert ok
    assert shell.sim.state.shots == 0


@pytest.mark.parametrize(
    "line",
    [
        "rcapture -shots=3",
        "rcapture -quick=3",
        "rcapture -cont=3",
        "rcapture -cont=3 -int=0.2",
        "rsint -pipe='cat commands'",
        "rsint -cont -pipe='cat commands'",
        "shoot -shots=3",
    ],
)
def test_the_exposure_holds_for_every_shot(shell: ShootingShell, line: str) -> None:
    seen: list[tuple[int, int, int]] = []
    develop = shell.sim.state.on_shoot
    assert develop is not None

    def on_shoot(shot: Shot) -> None:
        seen.append((shot.tv96, shot.sv96, shot.av96))
        develop(shot)

    shell.sim.state.on_shoot = on_shoot
    Path("commands").write_text("s\ns\nl\n")
    shell.run(f"{line} -tv=1/500 -sv=80 -av=4")
    assert seen == [(861, 449, 384)] * 3


def test_cancel_ends_the_wait_for_a_command_that_talks_without_end(tmp_path: Path) -> None:
    camera, cancel = Model(), CancelToken()
    camera.answers[8] = lambda: Answer((RUNNING | WAITING,))
    camera.answers[10] = lambda: string(b"again", USER)
    heard: list[str] = []

    def hear(text: str) -> None:
        heard.append(text)
        assert len(heard) < 50
        if len(heard) == 3:
            cancel.set()

    session = CaptureSession(
        camera.scripts.protocol,
        camera.scripts,
        CaptureRequest(),
        CapturePlan(interactive_idle=5.0),
        lambda kind, number: tmp_path / "shot.jpg",
        hear,
    )
    with pytest.raises(Cancelled):
        session.wait_answered(cancel)
    assert heard == ["again"] * 3
