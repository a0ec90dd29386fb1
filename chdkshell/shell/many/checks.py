"""What is looked at before a command goes to several cameras: nothing is sent if it is wrong."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from chdkshell.errors import UsageError
from chdkshell.shell.arguments import ObjectOrTargetType, PathType, is_object
from chdkshell.shell.binding import bind
from chdkshell.shell.command import Command
from chdkshell.shell.parameters import Param, ParameterKind
from chdkshell.shell.parse import split_command
from chdkshell.shell.segments import steps
from chdkshell.shell.streaming import streams
from chdkshell.shell.substitutions import TemplateType

if TYPE_CHECKING:
    from chdkshell.rig.members import Member
    from chdkshell.shell.command import Registry

_PLACE = re.compile(r"\$\{(camera|id|serial)\}")


def check_line(line: str, registry: Registry, members: Sequence[Member]) -> bool:
    """Raise `UsageError` for a line that cannot go to several cameras.

    Returns whether it makes files on this computer.
    """
    makes_files = False
    for step in steps(line, registry):
        if step.error is not None:
            raise step.error
        parts = split_command(step.text)
        if parts is None:
            continue
        command = registry.find(parts.name)
        check_command(command)
        if command.interactive:  # those for several are found before they come here
            raise UsageError(
                f"{command.name} shows several cameras as the only command after them",
                f"`@all {command.name}`",
            )
        if step.is_redirected:
            raise UsageError("an alias that writes a file is not for several cameras")
        words, switches = bind(command, parts.rest, parts.start)
        if streams(command, words, switches):
            raise UsageError(
                "standard output takes one file, not those of several cameras",
                "name files, as in `${camera}.jpg`",
            )
        text = _made_text(command, words, switches)
        if text is not None:
            makes_files = True
            check_names(text, members)
    return makes_files


def check_command(command: Command) -> None:
    """Raise `UsageError` for a command that makes no sense for several cameras."""
    if command.alone:
        raise UsageError(f"{command.name} is not for several cameras: {command.alone}")


def check_names(text: str, members: Sequence[Member]) -> None:
    """Raise `UsageError` where a name for files would be the same for two cameras."""
    names: dict[str, Member] = {}
    for member in members:
        other = names.setdefault(fill(text, member).casefold(), member)
        if other is not member:
            raise UsageError(
                f"files of {other.label} and {member.label} would have the same names",
                "put ${camera} into the name, or a folder: it is the camera's name or number",
            )


def _made_text(command: Command, words: list[Any], switches: dict[str, Any]) -> str | None:
    """Return what names the files that a command makes, None where it makes none."""
    texts: list[str] = []
    for param, value in _values(command, words, switches):
        if not param.type.is_made:
            continue
        may_be_object = isinstance(param.type, ObjectOrTargetType)
        if isinstance(value, str):
            texts.append("" if may_be_object and is_object(value) else value)
        elif value is True or (
            value is None and (param.kind is ParameterKind.WORD or may_be_object)
        ):
            texts.append("")
    texts = [text for text in texts if not text.startswith("A/")]
    return "/".join(texts) if texts else None


def _values(
    command: Command, words: list[Any], switches: dict[str, Any]
) -> list[tuple[Param, Any]]:
    found = []
    for index, param in enumerate(command.words):
        if param.kind is ParameterKind.WORDS:
            found += [(param, word) for word in words[index:][-1:] or [None]]
        else:
            found.append((param, words[index] if index < len(words) else param.default))
    for param in command.switches:
        group = switches.get(param.group)
        value = getattr(group, param.key) if group else switches.get(param.key, param.default)
        found.append((param, value))
    return found


def fill(text: str, member: Member) -> str:
    """Return a text with the camera's name, number and serial number in place."""
    values = member.camera.naming.values()
    return _PLACE.sub(lambda match: str(values[match[1]]), text)


def filled(
    command: Command, words: list[Any], switches: dict[str, Any], member: Member
) -> tuple[list[Any], dict[str, Any]]:
    """Return arguments with the camera's names in paths that are no templates."""
    types = [param.type for param in command.words]
    last = types[-1:] if any(p.kind is ParameterKind.WORDS for p in command.words) else []
    made = [
        fill(word, member) if type(word) is str and _is_plain_path(type_) else word
        for word, type_ in zip(words, types + last * len(words), strict=False)
    ]
    by_key = {param.key: param.type for param in command.switches}
    return made, {
        key: fill(value, member)
        if type(value) is str and key in by_key and _is_plain_path(by_key[key])
        else value
        for key, value in switches.items()
    }


def _is_plain_path(type_: object) -> bool:
    return isinstance(type_, PathType) and not isinstance(type_, TemplateType)
