"""Raw frame buffers: the packing of pixels, and what is computed on them.

A frame buffer is a stream of pixels, most significant bit first, in 16-bit words. The camera keeps
the words little-endian; a DNG file has them big-endian, which is the plain bit stream that TIFF
wants (CHDK: core/raw.c, modules/dng.c). Pixels are arrays of uint16, rows x columns.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from chdkshell.streams import Buffer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint16]
    Floats = NDArray[np.float64]

BIT_DEPTHS = (10, 12, 14)
"""Bits of a pixel on the sensors that CHDK runs on."""

RED, GREEN, BLUE = 0, 1, 2
"""Colours as TIFF/EP's CFAPattern numbers them."""

SRGB_TO_XYZ = (
    (0.4124564, 0.3575761, 0.1804375),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339, 0.1191920, 0.9503041),
)
"""From linear light with sRGB's primaries to CIE XYZ (IEC 61966-2-1)."""

WordOrder = Literal["<", ">"]
"""Byte order of the 16-bit words: "<" in the camera, ">" in a DNG file."""


def row_bytes(width: int, bits: int) -> int:
    """Return the bytes of one row. Raises `ValueError` where rows would not end on a word."""
    if bits not in BIT_DEPTHS or width <= 0 or width % _block_pixels(bits):
        raise ValueError(f"no frame buffer has rows of {width} pixels of {bits} bits")
    return width * bits // 8


def _block_pixels(bits: int) -> int:
    """Return the fewest pixels that fill whole words."""
    return math.lcm(bits, 16) // bits


def unpack(data: Buffer, width: int, bits: int, order: WordOrder = "<") -> Pixels:
    """Return the pixels of whole rows. Raises `ValueError` where `data` is not whole rows."""
    import numpy as np

    if len(data) % row_bytes(width, bits):
        raise ValueError(f"{len(data)} bytes are not whole rows")
    words_in_block = bits * _block_pixels(bits) // 16
    words = np.frombuffer(data, f"{order}u2").astype(np.uint16).reshape(-1, words_in_block)
    pixels = np.empty((len(words), _block_pixels(bits)), np.uint16)
    for index, (word, unused) in enumerate(_places(bits)):
        if unused >= 0:
            pixels[:, index] = words[:, word] >> unused
        else:
            pixels[:, index] = words[:, word] << -unused
            pixels[:, index] |= words[:, word + 1] >> (16 + unused)
    pixels &= (1 << bits) - 1
    return pixels.reshape(-1, width)


def pack(pixels: Pixels, bits: int, order: WordOrder = "<") -> bytes:
    """Return the bytes of rows of pixels. Bits above `bits` are dropped."""
    import numpy as np

    row_bytes(pixels.shape[1], bits)
    blocks = pixels.reshape(-1, _block_pixels(bits)) & np.uint16((1 << bits) - 1)
    words = np.zeros((len(blocks), bits * _block_pixels(bits) // 16), np.uint16)
    for index, (word, unused) in enumerate(_places(bits)):
        if unused >= 0:
            words[:, word] |= blocks[:, index] << unused
        else:
            words[:, word] |= blocks[:, index] >> -unused
            words[:, word + 1] |= blocks[:, index] << (16 + unused)
    return words.astype(f"{order}u2").tobytes()


def _places(bits: int) -> Iterator[tuple[int, int]]:
    """Yield where each pixel of a block lies: its word, and the bits unused below it.

    Fewer than none means that so many of its bits lie in the next word.
    """
    for index in range(_block_pixels(bits)):
        word, above = divmod(index * bits, 16)
        yield word, 16 - above - bits


def swap_words(data: Buffer) -> bytes:
    """Return `data` with the two bytes of every 16-bit word swapped. Its length must be even."""
    import numpy as np

    return np.frombuffer(data, "<u2").byteswap().tobytes()


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of pixels; `bottom` and `right` are the first row and column beyond it."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top

    def __contains__(self, other: object) -> bool:
        return isinstance(other, Area) and (
            self.top <= other.top
            and self.left <= other.left
            and other.bottom <= self.bottom
            and other.right <= self.right
        )


@dataclass(frozen=True, slots=True)
class Mosaic:
    """What the pixels of a sensor are.

    `colours` are those of the 2x2 pixels at the top left of the active area, row by row: RED, BLUE
    and twice GREEN. `black` and `white` are the values for no light and for the most.
    """

    width: int
    height: int
    bits: int
    active: Area
    colours: tuple[int, int, int, int] = (RED, GREEN, GREEN, BLUE)
    black: int = 0
    white: int = 0

    def colour_at(self, row: int, column: int) -> int:
        """Return the colour of a pixel of the whole frame."""
        return self.colours[(row - self.active.top) % 2 * 2 + (column - self.active.left) % 2]


def patch_bad_pixels(
    rows: Pixels,
    mosaic: Mosaic,
    threshold: int,
    first_row: int = 0,
    context: tuple[int, int] = (0, 0),
) -> tuple[Pixels, int]:
    """Replace pixels of the active area that are `threshold` or less; return rows and how many.

    A pixel becomes the mean of its nearest four of the same colour, of those that are themselves
    good and above black, and stays where there is none. `rows` are whole rows of the frame from
    `first_row` on; neighbours outside them count as bad. Of `rows`, as many as `context` says at
    the top and at the bottom serve as neighbours only.
    """
    import numpy as np

    bad_rows, bad_columns = np.nonzero(rows <= threshold)
    active = mosaic.active
    inside = (
        (bad_rows >= context[0])
        & (bad_rows < len(rows) - context[1])
        & (bad_rows + first_row >= active.top)
        & (bad_rows + first_row < active.bottom)
        & (bad_columns >= active.left)
        & (bad_columns < active.right)
    )
    bad_rows, bad_columns = bad_rows[inside], bad_columns[inside]
    if not len(bad_rows):
        return rows, 0
    green = np.array([mosaic.colours[i] == GREEN for i in range(4)])[
        (bad_rows + first_row - active.top) % 2 * 2 + (bad_columns - active.left) % 2
    ]
    total = np.zeros(len(bad_rows), np.int64)
    count = np.zeros(len(bad_rows), np.int64)
    for diagonal, straight in (
        ((-1, -1), (-2, 0)),
        ((-1, 1), (2, 0)),
        ((1, -1), (0, -2)),
        ((1, 1), (0, 2)),
    ):
        y = bad_rows + np.where(green, diagonal[0], straight[0])
        x = bad_columns + np.where(green, diagonal[1], straight[1])
        there = (y >= 0) & (y < rows.shape[0]) & (x >= 0) & (x < rows.shape[1])
        value = rows[np.where(there, y, 0), np.where(there, x, 0)].astype(np.int64)
        good = there & (value > max(threshold, mosaic.black))
        total += np.where(good, value, 0)
        count += good
    patched = rows.copy()
    can = count > 0
    patched[bad_rows[can], bad_columns[can]] = (total[can] // count[can]).astype(np.uint16)
    return patched, int(can.sum())


class ThumbnailMaker:
    """Makes a small RGB picture of a frame whose rows come in bands.

    `neutral` is the sensor's answer to white, by which colours are balanced (DNG: AsShotNeutral).
    Rows that never come stay black.
    """

    def __init__(
        self, mosaic: Mosaic, width: int, height: int, neutral: tuple[float, float, float]
    ) -> None:
        import numpy as np

        self._mosaic = mosaic
        self._width = width
        self._neutral = neutral
        cells = max(mosaic.active.height // 2, 1)
        self._sums = np.zeros((height, 2, 2, width))
        self._places: dict[int, list[tuple[int, int]]] = {}
        for index in range(height):
            for phase in range(2):
                row = mosaic.active.top + index * cells // height * 2 + phase
                self._places.setdefault(row, []).append((index, phase))

    def wants(self, row: int) -> bool:
        """Whether anything of a row of the frame is seen in the picture."""
        return row in self._places

    def add(self, row: int, pixels: Pixels) -> None:
        """Take the pixels of a row of the frame."""
        for index, phase in self._places.get(row, ()):
            self._add_row(index, phase, pixels)

    def _add_row(self, index: int, phase: int, row: Pixels) -> None:
        import numpy as np

        active = self._mosaic.active
        cells = max(active.width // 2, 1)
        starts = np.arange(self._width) * cells // self._width
        counts = np.maximum(np.diff(starts, append=cells), 1)
        for side in range(2):
            line = row[active.left + side : active.left + cells * 2 : 2].astype(np.float64)
            self._sums[index, phase, side] = np.add.reduceat(line, starts) / counts

    def picture(self) -> NDArray[np.uint8]:
        """Return the thumbnail, rows x columns x RGB."""
        import numpy as np

        colours = self._mosaic.colours
        planes = []
        for colour in (RED, GREEN, BLUE):
            places = [place for place in range(4) if colours[place] == colour]
            plane = sum(self._sums[:, place // 2, place % 2] for place in places) / len(places)
            planes.append(plane)
        span = max(self._mosaic.white - self._mosaic.black, 1)
        light = (np.stack(planes, axis=-1) - self._mosaic.black) / span
        light *= max(self._neutral) / np.array(self._neutral)
        return np.asarray(np.clip(light, 0, 1) ** (1 / 2.2) * 255 + 0.5).astype(np.uint8)
