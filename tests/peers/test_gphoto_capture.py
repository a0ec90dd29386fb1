"""gphoto2 takes pictures with a camera that a computer releases: the simulated SX100 IS."""
# needs: POSIX

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pexpect
import pytest
from support.emulated_usb.fixtures import UsbBus
from support.gphoto import Gphoto, gphoto_at
from support.timeouts import TIMEOUT

from chdkshell.sim.camera import SimCamera
from chdkshell.sim.clock import Clock

pytestmark = pytest.mark.slow


@pytest.fixture(params=["ip", "usb"])
def gphoto(
    request: pytest.FixtureRequest, peer: Callable[[str], str], tmp_path: Path
) -> Iterator[Gphoto]:
    bus: UsbBus | None = None
    if request.param == "usb":
        bus = request.getfixturevalue("usb_bus")
    camera = SimCamera(model="SX100IS", clock=Clock(speed=4))
    folder = tmp_path / "here"
    folder.mkdir()
    with gphoto_at(request.param, peer("gphoto2"), camera, folder, bus) as gphoto:
        yield gphoto
    camera.close()


def test_a_picture_is_taken_and_fetched(gphoto: Gphoto) -> None:
    card = gphoto.camera.card.root
    said = gphoto.run("--capture-image-and-download", "--keep")
    assert re.search(r"New file is in location .*/IMG_0102\.JPG on the camera", said)
    (taken,) = card.rglob("IMG_0102.JPG")
    assert (gphoto.folder / "IMG_0102.JPG").read_bytes() == taken.read_bytes()
    assert gphoto.camera.state.shots == 1


def test_what_the_viewfinder_shows(gphoto: Gphoto) -> None:
    gphoto.run("--capture-preview")
    (shown,) = gphoto.folder.glob("capture_preview*")
    assert shown.read_bytes()[:2] == b"\xff\xd8"


def test_settings_that_come_with_release_control(gphoto: Gphoto) -> None:
    said = gphoto.run("--set-config", "capture=1", "--list-config")
    assert "/main/capturesettings/zoom" in said.split()


def test_pictures_taken_at_the_camera_are_fetched(gphoto: Gphoto) -> None:
    """Its own button, as often as it is pressed, while gphoto2 waits for events."""
    gphoto.camera.state.recording = True
    child = pexpect.spawn(
        gphoto.program,
        [*gphoto.words, "--keep", "--capture-tethered"],
        env={**gphoto.environment, "HOME": str(gphoto.folder), "LC_ALL": "C"},
        cwd=str(gphoto.folder),
        timeout=TIMEOUT,
        encoding="utf-8",
    )
    child.expect("Waiting for events")
    saved = 0
    while saved < 2:  # gphoto2 forgets what comes while it asks about something else: press again
        gphoto.camera.hands.do("press shoot_full 300")
        saved += child.expect([pexpect.TIMEOUT, "Saving file as IMG_[0-9]+.JPG"], timeout=15)
    child.sendintr()
    child.expect(pexpect.EOF)
    fetched = {path.name: path.read_bytes() for path in gphoto.folder.glob("*.JPG")}
    taken = {path.name: path.read_bytes() for path in gphoto.camera.card.root.rglob("*.JPG")}
    assert len(fetched) >= 2
    assert fetched.items() <= taken.items()
