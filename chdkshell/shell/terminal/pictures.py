"""Pictures as control sequences of a terminal: half blocks, kitty's protocol, or sixel.

`textual-image` has these too, but asks the terminal when it is imported and draws a picture once:
a view that changes many times a second sends what has changed, and keeps one palette.
"""

from __future__ import annotations

import base64
import io
import re
import warnings
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from chdkshell.shell.terminal.fullscreen import UPPER_HALF, Graphics, Window

Picture = NDArray[np.uint8]
"""(height, width, 3) RGB with square pixels."""

MAX_SIXEL_WIDTH = 480
"""Pixels across a sixel picture: coding takes its time, and terminals do to draw it."""

KITTY_CHUNK = 4096
"""The longest payload of one sequence of kitty's protocol."""

MAX_PIXELS = 1 << 20
"""Pixels of a thumbnail, at most: a camera's has 160x120 (DCF)."""

_LEVELS = (6, 7, 6)
"""Steps of red, green and blue in the palette of sixel pictures: the same for every frame."""


@dataclass(frozen=True, slots=True)
class Box:
    """Where a picture goes, in characters; the first row and column are 0."""

    left: int
    top: int
    columns: int
    rows: int


def fit(width: int, height: int, window: Window, reserved: int = 1) -> Box:
    """Return the largest box of the shape `width` to `height`, in the middle of the window.

    `reserved` rows at the bottom are left free.
    """
    free = max(window.rows - reserved, 1)
    across, down = window.cell
    scale = min(window.columns * across / width, free * down / height)
    columns = min(max(round(width * scale / across), 1), window.columns)
    rows = min(max(round(height * scale / down), 1), free)
    return Box((window.columns - columns) // 2, (free - rows) // 2, columns, rows)


class Painter(ABC):
    """Makes the text that shows pictures, one after another at the same place."""

    @abstractmethod
    def paint(self, picture: Picture, box: Box, cell: tuple[int, int]) -> str:
        """Return what shows `picture` in `box`. `cell` is the size of a character in pixels."""

    @abstractmethod
    def still(self, picture: Picture, box: Box, cell: tuple[int, int]) -> str:
        """Return what shows a picture beside those of `paint`, until the screen is erased."""

    @abstractmethod
    def forget(self) -> None:
        """The screen was erased: nothing of the last picture is there."""


def painter(graphics: Graphics, *, true_colour: bool, place: int = 0) -> Painter:
    """Return the painter for a terminal. Without `true_colour`, blocks have 256 colours.

    `place` tells those apart whose pictures stand side by side.
    """
    match graphics:
        case Graphics.KITTY:
            return KittyPainter(place)
        case Graphics.SIXEL:
            return SixelPainter()
        case Graphics.BLOCKS:
            return BlockPainter(true_colour=true_colour)
        case Graphics.ASCII:
            return BlankPainter(true_colour=true_colour)


class BlockPainter(Painter):
    """Half blocks: a character's foreground is its upper pixel, the background the lower one.

    Only the characters that changed are sent.
    """

    _character = UPPER_HALF
    _pixels = 2
    """How many a character has, one above the other."""

    def __init__(self, *, true_colour: bool) -> None:
        self._true_colour = true_colour
        self._shown: NDArray[np.int32] | None = None
        self._box: Box | None = None

    def forget(self) -> None:
        self._shown = None

    def still(self, picture: Picture, box: Box, cell: tuple[int, int]) -> str:
        return type(self)(true_colour=self._true_colour).paint(picture, box, cell)

    def paint(self, picture: Picture, box: Box, cell: tuple[int, int]) -> str:
        colours = self._colours(_scaled(picture, box.columns, box.rows * self._pixels))
        cells = colours.reshape(box.rows, self._pixels, box.columns).transpose(0, 2, 1)
        changed = np.ones(cells.shape[:2], np.bool_)
        if self._shown is not None and self._box == box:
            changed = (cells != self._shown).any(axis=2)
        self._shown, self._box = cells, box
        return "".join(self._changes(cells, changed, box)) + "\x1b[0m"

    def _changes(
        self, cells: NDArray[np.int32], changed: NDArray[np.bool_], box: Box
    ) -> Iterator[str]:
        for row in np.flatnonzero(changed.any(axis=1)).tolist():
            pen: list[int] = []
            at = -1
            columns = np.flatnonzero(changed[row])
            for column, pixels in zip(columns.tolist(), cells[row, columns].tolist(), strict=True):
                if column != at:
                    yield f"\x1b[{box.top + row + 1};{box.left + column + 1}H"
                if pixels != pen:
                    yield self._pen(pixels)
                    pen = pixels
                yield self._character
                at = column + 1

    def _pen(self, pixels: list[int]) -> str:
        colour = _rgb_colour if self._true_colour else _palette_colour
        return f"\x1b[38;{colour(pixels[0])};48;{colour(pixels[1])}m"

    def _colours(self, picture: Picture) -> NDArray[np.int32]:
        """Return a number for each pixel: 0xRRGGBB, or the index in the palette of 256."""
        red, green, blue = (picture[:, :, i].astype(np.int32) for i in range(3))
        if self._true_colour:
            return red << 16 | green << 8 | blue
        # The cube of 6 steps begins at 16: 0, 95, 135, 175, 215, 255.
        steps = [(np.maximum(channel - 35, 0) // 40) for channel in (red, green, blue)]
        colours: NDArray[np.int32] = 16 + 36 * steps[0] + 6 * steps[1] + steps[2]
        return colours


class BlankPainter(BlockPainter):
    """Blanks, whose background is their pixel: for terminals that have no half blocks."""

    _pixels = 1
    _character = " "

    def _pen(self, pixels: list[int]) -> str:
        colour = _rgb_colour if self._true_colour else _palette_colour
        return f"\x1b[48;{colour(pixels[0])}m"


@lru_cache(maxsize=4096)
def _rgb_colour(value: int) -> str:
    return f"2;{value >> 16};{value >> 8 & 255};{value & 255}"


@lru_cache(maxsize=256)
def _palette_colour(value: int) -> str:
    return f"5;{value}"


class KittyPainter(Painter):
    """Kitty's protocol: pixels, which the terminal scales.

    A new picture is drawn over the last, which goes only then: there is no moment without one.
    """

    def __init__(self, place: int = 0) -> None:
        self._first = self._number = 2 * place + 1

    def forget(self) -> None:
        """Do nothing: each picture is sent whole."""

    def still(self, picture: Picture, box: Box, cell: tuple[int, int]) -> str:
        return f"\x1b[{box.top + 1};{box.left + 1}H{kitty(picture, box, cell)}"

    def paint(self, picture: Picture, box: Box, cell: tuple[int, int]) -> str:
        last, self._number = self._number, 2 * self._first + 1 - self._number
        place = f"\x1b[{box.top + 1};{box.left + 1}H"
        shown = kitty(picture, box, cell, f"i={self._number},")
        return f"{place}{shown}\x1b_Ga=d,d=I,i={last},q=2\x1b\\"


def kitty(picture: Picture, box: Box, cell: tuple[int, int], keys: str = "") -> str:
    """Return a picture as sequences of kitty's protocol, which leave the cursor where it is.

    It has the size of `box` and stands at the cursor. `keys` are more keys for it.
    """
    picture = _shrunk(picture, box.columns * cell[0])
    height, width, _ = picture.shape
    payload = base64.b64encode(zlib.compress(picture.tobytes(), 1)).decode("ascii")
    parts = [payload[i : i + KITTY_CHUNK] for i in range(0, len(payload), KITTY_CHUNK)]
    head = f"a=T,q=2,f=24,o=z,s={width},v={height},{keys}C=1,c={box.columns},r={box.rows},"
    text = []
    for index, part in enumerate(parts):
        more = int(index + 1 < len(parts))
        text.append(f"\x1b_G{head}m={more};{part}\x1b\\")
        head = "q=2,"
    return "".join(text)


class SixelPainter(Painter):
    """Sixel: bands of six rows, a bit mask for each colour."""

    def forget(self) -> None:
        """Do nothing: each picture is sent whole."""

    def still(self, picture: Picture, box: Box, cell: tuple[int, int]) -> str:
        return self.paint(picture, box, cell)

    def paint(self, picture: Picture, box: Box, cell: tuple[int, int]) -> str:
        return f"\x1b[{box.top + 1};{box.left + 1}H" + sixel(enlarged(picture, box, cell))


def enlarged(picture: Picture, box: Box, cell: tuple[int, int]) -> Picture:
    """Return a picture in the pixels of `box`; a large one has its pixels twice or more often."""
    width, height = box.columns * cell[0], box.rows * cell[1]
    shrink = max(1, -(-width // MAX_SIXEL_WIDTH))
    picture = _scaled(picture, max(width // shrink, 1), max(height // shrink, 1))
    # A pixel may be drawn larger only by whole factors.
    return picture.repeat(shrink, axis=0).repeat(shrink, axis=1)


def sixel(picture: Picture) -> str:
    """Return a picture as a sixel sequence in the fixed palette."""
    height, width, _ = picture.shape
    indices = np.zeros((-(-height // 6) * 6, width), np.uint8)
    indices[:height] = _sixel_indices(picture)
    bands = indices.reshape(-1, 6, width)
    parts = [b'\x1bP0;1;0q"1;1;%d;%d' % (width, height), _sixel_palette()]
    weights = np.array([1, 2, 4, 8, 16, 32], np.uint8)[None, :, None]
    for number, band in enumerate(bands):
        rows = min(6, height - 6 * number)
        colours = np.unique(band[:rows])
        hits = band[None, :rows] == colours[:, None, None]
        masks = (hits * weights[:, :rows]).sum(axis=1, dtype=np.uint8) + 0x3F
        for colour, mask in zip(colours.tolist(), masks.astype(np.uint8), strict=True):
            parts.append(b"#%d%b$" % (colour, _run_lengths(mask.tobytes())))
        parts.append(b"-")
    parts.append(b"\x1b\\")
    return b"".join(parts).decode("ascii")


_RUN = re.compile(rb"(.)\1{3,}", re.DOTALL)


def _run_lengths(mask: bytes) -> bytes:
    """Return a band's mask of one colour with its runs shortened, its empty end left out."""
    return _RUN.sub(lambda run: b"!%d%b" % (len(run[0]), run[1]), mask.rstrip(b"?"))


def _sixel_indices(picture: Picture) -> Picture:
    """Return the palette's index for each pixel."""
    index = np.zeros(picture.shape[:2], np.uint16)
    for channel, levels in enumerate(_LEVELS):
        step = (picture[:, :, channel].astype(np.uint16) * (levels - 1) + 127) // 255
        index = index * levels + step
    return index.astype(np.uint8)


@lru_cache(maxsize=1)
def _sixel_palette() -> bytes:
    """Return the definitions of the colours, in per cent of red, green and blue."""
    red, green, blue = (np.linspace(0, 100, levels).round().astype(int) for levels in _LEVELS)
    return b"".join(
        b"#%d;2;%d;%d;%d" % ((r * _LEVELS[1] + g) * _LEVELS[2] + b, red[r], green[g], blue[b])
        for r in range(_LEVELS[0])
        for g in range(_LEVELS[1])
        for b in range(_LEVELS[2])
    )


def _shrunk(picture: Picture, width: int) -> Picture:
    """Return the picture at most `width` wide, in its own shape."""
    height, across, _ = picture.shape
    if across <= width:
        return picture
    return _scaled(picture, width, max(round(height * width / across), 1))


def _scaled(picture: Picture, width: int, height: int) -> Picture:
    from PIL import Image

    if picture.shape[:2] == (height, width):
        return picture
    image = Image.fromarray(picture)
    return np.asarray(image.resize((width, height), Image.Resampling.BOX, reducing_gap=2.0))


def decoded(jpeg: bytes | None) -> Picture | None:
    """Return a thumbnail's pixels, None where there is none that can be read."""
    if jpeg is None:
        return None
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as image:
                if image.width * image.height > MAX_PIXELS:
                    return None
                return np.asarray(image.convert("RGB"))
    except Exception:  # whatever the decoder makes of bytes that may be anything
        return None
