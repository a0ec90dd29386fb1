"""The simulated camera on the emulated bus, seen by this project's library and by gphoto2."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.emulated_usb.fixtures import UsbBus
from support.timeouts import TIMEOUT

from chdkshell.sim.camera import SimCamera

EXCHANGE = """
import sys
from pathlib import Path
import chdkshell

with chdkshell.connect("usb:serial=USB42") as camera:
    print(camera.model)
    print(camera.lua("return get_buildinfo().platform"))
    camera.files.upload(Path(sys.argv[1]), "A/BIG.BIN")
    camera.files.download("A/BIG.BIN", Path(sys.argv[2]))
"""


@pytest.fixture
def sim_bus(usb_bus: UsbBus) -> Iterator[UsbBus]:
    """The bus with a simulated camera on it."""
    camera = SimCamera(model="Canon PowerShot USB", serial="USB42")
    usb_bus.plug_sim(camera, 7)
    yield usb_bus
    camera.close()


@pytest.mark.parametrize("libusb", ["system", "package"])
def test_library_over_usb(
    sim_bus: UsbBus, tmp_path_factory: pytest.TempPathFactory, libusb: str
) -> None:
    folder = tmp_path_factory.mktemp("usb")
    sent, received = folder / "sent.bin", folder / "received.bin"
    sent.write_bytes(bytes(range(251)) * 20_000 + b"end")
    for _ in range(2):
        run = subprocess.run(
            [sys.executable, "-c", EXCHANGE, str(sent), str(received)],
            env=sim_bus.environment(libusb),
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
        )
        assert run.stderr == ""
        assert run.stdout.splitlines()[0] == "Canon PowerShot USB"
        assert received.read_bytes() == sent.read_bytes()
        received.unlink()


def test_gphoto2_reads_the_camera(
    sim_bus: UsbBus, peer: Callable[[str], str], tmp_path: Path
) -> None:
    gphoto2 = peer("gphoto2")

    def run(option: str) -> str:
        return subprocess.run(
            [gphoto2, option],
            env={**sim_bus.environment(), "LC_ALL": "C", "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=True,
        ).stdout

    assert "usb:001,007" in run("--auto-detect")
    summary = run("--summary")
    assert "Model: Canon PowerShot USB" in summary
    assert "Serial Number: USB42" in summary


SMALL_PACKETS = """
import sys
import chdkshell

with chdkshell.connect("usb:") as camera:
    print(camera.model, hex(camera.product_id), camera.session.transport.max_packet_size)
    for size in (0, 1, 51, 52, 53, 64, 116, 500, 512, 5000):
        data = bytes(range(256)) * 20
        camera.files.write("A/SMALL.BIN", data[:size])
        assert camera.files.read("A/SMALL.BIN") == data[:size], size
"""
"""Sizes around those that fill packets of 64 bytes, with and without the 12 of a header."""


@pytest.mark.parametrize("libusb", ["system", "package"])
def test_a_camera_of_small_packets(usb_bus: UsbBus, libusb: str) -> None:
    camera = SimCamera(model="A530")
    usb_bus.plug_sim(camera)
    run = subprocess.run(
        [sys.executable, "-c", SMALL_PACKETS],
        env=usb_bus.environment(libusb),
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
    )
    camera.close()
    assert run.stderr == ""
    assert run.stdout.split() == ["Canon", "PowerShot", "A530", "0x3126", "64"]
