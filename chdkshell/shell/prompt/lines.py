"""Lines of the prompt before they are run: short names, several lines, what stands before them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TextIO

from chdkshell.errors import ChdkShellError, UsageError
from chdkshell.shell.arguments import RawTextType
from chdkshell.shell.command import Registry
from chdkshell.shell.language import SELECT, WORDS_ELSEWHERE
from chdkshell.shell.linesource import conversed_line
from chdkshell.shell.parameters import ParameterKind
from chdkshell.shell.parse import selection_end, split_command
from chdkshell.shell.segments import split_segment

if TYPE_CHECKING:
    from chdkshell.shell.connections import Connections


def prompt_text(connections: Connections) -> str:
    """Return the prompt: whether a camera is connected, and its last script's id."""
    camera = connections.current
    if camera is None or not camera.is_connected:
        return "___> "
    script_id = camera.scripts.last_id
    return "con> " if script_id is None else f"con {script_id}> "


def conversation(connections: Connections, stream: TextIO) -> Iterator[str]:
    """Yield lines of standard input to its end, each with the prompt before it (as
    `conversed_line`).
    """
    while True:
        try:
            yield conversed_line(prompt_text(connections), stream)
        except EOFError:
            return


def commands_in(text: str, registry: Registry) -> Iterator[str]:
    """Split a text of the prompt, which may have been pasted, into command lines.

    A command that takes free text, such as `luar`, takes all that follows, with its lines.
    """
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if _takes_free_text(line, registry):
            yield "\n".join(lines[number:])
            return
        yield line


def _takes_free_text(line: str, registry: Registry) -> bool:
    try:
        parts = split_command(line)
        if parts is not None and parts.name == SELECT and not registry.compat:
            return _takes_free_text(line[_after_cameras(line) :], registry)
        command = registry.get(expand_name(parts.name, registry)) if parts else None
    except ChdkShellError:
        return False
    words = command.words if command else ()
    return (
        bool(words)
        and words[0].kind is ParameterKind.RAW
        and isinstance(words[0].type, RawTextType)
    )


def _after_cameras(line: str) -> int:
    """Return where the command begins in a line that begins with a selection."""
    parts = split_command(line)
    assert parts is not None
    return selection_end(line, parts.start)


def expand_prefix(line: str, registry: Registry) -> str:
    """Return `line` with its commands' names in full. Raises `UsageError` for a name of several."""
    at: int | None = 0
    while at is not None:
        line = line[:at] + _expand_first(line[at:], registry)
        at = split_segment(line, at, registry).next
    return line


def _expand_first(line: str, registry: Registry) -> str:
    try:
        parts = split_command(line)
    except ChdkShellError:
        return line
    if parts is None:
        return line
    if parts.name == SELECT and not registry.compat:
        at = _after_cameras(line)
        return line[:at] + _expand_first(line[at:], registry)
    at = len(line) - len(line.lstrip())
    if line[at + len(parts.name) :][:1].strip():
        return line  # `con.model` is code, and no short name of `connect` with a word
    name = expand_name(parts.name, registry)
    return line if name == parts.name else line[:at] + name + line[at + len(parts.name) :]


def expand_name(name: str, registry: Registry) -> str:
    """Return the name that `name` is the beginning of, or `name`. Raises `UsageError`."""
    if registry.get(name) or not name.isalnum() or name in registry.aliases.all():
        return name
    if name in WORDS_ELSEWHERE:
        return name
    found = [command for command in registry if any(n.startswith(name) for n in command.names)]
    if len(found) > 1:
        full = [n for command in found for n in command.names if n.startswith(name)]
        raise UsageError(f"ambiguous command '{name}'", f"write one of {', '.join(sorted(full))}")
    if not found:
        return name
    return next(n for n in found[0].names if n.startswith(name))
