"""What commands return: data, each kind with the forms it has, one module a topic.

A result knows its plain text, its JSON, and what a terminal shows in place of the text. Which of
them is wanted is known to the renderer alone. The modules import what draws tables when they draw.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Self, TextIO


class Result:
    """A result of a command; most are dataclasses, whose fields are their JSON.

    `pretended`: it tells what would be done. chdkptp has no other words for that.
    """

    __slots__ = ()
    pretended = False

    def text(self) -> str:
        """Return the text for programs, as chdkptp prints it, without the last line feed.

        It is "" where there is nothing to show.
        """
        raise NotImplementedError(f"no plain text for {type(self).__name__}")

    def screen(self, terminal: TextIO) -> str:
        """Return what a person sees at `terminal`: a table or colours; else it is the text."""
        return self.text()

    def screens(self, terminal: TextIO) -> Iterator[str]:
        """Yield what a person sees in pieces, where these take time to come."""
        yield self.screen(terminal)

    def cells(self) -> dict[str, str]:
        """Return what a table of several cameras shows of it, by the headings; {}: it is no row."""
        return {}

    def json(self) -> Any:
        """Return the result in terms that JSON has."""
        from chdkshell.shell.results.jsonvalues import fields

        return fields(self)


class ResultPart(Result):
    """A part of a result that is shown as it becomes known; JSON has all parts as one result."""

    __slots__ = ()

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Any:
        """Return all parts of a result in terms that JSON has."""
        return [item for part in parts for item in part.json()]


class JsonOnly(Result):
    """A result that is said in words elsewhere: only JSON has it as a result, too."""

    def __init__(self, result: Result) -> None:
        self.result = result

    def text(self) -> str:
        return ""

    def json(self) -> Any:
        return self.result.json()
