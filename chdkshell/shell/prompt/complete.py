"""What can be written next: commands, switches, values, paths, cameras; `luacomplete` has Lua.

Nothing here waits for the camera: what is on it comes from `CameraView`, which fetches it in the
background. A failure means that nothing is offered.
"""

from __future__ import annotations

import itertools
import logging
import os
import re
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from chdkshell.bugs import log_bug
from chdkshell.errors import printable
from chdkshell.shell import knowledge
from chdkshell.shell.arguments import (
    CameraPathType,
    CommandNameType,
    ConnectedType,
    DeviceType,
    DngPathType,
    EosSettingType,
    EosValueType,
    LocalFolderType,
    LocalPathType,
    MembersType,
    MemberType,
    ObjectOrTargetType,
    PrefAssignmentType,
    PtpCodeType,
    PtpObjectType,
    PtpStorageType,
    PtpValueType,
    ScriptNameType,
    ScriptValueType,
    TargetType,
    WatchedCommandType,
)
from chdkshell.shell.command import Command, Registry
from chdkshell.shell.language import GROUPS
from chdkshell.shell.parameters import Param, ParameterKind
from chdkshell.shell.parse import quote
from chdkshell.shell.prefs import EXEC, PREFS
from chdkshell.shell.prompt.lineparts import (
    Line,
    LinePart,
    PartKind,
    analyse,
    find_switch,
    word_param,
)
from chdkshell.shell.prompt.luacomplete import LuaCompleter, UserNames

if TYPE_CHECKING:
    from chdkshell.shell.context import Context
    from chdkshell.shell.prompt.cameraview import CameraView
    from chdkshell.transport.base import Device

log = logging.getLogger(__name__)

MAX_OFFERED = 100
"""How much is offered while somebody types; Tab offers all. A card may hold thousands of files."""

MAX_ALIASES = 8
"""How many aliases may stand for each other."""


class ShellCompleter(Completer):
    """Completes command lines."""

    def __init__(
        self, context: Context, registry: Registry, view: CameraView, user_names: UserNames
    ) -> None:
        self._context = context
        self._registry = registry
        self._view = view
        self._lua = LuaCompleter(view, user_names)

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterable[Completion]:
        most = MAX_OFFERED if complete_event.text_inserted else None
        try:
            yield from itertools.islice(self.complete(document.text_before_cursor), most)
        except Exception as error:
            log_bug(log, "completion failed", error)

    def complete(self, text: str) -> Iterator[Completion]:
        """Return what can stand at the end of `text`."""
        line = analyse(text, self._registry)
        for _ in range(MAX_ALIASES):
            meant = self._unaliased(text, line)
            if not meant:
                break
            text, line = meant, analyse(meant, self._registry)
        last = line.parts[-1] if line.parts else None
        if last is None or (last.kind in _NAMES and last.end == len(text)):
            yield from self._commands(last.text if last else "", bool(line.selection))
        elif last.kind is PartKind.UNKNOWN_COMMAND and last.text in GROUPS:
            typed = text[last.start :]
            yield from self._commands(f"{last.text} ", bool(line.selection), len(typed))
        elif line.command is None:
            return
        elif last.kind is PartKind.LUA:
            yield from self._lua.complete(last.text)
        elif last.kind is PartKind.HOST_CODE:
            yield from self._host_names(last.text)
        elif isinstance(last.type, WatchedCommandType):
            _, blank, watched = last.text.partition(" ")
            yield from self.complete(watched) if blank else ()
        elif last.kind in (PartKind.TEXT, PartKind.SIGN):
            return
        elif last.kind in _SWITCHES and last.end == len(text):
            yield from self._switches(line, last)
        elif last.end == len(text):
            yield from self._values(line, last, text)
        else:
            yield from self._next_word(line, text)

    def _unaliased(self, text: str, line: Line) -> str:
        """Return a line with what its alias stands for, "" where it has none or is at its name.

        What follows the first $ of the alias comes after the words that are typed.
        """
        alias = "" if line.command else self._registry.aliases.all().get(line.name, "")
        if not alias or line.parts[0].end == len(text):
            return ""
        start, end = line.parts[0].start, line.parts[0].end
        return text[:start] + alias.partition("$")[0].rstrip() + text[end:]

    def _commands(
        self, prefix: str, is_selected: bool, typed: int | None = None
    ) -> Iterator[Completion]:
        """Complete a name that begins with `prefix`, of which so many characters are `typed`."""
        start = -(len(prefix) if typed is None else typed)
        for command in self._registry:
            for name in command.names if not (is_selected and command.alone) else ():
                if name.startswith(prefix):
                    shown = name if name == command.name else f"{name} ({command.name})"
                    yield Completion(
                        name,
                        start_position=start,
                        display=shown,
                        display_meta=command.summary,
                    )
        for name, text in self._registry.aliases.all().items():
            if name.startswith(prefix):
                yield Completion(name, start_position=start, display_meta=printable(text))

    def _switches(self, line: Line, part: LinePart) -> Iterator[Completion]:
        assert line.command
        given = {p.param.key for p in line.parts if p.param and p.kind in _SWITCHES}
        hyphens = "--" if part.text.startswith("--") else "-"
        for param in line.command.switches:
            name = hyphens + param.name
            if name.startswith(part.text) and (param.key not in given or name == part.text):
                equals = "=" if param.kind is ParameterKind.VALUE else ""
                yield Completion(
                    name + equals,
                    start_position=-len(part.text),
                    display=param.usage[1:-1],
                    display_meta=param.help,
                )

    def _values(self, line: Line, part: LinePart, text: str) -> Iterator[Completion]:
        raw = text[part.start : part.end]
        for value, meta in self._value_texts(line, part, part.text):
            yield Completion(
                _as_typed(value, raw), start_position=-len(raw), display=value, display_meta=meta
            )

    def _next_word(self, line: Line, text: str) -> Iterator[Completion]:
        """Complete after a blank, where a new word begins."""
        assert line.command
        at = len(text)
        if line.parts[-1].kind is PartKind.REDIRECT:
            part = LinePart(PartKind.WORD, at, at, "", LocalPathType())
            yield from self._values(line, part, text)
            return
        is_raw = line.command.words and line.command.words[0].kind is ParameterKind.RAW
        if is_raw or any(part.kind is PartKind.REDIRECT for part in line.parts):
            return
        count = sum(1 for part in line.parts[1:] if part.kind is PartKind.WORD)
        param = word_param(line.command, count)
        if param is not None:
            part = LinePart(PartKind.WORD, at, at, "", param.type, param)
            yield from self._values(line, part, text)
        yield from self._switches(line, LinePart(PartKind.SWITCH, at, at, ""))

    def _host_names(self, text: str) -> Iterator[Completion]:
        """Complete an attribute of the camera, or of what a name stands for, in Python or Lua."""
        match = _ATTRIBUTE.search(text)
        if match is None:
            return
        name, sign, word = match.groups()
        if self._context.prefs.get(EXEC) != "python":
            yield from self._lua_methods(name, word)
            return
        owner: object = self._context.namespace.get(name)
        if name == "con":
            from chdkshell.camera import Camera

            owner = Camera
        for attribute in dir(owner) if owner is not None and sign == "." else ():
            if attribute.startswith(word) and (word or not attribute.startswith("_")):
                about = getattr(owner, attribute, None) if isinstance(owner, type) else None
                meta = (getattr(about, "__doc__", None) or "").strip().partition("\n")[0]
                yield Completion(attribute, start_position=-len(word), display_meta=meta)

    def _lua_methods(self, name: str, word: str) -> Iterator[Completion]:
        """Complete a method of `con` as the host's Lua has it."""
        if name != "con":
            return
        from chdkshell.hostlua.methods import connection_methods
        from chdkshell.shell.luafolder import lua_folder

        for method in connection_methods(lua_folder(self._context.prefs)):
            if method.startswith(word):
                yield Completion(method, start_position=-len(word))

    # ---- values ----

    def _value_texts(self, line: Line, part: LinePart, prefix: str) -> Iterator[tuple[str, str]]:
        view = self._view.of(line.selection) if line.selection else self._view
        match part.type:
            case CameraPathType():
                yield from _camera_paths(prefix, view)
            case ScriptNameType():
                yield from _scripts(prefix, view)
            case ScriptValueType():
                from chdkshell.shell.prompt.scriptcomplete import parameters

                script, *others = (p.text for p in line.parts if p.kind is PartKind.WORD)
                given = {text.partition("=")[0] for text in others if text != prefix}
                yield from parameters(script, given, prefix, view)
            case LocalFolderType():
                folders = (path for path in local_paths(prefix) if path[0].endswith(("/", os.sep)))
                yield from folders
            case DngPathType(suffixes=suffixes):
                for path, meta in local_paths(prefix):
                    if meta or path.lower().endswith(suffixes):
                        yield path, meta
            case LocalPathType() | TargetType():
                if isinstance(part.type, ObjectOrTargetType):
                    from chdkshell.shell.prompt.ptpcomplete import offered

                    yield from offered(PtpObjectType(), [], prefix, view.ptp)
                yield from local_paths(prefix)
            case CommandNameType():
                yield from self._help_topics(prefix)
            case PrefAssignmentType():
                yield from _preferences(prefix, self._context)
            case MemberType():
                from chdkshell.shell.prompt.rigcomplete import one_of, some_of

                offer = some_of if isinstance(part.type, MembersType) else one_of
                yield from offer(self._view.members(), prefix)
            case DeviceType():
                if isinstance(part.type, ConnectedType):
                    from chdkshell.shell.prompt.rigcomplete import one_of

                    yield from one_of([m for m in self._view.members() if m.name], prefix)
                yield from self._devices(prefix)
            case (
                PtpCodeType()
                | PtpValueType()
                | PtpObjectType()
                | PtpStorageType()
                | EosSettingType()
                | EosValueType()
            ):
                from chdkshell.shell.prompt.ptpcomplete import offered

                words = [p.text for p in line.parts if p.kind is PartKind.WORD]
                yield from offered(part.type, words, prefix, view.ptp)
            case None:
                return
            case _ if line.command and _is_serial(line.command, part.param):
                for device in self._nameable_devices():
                    if device.serial and device.serial.startswith(prefix):
                        yield device.serial, printable(device.model or "")
            case _:
                for value in part.type.complete(prefix):
                    yield value, ""

    def _help_topics(self, prefix: str) -> Iterator[tuple[str, str]]:
        for command in self._registry:
            for name in command.names:
                if name.startswith(prefix):
                    yield name, command.summary
        for topic in dict.fromkeys(command.topic for command in self._registry):
            if topic.startswith(prefix) and not self._registry.get(topic):
                yield topic, "the commands of this topic"
        if prefix:
            for name, function in knowledge.by_prefix(prefix):
                if function:
                    yield name, function.what

    def _nameable_devices(self) -> list[Device]:
        """Return the cameras that model and serial find: those in the network they do not."""
        earlier = [d for d in self._view.earlier_devices() if d.address.startswith("usb:")]
        return [*self._view.devices(), *earlier]

    def _devices(self, prefix: str) -> Iterator[tuple[str, str]]:
        found = {d.address: d.model or "" for d in self._view.devices()}
        for device in self._nameable_devices():
            if device.model:
                found.setdefault(device.model, device.address)
        for device in self._view.earlier_devices():
            found.setdefault(device.address, f"{device.model or 'a camera'}, connected before")
        found |= {
            "sim:": "a simulated camera",
            "usb:": "the camera on USB",
            "ip:": "a camera in the network: ip:HOST or ip:HOST:PORT",
        }
        for value, meta in found.items():
            if value.startswith(prefix):
                yield value, printable(meta)


_ATTRIBUTE = re.compile(r"(?<![\w.])([A-Za-z_]\w*)([.:])(\w*)\Z")
_NAMES = (PartKind.COMMAND, PartKind.UNKNOWN_COMMAND)
_SWITCHES = (PartKind.SWITCH, PartKind.UNKNOWN_SWITCH)


def local_paths(prefix: str) -> Iterator[tuple[str, str]]:
    """Return files and folders of this computer whose path begins with `prefix`."""
    folder, name = os.path.split(prefix)
    above = prefix[: len(prefix) - len(name)]
    separator = above[-1] if above.endswith(("/", os.sep)) else os.sep
    fold = str.casefold if sys.platform in ("win32", "darwin") else str
    place = os.path.expanduser(folder) or "."  # noqa: PTH111 - a path may be any text here
    try:
        with os.scandir(place) as entries:
            found = sorted((entry.name, entry.is_dir()) for entry in entries)
    except OSError:
        return
    for entry_name, is_dir in found:
        hidden = entry_name.startswith(".") and not name.startswith(".")
        is_begun = fold(entry_name).startswith(fold(name))
        if is_begun and not hidden and entry_name.isprintable():
            yield above + entry_name + (separator if is_dir else ""), "folder" if is_dir else ""


def _camera_paths(prefix: str, view: CameraView) -> Iterator[tuple[str, str]]:
    folder, slash, name = prefix.rpartition("/")
    for entry in view.listing(folder + slash):
        if entry.name.upper().startswith(name.upper()) and entry.name.isprintable():
            meta = "folder" if entry.is_dir else f"{entry.size:,} bytes"
            yield folder + slash + entry.name + ("/" if entry.is_dir else ""), meta


def _scripts(prefix: str, view: CameraView) -> Iterator[tuple[str, str]]:
    """Return scripts: Lua files and folders here, and the card's."""
    from chdkshell.shell.prompt.scriptcomplete import card_scripts

    if prefix[:2].upper() == "A/":
        yield from _camera_paths(prefix, view)
        return
    for path, meta in local_paths(prefix):
        if meta or path.lower().endswith(".lua"):
            yield path, meta
    yield from card_scripts(prefix, view)


def _preferences(prefix: str, context: Context) -> Iterator[tuple[str, str]]:
    name, equals, value = prefix.partition("=")
    if not equals:
        for pref in PREFS.values():
            if pref.name.startswith(name):
                yield pref.name, pref.help
        return
    for choice in PREFS[name].allowed if name in PREFS else ():
        if choice.startswith(value):
            yield f"{name}={choice}", ""


def _is_serial(command: Command, param: Param | None) -> bool:
    return command.name == "connect" and param is not None and param is find_switch(command, "-s")


def _as_typed(value: str, raw: str) -> str:
    """Return `value` with the quotes that it needs, or that the user began with."""
    opened = raw[:1] if raw[:1] in ('"', "'") else ""
    if not opened and not re.search(r"[\s\"']", value):
        return value
    quoted = quote(value, opened)
    # a folder's end is not the path's: the quote stays open
    return quoted[:-1] if value.endswith(("/", os.sep)) else quoted
