"""Results of the commands about what the user types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chdkshell.errors import printable
from chdkshell.shell.aliases import listed
from chdkshell.shell.results import Result

if TYPE_CHECKING:
    from chdkshell.shell.historyfile import TypedLine


class History(Result):
    """Lines that were typed, with their numbers."""

    def __init__(self, lines: tuple[tuple[int, TypedLine], ...]) -> None:
        self.lines = lines

    def text(self) -> str:
        """Return a line for each; one of several lines goes on below."""
        shown = []
        for number, typed in self.lines:
            first, *more = map(printable, typed.line.split("\n"))
            shown += [f"{number:5}  {first}", *(f"       {line}" for line in more)]
        return "\n".join(shown)

    def json(self) -> Any:
        """Return an object for each, with the time when it was entered."""
        return [{"number": n, "line": typed.line, "time": typed.time} for n, typed in self.lines]


class AliasList(Result):
    """Aliases with their texts."""

    def __init__(self, aliases: tuple[tuple[str, str], ...]) -> None:
        self.aliases = aliases

    def text(self) -> str:
        """Return the commands that make them."""
        return printable(listed(self.aliases))

    def json(self) -> Any:
        """Return an object of all."""
        return dict(self.aliases)
