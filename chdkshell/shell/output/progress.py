"""The line below the output at a terminal that shows what a command does while it is silent."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO

from chdkshell import waits
from chdkshell.errors import printable_name
from chdkshell.flow import Progress
from chdkshell.shell.console import can_show
from chdkshell.shell.terminal.adornments import plainer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as Bars
    from rich.progress import ProgressColumn

DELAY = 0.5
"""Seconds without output after which the line appears."""

BAR_DELAY = 0.1
"""Seconds after which a bar appears again that gave way to output."""

REFRESH_SECONDS = 0.1
"""How often the line is drawn."""

_DOTS = "\u280b"
"""One of what the spinner is made of."""

_HIDE_CURSOR, _SHOW_CURSOR = "\x1b[?25l", "\x1b[?25h"
_ERASE = "\r\x1b[J"
"""The cursor waits at the beginning of the line: so this erases it all, even where the terminal has
broken it up since, because its window became narrower."""


class Bar(Progress):
    """Shows a bar with rate and time left where bytes are counted, and else the time so far.

    It appears by itself when nothing was written for half a second, gives way to what is written,
    and leaves no trace. Use it in a `with` statement; it may be used from several threads.
    """

    def __init__(self, title: str, stream: TextIO, delay: float = DELAY) -> None:
        self._title = printable_name(title)
        self._stream = stream
        self._delay = delay
        self._begun = time.monotonic()
        self._due = self._begun + delay
        self._total: int | None = None
        self._done = 0
        self._console: Console | None = None
        self._bars: Bars | None = None
        self._counts = False
        self._is_shown = False
        self._is_away = False
        self._closed = False
        self._changed = threading.Condition(threading.RLock())
        self._thread = threading.Thread(target=self._appear, name="progress", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._changed:
            self._hide()
            self._closed = True
            self._changed.notify_all()
        waits.ended(self._thread)

    @contextmanager
    def step(self, title: str) -> Iterator[Progress]:
        """Show one step of the command, which counts for itself."""
        before = self._title
        self.describe(title)
        try:
            yield self
        finally:
            with self._changed:
                self._title, self._total, self._done = before, None, 0
                self._update()

    @contextmanager
    def away(self) -> Iterator[None]:
        """Show nothing meanwhile: the terminal is needed."""
        with self._changed:
            self._hide()
            self._is_away = True
        try:
            yield
        finally:
            with self._changed:
                self._is_away = False
                self.give_way()

    def give_way(self) -> None:
        """Take the line away, for something that is written now."""
        with self._changed:
            self._hide()
            self._due = time.monotonic() + (
                min(BAR_DELAY, self._delay) if self._is_counted else self._delay
            )
            self._changed.notify_all()

    # ---- what is done ----

    def start(self, total: int | None) -> None:
        with self._changed:
            self._total = total
            self._done = 0
            self._update()

    def advance(self, count: int) -> None:
        with self._changed:
            self._done += count
            self._update()

    def describe(self, text: str) -> None:
        with self._changed:
            self._title = printable_name(text)
            self._update()

    # ---- what is shown ----

    @property
    def _is_counted(self) -> bool:
        return self._total is not None or self._done > 0

    def _appear(self) -> None:
        """Show the line when it is due. This is the thread."""
        with self._changed:
            while not self._closed:
                left = self._due - time.monotonic()
                if self._is_away:
                    self._changed.wait()
                elif left > 0:
                    self._changed.wait(left)
                else:
                    self._draw()
                    self._due = time.monotonic() + REFRESH_SECONDS

    def _update(self) -> None:
        """Pass on what is known, also while the line is hidden: the rate is that of all steps."""
        if self._bars is None:
            return
        if self._counts is not self._is_counted:
            self._bars = None
            return
        task = self._bars.tasks[0]
        if self._total != task.total or self._done < task.completed:
            self._bars.reset(task.id, total=self._total, completed=self._done)
        self._bars.update(task.id, description=self._title, completed=self._done)

    def _draw(self) -> None:
        """Write the line over the one before, with the cursor at its beginning."""
        if self._bars is None:
            self._bars = self._new_bars()
        before = "" if self._is_shown else _HIDE_CURSOR
        self._is_shown = True
        self._write(f"{before}{_ERASE}{self._line(self._bars)}\r")

    def _line(self, bars: Bars) -> str:
        """Return what there is to say, in one line that leaves the last column free."""
        from chdkshell.shell.terminal.richconsole import rich_console

        console = self._console = self._console or rich_console(self._stream)
        with console.capture() as captured:
            console.print(bars, width=max(1, console.width - 1), end="")
        return plainer(captured.get().partition("\n")[0], self._stream)

    def _hide(self) -> None:
        if self._is_shown:
            self._write(_ERASE + _SHOW_CURSOR)
            self._is_shown = False

    def _write(self, text: str) -> None:
        with suppress(OSError):  # a terminal that is gone ends the program elsewhere
            self._stream.write(text)
            self._stream.flush()

    def _new_bars(self) -> Bars:
        from rich.progress import Progress as Bars

        self._counts = self._is_counted
        columns = _bar_columns() if self._counts else _spinner_columns(self._stream)
        bars = Bars(*columns, expand=self._counts, auto_refresh=False)
        bars.add_task(self._title, total=self._total, completed=self._done)
        if not self._counts:
            bars.tasks[0].start_time = self._begun
        return bars


def _bar_columns() -> tuple[ProgressColumn, ...]:
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )
    from rich.table import Column

    return (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=None),
        DownloadColumn(table_column=Column(no_wrap=True)),
        TransferSpeedColumn(table_column=Column(no_wrap=True)),
        TimeRemainingColumn(table_column=Column(no_wrap=True)),
    )


def _spinner_columns(stream: TextIO) -> tuple[ProgressColumn, ...]:
    from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

    return (
        SpinnerColumn("dots" if can_show(_DOTS, stream) else "line"),
        TextColumn("{task.description}", markup=False),
        TimeElapsedColumn(),
    )
