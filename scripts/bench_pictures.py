"""The measures of pictures: live view frames, and a remote capture."""

from __future__ import annotations

import statistics

from bench_children import MIB, SOCKET_COPY, folder_with, python, report, simulated_camera

DECODING = """
import time
from chdkshell.chdk.constants import DisplayData
from chdkshell.chdk.imaging.liveview import Frame
from chdkshell.sim.display.screen import Screen
from chdkshell.sim.state import CameraState
import numpy as np
data = Screen(CameraState()).display_data(DisplayData.VIEWPORT)
frame = Frame.parse(data)
assert frame.viewport_rgb().shape == (240, 720, 3)
plane = np.zeros(240 * 720, np.int16)
def rate(call, times):
    best = 0.0
    for _ in range(5):
        start = time.perf_counter()
        for _ in range(times):
            call()
        best = max(best, times / (time.perf_counter() - start))
    return best
def yardstick():
    # the least that decoding has to do for each of three channels: an addition and the clipping
    for _ in range(3):
        np.clip(plane + plane, 0, 255).astype(np.uint8)
print(rate(lambda: Frame.parse(data).viewport_rgb(), 200), rate(yardstick, 200))
"""

LIVE_FRAMES = """
import sys, time, chdkshell
from chdkshell.chdk.constants import DisplayData
from chdkshell.chdk.imaging.liveview import Frame
def rate(call, times):
    start = time.perf_counter()
    for _ in range(times):
        call()
    return times / (time.perf_counter() - start)
with chdkshell.connect(sys.argv[1]) as cam:
    fetch = lambda: cam.protocol.get_display_data(DisplayData.VIEWPORT)
    show = lambda: Frame.parse(fetch()).viewport_rgb()
    show()
    rates = [(rate(show, 200), rate(fetch, 200)) for _ in range(5)]
print(*(sorted(column)[2] for column in zip(*rates)))
"""

DNG_SHOTS = """
import sys, time, chdkshell
from pathlib import Path
from chdkshell.chdk.shooting.capture import CaptureRequest
from chdkshell.chdk.shooting.modes import switch_mode
from chdkshell.chdk.shooting.capturesession import CapturePlan, CaptureSession
from chdkshell.flow import Progress

class Watch(Progress):
    '''Notes when the last data phase began: the shot itself takes the camera a while.'''
    def start(self, total):
        self.began, self.total = time.perf_counter(), total

address, folder = sys.argv[1], Path(sys.argv[2])
with chdkshell.connect(address) as cam:
    switch_mode(cam.scripts, True)
    for shot in range(4):
        session = CaptureSession(
            cam.protocol, cam.scripts, CaptureRequest(dng=True), CapturePlan(),
            lambda kind, number: folder / f"{shot}.{kind.suffix}",
        )
        watch = Watch()
        session.look_before()
        session.start()
        session.fetcher.fetch_shot(watch)
        print(watch.total / (time.perf_counter() - watch.began))
        session.close()
"""


def decode() -> None:
    """A 720x240 YUV8 frame to RGB, against three additions with clipping (aim: 800 a second)."""
    ours, bare = (float(word) for word in python(DECODING).output.split())
    more = "of three additions with clipping in numpy; aim: 800 frames/s"
    report("decode 720x240 YUV8", ours, bare, "fps", ours / bare, more)


def live() -> None:
    """Fetch and decode over TCP, against fetching alone."""
    with folder_with("X", 1) as root, simulated_camera(root) as address:
        ours, bare = (float(word) for word in python(LIVE_FRAMES, address).output.split())
    more = "of fetching without decoding, over TCP from a process of its own"
    report("live view 720x240", ours, bare, "fps", ours / bare, more)


def capture() -> None:
    """A 25 MB frame to a DNG file over TCP, against a plain socket copy (aim: under 128 MiB)."""
    frame = 24_724_224
    with folder_with("FRAME.BIN", frame) as root, simulated_camera(root) as address:
        done = python(DNG_SHOTS, address, str(root / "out"))
        copies = []
        for _ in range(4):
            copy = python(SOCKET_COPY, str(root / "FRAME.BIN"), str(root / "out" / "copy.bin"))
            copies.append(frame / float(copy.output) / MIB)
        rates = [float(word) / MIB for word in done.output.split()]
        a, b = statistics.median(rates[1:]), statistics.median(copies[1:])
        more = f"of a plain socket copy's rate; peak memory {done.peak / MIB:.0f} MiB"
        report("rcapture 25 MB DNG", a, b, "MiB/s", a / b, more)
