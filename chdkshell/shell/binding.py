"""A line's words and switches as the arguments of a command's function."""

from __future__ import annotations

from typing import Any

from chdkshell.errors import UsageError
from chdkshell.shell.arguments import ArgumentType
from chdkshell.shell.command import Command, Param, ParameterKind
from chdkshell.shell.parse import Switch, Word, did_you_mean, split_arguments


def bind(
    command: Command, text: str, offset: int = 0, compat: bool = False
) -> tuple[list[Any], dict[str, Any]]:
    """Turn the rest of a line into the arguments of the command's function. Raises `UsageError`.

    `compat`: as chdkptp, which takes a value for a flag, and nothing for a value.
    """
    words = command.words
    if words and words[0].kind is ParameterKind.RAW:
        return [words[0].type.parse(text)], {}
    if text and not command.params:
        raise _wrong_use(command, "command takes no arguments")
    values: list[Any] = []
    switches: dict[str, Any] = {}
    groups: dict[str, dict[str, Any]] = {}
    for part in split_arguments(text, offset):
        if isinstance(part, Switch):
            param = _find_switch(command, part.name)
            if compat and part.value is None and param.kind is ParameterKind.VALUE:
                continue
            among = groups.setdefault(param.group, {}) if param.group else switches
            among[param.key] = _switch_value(param, part, compat)
        else:
            type_ = _word_type(command, len(values))
            if type_ is not None:
                values.append(type_.parse(part.text))
    for param in words[len(values) :]:
        if param.required:
            raise _wrong_use(command, f"missing {param.name}")
    defaults = command.run.__kwdefaults__ or {}
    for key, given in groups.items():
        switches[key] = defaults[key].replaced(given)
    return values, switches


def spare_words(command: Command, text: str) -> list[str]:
    """Return the words that `bind` ignores. Raises `UsageError`."""
    if not command.ignores_words:
        return []
    words = [part.text for part in split_arguments(text) if isinstance(part, Word)]
    return words[len(command.words) :]


def _find_switch(command: Command, name: str) -> Param:
    for param in command.switches:
        if param.name == name.replace("-", "_"):
            return param
    near = did_you_mean(name, [p.name for p in command.switches]).replace("'", "'-", 1)
    raise _wrong_use(command, f"unknown switch {name}", near)


def _switch_value(param: Param, switch: Switch, compat: bool) -> Any:
    if switch.value is None:
        if param.kind is ParameterKind.VALUE:
            raise UsageError(f"-{param.name} needs a value", f"write {param.usage.strip('[]')}")
        return True
    if param.kind is ParameterKind.FLAG:
        if compat:
            return True
        raise UsageError(f"-{param.name} takes no value", f"write -{param.name} alone")
    return param.type.parse(switch.value)


def _word_type(command: Command, index: int) -> ArgumentType | None:
    """Return what a word is, None for one that is ignored."""
    words = command.words
    if index < len(words):
        return words[index].type
    if words and words[-1].kind is ParameterKind.WORDS:
        return words[-1].type
    if command.ignores_words:
        return None
    raise _wrong_use(command, "unexpected args" if words else "command takes no arguments")


def _wrong_use(command: Command, message: str, hint: str = "") -> UsageError:
    return UsageError(message, hint or f"usage: {command.usage}")
