"""What the commands about the shell itself return; `results` has those of the others."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from chdkshell.shell.command import Command
    from chdkshell.shell.knowledge import Function
    from chdkshell.shell.prefs import Pref, Value


class HelpPage(NamedTuple):
    """Help on commands: one line for each, or all that is known; and on functions of CHDK's Lua."""

    commands: tuple[Command, ...]
    detailed: bool
    functions: tuple[Function, ...] = ()


class SetForm(enum.Enum):
    """How `set` shows an option: with its value, with its description, or as a set command."""

    VALUE = enum.auto()
    DESCRIPTION = enum.auto()
    COMMAND = enum.auto()


class PrefValues(NamedTuple):
    """Options and their values."""

    prefs: tuple[tuple[Pref, Value], ...]
    form: SetForm


class PythonValue(NamedTuple):
    """What an expression in `exec` gave."""

    value: object
