"""Where the pictures of several cameras go on a terminal."""

from __future__ import annotations

from dataclasses import dataclass

from chdkshell.shell.terminal.fullscreen import Window
from chdkshell.shell.terminal.pictures import Box, fit

LEAST = (16, 5)
"""Columns and rows that a tile needs."""

SHAPE = (4, 3)
"""Width to height of a camera's screen, for which tiles are laid out."""

CAPTION = 1
"""Rows above the picture, with its name."""


@dataclass(frozen=True, slots=True)
class TilePlace:
    """A tile: its caption's row and the picture below it."""

    left: int
    top: int
    columns: int
    rows: int

    def holds(self, column: int, row: int) -> bool:
        """Whether a place of the terminal is in the tile."""
        across = self.left <= column < self.left + self.columns
        return across and self.top <= row < self.top + self.rows

    def box(self, width: int, height: int, cell: tuple[int, int]) -> Box:
        """Return where a picture of that shape stands in it."""
        box = fit(width, height, Window(self.columns - 1, self.rows - CAPTION, cell), reserved=0)
        return Box(self.left + box.left, self.top + CAPTION + box.top, box.columns, box.rows)


def most_tiles(window: Window, reserved: int = 1) -> int:
    """Return how many tiles a window has room for, at least 1."""
    return max(window.columns // LEAST[0] * ((window.rows - reserved) // LEAST[1]), 1)


def places(count: int, window: Window, reserved: int = 1) -> list[TilePlace]:
    """Lay out so many tiles such that their pictures are as large as they can be."""
    rows = max(window.rows - reserved, CAPTION + 1)
    best, area = 1, 0
    for across in range(1, count + 1):
        place = _place(0, across, -(-count // across), window.columns, rows)
        if place.columns < 2 or place.rows <= CAPTION:
            continue
        box = place.box(*SHAPE, window.cell)
        if box.columns * box.rows > area:
            best, area = across, box.columns * box.rows
    down = -(-count // best)
    return [_place(index, best, down, window.columns, rows) for index in range(count)]


def _place(index: int, across: int, down: int, columns: int, rows: int) -> TilePlace:
    width, height = columns // across, rows // down
    return TilePlace(index % across * width, index // across * height, width, height)
