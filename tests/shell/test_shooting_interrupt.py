"""A real Ctrl-C in each part of shooting: what is complete stays, and the camera stays usable."""

# needs: POSIX

from __future__ import annotations

import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.shell_process import environment, program
from support.slow_link import SlowLink
from support.terminal import Terminal
from support.timeouts import TIMEOUT

from chdkshell.chdk.constants import CaptureData
from chdkshell.sim.camera import SimCamera
from chdkshell.sim.clock import Clock
from chdkshell.sim.interfaces.ipserver import IpServer
from chdkshell.sim.properties import Prop
from chdkshell.sim.remotecap import Piece


@dataclass(frozen=True, slots=True)
class Desk:
    """A camera behind a link that can be slow, and a folder for programs that use it."""

    camera: SimCamera
    link: SlowLink
    folder: Path
    card: Path

    def files(self) -> list[str]:
        return sorted(path.name for path in self.folder.rglob("*.*"))

    @contextmanager
    def running(self, *lines: str) -> Iterator[subprocess.Popen[str]]:
        """Run the program with `lines` on its standard input, which stays open."""
        child = subprocess.Popen(
            [*program(), "-r", "--device", self.link.address],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self.folder,
            env=environment(),
            encoding="utf-8",
        )
        try:
            assert child.stdin
            child.stdin.write("".join(line + "\n" for line in lines))
            child.stdin.flush()
            yield child
        finally:
            child.kill()
            child.communicate()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    card, folder = tmp_path / "card", tmp_path / "work"
    card.mkdir()
    folder.mkdir()
    camera = SimCamera(card=card, clock=Clock(speed=2))
    with IpServer(camera) as server, SlowLink(server.address) as link:
        yield Desk(camera, link, folder, card)
    camera.close()


def wait(seen: Callable[[], object]) -> None:
    deadline = time.monotonic() + TIMEOUT
    while not seen():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def end(child: subprocess.Popen[str], *lines: str) -> tuple[str, str, int]:
    """Give the last lines, close the input; return what the program printed, and its status.

    What it told of each shot is left out.
    """
    out, err = child.communicate("".join(line + "\n" for line in lines), TIMEOUT)
    told = [line for line in err.splitlines(keepends=True) if not line.startswith("shot ")]
    return out, "".join(told), child.returncode


def check_usable(desk: Desk) -> None:
    """The camera takes another picture, and then has no capture and no key pressed."""
    look = "luar return get_usb_capture_target(), get_shooting()"
    with desk.running("rcapture again", look) as child:
        out, err, status = end(child)
    answers = [line.partition(":return:")[2] for line in out.splitlines()[-2:]]
    assert (answers, status) == (["0", "false"], 0), err
    (desk.folder / "again.jpg").unlink()


def interrupt(child: subprocess.Popen[str]) -> None:
    child.send_signal(signal.SIGINT)


def test_while_a_chunk_is_under_way(desk: Desk) -> None:
    desk.link.rate = 1 << 20
    with desk.running("rec", "rcapture -raw pair") as child:
        wait(lambda: (desk.folder / "pair.raw.part").exists())
        interrupt(child)
        desk.link.rate = 0
        _, err, status = end(child)
    assert (err, status) == ("ERROR: cancelled\n", 130)
    assert desk.files() == []
    check_usable(desk)


def test_while_the_second_file_is_under_way(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The link holds up what comes once the picture is there, until Ctrl-C was pressed."""
    capture, next_piece = desk.camera.state.capture, desk.camera.state.capture.next_piece
    fetched = threading.Event()

    def held(bit: int) -> Piece | None:
        if bit == CaptureData.JPEG:
            desk.link.hold_after(0)
            fetched.set()
        return next_piece(bit)

    monkeypatch.setattr(capture, "next_piece", held)
    with desk.running("rec", "rcapture -jpg -dng pair") as child:
        assert fetched.wait(TIMEOUT)
        wait(lambda: (desk.folder / "pair.dng").exists())
        interrupt(child)
        monkeypatch.undo()
        desk.link.hold_after(None)
        _, err, status = end(child)
    assert status == 130
    assert err.endswith("complete files of the shot that failed: pair.dng\nERROR: cancelled\n")
    assert desk.files() == ["pair.dng"]
    check_usable(desk)


def test_while_the_camera_exposes(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    state, begun = desk.camera.state, threading.Event()
    monkeypatch.setattr(state.shutter.hook_shoot, "run", lambda clock: begun.set())
    with desk.running("rec", "shoot -tv=64 -dl") as child:
        assert begun.wait(TIMEOUT)
        interrupt(child)
        _, err, status = end(child)
    assert state.shutter.shooting, "the end of the exposure was not waited for"
    assert (err, status) == ("ERROR: cancelled\n", 130)
    assert desk.files() == []
    state.clock.speed = 1000  # the exposure ends now
    state.shutter.look_again()
    wait(lambda: not state.shutter.shooting)
    state.clock.speed = 2
    check_usable(desk)


@pytest.mark.parametrize(
    "line", ["rcapture -shots=3 -int=60 out/", "shoot -shots=3 -int=60 -dl=out/"]
)
def test_between_two_shots(desk: Desk, line: str) -> None:
    with desk.running("rec", line) as child:
        assert child.stderr
        assert child.stderr.readline().startswith("shot 1: "), "the next is waited for"
        interrupt(child)
        _, err, status = end(child)
    assert (err, status) == ("ERROR: cancelled\n", 130)
    assert len(desk.files()) == 1
    check_usable(desk)


def test_in_continuous_mode(desk: Desk) -> None:
    with desk.running(
        "rec", f"lua set_prop({Prop.DRIVE_MODE.value},1)", "rcapture -cont=9999 out/"
    ) as child:
        wait(lambda: "IMG_0002.jpg" in desk.files())
        interrupt(child)
        _, err, status = end(child)
    assert (err, status) == ("ERROR: cancelled\n", 130)
    assert len(desk.files()) >= 2
    assert not [name for name in desk.files() if name.endswith(".part")]
    check_usable(desk)


def test_while_rsint_waits_for_a_program(desk: Desk) -> None:
    with desk.running("rec", "rsint -pipe='echo s; exec sleep 60' out/") as child:
        wait(lambda: "IMG_0001.jpg" in desk.files())
        interrupt(child)
        _, err, status = end(child)
    assert (err, status) == ("ERROR: cancelled\n", 130)
    assert desk.files() == ["IMG_0001.jpg"]
    check_usable(desk)


def test_at_the_prompt_of_a_terminal(tmp_path: Path) -> None:
    with Terminal("-r", "--sim", "-i", "-e", "rec", home=tmp_path) as terminal:
        terminal.wait_prompt()
        terminal.line("rcapture -shots=9 -int=60 out/")
        terminal.wait_for(".jpg")
        terminal.wait_for("shot 2 of 9 at")
        terminal.type("\x03")
        terminal.wait_for("cancelled")
        terminal.wait_prompt()
        terminal.line("rcapture again")
        terminal.wait_for("again.jpg")
