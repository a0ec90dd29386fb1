"""What can be written next in Lua: names of the camera, the language and the user, and modules."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from chdkshell.bugs import log_bug
from chdkshell.chdk import luamodules
from chdkshell.chdk.controls import KEYS
from chdkshell.lua.keywords import KEYWORDS
from chdkshell.lua.tokens import tokenise
from chdkshell.shell import knowledge
from chdkshell.shell.prompt.toolbar import open_call

if TYPE_CHECKING:
    from chdkshell.shell.prompt.cameraview import CameraView

log = logging.getLogger(__name__)

_NAME = re.compile(r"[A-Za-z_][\w.]*\Z")
_ASSIGNED = re.compile(r"\b([A-Za-z_]\w*)\s*=(?!=)|\bfunction\s+([A-Za-z_][\w.]*)")
_REQUIRED = re.compile(r"\brequire\s*\(?\s*(['\"])([\w./]*)\Z")
_FIELD = re.compile(
    r"(?:\brequire\s*\(?\s*(['\"])([\w./]+)\1\s*\)?|(?<![\w.])([A-Za-z_]\w*))\.(\w*)\Z"
)
_KEY = re.compile(r"\b(?:press|release|click|is_pressed|is_key)\s*\(?\s*(['\"])(\w*)\Z")
"""A key of the camera that is being named."""

_LOCALS = re.compile(
    r"\blocal\s+(?!function\b)([A-Za-z_][\w\s,]*)"
    r"|\bfunction\b[\s\w.:]*\(([\w\s,]*)"
    r"|\bfor\s+([A-Za-z_][\w\s,]*?)\s*(?:=|\bin\b)"
    r"|\blocal\s+(?=function\s+(\w+))"
)
"""Names that a chunk of Lua gives to variables of its own."""

_FIRST_ARGUMENT = re.compile(r"\s*(\w*)\Z")
_KEYWORDS = sorted(KEYWORDS)
_MAX_NAMES = 2000


class UserNames:
    """The names that the user gave to variables and functions in Lua.

    `modules` are the modules of the camera that variables were set to.
    """

    def __init__(self) -> None:
        self._names: dict[str, None] = {}
        self.modules: dict[str, str] = {}

    def learn(self, lua: str) -> None:
        """Remember the names that `lua` defines."""
        for match in _ASSIGNED.finditer(lua):
            if len(self._names) < _MAX_NAMES:
                self._names[match[1] or match[2]] = None
        for name, module in luamodules.aliases(lua).items():
            if len(self.modules) < _MAX_NAMES:
                self.modules[name] = module

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)


class LuaCompleter(Completer):
    """Completes names in Lua: the camera's, the language's, the user's, and those of modules."""

    def __init__(self, view: CameraView, user_names: UserNames) -> None:
        self._view = view
        self._user_names = user_names

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterable[Completion]:
        try:
            yield from self.complete(document.text_before_cursor)
        except Exception as error:
            log_bug(log, "completion failed", error)

    def complete(self, text: str) -> Iterator[Completion]:
        """Return what the name at the end of `text` can become."""
        required = _REQUIRED.search(text)
        key = _KEY.search(text)
        if required:
            yield from self._modules(required[2], required[1])
        elif key:
            yield from _keys(key[2], key[1])
        elif not in_string_or_comment(text):
            yield from self._fields(text)
            yield from self._numbers(text)
            yield from self._names(text)

    def _names(self, text: str) -> Iterator[Completion]:
        match = _NAME.search(text)
        if match is None:
            return
        word = match[0]
        others = (*local_names(text[: match.start()]), *self._user_names, *self._view.names)
        for name, function in knowledge.by_prefix(word, others):
            if name == word:
                continue
            yield Completion(
                name,
                start_position=-len(word),
                display=function.signature if function else name,
                display_meta=function.what if function else "",
            )
        for keyword in _KEYWORDS:
            if keyword.startswith(word) and keyword != word:
                yield Completion(keyword, start_position=-len(word))

    # ---- modules ----

    def _modules(self, prefix: str, quote: str) -> Iterator[Completion]:
        """Complete the name of a module, and close its quote."""
        folder, slash, _ = prefix.rpartition("/")
        found = dict(luamodules.MODULES)
        for entry in self._view.listing(f"A/CHDK/LUALIB/{folder}"):
            stem, dot, suffix = entry.name.lower().rpartition(".")
            if dot and suffix == "lua" and re.fullmatch(r"\w+", stem):
                found.setdefault(f"{folder.lower()}{slash}{stem}", "")
        for name, what in sorted(found.items()):
            if name.startswith(prefix.lower()):
                yield Completion(
                    name + quote, start_position=-len(prefix), display=name, display_meta=what
                )

    def _aliases(self, text: str) -> dict[str, str]:
        return {**self._user_names.modules, **luamodules.aliases(text)}

    def _known_fields(self, module: str) -> luamodules.Fields:
        # a module that does more than hold numbers is loaded only after the user has done so
        may_load = module in self._user_names.modules.values()
        if may_load or luamodules.is_table_of_numbers(module):
            return self._view.module_fields(module)
        return luamodules.known_fields(module, None)

    def _fields(self, text: str) -> Iterator[Completion]:
        """Complete a field of a module, as in `props.T` and `require'propcase'.T`."""
        match = _FIELD.search(text)
        if match is None:
            return
        module = match[2].lower() if match[2] else self._aliases(text).get(match[3], "")
        if not module:
            return
        word = match[4]
        for name, number in sorted(self._known_fields(module).items()):
            if name.lower().startswith(word.lower()) and name != word:
                shown = "" if number is None else f"{number}"
                yield Completion(name, start_position=-len(word), display_meta=shown)

    def _numbers(self, text: str) -> Iterator[Completion]:
        """Complete the number of a property or setting, from its beginning or from its name."""
        call = open_call(text)
        modules = luamodules.NUMBERS_OF.get(call.function.name, ()) if call else ()
        match = _FIRST_ARGUMENT.match(call.arguments) if call and modules else None
        if match is None:
            return
        word = match[1]
        names = {module: name for name, module in self._aliases(text).items()}
        for module in modules:
            table = names.get(module, f"require'{module}'")
            for name, number in sorted(self._known_fields(module).items()):
                shown = "" if number is None else f"{number}"
                if word.isdigit():
                    if shown.startswith(word) and shown != word:
                        yield Completion(shown, start_position=-len(word), display_meta=name)
                elif name.lower().startswith(word.lower()):
                    yield Completion(
                        f"{table}.{name}",
                        start_position=-len(word),
                        display=name,
                        display_meta=shown,
                    )


def _keys(prefix: str, quote: str) -> Iterator[Completion]:
    """Complete the name of a key, and close its quote."""
    for key in KEYS:
        if key.startswith(prefix):
            yield Completion(key + quote, start_position=-len(prefix), display=key)


def local_names(lua: str) -> list[str]:
    """Return the variables that a chunk of Lua has of its own, the last first."""
    names: dict[str, None] = {}
    for match in _LOCALS.finditer(lua):
        for name in re.findall(r"[A-Za-z_]\w*", next(filter(None, match.groups()), "")):
            names.pop(name, None)
            names[name] = None
    return [name for name in reversed(names) if name not in KEYWORDS]


def in_string_or_comment(text: str) -> bool:
    """Whether the end of `text` lies in a Lua string or comment."""
    *_, end = tokenise(text)
    rest = text[end.start :]
    if rest:
        return True
    last_line = text.rpartition("\n")[2]
    return "--" in re.sub(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'", "", last_line)
