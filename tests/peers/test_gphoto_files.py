"""gphoto2 with files and settings of the simulated camera, without CHDK's operation."""

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

PICTURES = f"{CARD}/DCIM/100CANON"


@pytest.fixture(params=["ip", "usb"])
def gphoto(
    request: pytest.FixtureRequest, peer: Callable[[str], str], tmp_path: Path
) -> Iterator[Gphoto]:
    bus: UsbBus | None = None
    if request.param == "usb":
        bus = request.getfixturevalue("usb_bus")
    camera = SimCamera(clock=Clock(speed=4))
    folder = tmp_path / "here"
    folder.mkdir()
    with gphoto_at(request.param, peer("gphoto2"), camera, folder, bus) as gphoto:
        yield gphoto
    camera.close()


def test_what_is_there(gphoto: Gphoto) -> None:
    listed = gphoto.run("--folder", f"{CARD}/DCIM", "--list-files")
    for line in (
        rf"There are 3 files in folder '{PICTURES}'\.",
        r"#1 +IMG_0001\.JPG +rd +17 KB +640x480 +image/jpeg \d+",
        rf"There is 1 file in folder '{CARD}/DCIM/101CANON'\.",
    ):
        assert re.search(line, listed), listed
    info = gphoto.run("--folder", PICTURES, "--show-info", "1")
    assert "Size:        17117 byte(s)" in info
    assert "Time:        Sat Jun 20 10:15:00 2026" in info
    assert "free=" in gphoto.run("--storage-info")


def test_all_files_arrive_as_they_are(gphoto: Gphoto) -> None:
    gphoto.run("--folder", f"{CARD}/DCIM", "--recurse", "--get-all-files")
    card = gphoto.camera.card.root / "DCIM"
    sent = {file.name: file.read_bytes() for file in card.rglob("*.JPG")}
    assert len(sent) == 4
    assert {file.name: file.read_bytes() for file in gphoto.folder.glob("*.JPG")} == sent


def test_a_shot_has_a_thumbnail_and_exif_data(gphoto: Gphoto) -> None:
    camera = gphoto.camera
    camera.state.recording = True
    camera.hands.do("press shoot_full 500")
    folder = f"{CARD}/{camera.state.image_dir.removeprefix('A/')}"
    # the next question of gphoto2 is answered when the shot is on the card, or it asks again
    for _ in range(50):
        if "IMG_0102.JPG" in gphoto.run("--folder", folder, "--list-files"):
            break
    number = gphoto.run("--folder", folder, "--list-files").count("\n#")
    gphoto.run("--folder", folder, "--get-thumbnail", str(number))
    (thumbnail,) = gphoto.folder.glob("thumb_*")
    assert thumbnail.read_bytes()[:2] == b"\xff\xd8"
    exif = gphoto.run("--folder", folder, "--show-exif", str(number))
    assert "Canon PowerShot SIM1" in exif


def test_folders_and_files_are_made_and_removed(gphoto: Gphoto) -> None:
    data = bytes(range(256)) * 300
    (gphoto.folder / "up.bin").write_bytes(data)
    root = gphoto.camera.card.root
    gphoto.run("--folder", f"{CARD}/DCIM", "--mkdir", "NEW")
    gphoto.run("--folder", f"{CARD}/DCIM/NEW", "--upload-file", "up.bin")
    assert (root / "DCIM/NEW/up.bin").read_bytes() == data
    gphoto.run("--folder", f"{CARD}/DCIM/NEW", "--delete-file", "1")
    assert not list((root / "DCIM/NEW").iterdir())
    gphoto.run("--folder", f"{CARD}/DCIM", "--rmdir", "NEW")
    assert not (root / "DCIM/NEW").exists()
    assert len(list(root.rglob("*.JPG"))) == 4


def test_settings_are_read_and_written(gphoto: Gphoto) -> None:
    names = gphoto.run("--list-config").split()
    assert {"/main/settings/ownername", "/main/settings/datetime", "/main/other/d045"} <= {*names}
    said = gphoto.run("--set-config", "ownername=Ann", "--get-config", "ownername")
    assert "Current: Ann\n" in said
    gphoto.camera.state.clock.set(1_000_000_000)
    gphoto.run("--set-config", "datetime=now")
    assert gphoto.camera.state.clock.now() > 1_700_000_000


def test_its_way_with_chdk_goes_on_working(gphoto: Gphoto) -> None:
    summary = gphoto.run("--set-config", "chdk=On", "--summary")
    assert "Model: Canon PowerShot SIM1" in summary or "CHDK" in summary
    taken = gphoto.run("--set-config", "chdk=On", "--capture-image")
    assert re.search(r"New file is in location /DCIM/.*/IMG_0102\.JPG on the camera", taken)
    gphoto.run("--set-config", "chdk=On", "--capture-preview")
    assert list(gphoto.folder.glob("capture_preview*"))
