"""gphoto2 controls the simulated EOS R6: settings, pictures, the viewfinder, events."""
# needs: POSIX

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.emulated_usb.fixtures import UsbBus
from support.gphoto import CARD, Gphoto, gphoto_at

from chdkshell.sim.camera import SimCamera
from chdkshell.sim.clock import Clock

pytestmark = pytest.mark.slow

CAPTURE = ("--capture-image-and-download", "--keep")


@pytest.fixture(params=["ip", "usb"])
def gphoto(
    request: pytest.FixtureRequest, peer: Callable[[str], str], tmp_path: Path
) -> Iterator[Gphoto]:
    bus: UsbBus | None = None
    if request.param == "usb":
        bus = request.getfixturevalue("usb_bus")
    camera = SimCamera(model="EOS R6", clock=Clock(speed=4))
    folder = tmp_path / "here"
    folder.mkdir()
    with gphoto_at(request.param, peer("gphoto2"), camera, folder, bus) as gphoto:
        yield gphoto
    camera.close()


def test_settings_are_listed_read_and_written(gphoto: Gphoto) -> None:
    names = {*gphoto.run("--list-config").split()}
    assert {
        "/main/imgsettings/iso",
        "/main/imgsettings/imageformat",
        "/main/capturesettings/aperture",
        "/main/capturesettings/shutterspeed",
        "/main/settings/capturetarget",
        "/main/status/lensname",
    } <= names
    said = gphoto.run("--get-config", "iso", "--get-config", "aperture")
    assert "Current: Auto\n" in said
    assert "Current: 5\n" in said
    assert "Choice: 7 400\n" in said
    assert "Current: Large Fine JPEG\n" in gphoto.run("--get-config", "imageformat")
    said = gphoto.run("--set-config", "iso=400", "--get-config", "iso")
    assert "Current: 400\n" in said
    said = gphoto.run("--set-config", "artist=Ann", "--get-config", "artist")
    assert "Current: Ann\n" in said
    said = gphoto.run("--set-config", "imageformat=2", "--get-config", "imageformat")
    assert "Current: Medium Fine JPEG\n" in said


def test_a_picture_comes_straight_to_the_computer(gphoto: Gphoto) -> None:
    before = sorted(gphoto.camera.card.root.rglob("*.JPG"))
    gphoto.run("--set-config", "capturetarget=0", *CAPTURE)
    (fetched,) = gphoto.folder.glob("capt*.jpg")
    assert b"Canon EOS R6" in fetched.read_bytes()
    assert sorted(gphoto.camera.card.root.rglob("*.JPG")) == before
    assert gphoto.camera.state.shots == 1


def test_a_picture_is_taken_to_the_card_and_fetched(gphoto: Gphoto) -> None:
    said = gphoto.run("--set-config", "capturetarget=1", *CAPTURE)
    assert re.search(r"New file is in location .*/IMG_0102\.JPG on the camera", said)
    (taken,) = gphoto.camera.card.root.rglob("IMG_0102.JPG")
    assert (gphoto.folder / "IMG_0102.JPG").read_bytes() == taken.read_bytes()


def test_what_the_viewfinder_shows(gphoto: Gphoto) -> None:
    gphoto.run("--capture-preview")
    (shown,) = gphoto.folder.glob("capture_preview*")
    assert shown.read_bytes()[:2] == b"\xff\xd8"


def test_events_are_waited_for(gphoto: Gphoto) -> None:
    said = gphoto.run("--wait-event=20")
    assert 'PTP Property d116 changed, "model" to "2147484755"' in said
    assert 'PTP Property d103 changed, "iso" to "Auto"' in said


def test_what_is_on_its_card(gphoto: Gphoto) -> None:
    listed = gphoto.run("--folder", f"{CARD}/DCIM", "--list-files")
    assert f"There are 3 files in folder '{CARD}/DCIM/100CANON'." in listed
    gphoto.run("--folder", f"{CARD}/DCIM", "--recurse", "--get-all-files")
    sent = {file.name: file.read_bytes() for file in gphoto.camera.card.root.rglob("*.JPG")}
    assert len(sent) == 4
    assert {file.name: file.read_bytes() for file in gphoto.folder.glob("*.JPG")} == sent
    assert not (gphoto.camera.card.root / "CHDK").exists()
