"""gphoto2 with a camera that `chdkshell share` serves: one on the emulated USB bus."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.emulated_usb.fixtures import UsbBus
from support.gphoto import CARD, Gphoto
from support.shell_process import environment, program

from chdkshell.sim.camera import SimCamera

pytestmark = pytest.mark.slow


@pytest.fixture
def gphoto(peer: Callable[[str], str], usb_bus: UsbBus, tmp_path: Path) -> Iterator[Gphoto]:
    camera = SimCamera(serial="SHARED")
    usb_bus.plug_sim(camera, 7)
    child = subprocess.Popen(
        [*program(), "share", "--port", "0"],
        env={**environment(), **usb_bus.environment()},
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    assert child.stdout is not None
    child.stdout.readline()
    port = child.stdout.readline().removeprefix("for gphoto2: ").split()
    yield Gphoto(peer("gphoto2"), tuple(port), dict(os.environ), tmp_path, camera)
    child.terminate()
    child.communicate()
    camera.close()


def test_gphoto2_works_through_a_shared_camera(gphoto: Gphoto) -> None:
    assert "  Serial Number: SHARED" in gphoto.run("--summary").splitlines()
    pictures = f"{CARD}/DCIM/100CANON"
    listed = gphoto.run("--folder", pictures, "--list-files")
    assert re.search(r"#1 +IMG_0001\.JPG", listed), listed
    gphoto.run("--folder", f"{CARD}/DCIM", "--recurse", "--get-all-files")
    card = gphoto.camera.card.root
    sent = {file.name: file.read_bytes() for file in (card / "DCIM").rglob("*.JPG")}
    assert {file.name: file.read_bytes() for file in gphoto.folder.glob("*.JPG")} == sent
    data = bytes(range(256)) * 9000
    (gphoto.folder / "up.bin").write_bytes(data)
    gphoto.run("--folder", f"{CARD}/DCIM", "--upload-file", "up.bin")
    assert (card / "DCIM/up.bin").read_bytes() == data
