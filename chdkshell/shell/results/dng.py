"""Results of the commands on DNG files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TextIO

from chdkshell.errors import printable
from chdkshell.shell.results import Result

BAR_COLUMNS = 50
"""Length of a histogram's longest bar."""

SCREEN_ROWS = 32
"""Bins of a histogram on a terminal, where nobody says how many; one more at most."""


@dataclass(frozen=True, slots=True)
class Lines(Result):
    """Lines that are the result."""

    lines: tuple[str, ...]

    def text(self) -> str:
        return printable("\n".join(self.lines))


@dataclass(frozen=True, slots=True)
class Histogram(Result):
    """First and last value and count of each bin of `size` values, out of `total` pixels.

    `form` is how counts are shown: count, % or %. (a dot for each per cent). `may_join`: nobody
    said how large a bin is, so that what is drawn may have as many bins as a screen has room for.
    """

    rows: tuple[tuple[int, int, int], ...]
    total: int
    size: int
    form: str
    may_join: bool = False

    def text(self) -> str:
        return "\n".join(self._lines())

    def screen(self, terminal: TextIO) -> str:
        from rich.text import Text

        from chdkshell.shell.results.drawing import drawn

        many = len(self.rows) // SCREEN_ROWS + 1 if self.may_join else 1
        return drawn(Text("\n".join(self._joined(many)._lines(BAR_COLUMNS))), terminal)

    def json(self) -> Any:
        return {"rows": self.rows, "total": self.total, "size": self.size, "form": self.form}

    def _joined(self, many: int) -> Histogram:
        """Return the histogram with so many bins made into one."""
        groups = (self.rows[at : at + many] for at in range(0, len(self.rows), many))
        size = self.size * many
        rows = tuple((g[0][0], g[0][0] + size - 1, sum(n for *_, n in g)) for g in groups)
        return Histogram(rows, self.total, size, self.form)

    def _lines(self, bars: int = 0) -> list[str]:
        """Return a line for each bin; with `bars`, a bar of so many columns for the highest."""
        digits = len(str(self.rows[-1][1] if self.rows else 0))
        most = max((count for *_, count in self.rows), default=0) or 1
        lines = []
        for first, last, count in self.rows:
            label = f"{first:{digits}}" + (f"-{last:{digits}}" if self.size > 1 else "")
            share = 100 * count / (self.total or 1)
            shown = {"count": str(count), "%": f"{share:6.2f}", "%.": "." * int(share)}[self.form]
            bar = f"{_bar(count / most * bars):<{bars}} " if bars else ""
            lines.append(f"{label} {bar}{shown}")
        return lines


def _bar(columns: float) -> str:
    """Return a bar that is so many columns long, to an eighth of one."""
    whole = int(columns)
    part = int((columns - whole) * 8)
    return "█" * whole + (" ▏▎▍▌▋▊▉"[part] if part else "")
