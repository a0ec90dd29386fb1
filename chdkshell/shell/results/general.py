"""Results of the commands about the shell itself: help, options, Python.

Every start may give one of them: they do without dataclasses, which are slow to make.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any, TextIO

from chdkshell.errors import printable
from chdkshell.shell.results import Result

if TYPE_CHECKING:
    from rich.table import Table

    from chdkshell.shell.command import Command
    from chdkshell.shell.knowledge import LuaFunction
    from chdkshell.shell.prefs import Pref, Value


class HelpPage(Result):
    """Help on commands: one line for each, or all that is known; and on functions of CHDK's Lua."""

    def __init__(
        self, commands: tuple[Command, ...], detailed: bool, functions: tuple[LuaFunction, ...] = ()
    ) -> None:
        self.commands = commands
        self.detailed = detailed
        self.functions = functions

    def text(self) -> str:
        """Return what is known of the commands, or of the functions where there are none."""
        if not self.commands:
            return "\n".join(map(function_help, self.functions))
        return "\n".join(map(help_detail if self.detailed else help_line, self.commands))

    def screen(self, terminal: TextIO) -> str:
        """Return a table of many commands, a page on one."""
        from chdkshell.shell.results.drawing import drawn
        from chdkshell.shell.results.helppages import help_page, help_table

        if len(self.commands) > 1 and not self.detailed:
            return drawn(help_table(self.commands), terminal)
        return drawn(help_page(self.commands, self.functions), terminal)

    def json(self) -> Any:
        """Return each command and function as an object."""
        commands = [
            {"names": c.names, "usage": c.usage, "help": c.summary, "examples": c.examples}
            for c in self.commands
        ]
        return [*commands, *(function._asdict() for function in self.functions)]


def function_help(function: LuaFunction) -> str:
    """Return what is known about a function of CHDK's Lua."""
    lines = [f"{function.signature} - {function.what}"]
    if function.units:
        lines.append(f"  units: {function.units}")
    if function.since:
        lines.append(f"  since CHDK {function.since}")
    return "\n".join(lines)


def help_line(command: Command) -> str:
    """Return the one line on a command that `help` shows."""
    first, *others = command.names
    names = f"{first} ({','.join(others)})" if others else first
    return f"{names:<12} {command.arguments:<12}: - {command.summary}"


def help_detail(command: Command) -> str:
    """Return all that is known about a command."""
    width = max((len(p.usage) for p in command.params), default=0)
    params = (*command.switches, *command.words)
    lines = [f"  {p.usage:<{width}}  {p.help}" for p in params]
    detail = [f" {line}".rstrip() for line in command.detail.splitlines()]
    examples = [f" Example: {example}" for example in command.examples]
    return "\n".join([help_line(command), *lines, *detail, *examples])


class SetForm(enum.Enum):
    """How `set` shows an option: with its value, with its description, or as a set command."""

    VALUE = enum.auto()
    DESCRIPTION = enum.auto()
    COMMAND = enum.auto()


class PrefValues(Result):
    """Options and their values."""

    def __init__(self, prefs: tuple[tuple[Pref, Value], ...], form: SetForm) -> None:
        self.prefs = prefs
        self.form = form

    def text(self) -> str:
        """Return a line for each option."""
        lines = []
        for pref, value in self.prefs:
            text = f"{pref.name}={_shown(value)}"
            if self.form is SetForm.DESCRIPTION:
                text = f"{text:<20} - {pref.type_name}: {pref.help}{_allowed(pref)}"
            elif self.form is SetForm.COMMAND:
                text = f"set {text}"
            lines.append(text)
        return "\n".join(lines)

    def screen(self, terminal: TextIO) -> str:
        """Return a table where the options are described."""
        if self.form is not SetForm.DESCRIPTION:
            return self.text()
        from chdkshell.shell.results.drawing import drawn

        return drawn(self._table(), terminal)

    def _table(self) -> Table:
        from rich.text import Text

        from chdkshell.shell.results.drawing import table

        made = table("option", "value", "allowed", "what it does")
        for pref, value in self.prefs:
            kind = "a number" if pref.type_name == "number" else "any text"
            allowed = "|".join(pref.allowed) or kind
            made.add_row(Text(pref.name, style="name"), _shown(value), Text(allowed), pref.help)
        return made

    def json(self) -> Any:
        """Return an object of all options."""
        return {pref.name: value for pref, value in self.prefs}


def _allowed(pref: Pref) -> str:
    if pref.type_name == "number":
        return f" (from {pref.low})"
    return f" ({'|'.join(pref.allowed)})" if pref.allowed else ""


def _shown(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


class HostLuaValues(Result):
    """What a chunk of Lua in `exec` gave."""

    def __init__(self, values: list[object], lua: str) -> None:
        self.values = values
        self.lua = lua

    def text(self) -> str:
        """Return the values as Lua writes them, after a `=`."""
        return printable(self.lua)

    def json(self) -> Any:
        """Return the values as a list."""
        from chdkshell.shell.results.jsonvalues import lua_json

        return {"values": [lua_json(value) for value in self.values]}


class PythonValue(Result):
    """What an expression in `exec` gave."""

    def __init__(self, value: object) -> None:
        self.value = value

    def text(self) -> str:
        """Return the value as Python writes it."""
        return repr(self.value)

    def json(self) -> Any:
        """Return what JSON can hold of the value; the rest as Python writes it."""
        import json

        try:
            json.dumps(self.value)
        except (TypeError, ValueError):
            return repr(self.value)
        return self.value
