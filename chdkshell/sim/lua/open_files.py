"""Files and directories that a script has open, and what the libraries that use them share."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from io import UnsupportedOperation
from typing import TYPE_CHECKING, Any

from chdkshell.sim.card import path_text
from chdkshell.sim.lua.stdio import StdioFile
from chdkshell.sim.lua.values import NIL, LuaError, Result, type_name
from chdkshell.sim.lualib import built_in
from chdkshell.sim.models import ErrorForm

if TYPE_CHECKING:
    from chdkshell.sim.card import Card

MAX_OPEN = 32
"""So many may be open before those are closed that the script can no longer reach."""

SOURCE_LIMIT = 1 << 20
"""Bytes of the longest Lua file that is loaded."""


class OpenFiles:
    """The files that a script opened, by number. Lua has userdata that stand for the numbers."""

    def __init__(self) -> None:
        self._files: dict[int, StdioFile | None] = {}
        self._next = 1
        self._number: Callable[[Any], Any] | None = None
        self._new: Callable[[int], Any] | None = None
        self._reachable: Callable[[], list[Any]] | None = None
        self.input: Any = None
        self.output: Any = None

    def attach(self, number: Any, new: Any, reachable: Any) -> None:
        """Take what lua/files.lua offers: userdata to number, their maker, the living ones."""
        self._number, self._new, self._reachable = number, new, reachable

    def add(self, file: StdioFile | None) -> Any:
        """Return the userdata of a new open file (None: a closed one).

        Where too many are open, `file` is closed and `LuaError` raised.
        """
        assert self._new is not None
        if len(self._files) >= MAX_OPEN:
            self._close_unreachable()
        if file is not None and sum(each is not None for each in self._files.values()) >= MAX_OPEN:
            file.close()
            raise LuaError("too many open files")
        number = self._next
        self._next += 1
        self._files[number] = file
        return self._new(number)

    def closed(self) -> Any:
        """Return the userdata of a closed file: the camera's standard files are such."""
        userdata = self.add(None)
        self.input = self.input or userdata
        self.output = self.output or userdata
        return userdata

    def number(self, userdata: object) -> int | None:
        """Return the number that `userdata` stands for, None where it is no file."""
        if type_name(userdata) != "userdata":
            return None
        assert self._number is not None
        number = self._number(userdata)
        return None if number is None else int(number)

    def get(self, number: int) -> StdioFile | None:
        """Return an open file, None where it is closed."""
        return self._files.get(number)

    def close(self, number: int) -> None:
        """Close a file."""
        file = self._files.get(number)
        self._files[number] = None
        if file is not None:
            file.close()

    def close_all(self) -> None:
        """Close all files, and forget Lua's part."""
        for number in list(self._files):
            self.close(number)
        self._number = self._new = self._reachable = self.input = self.output = None

    def _close_unreachable(self) -> None:
        assert self._reachable is not None
        living = {int(number) for number in self._reachable()}
        for number in set(self._files) - living:
            self.close(number)
            del self._files[number]


class OpenDirectories:
    """The directories that a script reads, by number. `reachable` gives those it still can."""

    def __init__(self, reachable: Callable[[], list[Any]]) -> None:
        self._names: dict[int, Iterator[bytes]] = {}
        self._next = 1
        self._reachable = reachable

    def open(self, names: Iterator[bytes]) -> int:
        """Return the number of a directory; of one without names where too many are open."""
        if len(self._names) >= MAX_OPEN:
            for number in self._names.keys() - {int(living) for living in self._reachable()}:
                self.close(number)
        number = self._next
        self._next += 1
        if len(self._names) < MAX_OPEN:
            self._names[number] = names
        return number

    def read(self, number: int) -> bytes | None:
        """Return the next name. At the end the directory is closed."""
        name = next(self._names.get(number, iter(())), None)
        if name is None:
            self.close(number)
        return name

    def close(self, number: int) -> None:
        """Close a directory."""
        self._names.pop(number, None)


def read_source(card: Card, path: bytes) -> bytes | None:
    """Return the text of a Lua file on the card, or of a module that cards have; None for none."""
    try:
        with card.open(path_text(path), "r") as file:
            return file.read(SOURCE_LIMIT)
    except OSError:
        return built_in(path_text(path))


def failure(form: ErrorForm, name: bytes | None, error: OSError) -> Result:
    """Return what the libraries return for a failure on `name`: nil, a text, and a number.

    None stands for a file that is open.
    """
    number = errno.EBADF if isinstance(error, UnsupportedOperation) else error.errno or 0
    prefix = b"" if name is None else name.partition(b"\0")[0] + b": "
    told = number if form is ErrorForm.VXWORKS else 0
    return NIL, prefix + error_text(form, number), told


def error_text(form: ErrorForm, number: int) -> bytes:
    """Return what the firmware says of an error."""
    return b"error" if form is ErrorForm.DRYOS else b"errno 0x%X" % number
