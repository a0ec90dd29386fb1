"""What CHDK draws over the camera's own screen: a script's shapes, its console, its questions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chdkshell.sim.display.inks import DRAWING, Ink
from chdkshell.sim.imaging.fonts import font
from chdkshell.sim.shown import Shape

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

LETTER = (8, 16)
"""Width and height of a letter of CHDK's font, in the drawing's pixels."""

_NAMED = (
    *(Ink.CLEAR, Ink.BLACK, Ink.WHITE, Ink.RED, Ink.RED, Ink.RED, Ink.GREEN, Ink.GREEN, Ink.GREEN),
    *(Ink.BLUE, Ink.BLUE, Ink.BLUE, Ink.GREY, Ink.GREY, Ink.GREY, Ink.YELLOW, Ink.YELLOW),
    *(Ink.YELLOW, Ink.SHADE, Ink.MAGENTA),
)
"""The inks of named colours, which have shades on a camera (core/gui_draw.h)."""


@dataclass(frozen=True, slots=True)
class ScreenText:
    """Lines of text on the screen, with the place of the first one in letters."""

    lines: tuple[str, ...] = ()
    column: int = 0
    row: int = 0
    columns: int = 0


def ink_of(colour: int) -> Ink:
    """Return the ink for a colour of scripts.

    From 256 on colours have names; those below are places in a camera's palette.
    """
    if colour & ~0xFF:
        named = colour & 0xFF
        return _NAMED[named] if named < len(_NAMED) else Ink.CLEAR
    return Ink.CLEAR if colour == 0 else Ink((colour - 1) % (len(Ink) - 1) + 1)


def draw_shape(pen: ImageDraw, shape: Shape) -> None:
    """Draw a script's shape. What lies off the screen is not seen."""
    limit = 4 * max(DRAWING)
    x1, y1, x2, y2 = (max(-limit, min(limit, at)) for at in shape.box)
    box = min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)
    line, fill = ink_of(shape.line), None if shape.fill is None else ink_of(shape.fill)
    if shape.kind == "line":
        pen.line((x1, y1, x2, y2), line)
    elif shape.kind == "rectangle":
        pen.rectangle(box, fill, line, shape.width)
    elif shape.kind == "ellipse":
        pen.ellipse(box, fill, line)
    else:
        _letters(pen, (x1, y1), shape.text, line, fill or Ink.CLEAR, shape.scale)


def write(pen: ImageDraw, written: ScreenText) -> None:
    """Write lines of the console or of a question, on a dark ground."""
    for number, line in enumerate(written.lines):
        at = written.column * LETTER[0], (written.row + number) * LETTER[1]
        _letters(pen, at, line.ljust(written.columns), Ink.WHITE, Ink.SHADE)


def _letters(
    pen: ImageDraw,
    at: tuple[int, int],
    text: str,
    ink: Ink,
    ground: Ink,
    scale: tuple[int, int] = (1, 1),
) -> None:
    width, height = LETTER[0] * min(scale[0], 16), LETTER[1] * min(scale[1], 16)
    face = font(height * 0.75)
    for number, letter in enumerate(text[: DRAWING[0] // LETTER[0] + 1]):
        x, y = at[0] + number * width, at[1]
        pen.rectangle((x, y, x + width - 1, y + height - 1), ground)
        pen.text((x + width / 2, y + height / 2), letter, fill=ink, anchor="mm", font=face)
