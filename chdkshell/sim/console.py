"""The console of scripts on the simulated camera's screen (core/console.c)."""

from __future__ import annotations

from collections import deque

COLUMNS, ROWS = 44, 14
"""What the screen has room for: letters of 8 x 16 pixels, and a row that is the title's."""

DEFAULT_COLUMNS, DEFAULT_ROWS = 25, 5

KEPT_LINES = 100

SHOWN_MS = 3000
"""How long lines stay on the screen when no script runs any more (console_timeout)."""

NOT_SHOWN, ON_REDRAW = -1, 0
"""Ways of redrawing, besides at once: lines do not come here, or are shown by `redraw`."""


class Console(deque[str]):
    """The last lines, as scripts printed them. `left` and `bottom` are in letters."""

    def __init__(self) -> None:
        super().__init__(maxlen=KEPT_LINES)
        self.left, self.bottom = 0, 0
        self.columns, self.rows = DEFAULT_COLUMNS, DEFAULT_ROWS
        self.drawing = 1
        self._last = -SHOWN_MS - 1
        self._drawn: list[str] = []

    def print(self, line: str, ticks: int) -> None:
        """Add a line of a script's."""
        if self.drawing == NOT_SHOWN:
            return
        self.append(line)
        self._last = ticks

    def say(self, line: str, ticks: int) -> None:
        """Add a line of CHDK's own, which is always shown."""
        self.drawing = 1
        self.print(line, ticks)

    def forget_script(self) -> None:
        """A script ends: lines are drawn by themselves again."""
        self.drawing = 1

    def lay_out(self, x1: int, y1: int, x2: int, y2: int) -> None:
        """Take the rectangle between two corners, in letters from the lower left of the screen."""
        left, right = sorted(max(0, min(x, COLUMNS)) for x in (x1, x2))
        bottom, top = sorted(max(0, min(y, ROWS)) for y in (y1, y2))
        self.left, self.bottom = left, bottom
        self.columns, self.rows = right - left, top - bottom

    def redraw(self) -> None:
        """Show what was printed so far."""
        self._drawn = self.folded()

    def folded(self) -> list[str]:
        """Return the lines that there is room for, cut where they are too long."""
        if not self.columns or not self.rows:
            return []
        parts: list[str] = []
        for line in self:
            pieces = range(0, max(len(line), 1), self.columns)
            parts += [line[at : at + self.columns] for at in pieces]
        return parts[-self.rows :]

    def shown(self, ticks: int, script_runs: bool) -> list[str]:
        """Return what is on the screen now."""
        if not script_runs and ticks > self._last + SHOWN_MS:
            return []
        return self._drawn if self.drawing == ON_REDRAW else self.folded()
