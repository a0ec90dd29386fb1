"""A line's words and switches as the arguments of a command's function."""

from __future__ import annotations

import sys
from typing import Any

from chdkshell.errors import UsageError, printable
from chdkshell.reasons import Reason
from chdkshell.shell.arguments import ArgumentType, CameraPathType, PathType, RawTextType
from chdkshell.shell.command import Command
from chdkshell.shell.language import SEPARATOR
from chdkshell.shell.parameters import Param, ParameterKind
from chdkshell.shell.parse import (
    Switch,
    Word,
    did_you_mean,
    loses_backslashes,
    split_arguments,
    split_words,
)

LONGEST_USAGE = 100
"""Characters of a usage line that an error shows whole."""


def bind(
    command: Command, text: str, offset: int = 0, compat: bool = False, folder: str = ""
) -> tuple[list[Any], dict[str, Any]]:
    """Turn the rest of a line into the arguments of the command's function. Raises `UsageError`.

    `compat`: as chdkptp, which takes a value for a flag, and nothing for a value. `folder` is that
    of the card in which paths begin, "" for the top directory.
    """
    words = command.words
    if words and words[0].kind is ParameterKind.RAW:
        if isinstance(words[0].type, RawTextType) and text.lstrip().startswith("<"):
            _check_backslashes(text.lstrip()[1:].strip(), compat)
        return [words[0].type.parse(text)], {}
    if text and not command.params:
        raise _wrong_use(command, "command takes no arguments")
    values: list[Any] = []
    switches: dict[str, Any] = {}
    groups: dict[str, dict[str, Any]] = {}
    for part in split_arguments(text, offset):
        raw = text[part.start - offset : part.end - offset]
        if isinstance(part, Switch):
            if part.name in command.ignores_switches:
                continue
            param = _find_switch(command, part.name)
            if compat and part.value is None and param.kind is ParameterKind.VALUE:
                continue
            if isinstance(param.type, PathType):
                _check_backslashes(raw, compat)
            among = groups.setdefault(param.group, {}) if param.group else switches
            among[param.key] = _switch_value(param, part, compat, folder)
        else:
            type_ = _word_type(command, len(values), text)
            if type_ is not None and (rest := type_.rest(text[part.start - offset :])) is not None:
                values.append(rest)
                break
            if isinstance(type_, PathType):
                _check_backslashes(raw, compat)
            if type_ is not None:
                values.append(_parsed(type_, part.text, folder))
    for param in words[len(values) :]:
        if param.required:
            raise _wrong_use(command, f"missing {param.name}")
    defaults = command.run.__kwdefaults__ or {}
    for key, given in groups.items():
        switches[key] = defaults[key].replaced(given)
    return values, switches


def _check_backslashes(raw: str, compat: bool) -> None:
    """Raise `UsageError` for a path of Windows that lost its backslashes, as it does in chdkptp."""
    if sys.platform == "win32" and not compat and loses_backslashes(raw):
        read = "".join(word.text for word in split_words(raw))
        raise UsageError(
            f"{printable(raw)} would be read as {printable(read)}", reason=Reason.LOST_BACKSLASH
        )


def ignored_parts(command: Command, text: str) -> list[str]:
    """Return the words and switches that `bind` ignores. Raises `UsageError`."""
    if not command.ignores_words and not command.ignores_switches:
        return []
    words: list[str] = []
    switches: list[str] = []
    for part in split_arguments(text):
        if isinstance(part, Word):
            words.append(part.text)
        elif part.name in command.ignores_switches:
            switches.append(f"-{part.name}")
    return switches + words[len(command.words) :]


def _find_switch(command: Command, name: str) -> Param:
    for param in command.switches:
        if param.name == name.replace("-", "_"):
            return param
    near = did_you_mean(name.lower(), [p.name for p in command.switches]).replace("'", "'-", 1)
    raise _wrong_use(command, f"unknown switch {name}", near)


def _switch_value(param: Param, switch: Switch, compat: bool, folder: str) -> Any:
    if switch.value is None:
        if param.kind is ParameterKind.VALUE:
            raise UsageError(f"-{param.name} needs a value", f"write {param.usage.strip('[]')}")
        return True
    if param.kind is ParameterKind.FLAG:
        if compat:
            return True
        raise UsageError(f"-{param.name} takes no value", f"write -{param.name} alone")
    try:
        return _parsed(param.type, switch.value, folder)
    except UsageError as error:
        if param.name not in str(error).split():  # chdkptp's words stay, and come first
            error.detail = f"-{param.name}: {error.detail}" if error.detail else f"in -{param.name}"
        raise


def _parsed(type_: ArgumentType, text: str, folder: str) -> Any:
    if folder and isinstance(type_, CameraPathType):
        from chdkshell.chdk.paths import path_in

        text = path_in(folder, text)
    return type_.parse(text)


def _word_type(command: Command, index: int, text: str) -> ArgumentType | None:
    """Return what a word of `text` is, None for one that is ignored."""
    words = command.words
    if index < len(words):
        return words[index].type
    if words and words[-1].kind is ParameterKind.WORDS:
        return words[-1].type
    if command.ignores_words:
        return None
    is_glued = any(word.endswith(SEPARATOR) for word in text.split())
    hint = "a ; between two commands has blanks on both sides" if is_glued else ""
    raise _wrong_use(command, "unexpected args" if words else "command takes no arguments", hint)


def _wrong_use(command: Command, message: str, hint: str = "") -> UsageError:
    return UsageError(message, hint or _usage(command))


def _usage(command: Command) -> str:
    """Return how a command is written: one with many switches would fill a screen with them."""
    if len(command.usage) <= LONGEST_USAGE:
        return f"usage: {command.usage}"
    words = " ".join([command.name, "[switches]", *(param.usage for param in command.words)])
    return f"usage: {words}; `help {command.name}` lists the switches"
