"""Progress bars at a terminal, for what takes longer than half a second."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.progress import Progress as Bars

from chdkshell.errors import printable
from chdkshell.flow import Progress

PATIENCE = 0.5
"""Seconds that something may take before a bar appears."""


class Bar(Progress):
    """Shows what it is told as a bar with rate and time left, once it takes long."""

    def __init__(
        self, title: str, stream: TextIO, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._title = printable(title)
        self._console = Console(file=stream)
        self._clock = clock
        self._begun = clock()
        self._total: int | None = None
        self._done = 0
        self._bars: Bars | None = None
        self._task = TaskID(0)

    def start(self, total: int | None) -> None:
        self._total = total
        self._done = 0
        if self._bars:
            self._bars.reset(self._task, total=total)

    def advance(self, count: int) -> None:
        self._done += count
        self._update()

    def note(self, text: str) -> None:
        self._title = printable(text)
        self._update()

    def close(self) -> None:
        """Take the bar away."""
        if self._bars:
            self._bars.stop()

    def _update(self) -> None:
        if self._bars:
            self._bars.update(self._task, description=self._title, completed=self._done)
        elif self._clock() - self._begun >= PATIENCE:
            self._show()

    def _show(self) -> None:
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=None),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
        )
        self._bars = Bars(*columns, console=self._console, transient=True, expand=True)
        self._task = self._bars.add_task(self._title, total=self._total, completed=self._done)
        self._bars.start()


@contextmanager
def progress_bar(title: str, stream: TextIO) -> Iterator[Progress]:
    """Give a bar on `stream`; it disappears at the end."""
    bar = Bar(title, stream)
    try:
        yield bar
    finally:
        bar.close()
