"""Results for people at a terminal: tables and colour, by rich."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.progress import (
    BarColumn,
    DownloadColumn,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.progress import Progress as Bars
from rich.table import Table
from rich.text import Text

from chdkshell.errors import printable
from chdkshell.flow import Progress
from chdkshell.shell import pages, results
from chdkshell.shell.plain_results import camera_time, check_text

if TYPE_CHECKING:
    from chdkshell.shell.command import Command


def table_text(value: object, stream: TextIO) -> str | None:
    """Return a result as a table for the terminal `stream`, or None where plain text is best."""
    renderable = _renderable(value)
    if renderable is None:
        return None
    console = Console(file=stream, highlight=False)
    with console.capture() as captured:
        console.print(renderable)
    return captured.get()


def _renderable(value: object) -> RenderableType | None:
    match value:
        case results.DeviceList(rows) if rows:
            return _devices(rows)
        case results.Entries(entries) if entries:
            return _entries(value)
        case results.Check():
            style = {True: "green", False: "red", None: "yellow"}[value.ok]
            text = Text(printable(check_text(value)))
            text.stylize(style, 0, 2)
            return text
        case pages.HelpPage(commands, False) if len(commands) > 1:
            return _help(commands)
        case pages.PrefValues(form=pages.SetForm.DESCRIPTION):
            return _prefs(value)
        case _:
            return None


def _table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def _devices(rows: tuple[results.DeviceRow, ...]) -> Table:
    table = _table("", "#", "model", "serial", "bus", "device", "ids", "state")
    for row in rows:
        ids = f"{row.vendor_id:04x}:{row.product_id:04x}" if row.vendor_id else ""
        names = (Text(printable(row.model or "?")), Text(printable(row.serial or "")))
        place = map(Text, (row.bus, row.device, ids))
        table.add_row(row.status.mark, str(row.number), *names, *place, _device_state(row))
    return table


def _device_state(row: results.DeviceRow) -> Text:
    text = row.status.value
    if row.holder:
        text = f"{text} by {row.holder}"
    elif row.status is results.DeviceStatus.FAILED:
        text = row.error
    if row.error:
        return Text(printable(text), style="red")
    return Text(text, style="green" if row.status is results.DeviceStatus.CURRENT else "")


def _entries(listing: results.Entries) -> Table:
    table = _table("modified", "size", "name")
    table.columns[1].justify = "right"
    for entry in listing.entries:
        name = Text(printable(entry.name))
        if entry.is_dir:
            name = Text(name.plain + "/", style="blue")
        size = "<dir>" if entry.is_dir else f"{entry.size:,}"
        table.add_row(camera_time(entry.mtime), size, name)
    return table


def _help(commands: tuple[Command, ...]) -> Table:
    table = _table("command", "short", "what it does")
    topic = ""
    for command in commands:
        if command.topic != topic:
            topic = command.topic
            table.add_row(Padding(Text(topic, style="yellow"), (1, 0, 0, 0)))
        table.add_row(
            Text(command.name, style="cyan"), Text(", ".join(command.names[1:])), command.summary
        )
    return table


def _prefs(values: pages.PrefValues) -> Table:
    table = _table("option", "value", "allowed", "what it does")
    for pref, value in values.prefs:
        shown = str(value).lower() if isinstance(value, bool) else str(value)
        allowed = "|".join(pref.allowed) or "a number"
        table.add_row(Text(pref.name, style="cyan"), shown, Text(allowed), pref.help)
    return table


class _Bar(Progress):
    """Moves one bar of a `Bars` display."""

    def __init__(self, bars: Bars, task: TaskID) -> None:
        self._bars = bars
        self._task = task

    def start(self, total: int | None) -> None:
        self._bars.reset(self._task, total=total)

    def advance(self, count: int) -> None:
        self._bars.advance(self._task, count)

    def note(self, text: str) -> None:
        self._bars.update(self._task, description=printable(text))


@contextmanager
def progress_bar(title: str, stream: TextIO) -> Iterator[Progress]:
    """Show a bar with rate and remaining time on `stream`; it disappears at the end."""
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Bars(*columns, console=Console(file=stream), transient=True) as bars:
        yield _Bar(bars, bars.add_task(printable(title), total=None))
