"""Results of `help` that tell of many things: what mentions a word, the camera's functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TextIO

from chdkshell.shell.results import Result
from chdkshell.shell.results.general import function_help, help_detail, help_line

if TYPE_CHECKING:
    from chdkshell.shell.command import Command
    from chdkshell.shell.helpsearch import Mentions
    from chdkshell.shell.knowledge import LuaFunction


class FoundHelp(Result):
    """What mentions a word: commands, settings of the shell, functions of CHDK's Lua."""

    def __init__(self, found: Mentions) -> None:
        self.found = found

    def text(self) -> str:
        """Return a line for each."""
        lines = [help_line(command) for command in self.found.commands]
        lines += [f"set {pref.name}: {pref.help}" for pref in self.found.prefs]
        return "\n".join([*lines, *map(function_help, self.found.functions)])

    def screen(self, terminal: TextIO) -> str:
        """Return a table of each kind."""
        from rich.console import Group

        from chdkshell.shell.results.drawing import drawn
        from chdkshell.shell.results.helppages import functions_table, section, two_columns

        commands = [(", ".join(command.names), command.summary) for command in self.found.commands]
        prefs = [(f"set {pref.name}", pref.help) for pref in self.found.prefs]
        parts = []
        for title, rows in (("commands", commands), ("settings", prefs)):
            parts += section(title, two_columns(rows)) if rows else []
        if self.found.functions:
            parts += section("the camera's Lua", functions_table(self.found.functions))
        return drawn(Group(*parts), terminal)

    def json(self) -> Any:
        """Return each command, setting and function as an object, as `help NAME` does."""
        from chdkshell.shell.results.general import HelpPage

        prefs = [{"setting": pref.name, "help": pref.help} for pref in self.found.prefs]
        page: list[Any] = HelpPage(self.found.commands, False, self.found.functions).json()
        return [*page, *prefs]


class LuaHelp(Result):
    """The command `lua`, and the functions of the camera's Lua by topic, each with an example."""

    def __init__(self, command: Command, topics: dict[str, list[LuaFunction]]) -> None:
        self.command = command
        self.topics = topics

    def text(self) -> str:
        """Return the help on the command, and a line for each function below its topic."""
        from chdkshell.shell.helpsearch import LUA_EXAMPLES

        lines = [help_detail(self.command)]
        for topic, functions in self.topics.items():
            lines += ["", f"{topic}: {LUA_EXAMPLES[topic]}"]
            lines += [f"  {function.signature} - {function.what}" for function in functions]
        return "\n".join(lines)

    def screen(self, terminal: TextIO) -> str:
        """Return a page on the command, and a table for each topic."""
        from rich.console import Group
        from rich.text import Text

        from chdkshell.shell.helpsearch import LUA_EXAMPLES
        from chdkshell.shell.results.drawing import drawn
        from chdkshell.shell.results.helppages import CODE, help_page, section, two_columns

        parts = [help_page((self.command,), ())]
        for topic, functions in self.topics.items():
            parts += section(topic, Text(LUA_EXAMPLES[topic], style=CODE))
            parts += section("", two_columns([(f.signature, f.what) for f in functions]))
        return drawn(Group(*parts), terminal)

    def json(self) -> Any:
        """Return the command, and an object for each topic."""
        from chdkshell.shell.helpsearch import LUA_EXAMPLES
        from chdkshell.shell.results.general import HelpPage

        topics = [
            {
                "topic": topic,
                "example": LUA_EXAMPLES[topic],
                "functions": [function._asdict() for function in functions],
            }
            for topic, functions in self.topics.items()
        ]
        return [*HelpPage((self.command,), True).json(), *topics]
