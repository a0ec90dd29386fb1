"""Shooting from Python, and what names tell of a camera on USB."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.emulated_usb.fixtures import UsbBus
from support.emulated_usb.shell import Shell

import chdkshell
from chdkshell.camera import Camera
from chdkshell.chdk.shooting.capture import CapturedShot, CaptureRequest
from chdkshell.chdk.shooting.exposure import Exposure
from chdkshell.chdk.shooting.series import CardShot, ShotListener
from chdkshell.errors import ChdkError, UsageError
from chdkshell.sim.camera import SimCamera


@pytest.fixture
def camera(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Camera]:
    (tmp_path / "card").mkdir()
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    with chdkshell.connect(f"sim:card={tmp_path}/card") as camera:
        yield camera


class Heard(ShotListener):
    def __init__(self) -> None:
        self.shots: list[int] = []

    def card_shot(self, shot: CardShot) -> None:
        self.shots.append(shot.number)

    def captured(self, shot: CapturedShot) -> None:
        self.shots.append(shot.image_number)


def test_shoot_and_capture(camera: Camera, tmp_path: Path) -> None:
    with pytest.raises(ChdkError, match="not in rec mode"):
        camera.shoot()
    camera.switch_mode(record=True)
    light = Exposure.of(shutter=1 / 100, iso=80, aperture=4, distance=1500)
    first, second = camera.shoot(light, shots=2, dng=True, download="card/", remove=True)
    assert (first.number, second.number) == (1, 2)
    assert [picture.path for picture in first.pictures] == [
        "A/DCIM/100___11/CRW_0001.DNG",
        "A/DCIM/100___11/IMG_0001.JPG",
    ]
    assert first.downloads == (Path("card/CRW_0001.DNG"), Path("card/IMG_0001.JPG"))
    assert not list((tmp_path / "card").rglob("*.JPG"))

    heard = Heard()
    (shot,) = camera.capture(Path("pair"), light, files=CaptureRequest(raw=True), listener=heard)
    size = 4704 * 3504 * 12 // 8
    assert [(file.path, file.size) for file in shot.files] == [(Path("pair.raw"), size)]
    assert heard.shots == [3]
    names = [
        file.path.name
        for shot in camera.capture("${shotseq}${ext}", shots=2, quick=True)
        for file in shot.files
    ]
    assert names == ["0001.jpg", "0002.jpg"]
    camera.switch_mode(record=False)
    assert camera.lua("return (get_mode())") is False


def test_exposures_are_what_the_exif_standard_says() -> None:
    light = Exposure.of(shutter=1 / 100, iso=80, aperture=4, distance=1500)
    assert (light.tv, light.sv, light.av, light.distance) == (638, 449, 384, 1500)
    assert Exposure.of() == Exposure()


@pytest.mark.parametrize(
    "value",
    [{"shutter": 0}, {"shutter": float("nan")}, {"iso": -1}, {"aperture": 1e300}, {"distance": 0}],
)
def test_exposures_that_cannot_be(value: dict[str, float]) -> None:
    with pytest.raises(UsageError, match=f"invalid {next(iter(value))}"):
        Exposure.of(**value)  # type: ignore[arg-type]


def test_names_tell_the_product_id(usb_bus: UsbBus, tmp_path: Path) -> None:
    camera = SimCamera()
    usb_bus.plug_sim(camera)
    shell = Shell(usb_bus.environment())
    try:
        for line in (
            "connect",
            "rec",
            f"rcapture {tmp_path}/capture_${{pid}}${{ext}}",
            f"shoot -dl={tmp_path}/shoot_${{pid,%d}}${{ext}}",
        ):
            answer = shell.run(line)
            assert answer.ok, answer
        shell.close()
    finally:
        shell.kill()
        camera.close()
    names = sorted(path.name for path in tmp_path.glob("*_*.*"))
    assert names == ["capture_32c8.jpg", "shoot_13000.JPG"]
