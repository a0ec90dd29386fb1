"""Tables and colours for terminals, by rich."""

from __future__ import annotations

from typing import TextIO

from pygments.token import Comment, Keyword, Name, Number, String, _TokenType
from rich.console import RenderableType
from rich.style import Style
from rich.syntax import ANSISyntaxTheme, Syntax
from rich.table import Table
from rich.text import Text

from chdkshell.shell import themes
from chdkshell.shell.terminal.adornments import plainer
from chdkshell.shell.terminal.richconsole import rich_console

LUA_COLOURS: dict[_TokenType, str] = {
    Comment: "muted",
    Keyword: "keyword",
    Name.Builtin: "name",
    Name.Function: "name",
    Number: "warning",
    String: "quoted",
}
"""What is coloured of Lua, and as what; signs are not."""


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


def _lua_theme() -> ANSISyntaxTheme:
    """Return the colours of Lua. What has none is as other text is."""

    def style(role: str) -> Style:
        number = themes.colour(role)
        return Style() if number is None else Style(color=f"color({number})")

    return ANSISyntaxTheme({kind: style(role) for kind, role in LUA_COLOURS.items()})


def lua_text(text: str) -> Text:
    """Return Lua, such as a value, in colour."""
    coloured = Syntax("", "lua", theme=_lua_theme(), background_color="default").highlight(text)
    coloured.rstrip()
    return coloured
