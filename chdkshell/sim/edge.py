"""The 5 V of a rig's USB cables, which one switch turns off and on for all of its cameras."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence

from chdkshell.sim.state import CameraState

OFF_SECONDS = 0.05
"""How long the 5 V stay away: what is written meanwhile belongs to the same edge."""

_READ = 4096


class Edge:
    """Switches the 5 V of `cameras` off for a moment: shots that wait for that are taken."""

    def __init__(self, cameras: Sequence[CameraState]) -> None:
        self._cameras = cameras

    def __call__(self) -> None:
        for camera in self._cameras:
            camera.power_usb(False)
        time.sleep(OFF_SECONDS)
        for camera in self._cameras:
            camera.power_usb(True)


def follow(pipe: int, edge: Callable[[], None], at_end: Callable[[], None]) -> None:
    """Call `edge`, in a thread, whenever something is written to `pipe`, and `at_end` after it."""

    def read() -> None:
        while os.read(pipe, _READ):
            edge()
        at_end()

    threading.Thread(target=read, name="edge", daemon=True).start()
