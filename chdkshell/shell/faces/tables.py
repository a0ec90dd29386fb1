"""Results for people at a terminal: tables and colour, by rich."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TextIO

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from chdkshell.chdk.messages import ScriptMessage, format_message
from chdkshell.errors import printable, printable_name
from chdkshell.shell import pages, results
from chdkshell.shell.faces.plain_results import camera_time, check_text
from chdkshell.shell.shots import shotresults

if TYPE_CHECKING:
    from chdkshell.shell.command import Command

_MESSAGE_HEAD = re.compile(r"\d+:(?:return|user):(?:table:)?")


WIDEST_SIZE = len("4,294,967,295")
"""Characters of the largest file that a card can hold."""

BAR_COLUMNS = 50
"""Length of a histogram's longest bar."""


def table_text(value: object, stream: TextIO) -> str | None:
    """Return a result as a table for the terminal `stream`, or None where plain text is best."""
    if isinstance(value, results.Thumbnails):
        from chdkshell.shell.viewing.thumbnails import sheet

        return sheet(stream).rows(value.pictures, stream)
    console = Console(file=stream, highlight=False)
    renderable = _renderable(value, console.width)
    if renderable is None:
        return None
    with console.capture() as captured:
        # a text breaks where it will: it may be copied, and a value may be long
        console.print(renderable, soft_wrap=isinstance(renderable, Text))
    return captured.get()


def _renderable(value: object, width: int) -> RenderableType | None:
    match value:
        case results.DeviceList(rows) if rows:
            return _devices(rows)
        case results.Entries(entries) if entries:
            return _entries(value)
        case ScriptMessage():
            return _message(value)
        case results.LuaValues(values):
            from chdkshell.shell.faces.luavalues import values_text

            return lua_text(values_text(values, width))
        case results.Check():
            style = {True: "green", False: "red", None: "yellow"}[value.ok]
            text = Text(printable(check_text(value)))
            text.stylize(style, 0, 2)
            return text
        case pages.HelpPage(commands, False) if len(commands) > 1:
            return _help(commands)
        case pages.HelpPage():
            from chdkshell.shell.helppages import help_page

            return help_page(value)
        case pages.PrefValues(form=pages.SetForm.DESCRIPTION):
            return _prefs(value)
        case shotresults.Histogram():
            return Text("\n".join(shotresults.histogram_lines(value, BAR_COLUMNS)))
        case shotresults.ShotFiles(files=files) if files:
            return Text("\n".join(printable_name(f"{file.path} {file.size:,}") for file in files))
        case _:
            return None


def _message(message: ScriptMessage) -> Text | None:
    """Return a script's message with its value in colour."""
    text = printable(format_message(message))
    match = _MESSAGE_HEAD.match(text)
    if match is None:
        return None
    head = Text(match[0], style="dim")
    return head + lua_text(text[match.end() :])


def lua_text(text: str) -> Text:
    """Return Lua, such as a value, in colour."""
    coloured = Syntax("", "lua", theme="ansi_dark", background_color="default").highlight(text)
    coloured.rstrip()
    return coloured


def _table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def _devices(rows: tuple[results.DeviceRow, ...]) -> Table:
    table = _table("", "#", "model", "serial", "bus", "device", "ids", "state")
    for row in rows:
        ids = f"{row.vendor_id:04x}:{row.product_id:04x}" if row.vendor_id else ""
        told = Text(printable_name(row.serial)) if row.serial else Text(row.place, style="dim")
        names = (Text(printable_name(row.model or "?")), told)
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
    table.show_header = not listing.continues
    table.title = Text(f"{printable_name(listing.heading)}:") if listing.heading else None
    table.title_justify = "left"
    table.columns[1].justify = "right"
    # a listing that comes in parts keeps its columns
    table.columns[1].min_width = WIDEST_SIZE
    for entry in listing.entries:
        name = Text(printable_name(entry.name))
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
        kind = "a number" if pref.type_name == "number" else "any text"
        allowed = "|".join(pref.allowed) or kind
        table.add_row(Text(pref.name, style="cyan"), shown, Text(allowed), pref.help)
    return table
