"""Help for people at a terminal: a command or function with all that is known of it."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from chdkshell.shell.command import REGISTRY, Command
from chdkshell.shell.knowledge import LuaFunction
from chdkshell.shell.results.drawing import table

HEADING = "warning"
CODE = "name"


def help_page(commands: tuple[Command, ...], functions: tuple[LuaFunction, ...]) -> RenderableType:
    """Return help on each command and function."""
    shown: list[RenderableType] = []
    for command in commands:
        shown += [*_command(command), Text()]
    shown += [functions_table(functions)] if functions else []
    return Group(*shown)


def _command(command: Command) -> list[RenderableType]:
    names = Text(command.name, style=CODE)
    names.stylize("bold")
    if command.names[1:]:
        names.append(f"  ({', '.join(command.names[1:])})", style="muted")
    parts: list[RenderableType] = [names, Padding(Text(command.summary), (0, 0, 0, 2))]
    parts += section("usage", Text(command.usage, style=CODE))
    if command.params:
        parts += section("arguments", _params(command))
    if command.detail:
        parts += section("notes", Text(_reflowed(command.detail)))
    parts += section("examples", Text("\n".join(command.examples), style=CODE))
    others = [c.name for c in REGISTRY if c.topic == command.topic and c is not command]
    if others:
        parts += section("see also", Text(", ".join(others)))
    return parts


def section(title: str, content: RenderableType) -> list[RenderableType]:
    """Return something below its title."""
    return [Text(title, style=HEADING), Padding(content, (0, 0, 0, 2))]


def _params(command: Command) -> Table:
    table = Table.grid(padding=(0, 2))
    for param in (*command.words, *command.switches):
        default = ""
        if param.default not in (None, False, "", ()) and not param.required:
            default = f" [{param.default}]"
        table.add_row(Text(_bare(param.usage), style=CODE), Text(param.help + default))
    return table


def _bare(usage: str) -> str:
    """Return the usage of a parameter without the brackets that say it may be left out."""
    return usage[1:-1] if usage.startswith("[") and usage.endswith("]") else usage


def _reflowed(text: str) -> str:
    """Return paragraphs as one line each: the terminal breaks them where it will."""
    return "\n".join(" ".join(part.split("\n")) for part in text.split("\n\n"))


def two_columns(rows: Iterable[tuple[str, str]]) -> Table:
    """Return a table of things that are typed, and what they are."""
    table = Table.grid(padding=(0, 2))
    for name, what in rows:
        table.add_row(Text(name, style=CODE), Text(what))
    return table


def functions_table(functions: Iterable[LuaFunction]) -> Table:
    """Return a table of functions of CHDK's Lua, with their units."""
    table = Table.grid(padding=(0, 2))
    for function in functions:
        more = [function.what]
        more += [f"({function.units})"] if function.units else []
        more += [f"Since CHDK {function.since}."] if function.since else []
        table.add_row(Text(function.signature, style=CODE), Text(" ".join(more)))
    return table


def help_table(commands: tuple[Command, ...]) -> Table:
    """Return a line for each command, topic by topic."""
    made = table("command", "short", "what it does")
    topic = ""
    for command in commands:
        if command.topic != topic:
            topic = command.topic
            made.add_row(Padding(Text(topic, style="warning"), (1, 0, 0, 0)))
        made.add_row(
            Text(command.name, style="name"), Text(", ".join(command.names[1:])), command.summary
        )
    return made
