"""Results of the commands on DNG files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TextIO

from chdkshell.errors import printable
from chdkshell.shell.results import Result

BAR_COLUMNS = 50
"""Length of a histogram's longest bar."""


@dataclass(frozen=True, slots=True)
class Lines(Result):
    """Lines that are the result."""

    lines: tuple[str, ...]

    def text(self) -> str:
        return printable("\n".join(self.lines))


@dataclass(frozen=True, slots=True)
class Histogram(Result):
    """First and last value and count of each bin of `size` values, out of `total` pixels.

    `form` is how counts are shown: count, % or %. (a dot for each per cent).
    """

    rows: tuple[tuple[int, int, int], ...]
    total: int
    size: int
    form: str

    def text(self) -> str:
        return "\n".join(_histogram_lines(self))

    def screen(self, terminal: TextIO) -> str:
        from rich.text import Text

        from chdkshell.shell.results.drawing import drawn

        return drawn(Text("\n".join(_histogram_lines(self, BAR_COLUMNS))), terminal)


def _histogram_lines(histogram: Histogram, bars: int = 0) -> list[str]:
    """Return a line for each bin; with `bars`, a bar of so many columns for the highest."""
    digits = len(str(histogram.rows[-1][1] if histogram.rows else 0))
    most = max((count for *_, count in histogram.rows), default=0) or 1
    lines = []
    for first, last, count in histogram.rows:
        label = f"{first:{digits}}" + (f"-{last:{digits}}" if histogram.size > 1 else "")
        share = 100 * count / (histogram.total or 1)
        shown = {"count": str(count), "%": f"{share:6.2f}", "%.": "." * int(share)}[histogram.form]
        bar = f"{_bar(count / most * bars):<{bars}} " if bars else ""
        lines.append(f"{label} {bar}{shown}")
    return lines


def _bar(columns: float) -> str:
    """Return a bar that is so many columns long, to an eighth of one."""
    whole = int(columns)
    part = int((columns - whole) * 8)
    return "█" * whole + (" ▏▎▍▌▋▊▉"[part] if part else "")
