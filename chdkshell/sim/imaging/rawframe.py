"""The raw frame of a shot while a script may look at it and change it (modules/rawhookops.c)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from chdkshell.sim.imaging.framebuffer import frame_bytes

if TYPE_CHECKING:
    from chdkshell.sim.imaging.sensor import Sensor

HISTOGRAM_BITS, HISTOGRAM_STEP = 10, 31
"""The shot histogram's bits a pixel, and how far apart its pixels are (shot_histogram.c)."""

NEUTRAL_PART = 6.669
"""The usable range of values over what a neutral target is exposed to."""

_BAND = 64
"""Rows that are packed at a time."""


class RawFrame:
    """Pixels of `sensor`, rows x columns, made by `expose` when they are first looked at."""

    def __init__(self, sensor: Sensor, expose: Callable[[], NDArray[np.uint16]]) -> None:
        self.sensor = sensor
        self.changed = False
        self._expose = expose
        self._pixels: NDArray[np.uint16] | None = None

    @property
    def pixels(self) -> NDArray[np.uint16]:
        """The values, which may be changed; `changed` has to be set then."""
        if self._pixels is None:
            self._pixels = self._expose()
        return self._pixels

    def lines(self, first: int = 0, count: int = 0) -> Iterator[bytes]:
        """Yield lines of the frame buffer as the camera keeps them; 0: all from `first` on."""
        end = first + count if count else len(self.pixels)
        for row in range(first, end, _BAND):
            rows = self.pixels[row : min(row + _BAND, end)]
            yield frame_bytes(rows, self.sensor.mosaic.bits)

    def histogram(self) -> list[int]:
        """Return how many of the active area's pixels, some of them, have each value."""
        mosaic = self.sensor.mosaic
        active = mosaic.active
        seen = self.pixels[
            active.top : active.bottom : HISTOGRAM_STEP, active.left : active.right : HISTOGRAM_STEP
        ]
        counts = np.bincount(seen.ravel() >> (mosaic.bits - HISTOGRAM_BITS), minlength=1024)
        return [int(count) for count in counts]
