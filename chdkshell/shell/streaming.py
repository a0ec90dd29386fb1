"""Commands whose file goes to standard output, where nothing else may come between."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from chdkshell.errors import ChdkShellError, UsageError
from chdkshell.shell.arguments import TargetType
from chdkshell.shell.command import Command, Registry, bind
from chdkshell.shell.faces.render import OutputClosedError
from chdkshell.shell.parse import split_command
from chdkshell.shell.prefs import Face
from chdkshell.streams import STDOUT

if TYPE_CHECKING:
    from chdkshell.shell.context import Context


def streams(command: Command, words: list[Any], switches: dict[str, Any]) -> bool:
    """Whether a command writes a file to standard output."""
    writes = any(isinstance(param.type, TargetType) for param in command.params)
    return writes and STDOUT in (*words, *switches.values())


def line_streams(line: str, registry: Registry) -> bool:
    """Whether a line, which may be wrong, has a command that writes a file to standard output."""
    try:
        parts = split_command(line)
        if parts is None:
            return False
        command = registry.find(parts.name)
        return streams(command, *bind(command, parts.rest, parts.start))
    except (ChdkShellError, OSError):
        return False


@contextmanager
def giving_stdout(context: Context) -> Iterator[None]:
    """Leave standard output to a file: what is told meanwhile goes to stderr.

    Raises `UsageError` where that is a terminal or holds JSON, and `OutputClosedError` where its
    reader goes.
    """
    renderer = context.renderer
    if context.prefs.face is Face.JSON:
        raise UsageError("standard output holds JSON, and no file", "name a file in place of -")
    if renderer.stdout.isatty():
        raise UsageError(
            "standard output is a terminal, which files could upset",
            "`cat` shows one; or name a file in place of -",
        )
    before, renderer.holds_data = renderer.holds_data, True
    try:
        yield
    except ChdkShellError as error:
        if isinstance(error.__cause__, BrokenPipeError):
            raise OutputClosedError from error
        raise
    finally:
        renderer.holds_data = before
