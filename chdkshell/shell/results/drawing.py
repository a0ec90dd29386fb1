"""Tables and colours for terminals, by rich."""

from __future__ import annotations

from typing import TextIO

from rich.console import RenderableType
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from chdkshell.shell.terminal.adornments import plainer
from chdkshell.shell.terminal.richconsole import rich_console


def drawn(what: RenderableType, terminal: TextIO) -> str:
    """Return the text that shows `what` on a terminal."""
    console = rich_console(terminal)
    with console.capture() as captured:
        # a text breaks where it will: it may be copied, and a value may be long
        console.print(what, soft_wrap=isinstance(what, Text))
    return plainer(captured.get(), terminal)


def width(terminal: TextIO) -> int:
    """Return how many characters a line of the terminal has."""
    return rich_console(terminal).width


def table(*headings: str) -> Table:
    """Return a table without lines, to be filled."""
    made = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        made.add_column(heading, overflow="fold")
    return made


def lua_text(text: str) -> Text:
    """Return Lua, such as a value, in colour."""
    coloured = Syntax("", "lua", theme="ansi_dark", background_color="default").highlight(text)
    coloured.rstrip()
    return coloured
