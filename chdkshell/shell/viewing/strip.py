"""A strip at the right of the picture with the pictures that were taken last."""

from __future__ import annotations

from collections.abc import Sequence

from chdkshell.shell.terminal.fullscreen import Window
from chdkshell.shell.terminal.pictures import Box, Painter, fit
from chdkshell.shell.viewing.lastpictures import LastPicture

LEAST = (80, 24)
"""Columns and rows of a terminal that has room for it."""

SHARE = 5
"""It takes one column in so many."""

SHAPE = (4, 3)
"""Width to height of the place for a thumbnail."""

GAP = 1


def has_room(window: Window) -> bool:
    """Whether a window is large enough for a strip."""
    return window.columns >= LEAST[0] and window.rows >= LEAST[1]


def beside(window: Window) -> Window:
    """Return what the strip leaves of a window."""
    return Window(window.columns - window.columns // SHARE, window.rows, window.cell)


def strip_text(
    pictures: Sequence[LastPicture], window: Window, painter: Painter, reserved: int = 1
) -> str:
    """Return what shows as many of the pictures as there is room for, each above its name.

    `reserved` rows at the bottom are left free.
    """
    width = window.columns // SHARE - GAP
    left = window.columns - width
    high = fit(*SHAPE, Window(width, window.rows, window.cell), reserved).rows
    text = []
    for number, picture in enumerate(pictures[: (window.rows - reserved) // (high + 1)]):
        top = number * (high + 1)
        name = picture.name[: width - 1]
        if picture.thumbnail is not None:
            down, across, _ = picture.thumbnail.shape
            box = fit(across, down, Window(width, high, window.cell), reserved=0)
            place = Box(left + box.left, top + box.top, box.columns, box.rows)
            text.append(painter.still(picture.thumbnail, place, window.cell))
        text.append(f"\x1b[{top + high + 1};{left + 1}H\x1b[0m{name}")
    return "".join(text)
