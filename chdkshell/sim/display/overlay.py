"""What the simulated camera writes over its viewport: mode, battery, zoom and a focus box.

The overlay is drawn in a handful of inks, which become palette entries or YUV pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from chdkshell.chdk.imaging.framebuffers import PaletteType
from chdkshell.sim.display.canvas import ScreenText, draw_shape, write
from chdkshell.sim.display.inks import DRAWING, Ink
from chdkshell.sim.imaging.fonts import font
from chdkshell.sim.shown import Shape

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.ImageDraw import ImageDraw

YUV = {
    Ink.CLEAR: (0, 0, 0),
    Ink.WHITE: (254, 0, 0),
    Ink.BLACK: (16, 0, 0),
    Ink.SHADE: (32, 0, 0),
    Ink.GREEN: (150, -60, -80),
    Ink.RED: (90, -40, 110),
    Ink.YELLOW: (220, -110, 20),
    Ink.BLUE: (60, 110, -30),
    Ink.MAGENTA: (110, 80, 90),
    Ink.GREY: (130, 0, 0),
}
"""Y 0 to 255, U and V -128 to 127. Only what is clear is 0 0 0, since a YUV overlay needs that."""

_OPAQUE, _HALF = 3, 0
_ALPHA_2_BITS = {Ink.CLEAR: 0, Ink.SHADE: _HALF}
ALPHA = {Ink.CLEAR: 0, Ink.SHADE: 128}
"""Opacity of the inks that are not opaque (255)."""


@dataclass(frozen=True, slots=True)
class Labels:
    """What the overlay says. `battery` is 0 to 1, `zoom` the magnification in tenths.

    Without `data` none of it is seen. `name` is that of a file in play mode. `shapes` and `written`
    are CHDK's, over all the rest.
    """

    mode: str
    battery: float
    zoom: int
    shots: int
    focus_box: bool
    data: bool = True
    name: str = ""
    filming: bool = False
    menu: bool = False
    shapes: tuple[Shape, ...] = ()
    written: tuple[ScreenText, ...] = ()


@cache
def palette(kind: PaletteType) -> bytes:
    """Return the palette of a type as the camera keeps it."""
    entries = kind.size // 4
    inks = [_entry(kind, ink) for ink in Ink]
    return b"".join(inks) + bytes(4) * (entries - len(inks)) if entries else b""


def pixel_values(kind: PaletteType) -> bytes:
    """Return the pixel value of each ink: its index, in both halves where two indices add up."""
    return bytes(ink * 17 if kind.size == 16 * 4 else ink for ink in Ink)


def _entry(kind: PaletteType, ink: Ink) -> bytes:
    y, u, v = YUV[ink]
    if kind.size == 16 * 4:
        y, u, v = y // 2, u // 2, v // 2
    alpha = _ALPHA_2_BITS.get(ink, _OPAQUE)
    if kind is PaletteType.AYUV_16:
        alpha = ALPHA.get(ink, 255)
    elif kind is PaletteType.VUYA_256_ALPHA6:
        alpha <<= 4
    u, v = u & 0xFF, v & 0xFF
    if kind in (PaletteType.AYUV_16, PaletteType.AYUV_16_ALPHA2):
        return bytes((alpha, y, u, v))
    return bytes((v, u, y, alpha))


@lru_cache(maxsize=2)
def draw(labels: Labels, width: int, height: int) -> NDArray[np.uint8]:
    """Return the overlay as (height, width) inks. The array is shared: don't change it."""
    import numpy as np
    from PIL import Image, ImageDraw

    image = Image.new("L", DRAWING)
    pen = ImageDraw.Draw(image)
    # Edges without steps in between: those would be other inks.
    pen.fontmode = "1"
    if labels.data:
        _camera(pen, labels)
    if labels.menu:
        pen.rectangle((40, 40, 320, 200), Ink.SHADE, Ink.WHITE)
        _text(pen, (180, 60), "MENU", Ink.WHITE, "mm")
    for shape in labels.shapes:
        draw_shape(pen, shape)
    for written in labels.written:
        write(pen, written)
    return np.asarray(image.resize((width, height), Image.Resampling.NEAREST))


def _camera(pen: ImageDraw, labels: Labels) -> None:
    """Draw what the camera itself says."""
    pen.rectangle((0, 0, DRAWING[0] - 1, 21), Ink.SHADE)
    _text(pen, (6, 11), labels.mode, Ink.RED if labels.focus_box else Ink.GREEN, "lm")
    _text(pen, (180, 11), f"{labels.zoom / 10:.1f}x", Ink.WHITE, "mm")
    _text(pen, (300, 11), f"{labels.shots}", Ink.WHITE, "rm")
    _battery(pen, labels.battery)
    if labels.name:
        _text(pen, (354, 230), labels.name, Ink.WHITE, "rm")
    if labels.filming:
        pen.ellipse((8, 30, 20, 42), Ink.RED)
    if labels.focus_box:
        _focus_box(pen)


def _text(pen: ImageDraw, at: tuple[int, int], text: str, ink: Ink, anchor: str) -> None:
    pen.text(at, text, fill=ink, anchor=anchor, font=font(15))


def _battery(pen: ImageDraw, level: float) -> None:
    pen.rectangle((318, 5, 350, 17), Ink.BLACK, Ink.WHITE)
    pen.rectangle((351, 9, 353, 13), Ink.WHITE)
    ink = Ink.GREEN if level > 0.25 else Ink.RED
    pen.rectangle((320, 7, 320 + round(28 * min(max(level, 0), 1)), 15), ink)


def _focus_box(pen: ImageDraw) -> None:
    """Draw the four corners of a box in the middle."""
    left, top, right, bottom = 144, 90, 216, 150
    arm = 14
    for x, inward in ((left, arm), (right, -arm)):
        for y, down in ((top, arm), (bottom, -arm)):
            pen.line((x, y, x + inward, y), Ink.YELLOW, 2)
            pen.line((x, y, x, y + down), Ink.YELLOW, 2)
