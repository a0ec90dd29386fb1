"""Small pictures in rows on a terminal, each with its name below it."""

from __future__ import annotations

import functools
import select
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TextIO

from rich.color import Color
from rich.console import Group, RenderableType
from rich.style import Style
from rich.table import Table
from rich.text import Text

from chdkshell.chdk.cardentry import CardEntry
from chdkshell.errors import printable_name
from chdkshell.shell.console import is_terminal
from chdkshell.shell.terminal.fullscreen import (
    DEFAULT_CELL,
    UPPER_HALF,
    Abilities,
    Graphics,
    Window,
    ask_terminal,
    cell_by_ioctl,
    without_pictures,
)
from chdkshell.shell.terminal.pictures import Box, Picture, decoded, enlarged, fit, kitty, sixel
from chdkshell.shell.terminal.richconsole import rich_console

LEAST_COLUMNS = {Graphics.ASCII: 30, Graphics.BLOCKS: 30, Graphics.KITTY: 20, Graphics.SIXEL: 20}
"""Characters across a picture, at least: a half block is one pixel, and a name needs 12."""

GAP = 2
"""Characters between two pictures."""

SHAPE = (4, 3)
"""Width to height of the cell for a picture: that of a camera's thumbnails."""

NO_PICTURE = "no thumbnail"


@functools.cache
def asked_terminal() -> Abilities:
    """Ask the terminal of stdin and stdout, once, how it shows pictures.

    Where there is none, or none that can be asked, it is half blocks.
    """
    nothing = Abilities(without_pictures(sys.stdout))
    if sys.platform == "win32" or not (is_terminal(sys.stdin) and is_terminal(sys.stdout)):
        return nothing
    from prompt_toolkit.input import create_input

    keys = create_input(sys.stdin)
    with keys.raw_mode():
        if select.select([keys.fileno()], [], [], 0)[0]:
            return nothing  # somebody types already: these keys are for the prompt
        abilities, _ = ask_terminal(_write, keys.fileno())
    # a terminal that does not know the questions may have shown them
    _write("\r\x1b[K")
    return abilities


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A picture on the card with the small JPEG picture inside it, None where it has none."""

    entry: CardEntry
    jpeg: bytes | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """How thumbnails stand on a terminal."""

    graphics: Graphics
    window: Window

    @property
    def across(self) -> int:
        """How many stand in a row."""
        return max(1, (self.window.columns + GAP) // (LEAST_COLUMNS[self.graphics] + GAP))

    @property
    def cell(self) -> Window:
        """The cell for one picture, in which it is as large as it can be."""
        columns = max(1, (self.window.columns + GAP) // self.across - GAP)
        across, down = (1, 2) if self.graphics is Graphics.BLOCKS else self.window.cell
        rows = max(1, round(columns * across * SHAPE[1] / (SHAPE[0] * down)))
        return Window(columns, rows, (across, down))

    def rows(self, pictures: Iterable[Thumbnail], stream: TextIO) -> Iterator[str]:
        """Yield rows of pictures with their names, for the terminal `stream`, as these come."""
        coming = iter(pictures)
        while row := list(islice(coming, self.across)):
            yield self._row(row, stream)

    def _row(self, pictures: Sequence[Thumbnail], stream: TextIO) -> str:
        thumbnails = [decoded(picture.jpeg) for picture in pictures]
        names = [printable_name(picture.entry.name)[: self.cell.columns] for picture in pictures]
        if self.graphics in (Graphics.ASCII, Graphics.BLOCKS):
            return self._blocks(thumbnails, names, stream)
        return self._drawn(thumbnails) + self._in_columns(names) + "\n\n"

    def _drawn(self, pictures: Sequence[Picture | None]) -> str:
        """Return a row of pictures; the cursor ends at the beginning of the line below them."""
        cell = self.cell
        if all(picture is None for picture in pictures):
            return self._in_columns([NO_PICTURE[: cell.columns] for _ in pictures]) + "\n"
        # with lines for all of it there is no scrolling while it is drawn
        parts = ["\n" * cell.rows, f"\x1b[{cell.rows}A"]
        for number, picture in enumerate(pictures):
            left = number * (cell.columns + GAP)
            if picture is None:
                parts.append(f"\x1b7{_moved(left, 0)}{NO_PICTURE[: cell.columns]}\x1b8")
                continue
            box = fit(picture.shape[1], picture.shape[0], cell, reserved=0)
            shown = self._picture(picture, box)
            parts.append(f"\x1b7{_moved(left + box.left, box.top)}{shown}\x1b8")
        return "".join([*parts, f"\x1b[{cell.rows}B"])

    def _picture(self, picture: Picture, box: Box) -> str:
        if self.graphics is Graphics.KITTY:
            return kitty(picture, box, self.window.cell)
        return sixel(enlarged(picture, box, self.window.cell))

    def _in_columns(self, names: Sequence[str]) -> str:
        width = self.cell.columns
        return (" " * GAP).join(name.ljust(width) for name in names).rstrip()

    def _blocks(
        self, pictures: Sequence[Picture | None], names: Sequence[str], stream: TextIO
    ) -> str:
        table = Table.grid(padding=(0, GAP), pad_edge=False)
        for _ in pictures:
            table.add_column(width=self.cell.columns, no_wrap=True)
        rows = self.cell.rows if any(p is not None for p in pictures) else 1
        cells: list[RenderableType] = []
        for picture, name in zip(pictures, names, strict=True):
            shown = Text(NO_PICTURE, style="muted") if picture is None else self._coloured(picture)
            below = rows - shown.plain.count("\n") - 1
            cells.append(Group(shown, Text("\n" * below + name)))
        table.add_row(*cells)
        console = rich_console(stream, self.window.columns)
        with console.capture() as captured:
            console.print(table)
        return captured.get() + "\n"

    def _coloured(self, picture: Picture) -> Text:
        """Return a picture as characters in colour."""
        box = fit(picture.shape[1], picture.shape[0], self.cell, reserved=0)
        high = 1 if self.graphics is Graphics.ASCII else 2
        pixels = enlarged(picture, box, (1, high))
        text = Text("\n" * box.top)
        for y in range(0, high * box.rows, high):
            text.append("\n" if y else "")
            text.append(" " * box.left)
            for upper, lower in zip(pixels[y].tolist(), pixels[y + high - 1].tolist(), strict=True):
                style = Style(color=Color.from_rgb(*upper), bgcolor=Color.from_rgb(*lower))
                text.append(" " if high == 1 else UPPER_HALF, style)
        return text


def sheet(stream: TextIO) -> Sheet:
    """Return how thumbnails stand on what `stream` is."""
    abilities = asked_terminal() if stream is sys.stdout else Abilities(without_pictures(stream))
    cell = (cell_by_ioctl() if stream is sys.stdout else None) or abilities.cell or DEFAULT_CELL
    size = shutil.get_terminal_size()
    return Sheet(abilities.graphics, Window(size.columns, size.lines, cell))


def _moved(right: int, down: int) -> str:
    return (f"\x1b[{down}B" if down else "") + (f"\x1b[{right}C" if right else "")
