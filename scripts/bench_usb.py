"""The USB measure: a download over the emulated bus of the tests against bare reads by pyusb."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent / "tests"

BARE_READS = """
import struct, sys, time
from array import array
import usb.util
from chdkshell.transport.usb_devices import find_cameras, open_backend

size, target = int(sys.argv[1]), sys.argv[2]
device = find_cameras(open_backend())[0]
answer = array("B", bytes(512))

def ask(number, code, *params, data=b""):
    head = struct.pack("<IHHI", 12 + 4 * len(params), 1, code, number)
    device.write(0x02, head + struct.pack(f"<{len(params)}I", *params))
    if data:
        device.write(0x02, struct.pack("<IHHI", 12 + len(data), 2, code, number) + data)

ask(0, 0x1002, 1)
device.read(0x81, answer)
ask(1, 0x9999, 4, 0, data=b"A/BIG.BIN")
device.read(0x81, answer)
start = time.perf_counter()
ask(2, 0x9999, 6)
buffer = array("B", bytes(1 << 20))
view = memoryview(buffer)
left = size + 12
with open(target, "wb") as file:
    skip = 12
    while left:
        count = device.read(0x81, buffer, 5000)
        file.write(view[skip:count])
        left -= count
        skip = 0
device.read(0x81, answer)
print(time.perf_counter() - start)
usb.util.dispose_resources(device)
"""
"""CHDK's DownloadFile (0x9999, 6) by hand: the data container in reads of 1 MiB, to a file."""


@contextmanager
def camera_on_usb(card: Path) -> Iterator[dict[str, str]]:
    """A simulated camera on an emulated bus; gives the environment in which a program sees it."""
    sys.path.insert(0, str(TESTS))
    from support.emulated_usb.bus import Bus

    from chdkshell.sim.camera import SimCamera
    from chdkshell.sim.interfaces.usbdevice import UsbCamera

    with tempfile.TemporaryDirectory() as folder:
        shim = Path(folder) / "shim.so"
        source = TESTS / "support" / "emulated_usb" / "shim.c"
        command = [
            "gcc",
            "-shared",
            "-fPIC",
            "-O2",
            "-o",
            str(shim),
            str(source),
            "-ldl",
            "-lpthread",
        ]
        subprocess.run(command, check=True)
        camera = SimCamera(card)
        bus = Bus(shim)
        try:
            bus.plug(lambda changed: UsbCamera(camera.responder, camera.device_info, changed), 4)
            yield {**os.environ, **bus.environment()}
        finally:
            bus.close()
            camera.close()
