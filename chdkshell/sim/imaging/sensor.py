"""The simulated sensor: light in, the bytes of a raw frame buffer out.

Light is linear RGB with the primaries of sRGB, 1 for white paper. The sensor sees it through the
colour filters that its colour matrix describes, so that a raw converter which reads the DNG header
gets the scene's colours back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray

from chdkshell.chdk.imaging.rawimage import (
    BLUE,
    GREEN,
    RED,
    SRGB_TO_XYZ,
    Area,
    Mosaic,
)
from chdkshell.sim.imaging.framebuffer import bytes_of_row, frame_bytes
from chdkshell.sim.models import SensorShape

Floats = NDArray[np.float64]

MATRIX_SCALE = 1_000_000
"""Denominator of the colour matrix."""

_BAND = 64
"""Rows that are packed at a time."""

_WHITE_BALANCE_ONE = 1024
"""The gain of green in Canon's white balance numbers."""


@dataclass(frozen=True, slots=True)
class Sensor:
    """A Bayer sensor. `jpeg` is the part of the active area that pictures show, relative to it.

    `matrix` takes CIE XYZ to the sensor's red, green and blue, in millionths. `dead_pixels` are
    rows and columns of the frame that read 0.
    """

    mosaic: Mosaic
    jpeg: Area
    matrix: tuple[int, ...] = (
        *(1301431, -469837, -102652),
        *(-200195, 961551, 238645),
        *(-16441, 142319, 375979),
    )
    dead_pixels: tuple[tuple[int, int], ...] = field(default=(), repr=False)

    @property
    def row_bytes(self) -> int:
        return bytes_of_row(self.mosaic.width, self.mosaic.bits)

    @property
    def raw_size(self) -> int:
        """Bytes of the whole frame buffer."""
        return self.row_bytes * self.mosaic.height

    @property
    def white_balance(self) -> tuple[int, int, int]:
        """Gains of red, green and blue that make white grey, 1024 for green."""
        red, green, blue = self._light_to_sensor().sum(axis=1)
        return (
            round(_WHITE_BALANCE_ONE * green / red),
            _WHITE_BALANCE_ONE,
            round(_WHITE_BALANCE_ONE * green / blue),
        )

    def expose(
        self, light: NDArray[np.floating], gain: float = 1.0, first_line: int = 0, lines: int = 0
    ) -> bytes:
        """Return the frame buffer, or `lines` lines of it (0: all from `first_line` on).

        `light` (rows x columns x 3, of any size) fills the part of the frame that pictures show,
        and its edge what lies around that. `gain` 1 makes white paper as bright as can be shown,
        0.5 one stop darker. Around the active area the sensor is covered and reads black.
        """
        return b"".join(self.packed([light], len(light), gain, first_line, lines))

    def packed(
        self,
        bands: Iterable[NDArray[np.floating]],
        height: int,
        gain: float = 1.0,
        first_line: int = 0,
        lines: int = 0,
    ) -> Iterator[bytes]:
        """Yield what `expose` returns, some lines at a time, as light of `height` rows arrives."""
        end = first_line + lines if lines else self.mosaic.height
        for _, rows in self._exposed(bands, height, gain, first_line, end):
            yield frame_bytes(rows, self.mosaic.bits)

    def pixels(
        self, bands: Iterable[NDArray[np.floating]], height: int, gain: float = 1.0
    ) -> NDArray[np.uint16]:
        """Return the whole frame's values, rows x columns, of what `packed` packs."""
        frame = np.empty((self.mosaic.height, self.mosaic.width), np.uint16)
        for first, rows in self._exposed(bands, height, gain, 0, self.mosaic.height):
            frame[first : first + len(rows)] = rows
        return frame

    def _light_to_sensor(self) -> Floats:
        """Return the matrix from light to what the sensor's filters let through."""
        matrix = np.array(self.matrix, np.float64).reshape(3, 3) / MATRIX_SCALE
        return np.asarray(matrix @ np.array(SRGB_TO_XYZ))

    def _exposed(
        self,
        bands: Iterable[NDArray[np.floating]],
        height: int,
        gain: float,
        first: int,
        end: int,
    ) -> Iterator[tuple[int, NDArray[np.uint16]]]:
        """Yield rows of the frame from `first` to `end`, some at a time, and where they begin."""
        active, jpeg = self.mosaic.active, self.jpeg
        down = _sample(self.mosaic.height, active.top + jpeg.top, jpeg.height, height)
        top = 0
        for light in bands:
            bottom = top + len(light)
            stop = min(int(np.searchsorted(down, bottom)), end)
            values = self._values(light, gain) if first < stop else None
            while values is not None and first < stop:
                last = min(first + _BAND, stop)
                yield first, self._rows(values, down[first:last] - top, first)
                first = last
            top = bottom

    def _values(self, light: NDArray[np.floating], gain: float) -> NDArray[np.uint16]:
        """Return what pixels of each colour read for `light`: colours x rows x columns."""
        response = self._light_to_sensor()
        seen = light.astype(np.float64) @ (response.T * gain / response.sum(axis=1).max())
        black, white = self.mosaic.black, self.mosaic.white
        np.clip(seen, 0, 1, out=seen)
        seen *= white - black
        seen += black + 0.5
        return np.ascontiguousarray(np.moveaxis(seen, 2, 0), np.uint16)

    def _rows(
        self, values: NDArray[np.uint16], down: NDArray[np.intp], first: int
    ) -> NDArray[np.uint16]:
        """Return rows from `first` on. `down` says which row of `values` each of them shows."""
        mosaic = self.mosaic
        start = mosaic.active.left + self.jpeg.left
        across = _sample(mosaic.width, start, self.jpeg.width, values.shape[2])
        rows = np.empty((len(down), mosaic.width), np.uint16)
        for line in range(2):
            for side in range(2):
                colour = mosaic.colour_at(first + line, side)
                seen = values[colour][down[line::2]]
                rows[line::2, side::2] = seen[:, across[side::2]]
        self._cover_and_break(rows, first)
        return rows

    def _cover_and_break(self, rows: NDArray[np.uint16], first: int) -> None:
        mosaic, active = self.mosaic, self.mosaic.active
        rows[: max(active.top - first, 0)] = mosaic.black
        rows[max(active.bottom - first, 0) :] = mosaic.black
        rows[:, : active.left] = mosaic.black
        rows[:, active.right :] = mosaic.black
        for row, column in self.dead_pixels:
            if first <= row < first + len(rows):
                rows[row - first, column] = 0


def _sample(length: int, start: int, span: int, samples: int) -> NDArray[np.intp]:
    """Return which of `samples`, spread over `span` pixels from `start`, each pixel shows."""
    positions = (np.arange(length) - start) * samples // span
    return np.clip(positions, 0, samples - 1)


_CANON_COLOURS = (RED, GREEN, GREEN, BLUE)

SENSORS = {
    10: Sensor(
        Mosaic(3336, 2480, 10, Area(8, 12, 2472, 3324), _CANON_COLOURS, 31, 1023),
        Area(6, 8, 2454, 3272),
        dead_pixels=((900, 1200), (901, 1200), (1501, 2200)),
    ),
    12: Sensor(
        Mosaic(4704, 3504, 12, Area(20, 60, 3502, 4700), _CANON_COLOURS, 127, 4095),
        Area(13, 16, 3469, 4624),
        dead_pixels=((1100, 1500), (1501, 2700), (2300, 3000)),
    ),
    14: Sensor(
        Mosaic(4496, 3366, 14, Area(34, 80, 3366, 4496), _CANON_COLOURS, 511, 16383),
        Area(12, 12, 3324, 4428),
        dead_pixels=((1100, 1500), (1501, 2700), (2300, 3000)),
    ),
}
"""Sensors by bits a pixel. That of 12 bits has the shape of the recorded camera's."""

_COLOURS = {"R": RED, "G": GREEN, "B": BLUE}


def camera_sensor(shape: SensorShape | None, bits: int | None) -> Sensor:
    """Return a camera's sensor: its own, or that of `bits` bits a pixel where one is wanted."""
    return SENSORS[bits or 12] if bits or shape is None else sensor_of(shape)


@cache
def sensor_of(shape: SensorShape) -> Sensor:
    """Return the sensor of a camera by what the table of cameras says of it."""
    left, top, right, bottom = shape.active
    red, green, blue, last = (_COLOURS[letter] for letter in shape.colours)
    mosaic = Mosaic(
        shape.width,
        shape.height,
        shape.bits,
        Area(top, left, bottom, right),
        (red, green, blue, last),
        shape.black,
        (1 << shape.bits) - 1,
    )
    width, height = shape.jpeg
    across, down = (right - left - width) // 2, (bottom - top - height) // 2
    return Sensor(mosaic, Area(down, across, down + height, across + width))
