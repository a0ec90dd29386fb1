"""The line below the output at a terminal that shows what a command does while it is silent."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO

from chdkshell.errors import printable
from chdkshell.flow import Progress

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import ProgressColumn

PATIENCE = 0.5
"""Seconds of silence after which the line appears."""

BAR_PATIENCE = 0.1
"""Seconds after which a bar appears again that gave way to output."""


class Bar(Progress):
    """Shows a bar with rate and time left where bytes are counted, and else the time so far.

    It appears by itself when nothing was written for half a second, gives way to what is written,
    and leaves no trace. Use it in a `with` statement; it may be used from several threads.
    """

    def __init__(self, title: str, stream: TextIO, patience: float = PATIENCE) -> None:
        self._title = printable(title)
        self._stream = stream
        self._patience = patience
        self._begun = time.monotonic()
        self._due = self._begun + patience
        self._total: int | None = None
        self._done = 0
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
        self._thread.join()

    @contextmanager
    def step(self, title: str) -> Iterator[Progress]:
        """Show one step of the command, which counts for itself."""
        before = self._title
        self.note(title)
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
                min(BAR_PATIENCE, self._patience) if self._is_counted else self._patience
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

    def note(self, text: str) -> None:
        with self._changed:
            self._title = printable(text)
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
                if self._is_shown or self._is_away:
                    self._changed.wait()
                elif left > 0:
                    self._changed.wait(left)
                else:
                    self._show()

    def _update(self) -> None:
        """Pass on what is known, also while the line is hidden: the rate is that of all steps."""
        if self._bars is None:
            return
        if self._counts is not self._is_counted:
            was_shown = self._is_shown
            self._hide()
            self._bars = None
            if was_shown:
                self._show()
            return
        task = self._bars.tasks[0]
        if self._total != task.total or self._done < task.completed:
            self._bars.reset(task.id, total=self._total, completed=self._done)
        self._bars.update(task.id, description=self._title, completed=self._done)

    def _show(self) -> None:
        if self._bars is None:
            self._bars = self._new_bars()
        self._is_shown = True
        self._bars.start()

    def _hide(self) -> None:
        if self._bars is not None and self._is_shown:
            self._bars.stop()
            self._is_shown = False
            self._changed.notify_all()

    def _new_bars(self) -> Bars:
        from rich.console import Console
        from rich.progress import Progress as Bars

        self._counts = self._is_counted
        bars = Bars(
            *(_bar_columns() if self._counts else _spinner_columns()),
            console=Console(file=self._stream),
            transient=True,
            expand=self._counts,
            redirect_stdout=False,
            redirect_stderr=False,
        )
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

    return (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=None),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )


def _spinner_columns() -> tuple[ProgressColumn, ...]:
    from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

    return (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        TimeElapsedColumn(),
    )
