"""The inks that the overlay is drawn in, and the size of the drawing."""

from __future__ import annotations

from enum import IntEnum

DRAWING = (360, 240)
"""Width and height of the drawing, before it is stretched to the buffer."""


class Ink(IntEnum):
    """The colours of the overlay; the number is the palette index."""

    CLEAR = 0
    WHITE = 1
    BLACK = 2
    SHADE = 3
    GREEN = 4
    RED = 5
    YELLOW = 6
    BLUE = 7
    MAGENTA = 8
    GREY = 9
