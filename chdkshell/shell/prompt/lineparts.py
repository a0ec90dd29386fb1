"""What each part of a line is while it is typed: for highlighting and completion.

The rules are those of `parse` and `command`, but nothing here is an error: a quote may be open, a
command unknown, a switch half written.
"""

from __future__ import annotations

import enum
from typing import NamedTuple

from chdkshell.errors import UsageError
from chdkshell.shell.arguments import (
    HOST,
    ArgumentType,
    LocalPathType,
    MembersType,
    RawTextType,
    SelectedCommandType,
)
from chdkshell.shell.command import Command, Registry
from chdkshell.shell.language import PIPE, SEPARATOR
from chdkshell.shell.parameters import Param, ParameterKind
from chdkshell.shell.parse import Word, name_end, selection_end, split_words
from chdkshell.shell.segments import Segment, split_segment


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
    SIGN = enum.auto()
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
    """A command with its parts in order. `command` is None where there is none of that name.

    What selects cameras is a line, and the command after it another, that has it as `selection`.
    """

    command: Command | None
    name: str
    parts: tuple[LinePart, ...]
    selection: str = ""


def analyse(line: str, registry: Registry) -> Line:
    """Split the last command of a line into parts, as far as it goes."""
    return analyse_all(line, registry)[-1]


def analyse_all(line: str, registry: Registry) -> list[Line]:
    """Split each command of a line into parts, with the signs after it."""
    lines = []
    at: int | None = 0
    while at is not None:
        segment = split_segment(line, at, registry, _open_words)
        lines += _analyse_segment(line, segment, registry)
        at = segment.next
    return lines


def _analyse_segment(line: str, segment: Segment, registry: Registry) -> list[Line]:
    text, at = line[: segment.end], segment.start
    name, command, parts = _command_parts(text, at, registry)
    selecting: list[Line] = []
    selection = ""
    param = parts[-1].param if parts else None
    if param is not None and isinstance(param.type, SelectedCommandType):
        at = selection_end(text, parts[-1].start)
        if at > parts[-1].end:
            selection = parts[-1].text
            selecting.append(Line(command, name, tuple(parts)))
            name, command, parts = _command_parts(text, at, registry)
    if segment.sign:
        is_pipe = segment.sign.text == PIPE
        kind = PartKind.SIGN if is_pipe else PartKind.REDIRECT
        parts.append(LinePart(kind, segment.sign.start, segment.sign.end, segment.sign.text))
        if is_pipe and segment.sign.end < len(line):
            end = segment.sign.end
            parts.append(LinePart(PartKind.TEXT, end, len(line), line[end:]))
    for word in segment.words:
        parts.append(LinePart(PartKind.WORD, *word[1:], word.text, LocalPathType()))
    if segment.next is not None:
        parts.append(LinePart(PartKind.SIGN, segment.next - 1, segment.next, SEPARATOR))
    return [*selecting, Line(command, name, tuple(parts), selection)]


def _command_parts(
    line: str, at: int, registry: Registry
) -> tuple[str, Command | None, list[LinePart]]:
    start = at + len(line[at:]) - len(line[at:].lstrip())
    end = name_end(line, start)
    name = " ".join(line[start:end].split())
    command = registry.get(name)
    is_known = command or name in registry.aliases.all()
    kind = PartKind.COMMAND if is_known else PartKind.UNKNOWN_COMMAND
    parts = [LinePart(kind, start, end, name)] if name else []
    rest = end + len(line[end:]) - len(line[end:].lstrip())
    if command is None:
        if rest < len(line):
            parts.append(LinePart(PartKind.TEXT, rest, len(line), line[rest:]))
    elif command.words and command.words[0].kind is ParameterKind.RAW:
        parts += _raw_parts(command.words[0], line, rest)
    else:
        parts += _argument_parts(command, line, rest)
    return name, command, parts


def _raw_parts(param: Param, line: str, start: int) -> list[LinePart]:
    if isinstance(param.type, SelectedCommandType):
        text = line[start : selection_end(line, start)].rstrip()
        end = start + len(text)
        return [LinePart(PartKind.WORD, start, end, text, MembersType("cameras"), param)]
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
