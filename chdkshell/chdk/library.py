"""The Lua that this package runs on a camera: files with their needs, and error lines mapped back.

A file of `chdk/lua` names the files it needs in its first lines, as `-- needs: serialize, paths`.
A script that is sent to a camera is made of the files that it needs, each once and after its own
needs, and then the caller's code. Line breaks are kept, so that a line number in an error leads
back to the file, or to the caller's code, and the line there. Files that say `-- one line` have
none: the code after them keeps its own numbers, also in errors that it catches and looks at itself.
"""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Iterable
from typing import NamedTuple

from chdkshell.errors import ScriptError, UsageError
from chdkshell.lua.values import encode_string

_FOLDER = os.path.join(os.path.dirname(__file__), "lua")  # noqa: PTH118, PTH120
_NEEDS = re.compile(r"-- needs: *([\w, ]+)")
_ONE_LINE = re.compile(r"^-- one line$", re.MULTILINE)
_COMMENT_LINE = re.compile(r"^\s*--(?!\[).*$")
_POSITION = re.compile(r"([^\n:]*):([0-9]{1,9}): ")


class LuaFile(NamedTuple):
    """One file of the library: the code that is sent, and the names of those it needs."""

    name: str
    needs: tuple[str, ...]
    code: str

    @property
    def lines(self) -> int:
        """How many lines the code takes up in a script."""
        return self.code.count("\n")


class LuaProgram(NamedTuple):
    """A script as it is sent, which knows where each of its lines came from."""

    files: tuple[LuaFile, ...]
    code: bytes

    @property
    def source(self) -> bytes:
        """The whole script."""
        return "".join(file.code for file in self.files).encode() + self.code

    @property
    def hears_host(self) -> bool:
        """Whether it hears signs of life of its host (`lua/host.lua`)."""
        return any(file.name == "host" for file in self.files)

    def error(self, kind: str, text: str) -> ScriptError:
        """Return the error for an error message of this script; `kind` as in `ScriptError`.

        Code that is sent over PTP has no chunk name, so its positions look like `:LINE: `. Files on
        the card that the script loaded have one, and keep it.
        """
        position = _POSITION.match(text)
        if position is None:
            return ScriptError(kind, text)
        reason = text[position.end() :]
        line = int(position[2])
        source = position[1]
        if not source:
            source, line = self._locate(line)
        return ScriptError(kind, text, reason, line, source)

    def _locate(self, line: int) -> tuple[str, int]:
        """Return the file ("" for the caller's code) and the line in it of a line of the script."""
        for file in self.files:
            if line <= file.lines:
                return f"{file.name}.lua", line
            line -= file.lines
        return "", line


def build(code: str | bytes, libraries: Iterable[str] = ()) -> LuaProgram:
    """Return the script that runs `code` with the named files of the library before it.

    Raises `UsageError` for code with a NUL byte, where a camera would end it without a word.
    """
    data = encode_string(code)
    if b"\0" in data:
        raise UsageError("the Lua code holds a NUL byte, which ends a script on the camera")
    return LuaProgram(tuple(_with_needs(libraries)), data)


def _with_needs(names: Iterable[str]) -> list[LuaFile]:
    """Return the named files and all that they need, each once and after its own needs."""
    found: dict[str, LuaFile] = {}

    def add(name: str) -> None:
        if name in found:
            return
        file = load(name)
        for needed in file.needs:
            add(needed)
        found[name] = file

    for name in names:
        add(name)
    return list(found.values())


@functools.cache
def load(name: str) -> LuaFile:
    """Return a file of the library. Raises `UsageError` where there is none of that name."""
    try:
        # importlib.resources takes longer to import than all of the library to read
        with open(os.path.join(_FOLDER, f"{name}.lua"), encoding="utf-8") as file:  # noqa: PTH118
            text = file.read()
    except FileNotFoundError:
        raise UsageError(f"there is no camera-side Lua file '{name}'") from None
    needs = [n.strip() for match in _NEEDS.finditer(text) for n in match[1].split(",")]
    code = _compact(text)
    if _ONE_LINE.search(text):
        code = " ".join(filter(None, code.split("\n"))) + " "
    return LuaFile(name, tuple(needs), code)


def _compact(text: str) -> str:
    """Take comment lines and indentation out: a camera's heap is small. The lines stay in place."""
    lines = (_COMMENT_LINE.sub("", line).strip() for line in text.splitlines())
    return "".join(line + "\n" for line in lines)
