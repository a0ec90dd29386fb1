"""The signs between the commands of a line: `;`, `|`, `>` and `>>`, as `language` has them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

from chdkshell.errors import ChdkShellError, UsageError, printable
from chdkshell.shell.aliases import Aliases, filled
from chdkshell.shell.arguments import RawTextType, RestOfLine, WatchedCommandType
from chdkshell.shell.command import Registry
from chdkshell.shell.language import INTO, ONTO, PIPE, SELECT, SEPARATOR
from chdkshell.shell.parse import (
    PREFIXES,
    Word,
    quote,
    selection_end,
    split_command,
    split_words,
)


class LineStep(NamedTuple):
    """One command of a line, and where what it prints goes.

    `pipe` is a command of this computer, `file` a path, to which it `adds` or which it makes; both
    are "" where it goes to standard output. `error`: the signs are wrong, and nothing is to run.
    """

    text: str
    pipe: str = ""
    file: str = ""
    adds: bool = False
    error: UsageError | None = None

    @property
    def is_redirected(self) -> bool:
        """Whether what the command prints goes somewhere else."""
        return bool(self.pipe or self.file)


class Segment(NamedTuple):
    """A part of a line between separators: its command, and the signs and words after it.

    `line[start:end]` is the command; `sign` is where `|`, `>` or `>>` stands, None where none does,
    and `words` what follows that, up to the separator. `next` is where the separator ends, None
    where there is none.
    """

    start: int
    end: int
    sign: Word | None
    words: tuple[Word, ...]
    next: int | None


Splitter = Callable[[str, int], list[Word]]
"""Splits a text into words; its second argument is added to their places."""


def split_segment(
    line: str, start: int, registry: Registry, split: Splitter = split_words
) -> Segment:
    """Find the end of the command that begins at `start`, and what the signs after it say."""
    whole = Segment(start, len(line), None, (), None)
    if registry.compat:
        return whole
    with suppress(UsageError):  # what is wrong with it is told when it runs
        parts = split_command(line[start:])
        if parts is not None and parts.name == SELECT:
            inner = selection_end(line, start + parts.start)
            return split_segment(line, inner, registry, split)._replace(start=start)
        if parts is None or _takes_raw(parts.name, registry):
            return whole
        words = split(parts.rest, start + parts.start)
        found: Word | None = None
        after: list[Word] = []
        for word in words:
            raw = line[word.start : word.end]
            if raw == SEPARATOR:
                end = found.start if found else word.start
                return Segment(start, end, found, tuple(after), word.end)
            if found is None and raw in (PIPE, INTO, ONTO):
                found = word
                if raw == PIPE:
                    break
            elif found is not None:
                after.append(word)
        if found is not None:
            return Segment(start, found.start, found, tuple(after), None)
    return whole


def line_of(words: Sequence[str], registry: Registry) -> str:
    """Return the line that has these words, each as one; free text has them with blanks between.

    Raises `UsageError` where the first is no name of a command.
    """
    name, *rest = words
    if name[0] == SELECT and not registry.compat:
        return f"{name} {line_of(rest, registry)}" if rest else name
    if name[0] in PREFIXES:
        return " ".join(words)
    if not (name.isascii() and name.replace("_", "").isalnum()):
        raise UsageError(
            f"'{printable(name)}' is no name of a command", "a whole line comes after -e"
        )
    command = registry.get(name)
    type_ = command.words[0].type if command and command.words else None
    if isinstance(type_, WatchedCommandType) and len(rest) > 2:
        return f"{name} {rest[0]} {line_of(rest[1:], registry)}"
    is_text = isinstance(type_, RawTextType) or (
        isinstance(type_, RestOfLine) and not type_.has_words
    )
    if is_text or (command is None and _takes_raw(name, registry)) or len(rest) == 0:
        return " ".join(words)
    return " ".join([name, *map(quote, rest)])


def _takes_raw(name: str, registry: Registry) -> bool:
    with suppress(ChdkShellError):
        command = registry.get(name)
        if command is not None:
            return command.takes_raw
        text = registry.aliases.all().get(name)
        return text is not None and _ends_raw(text, registry)
    return False


def _ends_raw(text: str, registry: Registry) -> bool:
    """Whether the last command of an alias takes the rest of its line as it stands."""
    at, last = 0, Segment(0, 0, None, (), 0)
    while last.next is not None and text[at:].strip():
        last = split_segment(text, at, registry.speaking(registry.compat, Aliases()))
        at = last.next or 0
    text = text[last.start : last.end]
    parts = split_command(text)
    while parts is not None and parts.name == SELECT:
        text = text[selection_end(text, parts.start) :]
        parts = split_command(text)
    command = registry.get(parts.name) if parts else None
    return command is not None and command.takes_raw


def steps(
    line: str, registry: Registry, within: frozenset[str] = frozenset()
) -> Iterator[LineStep]:
    """Yield the commands of a line in order, each when the one before has run.

    An alias has its commands in its place; `within` are those that the line is made from.
    """
    at: int | None = 0
    while at == 0 or (at is not None and line[at:].strip()):
        segment = split_segment(line, at, registry)
        step = _step(line, segment)
        name, text = _alias(step.text, registry)
        if text and name in within:
            error = UsageError(f"the alias {name} leads to itself", "`alias` shows it")
            yield LineStep(step.text, error=error)
        elif text and not step.error:
            yield from _alias_steps(line, segment, name, text, registry, within)
        else:
            yield step
        at = segment.next


def _alias(line: str, registry: Registry) -> tuple[str, str]:
    """Return the alias that a line begins with, and its text; "" where it begins with none."""
    with suppress(ChdkShellError):
        parts = split_command(line)
        if parts is not None and registry.get(parts.name) is None:
            return parts.name, registry.aliases.all().get(parts.name, "")
    return "", ""


def _alias_steps(
    line: str, segment: Segment, name: str, text: str, registry: Registry, within: frozenset[str]
) -> Iterator[LineStep]:
    command = line[segment.start : segment.end]
    end = len(line) if segment.next is None else segment.next - len(SEPARATOR)
    parts = split_command(command)
    assert parts
    try:
        made = filled(name, text, parts.rest.rstrip())
    except UsageError as error:
        yield LineStep(command, error=error)
        return
    yield from steps(f"{made} {line[segment.end : end]}".rstrip(), registry, within | {name})


def _step(line: str, segment: Segment) -> LineStep:
    text, sign = line[segment.start : segment.end], segment.sign
    if sign is None:
        return LineStep(text)
    if sign.text == PIPE:
        program = line[sign.end :].strip()
        if not program:
            error = UsageError("`|` needs a command of this computer", "as in `ls | sort`")
            return LineStep(text, error=error)
        return LineStep(text, pipe=program)
    if len(segment.words) != 1 or not segment.words[0].text:
        error = UsageError(
            f"`{sign.text}` needs one name of a file", f"as in `ls {sign.text} list.txt`"
        )
        return LineStep(text, error=error)
    return LineStep(text, file=segment.words[0].text, adds=sign.text == ONTO)
