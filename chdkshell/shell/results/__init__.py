"""What commands return: data, each kind with the forms it has, one module a topic.

A result knows its plain text, its JSON, and what a terminal shows in place of the text. Which of
them is wanted is known to the renderer alone. The modules import what draws tables when they draw.
"""

from __future__ import annotations

from typing import Any, TextIO


class Result:
    """A result of a command; most are dataclasses, whose fields are their JSON."""

    __slots__ = ()

    def text(self) -> str:
        """Return the text for programs, as chdkptp prints it, without the last line feed.

        It is "" where there is nothing to show.
        """
        raise NotImplementedError(f"no plain text for {type(self).__name__}")

    def screen(self, terminal: TextIO) -> str:
        """Return what a person sees at `terminal`: a table or colours; else it is the text."""
        return self.text()

    def json(self) -> Any:
        """Return the result in terms that JSON has."""
        from chdkshell.shell.results.jsonvalues import fields

        return fields(self)
