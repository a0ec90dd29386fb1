"""Names made from templates: `${name}`, `${name,format}`, `${function,argument,argument}`.

A template is parsed to a tree, checked against the names that its place offers, and only then
filled. Arguments may hold further `${}`; what those give is one piece of text, never parsed again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from chdkshell.chdk.templates.formats import (
    Value,
    check_date_format,
    check_format,
    format_date,
    format_values,
)
from chdkshell.chdk.templates.luastrings import STRING_FUNCTIONS, StringFunction
from chdkshell.errors import UsageError

MAX_DEPTH = 40
"""Levels of `${}` in each other."""

_NAME = re.compile(r"([A-Za-z0-9_]+)(?:[ \t\n\v\f\r]*,[ \t\n\v\f\r]*(.*))?", re.DOTALL)
_SEPARATOR = re.compile(r",[ \t\n\v\f\r]*")


class Variable(NamedTuple):
    """A value that is set for each file, shown with the printf-style format `default`."""

    default: str = "%s"

    def check(self, form: str) -> None:
        """Raise `UsageError` unless `form` formats one value at most."""
        if check_format(form) > 1:
            raise UsageError(f"format '{form}' has more than one value")

    def show(self, form: str, value: Value) -> str:
        """Return `value` as `form` shows it."""
        return format_values(form, (value,))


class DateVariable(NamedTuple):
    """A time (seconds since 1970, UTC), shown with the strftime-style format `default`."""

    default: str = "%Y%m%d_%H%M%S"

    def check(self, form: str) -> None:
        """Raise `UsageError` unless `form` is a strftime format."""
        check_date_format(form)

    def show(self, form: str, value: Value) -> str:
        """Return the time `value` as `form` shows it."""
        if isinstance(value, str):
            raise TypeError("a DateVariable needs a number of seconds")
        return format_date(form, value)


Names = Mapping[str, Variable | DateVariable]
"""The variables that a template may use."""


class _Call(NamedTuple):
    name: str
    arguments: _Parts | None
    """What follows the comma, None without one."""


_Parts = tuple[str | _Call, ...]


class Template:
    """A text with substitutions, parsed and checked.

    `names` are the variables it may use, beside the string functions, which are always there.
    Raises `UsageError` for a wrong name, missing arguments, a bad format, number or pattern, and
    for `${` without its `}`.
    """

    def __init__(self, text: str, names: Names) -> None:
        self.text = text
        self._names = names
        self._parts = _parse(text, 0)
        self._check(self._parts)

    def variables(self) -> frozenset[str]:
        """Return the names of the variables that the template uses."""
        return frozenset(_called(self._parts)) & self._names.keys()

    def fill(self, values: Mapping[str, Value]) -> str:
        """Return the text with every substitution replaced.

        `values` has at least those of `variables`. Raises `UsageError` where a value does not suit
        its format, and `KeyError` where one is missing.
        """
        return self._fill(self._parts, values)

    def _check(self, parts: _Parts) -> None:
        for part in parts:
            if isinstance(part, _Call):
                self._check(part.arguments or ())
                self._check_call(part)

    def _check_call(self, call: _Call) -> None:
        if function := STRING_FUNCTIONS.get(call.name):
            arguments = _split(function, call.arguments)
            function.check_count(call.name, len(arguments))
            for index, argument in enumerate(arguments):
                if _is_plain(argument):
                    function.check_argument(call.name, index, _plain(argument))
            if function.format_at >= 0 and _is_plain(arguments[function.format_at]):
                needed = check_format(_plain(arguments[function.format_at]))
                if needed > len(arguments) - 1:
                    raise UsageError(f"{call.name} needs {needed} values, not {len(arguments) - 1}")
        elif variable := self._names.get(call.name):
            if call.arguments is not None and _is_plain(call.arguments):
                variable.check(_plain(call.arguments))
        else:
            known = ", ".join(sorted({*self._names, *STRING_FUNCTIONS}))
            raise UsageError(f"unknown substitution function {call.name}", f"there are: {known}")

    def _fill(self, parts: _Parts, values: Mapping[str, Value]) -> str:
        return "".join(
            part if isinstance(part, str) else self._fill_call(part, values) for part in parts
        )

    def _fill_call(self, call: _Call, values: Mapping[str, Value]) -> str:
        if function := STRING_FUNCTIONS.get(call.name):
            arguments = _split(function, call.arguments)
            return function.call(call.name, [self._fill(a, values) for a in arguments])
        variable = self._names[call.name]
        form = variable.default if call.arguments is None else self._fill(call.arguments, values)
        variable.check(form)
        return variable.show(form, values[call.name])


def has_substitutions(text: str) -> bool:
    """Whether a destination is a template, which is what a "$" in it says."""
    return "$" in text


def _parse(text: str, depth: int) -> _Parts:
    if depth > MAX_DEPTH:
        raise UsageError(f"more than {MAX_DEPTH} ${{}} in each other")
    parts: list[str | _Call] = []
    position = 0
    while (start := text.find("${", position)) >= 0:
        if start > position:
            parts.append(text[position:start])
        end = _closing_brace(text, start + 2)
        parts.append(_parse_call(text[start + 2 : end], depth))
        position = end + 1
    if position < len(text):
        parts.append(text[position:])
    return tuple(parts)


def _closing_brace(text: str, position: int) -> int:
    """Return where the brace that was opened before `position` is closed."""
    depth = 1
    for match in re.compile("[{}]").finditer(text, position):
        depth += 1 if match[0] == "{" else -1
        if not depth:
            return match.start()
    raise UsageError(f"unclosed ${{ in '{text}'")


def _parse_call(inner: str, depth: int) -> _Call:
    match = _NAME.fullmatch(inner)
    if match is None:
        raise UsageError(f"parse failed {{{inner}}}", "like ${name} or ${name,format}")
    return _Call(match[1], None if match[2] is None else _parse(match[2], depth + 1))


def _split(function: StringFunction, parts: _Parts | None) -> Sequence[_Parts]:
    """Return the arguments of a call: `parts` split at the commas of its literal text."""
    if parts is None:
        return ()
    if not function.splits:
        return (parts,)
    arguments: list[list[str | _Call]] = [[]]
    for part in parts:
        if isinstance(part, _Call):
            arguments[-1].append(part)
            continue
        first, *rest = _SEPARATOR.split(part)
        arguments[-1].append(first)
        arguments.extend([piece] for piece in rest)
    return [tuple(argument) for argument in arguments]


def _is_plain(parts: _Parts) -> bool:
    return all(isinstance(part, str) for part in parts)


def _plain(parts: _Parts) -> str:
    return "".join(part for part in parts if isinstance(part, str))


def _called(parts: _Parts) -> list[str]:
    names: list[str] = []
    for part in parts:
        if isinstance(part, _Call):
            names += [part.name, *_called(part.arguments or ())]
    return names
