"""What each part of a line is while it is typed: for highlighting and completion.

The rules are those of `parse` and `command`, but nothing here is an error: a quote may be open, a
command unknown, a switch half written.
"""

from __future__ import annotations

import enum
from typing import NamedTuple

from chdkshell.errors import UsageError
from chdkshell.shell.arguments import HOST, ArgumentType, LocalPathType, RawTextType
from chdkshell.shell.command import Command, Param, ParameterKind, Registry
from chdkshell.shell.parse import PREFIXES, Word, split_words


class PartKind(enum.Enum):
    """What a part of a line is."""

    COMMAND = enum.auto()
    UNKNOWN_COMMAND = enum.auto()
    SWITCH = enum.auto()
    UNKNOWN_SWITCH = enum.auto()
    VALUE = enum.auto()
    WORD = enum.auto()
    LUA = enum.auto()
    HOST_CODE = enum.auto()
    """What runs on this computer: Python, or Lua where an option says so."""
    REDIRECT = enum.auto()
    TEXT = enum.auto()


class LinePart(NamedTuple):
    """`line[start:end]`. `text` is that without quotes; `type` and `param` say what it is for."""

    kind: PartKind
    start: int
    end: int
    text: str
    type: ArgumentType | None = None
    param: Param | None = None


class Line(NamedTuple):
    """A line and its parts in order. `command` is None where there is none of that name."""

    command: Command | None
    name: str
    parts: tuple[LinePart, ...]


def analyse(line: str, registry: Registry) -> Line:
    """Split a line into parts, as far as it goes."""
    start = len(line) - len(line.lstrip())
    end = start + 1 if line[start : start + 1] in tuple(PREFIXES) else _name_end(line, start)
    name = line[start:end]
    command = registry.get(name)
    kind = PartKind.COMMAND if command else PartKind.UNKNOWN_COMMAND
    parts = [LinePart(kind, start, end, name)] if name else []
    rest = end + len(line[end:]) - len(line[end:].lstrip())
    if command is None:
        if rest < len(line):
            parts.append(LinePart(PartKind.TEXT, rest, len(line), line[rest:]))
    elif command.words and command.words[0].kind is ParameterKind.RAW:
        parts += _raw_parts(command.words[0], line, rest)
    else:
        parts += _argument_parts(command, line, rest)
    return Line(command, name, tuple(parts))


def _name_end(line: str, at: int) -> int:
    while at < len(line) and line[at].isascii() and (line[at].isalnum() or line[at] == "_"):
        at += 1
    return at


def _raw_parts(param: Param, line: str, start: int) -> list[LinePart]:
    if not isinstance(param.type, RawTextType):
        return [LinePart(PartKind.TEXT, start, len(line), line[start:], param.type, param)]
    if line[start : start + 1] != "<":
        kind = {"lua": PartKind.LUA, HOST: PartKind.HOST_CODE}.get(param.type.language)
        return [LinePart(kind or PartKind.TEXT, start, len(line), line[start:], param.type, param)]
    parts = [LinePart(PartKind.REDIRECT, start, start + 1, "<")]
    for word in _open_words(line[start + 1 :], start + 1):
        parts.append(
            LinePart(PartKind.WORD, word.start, word.end, word.text, LocalPathType(), None)
        )
    return parts


def _argument_parts(command: Command, line: str, start: int) -> list[LinePart]:
    parts: list[LinePart] = []
    words = 0
    for word in _open_words(line[start:], start):
        raw = line[word.start : word.end]
        if raw.startswith("-") and not raw[1:2].isdigit():
            parts += _switch_parts(command, word, raw)
            continue
        param = word_param(command, words)
        words += 1
        kind = PartKind.WORD if param else PartKind.TEXT
        parts.append(
            LinePart(kind, word.start, word.end, word.text, param.type if param else None, param)
        )
    return parts


def _switch_parts(command: Command, word: Word, raw: str) -> list[LinePart]:
    name, equals, _ = raw.partition("=")
    param = find_switch(command, name)
    end = word.start + len(name)
    kind = PartKind.SWITCH if param else PartKind.UNKNOWN_SWITCH
    parts = [LinePart(kind, word.start, end, name, None, param)]
    if equals:
        value = word.text.partition("=")[2]
        type_ = param.type if param else None
        parts.append(LinePart(PartKind.VALUE, end + 1, word.end, value, type_, param))
    return parts


def find_switch(command: Command, name: str) -> Param | None:
    """Return the switch that is written `name`, with its hyphens, or None."""
    key = name.lstrip("-").replace("-", "_")
    return next((param for param in command.switches if param.name == key), None)


def word_param(command: Command, index: int) -> Param | None:
    """Return the parameter that the word number `index` is for, or None."""
    words = command.words
    if index < len(words):
        return words[index]
    return words[-1] if words and words[-1].kind is ParameterKind.WORDS else None


def _open_words(text: str, offset: int) -> list[Word]:
    """Split words; a quote that is still open ends with the text."""
    for closing in ("", '"', "'", '\\"'):
        try:
            words = split_words(text + closing, offset)
        except UsageError:
            continue
        if closing and words:
            words[-1] = words[-1]._replace(end=offset + len(text))
        return words
    return []
