"""Several cameras side by side in the terminal: who gets the keys, who is gone, a shot of all."""

# needs: POSIX

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from support.live_terminal import LiveTerminal
from support.rig_shell import rig_shell
from support.timeouts import TIMEOUT

from chdkshell.shell.terminal.fullscreen import Window
from chdkshell.shell.viewing.tiling import most_tiles, places
from chdkshell.sim.camera import SimCamera
from chdkshell.sim.interfaces.ipserver import IpServer, ServedSim

RECORD = "@all luar switch_mode_usb(1) sleep(200)"


class Bench:
    """Cameras 1, 2 ... behind ports. A camera's door can be shut: nobody connects to it then."""

    def __init__(self, stack: ExitStack, count: int) -> None:
        self.cameras: list[SimCamera] = []
        self.addresses: list[str] = []
        self.doors: list[threading.Event] = []
        for number in range(1, count + 1):
            camera = SimCamera(serial=f"S{number}")
            stack.callback(camera.close)
            server = IpServer(camera, port=0)
            door = threading.Event()
            door.set()
            _guard(server._served, door)
            stack.enter_context(server)
            stack.callback(door.set)
            self.cameras.append(camera)
            self.addresses.append(server.address)
            self.doors.append(door)

    @property
    def shots(self) -> list[int]:
        """How many pictures each camera has taken."""
        return [camera.state.shots for camera in self.cameras]

    def take_away(self, index: int) -> None:
        """Switch a camera off until its door is opened."""
        self.doors[index].clear()
        self.cameras[index].times_off += 1


def _guard(served: ServedSim, door: threading.Event) -> None:
    open_link = served.open
    served.open = lambda tell: (door.wait(TIMEOUT), open_link(tell))[1]  # type: ignore[method-assign]


@contextmanager
def tiles(
    folder: Path, count: int = 3, size: tuple[int, int] = (24, 100), kind: str = "plain"
) -> Iterator[tuple[LiveTerminal, Bench]]:
    """Run `@all live` on cameras in record mode, the first of which is called left."""
    with ExitStack() as stack:
        bench = Bench(stack, count)
        lines = (f"rig connect {' '.join(bench.addresses)}", "rig name 1 left", RECORD, "@all live")
        commands = [word for line in lines for word in ("-e", line)]
        session = LiveTerminal("-r", *commands, home=folder, size=size, kind=kind)  # type: ignore[arg-type]
        with session:
            yield session, bench


def wait_shown(session: LiveTerminal, count: int) -> None:
    session.wait(lambda: session.text.count("  live") == count, f"{count} live cameras")


def wait_selected(session: LiveTerminal, name: str) -> None:
    """Wait until a camera is the one that gets the keys: in its caption and in the last line."""
    session.wait(
        lambda: session.status.startswith(f"{name}:") and selected(session) == name,
        f"keys to {name}",
    )


def selected(session: LiveTerminal) -> str:
    """Return the name in the caption that stands out."""
    cells = [
        session.screen.buffer[y][x].data
        for y in range(session.screen.lines)
        for x in range(session.screen.columns)
        if session.screen.buffer[y][x].reverse
    ]
    words = "".join(cells).split("  ")[0].split()
    return words[-1] if words else ""


def test_keys_go_to_the_one_that_is_selected(tmp_path: Path) -> None:
    with tiles(tmp_path) as (session, bench):
        wait_shown(session, 3)
        assert any(line.startswith(" 1 left  live") for line in session.lines)
        wait_selected(session, "left")
        session.wait(lambda: "REC" in session.status, "status")
        session.type(" ")
        session.wait(lambda: "picture 102 taken" in session.status, "shot")
        assert bench.shots == [1, 0, 0]
        session.type("\t")
        wait_selected(session, "2")
        session.type("+")
        session.wait(lambda: "zoom 1" in session.status, "zoom")
        session.type("3")
        wait_selected(session, "3")
        session.wait(lambda: "zoom 0" in session.status, "the third's status")
        session.type(" ")
        session.wait(lambda: "picture 102 taken" in session.status, "shot")
        session.type("\x1b[Z")
        wait_selected(session, "2")
        session.type("9")  # nobody
        session.click("1 left")
        wait_selected(session, "left")
        assert bench.shots == [1, 0, 1]
        session.type("s")
        session.wait(lambda: "saved screen_" in session.status, "saved frame")
        session.type("?")
        session.wait_for("all cameras shoot at the same moment")
        session.type("x")
        wait_shown(session, 3)
        session.type("q")
        assert session.wait_end() == 0
        session.assert_restored()
        assert session.raw.rstrip().endswith(".png"), "its name is told at the end"


def test_one_is_large_and_small_again(tmp_path: Path) -> None:
    with tiles(tmp_path) as (session, _):
        wait_shown(session, 3)
        session.type("2z")
        session.wait(lambda: session.text.count(" fps") == 1, "one camera")
        wait_selected(session, "2")
        session.wait(lambda: session.blocks()[3] == 22, "large picture")
        columns = [x for x, sign in enumerate(session.lines[12]) if sign == "▀"]
        assert len(columns) > 50
        session.type("\t")
        wait_selected(session, "3")
        session.type("z")
        wait_shown(session, 3)
        session.wait(lambda: session.blocks()[0] < 33 and session.blocks()[1] > 66, "all")
        session.type("q")
        assert session.wait_end() == 0


def shoot_all(session: LiveTerminal) -> None:
    """Press the key for the shot of all, and wait until it is told what came of it."""
    session.type("g")
    session.wait(lambda: "histogram" in session.status, "another message")
    session.type("S")
    pending = ("histogram", "all get ready")
    session.wait(lambda: not any(text in session.status for text in pending), "outcome")


def test_all_shoot_at_the_same_moment(tmp_path: Path) -> None:
    with tiles(tmp_path) as (session, bench):
        wait_shown(session, 3)
        while "3 of 3 fired, spread " not in session.status:
            shoot_all(session)  # again where this computer was too busy to tell all in time
        assert min(bench.shots) > 0
        before = bench.shots
        wait_shown(session, 3)
        bench.take_away(1)
        session.wait(lambda: " 2  gone" in session.text, "camera that is gone")
        session.type("S")
        session.wait(lambda: "2: gone; nobody shoots without all" in session.status, "refusal")
        assert bench.shots == before
        session.type("q")
        assert session.wait_end() == 0


def test_one_that_drops_off_is_gone_and_comes_back(tmp_path: Path) -> None:
    with tiles(tmp_path) as (session, bench):
        wait_shown(session, 3)
        bench.take_away(1)
        session.wait(lambda: " 2  gone" in session.text, "camera that is gone")
        wait_shown(session, 2)
        session.type("2 ")
        session.wait(lambda: "the camera is gone" in session.status, "refusal")
        session.type("1 ")  # the others go on
        session.wait(lambda: "picture 102 taken" in session.status, "shot")
        bench.doors[1].set()
        wait_shown(session, 3)
        session.type("2r")
        session.wait(lambda: session.status.startswith("2:") and "mode" in session.status, "mode")
        assert bench.shots == [1, 0, 0]
        session.type("q")
        assert session.wait_end() == 0
        session.assert_restored()


def test_one_that_hangs_is_frozen_and_holds_up_nobody(tmp_path: Path) -> None:
    with tiles(tmp_path, 2) as (session, bench):
        wait_shown(session, 2)
        with bench.cameras[1].responder._lock:
            session.wait(lambda: " 2  frozen" in session.text, "camera that hangs")
            session.type(" ")
            session.wait(lambda: "picture 102 taken" in session.status, "shot of the other")
        wait_shown(session, 2)
        session.type("q")
        assert session.wait_end() == 0


@pytest.mark.parametrize("end", ["Ctrl-C", "SIGTERM"])
def test_however_it_ends_the_terminal_is_as_it_was(tmp_path: Path, end: str) -> None:
    with tiles(tmp_path, 2) as (session, bench):
        wait_shown(session, 2)
        session.type("H")
        session.wait(lambda: "shoot_half" in bench.cameras[0].state.keys_held, "half press")
        assert session.is_mouse_on
        if end == "Ctrl-C":
            session.type("\x03")
        else:
            os.kill(session.child.pid, signal.SIGTERM)
        session.wait_end()
        session.assert_restored()
        assert "shoot_half" not in bench.cameras[0].state.keys_held
        assert "Traceback" not in session.raw


def test_in_a_small_window_some_are_shown(tmp_path: Path) -> None:
    with tiles(tmp_path, 3, size=(11, 30)) as (session, _):
        session.wait(lambda: session.text.count("  live") == 2, "two cameras")
        session.type("3")
        session.wait(lambda: session.status.startswith("3:"), "the third")
        session.wait(lambda: " 3  live" in session.text, "its picture")
        session.type("q")
        assert session.wait_end() == 0


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60), (30, 11), (7, 3)])
@pytest.mark.parametrize("count", [1, 2, 3, 4, 9, 20])
def test_tiles_lie_beside_each_other_in_the_window(count: int, size: tuple[int, int]) -> None:
    window = Window(*size)
    taken: set[tuple[int, int]] = set()
    for place in places(min(count, most_tiles(window)), window):
        box = place.box(720, 540, window.cell)
        cells = {
            (x, y)
            for x in range(place.left, place.left + place.columns)
            for y in range(place.top, place.top + place.rows)
        }
        assert not taken & cells
        taken |= cells
        assert all(x < size[0] and y < size[1] - 1 for x, y in cells)
        assert (box.left, box.top) in cells, "the picture"
        assert (box.left + box.columns - 1, box.top + box.rows - 1) in cells
    assert taken


def test_where_it_makes_no_sense(monkeypatch: pytest.MonkeyPatch) -> None:
    with rig_shell(monkeypatch, 2) as shell:
        (err,) = shell.fail("@all live")
        assert err.startswith("ERROR: live needs a terminal")
        (err,) = shell.fail("@all live -nonsense")
        assert "nonsense" in err
        (err,) = shell.fail("@7 live")
        assert err.startswith("ERROR: ")
        shell.run("alias both=df ; live")
        (err,) = shell.fail("@all both")
        assert "live shows several cameras as the only command after them" in err
