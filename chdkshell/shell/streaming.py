"""Commands whose file goes to standard output, where nothing else may come between."""

from __future__ import annotations

from typing import Any

from chdkshell.errors import ChdkShellError
from chdkshell.shell.arguments import TargetType
from chdkshell.shell.binding import bind
from chdkshell.shell.command import Command, Registry
from chdkshell.shell.parse import split_command
from chdkshell.shell.segments import LineStep, steps
from chdkshell.streams import STDOUT


def streams(command: Command, words: list[Any], switches: dict[str, Any]) -> bool:
    """Whether a command writes a file to standard output."""
    writes = any(isinstance(param.type, TargetType) for param in command.params)
    return writes and STDOUT in (*words, *switches.values())


def line_streams(line: str, registry: Registry) -> bool:
    """Whether a line, which may be wrong, has a command that writes a file to standard output."""
    return any(_step_streams(each, registry) for each in steps(line, registry))


def _step_streams(step: LineStep, registry: Registry) -> bool:
    if step.is_redirected:
        return False
    try:
        parts = split_command(step.text)
        if parts is None:
            return False
        command = registry.find(parts.name)
        return streams(command, *bind(command, parts.rest, parts.start))
    except (ChdkShellError, OSError):
        return False
