"""What several cameras print at the same time, each line with the camera's name."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO, cast

from chdkshell.errors import Cancelled, UsageError
from chdkshell.shell.output.render import Renderer

if TYPE_CHECKING:
    from chdkshell.rig.members import Member
    from chdkshell.shell.prefs import Prefs
    from chdkshell.shell.results import Result


class LineStream(io.TextIOBase):
    """Passes whole lines on as they are written, those of one text together."""

    def __init__(self, take: Callable[[list[str]], None]) -> None:
        self._take = take
        self._rest = ""

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return "utf-8"

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        *lines, self._rest = (self._rest + text).split("\n")
        if lines:
            self._take(lines)
        return len(text)

    def end(self) -> None:
        """Pass on what is left of a line."""
        if self._rest:
            self.write("\n")


class Records:
    """Results that are rows of a table, one a camera. `lines` are what they are without it."""

    def __init__(self, labels: Sequence[str]) -> None:
        self._labels = labels
        self._rows: dict[int, dict[str, str]] = {}
        self.lines: dict[int, list[str]] = {}

    def add(self, index: int, cells: dict[str, str], lines: Sequence[str]) -> None:
        """Add to the row of a camera. A heading that comes again is numbered."""
        row = self._rows.setdefault(index, {})
        for heading, text in cells.items():
            count = 1
            while (numbered := heading if count == 1 else f"{heading} {count}") in row:
                count += 1
            row[numbered] = text
        self.lines.setdefault(index, []).extend(lines)

    @property
    def is_table(self) -> bool:
        """Whether there is more than a line would tell as well."""
        return any(len(row) > 1 for row in self._rows.values())

    def drawn(self, terminal: TextIO) -> str:
        """Return the table for a terminal."""
        from rich.text import Text

        from chdkshell.shell.results.drawing import drawn, table

        headings = list(dict.fromkeys(heading for row in self._rows.values() for heading in row))
        made = table("camera", *headings)
        for index, row in sorted(self._rows.items()):
            made.add_row(self._labels[index], *(Text(row.get(name, "")) for name in headings))
        return drawn(made, terminal)


class Turns:
    """Writes what cameras print, in their order: one that is not due is kept until it is.

    JSON has the camera in each object, and comes as it is written; so does what is told beside the
    results. Records of several cameras, where there is nothing else, become one table at the end.
    """

    def __init__(self, renderer: Renderer, labels: Sequence[str]) -> None:
        self._renderer = renderer
        self._labels = labels
        self._width = max(map(len, labels)) if renderer.for_people else 0
        self._is_json = renderer.prefs.gives_json
        self._held: list[list[str]] = [[] for _ in labels]
        has_table = renderer.draws_tables and len(labels) > 1
        self._records = Records(labels) if has_table else None
        self._over: set[int] = set()
        self._due = 0
        self._lock = threading.Lock()

    def print(self, index: int, lines: Sequence[str]) -> None:
        """Take lines of results."""
        with self._lock:
            self._give_up_records()
            self._print(index, lines)

    def record(self, index: int, cells: dict[str, str], lines: Sequence[str]) -> None:
        """Take a result that can be a row, or a part of one; else it is `lines`."""
        with self._lock:
            if self._records is None:
                self._print(index, lines)
            else:
                self._records.add(index, cells, lines)

    def _print(self, index: int, lines: Sequence[str]) -> None:
        if self._is_json:
            self._renderer.write("\n".join(lines))
        elif index == self._due:
            self._write(index, lines)
        else:
            self._held[index] += lines

    def _give_up_records(self) -> None:
        """Print what could have been rows as lines, from now on."""
        records, self._records = self._records, None
        for index, lines in records.lines.items() if records else ():
            self._print(index, lines)
        self._advance()

    def tell(self, index: int, lines: Sequence[str]) -> None:
        """Take lines of what is told beside the results."""
        with self._lock:
            self._renderer.notice("\n".join(self._named(index, line) for line in lines))

    def ended(self, index: int) -> None:
        """Go on with the next camera, where the one that is due has ended."""
        with self._lock:
            self._over.add(index)
            if self._renderer.bar is not None:
                self._renderer.bar.describe(f"{len(self._over)} of {len(self._labels)} cameras")
            if len(self._over) == len(self._labels):
                self._end_records()
            self._advance()

    def close(self) -> None:
        """Write all that is kept, also where a camera was given up before it ended."""
        with self._lock:
            self._end_records()
            while self._due < len(self._labels):
                self._go_on()

    def _advance(self) -> None:
        """Go on after cameras that have ended, unless what they gave may become a table."""
        while self._records is None and self._due in self._over:
            self._go_on()

    def _go_on(self) -> None:
        self._due += 1
        if self._due < len(self._labels):
            self._write(self._due, self._held[self._due])
            self._held[self._due] = []

    def _end_records(self) -> None:
        if self._records is not None and self._records.is_table:
            self._renderer.write(self._records.drawn(self._renderer.stdout))
            self._records = None
        self._give_up_records()

    def _write(self, index: int, lines: Sequence[str]) -> None:
        if lines:
            self._renderer.write("\n".join(self._named(index, line) for line in lines))

    def _named(self, index: int, line: str) -> str:
        return f"{self._labels[index]}: ".ljust(self._width + 2) + line


class MemberRenderer(Renderer):
    """Writes what a command gives for one camera of several."""

    def __init__(self, prefs: Prefs, turns: Turns, index: int, member: Member) -> None:
        self._turns, self._index = turns, index
        self._out = LineStream(lambda lines: turns.print(index, lines))
        self._err = LineStream(lambda lines: turns.tell(index, lines))
        super().__init__(prefs, cast(TextIO, self._out), cast(TextIO, self._err))
        camera = member.camera
        self.about = {"camera": member.label, "number": member.number, "serial": camera.serial}

    def show(self, value: Result, paged: bool = False) -> None:
        """Write a result, or have it be a row of a table at a terminal."""
        cells = value.cells()
        if cells and not self.prefs.gives_json:
            self._turns.record(self._index, cells, value.text().split("\n"))
        else:
            super().show(value, paged)

    def error(self, error: BaseException) -> None:
        """Tell an error; that Ctrl-C ended the command is said once for all cameras."""
        if isinstance(error, Cancelled) and not (error.notes or error.left_on_card):
            return
        super().error(error)

    @contextmanager
    def lending_stdout(self) -> Iterator[None]:
        raise UsageError(
            "standard output takes one file, not those of several cameras", "name files"
        )
        yield

    def end(self) -> None:
        """Write what is left of lines."""
        self._out.end()
        self._err.end()
