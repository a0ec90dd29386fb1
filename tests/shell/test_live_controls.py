"""The viewfinder's keys for exposure, histogram, held half press and recording, and their ends."""

# needs: POSIX

from __future__ import annotations

import os
import re
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.live_terminal import LiveTerminal
from support.timeouts import TIMEOUT

from chdkshell.chdk.imaging.liveview import Frame
from chdkshell.chdk.imaging.lvdump import read_dump
from chdkshell.sim.camera import SimCamera
from chdkshell.sim.interfaces.ipserver import IpServer
from chdkshell.sim.properties import Prop

MODE_M = "luar switch_mode_usb(1) sleep(200) set_capture_mode(5)"

ENDS: dict[str, Callable[[LiveTerminal], object]] = {
    "q": lambda session: session.type("q"),
    "Ctrl-C": lambda session: session.type("\x03"),
    "SIGTERM": lambda session: os.kill(session.child.pid, signal.SIGTERM),
    "SIGHUP": lambda session: os.kill(session.child.pid, signal.SIGHUP),
}


@contextmanager
def live_of(folder: Path) -> Iterator[tuple[LiveTerminal, SimCamera]]:
    """Run `live` on a simulated camera in mode M, which is there to be looked at."""
    camera = SimCamera()
    try:
        with IpServer(camera, port=0) as server:
            line = ("-r", "--device", server.address, "-e", MODE_M, "-e", "live")
            with LiveTerminal(*line, home=folder) as session:
                session.wait(lambda: "REC" in session.status, "status line")
                # a button that is held goes up after 2 s of the camera's without a word
                camera.state.clock.speed = 0.1
                yield session, camera
    finally:
        camera.close()


def recorded(session: LiveTerminal) -> int:
    """Return how many frames are recorded, as the status line tells it. It may leave some out."""
    told = re.search(r"\[(\d+) recorded\]", session.status)
    return int(told[1]) if told else 0


def is_held(camera: SimCamera) -> bool:
    return "shoot_half" in camera.state.keys_held


def wait_held(camera: SimCamera, value: bool) -> None:
    """Wait until the camera's shutter button is held half down, or is not."""
    step = threading.Event()
    for _ in range(int(TIMEOUT * 50)):
        if is_held(camera) == value:
            return
        step.wait(0.02)
    raise AssertionError(f"the half press is not {value}")


def test_exposure_keys(tmp_path: Path) -> None:
    with live_of(tmp_path) as (session, camera):
        before = {prop: camera.state.prop(prop) for prop in (Prop.USER_TV, Prop.USER_AV)}
        for key, prop, by in (
            ("t", Prop.USER_TV, 32),
            ("T", Prop.USER_TV, 0),
            ("A", Prop.USER_AV, 32),
            ("a", Prop.USER_AV, 0),
        ):
            session.type(key)
            name = "shutter 1/" if prop is Prop.USER_TV else "aperture f/"
            wanted = before[prop] + by
            session.wait(
                lambda name=name, prop=prop, wanted=wanted: (  # type: ignore[misc]
                    name in session.status and camera.state.prop(prop) == wanted
                ),
                key,
            )
        for key, said in (("e", "EV -0.3"), ("E", "EV +0.0"), ("I", "ISO 80"), ("I", "ISO 100")):
            session.type(key)
            session.wait(lambda said=said: said in session.status, said)  # type: ignore[misc]
        assert camera.state.prop(Prop.EV_CORRECTION_1) == 0
        assert camera.state.prop(Prop.ISO_MODE) == 100
        for key, said in (("i", "ISO 80"), ("i", "ISO auto"), ("i", "it goes no further")):
            session.type(key)
            session.wait(lambda said=said: said in session.status, said)  # type: ignore[misc]
        session.type("r")
        session.wait(lambda: "PLAY" in session.status, "play mode")
        session.type("t")
        session.wait(lambda: "r switches to record mode" in session.status, "refusal")
        session.type("q")
        assert session.wait_end() == 0


def test_exposure_keys_say_where_the_mode_leaves_no_choice(tmp_path: Path) -> None:
    with live_of(tmp_path) as (session, _):
        session.type(":luar set_capture_mode(2)\r")
        session.wait_for("any key")
        session.type("x")
        session.wait(lambda: "done" in session.status, "view")
        for key, said in (("t", "shutter: in TV and M only"), ("a", "aperture: in AV and M only")):
            session.type(key)
            session.wait(lambda said=said: said in session.status, said)  # type: ignore[misc]
        session.type("q")
        assert session.wait_end() == 0


def test_histogram_lies_in_the_picture(tmp_path: Path) -> None:
    with live_of(tmp_path) as (session, _):

        def corner_white() -> int:
            # the lower left of the picture, whose highest bar is as high as a third of it
            cells = [cell for row in session.colours()[16:23] for cell in row[9:40]]
            return sum("ffffff" in cell for cell in cells)

        assert corner_white() == 0
        session.type("g")
        session.wait(
            lambda: "histogram: luma" in session.status and corner_white() > 3, "histogram"
        )
        session.type("g")
        session.wait(lambda: "histogram: RGB" in session.status, "colours")
        session.type("g")
        session.wait(lambda: "no histogram" in session.status and not corner_white(), "none")
        session.type("q")
        assert session.wait_end() == 0


def test_half_press_is_held_and_shoots(tmp_path: Path) -> None:
    with live_of(tmp_path) as (session, camera):
        session.type("H")
        wait_held(camera, True)
        session.wait(lambda: "half  space shoots, H lets go" in session.status, "what is held")
        session.type("H")
        wait_held(camera, False)
        session.wait(lambda: "released" in session.status, "release")
        session.type("H")
        wait_held(camera, True)
        session.type(" ")
        session.wait(lambda: "picture 102 taken" in session.status, "shot")
        wait_held(camera, False)
        session.type("H")
        wait_held(camera, True)
        session.type("+")  # another key of the camera lets go
        session.wait(lambda: "zoom 1" in session.status, "zoom")
        assert not is_held(camera)
        session.type("H")
        wait_held(camera, True)
        session.type(":luar return 6*7\r")
        session.wait_for("any key")
        assert "42" in session.raw.rpartition("\x1b[?1049l")[2]
        assert not is_held(camera)
        session.type("x")
        session.wait(lambda: "done" in session.status, "view")
        session.type("q")
        assert session.wait_end() == 0


@pytest.mark.parametrize("end", [*ENDS, pytest.param("SIGKILL", marks=pytest.mark.slow)])
def test_however_it_ends_the_button_goes_up_and_the_recording_is_there(
    tmp_path: Path, end: str
) -> None:
    with live_of(tmp_path) as (session, camera):
        session.type("Hv")
        wait_held(camera, True)
        session.wait(lambda: "half" in session.status and recorded(session) >= 3, "recording")
        if end == "SIGKILL":
            os.kill(session.child.pid, signal.SIGKILL)
            camera.state.clock.speed = 1
        else:
            ENDS[end](session)
        session.wait_end()
        wait_held(camera, False)  # after SIGKILL the camera itself lets go
    if end != "SIGKILL":
        assert_whole(tmp_path)


def test_recording_is_kept_where_the_camera_goes_away(tmp_path: Path) -> None:
    camera = SimCamera()
    with IpServer(camera, port=0) as server:
        session = LiveTerminal("-r", "--device", server.address, "-e", "live", home=tmp_path)
        session.wait(lambda: "PLAY" in session.status, "status line")
        session.type("v")
        session.wait(lambda: recorded(session) > 0, "recording")
    camera.close()
    with session:
        assert session.wait_end() == 1
    assert_whole(tmp_path)


def test_recording_is_ended_by_its_key(tmp_path: Path) -> None:
    with live_of(tmp_path) as (session, _):
        session.type("v")
        session.wait(lambda: recorded(session) > 0, "recording")
        session.type("v")
        session.wait(lambda: "recorded chdk_" in session.status, "what was recorded")
        assert_whole(tmp_path)
        session.type("q")
        assert session.wait_end() == 0
        assert session.raw.rstrip().endswith(".lvdump"), "its name is told at the end"


def assert_whole(folder: Path) -> None:
    """Check that the recording has its name, and frames that can all be read."""
    assert not list(folder.glob("*.part"))
    (dump,) = folder.glob("chdk_*.lvdump")
    with dump.open("rb") as file:
        frames = [Frame.parse(data) for data in read_dump(file)]
    assert frames
    assert all(frame.viewport for frame in frames)
