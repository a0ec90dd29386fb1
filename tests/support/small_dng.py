"""A DNG file as CHDK makes it, of a sensor that is small."""

from __future__ import annotations

from pathlib import Path

from chdkshell.chdk.imaging.rawimage import BLUE, GREEN, RED, Area, Mosaic
from chdkshell.sim.imaging.dng_header import ShotDetails, dng_header
from chdkshell.sim.imaging.sensor import Sensor

SMALL = Sensor(
    Mosaic(288, 216, 12, Area(4, 8, 214, 284), (RED, GREEN, GREEN, BLUE), 127, 4095),
    Area(2, 2, 206, 272),
    dead_pixels=((10, 20), (21, 31)),
)
"""Two pixels read 0, at column 20 of row 10 and column 31 of row 21."""

DETAILS = ShotDetails(672, 320, 100, "2026:11:21 08:00:00", 0, (1024, 1024, 1024))


def dng_bytes() -> bytes:
    import numpy as np

    words = np.frombuffer(SMALL.expose(np.full((68, 89, 3), 0.5)), "<u2").byteswap().tobytes()
    return dng_header(SMALL, DETAILS) + bytes(128 * 96 * 3) + words


def make_dng(path: Path) -> Path:
    path.write_bytes(dng_bytes())
    return path
