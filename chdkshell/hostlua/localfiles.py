"""lfs: the functions of LuaFileSystem on this computer's files."""

from __future__ import annotations

import os
import stat
import sys
import time
from collections.abc import Callable
from typing import Any

from chdkshell import disk
from chdkshell.hostlua.arguments import NIL, LuaObject, is_table, number, path
from chdkshell.hostlua.faults import WrongCall

_KINDS = (
    *((stat.S_ISREG, "file"), (stat.S_ISDIR, "directory"), (stat.S_ISLNK, "link")),
    *((stat.S_ISSOCK, "socket"), (stat.S_ISFIFO, "named pipe")),
    *((stat.S_ISCHR, "char device"), (stat.S_ISBLK, "block device")),
)

_NUMBERS = {
    "dev": "st_dev",
    "ino": "st_ino",
    "nlink": "st_nlink",
    "uid": "st_uid",
    "gid": "st_gid",
    "rdev": "st_rdev",
    "access": "st_atime",
    "modification": "st_mtime",
    "change": "st_ctime",
    "size": "st_size",
    "blocks": "st_blocks",
    "blksize": "st_blksize",
}

Failure = tuple[None, str, int]


def _failure(error: OSError, info: str = "") -> Failure:
    text = error.strerror or str(error)
    return None, f"{info}: {text}" if info else text, error.errno or 0


def _kind(mode: int) -> str:
    return next((name for test, name in _KINDS if test(mode)), "other")


def _member(found: os.stat_result, name: str) -> object:
    if name == "mode":
        return _kind(found.st_mode)
    if name == "permissions":
        return stat.filemode(found.st_mode)[1:]
    if name not in _NUMBERS:
        raise WrongCall(f"invalid attribute name '{name}'")
    value = getattr(found, _NUMBERS[name], None)  # not every system has them all
    return None if value is None else int(value)


def _attributes(look: Callable[[str], os.stat_result], file: object, wanted: object) -> Any:
    name = path(file, 1)
    try:
        found = look(name)
    except OSError as error:
        return _failure(error, f"cannot obtain information from file '{name}'")
    except ValueError:  # a NUL in a name
        return None, f"cannot obtain information from file '{name!r}'", 0
    if isinstance(wanted, str):
        member = _member(found, wanted)
        return NIL if member is None else member
    members = {key: _member(found, key) for key in ("mode", "permissions", *_NUMBERS)}
    if is_table(wanted):
        table: Any = wanted
        for key, value in members.items():
            table[key] = value.encode() if isinstance(value, str) else value
        return table
    return members


def attributes(file: object, wanted: object = None) -> Any:
    """Return what a file is: all in a table, or the one that is named."""
    return _attributes(os.stat, file, wanted)


def symlinkattributes(file: object, wanted: object = None) -> Any:
    """Return what a link itself is; `target` is where it leads."""
    if wanted == "target":
        try:
            return os.fsencode(os.readlink(path(file, 1)))  # noqa: PTH115
        except OSError as error:
            return _failure(error)
    return _attributes(os.lstat, file, wanted)


def _done(call: Callable[[], object], info: str = "") -> bool | Failure:
    try:
        call()
    except OSError as error:
        return _failure(error, info)
    except ValueError as error:
        return None, str(error), 0
    return True


def mkdir(folder: object) -> bool | Failure:
    """Make a folder."""
    return _done(lambda: os.mkdir(path(folder, 1)))  # noqa: PTH102


def rmdir(folder: object) -> bool | Failure:
    """Remove an empty folder."""
    return _done(lambda: os.rmdir(path(folder, 1)))  # noqa: PTH106


def chdir(folder: object) -> bool | Failure:
    """Change the working folder."""
    where = path(folder, 1)
    return _done(lambda: os.chdir(where), f"Unable to change working directory to '{where}'")


def currentdir() -> bytes:
    """Return the working folder."""
    return os.fsencode(os.getcwd())  # noqa: PTH109


def listing(folder: object) -> list[bytes]:
    """Return the names in a folder, for the iterator that dir returns."""
    where = path(folder, 1)
    try:
        names = os.listdir(where)  # noqa: PTH208
    except OSError as error:
        raise WrongCall(f"cannot open {where}: {error.strerror}") from None
    return [os.fsencode(name) for name in (".", "..", *sorted(names))]


def touch(file: object, access: object = None, modification: object = None) -> bool | Failure:
    """Set a file's times, to now where none are given."""
    name = path(file, 1)
    at = number(access, 2, time.time())
    changed = number(modification, 3, at)
    return _done(lambda: os.utime(name, (at, changed)))


def link(old: object, new: object, symbolic: object = None) -> bool | Failure:
    """Make a link `new` that leads to `old`."""
    source, target = path(old, 1), path(new, 2)
    if symbolic:
        return _done(lambda: os.symlink(source, target), target)  # noqa: PTH211
    return _done(lambda: os.link(source, target), target)


def setmode(file: object = None, mode: object = None) -> tuple[bool, str]:
    """Say that files are binary, as they are on most systems."""
    return True, "text" if sys.platform == "win32" and mode == "text" else "binary"


class FolderLock(LuaObject):
    """A lock on a folder, held as long as its file is there."""

    def __init__(self, file: str) -> None:
        self._file = file

    def free(self) -> None:
        """Give the lock up."""
        if self._file:
            disk.remove(self._file)
        self._file = ""


def lock_dir(folder: object, seconds: object = None) -> FolderLock | tuple[None, str]:
    """Lock a folder by a file in it."""
    file = os.path.join(path(folder, 1), "lockfile.lfs")  # noqa: PTH118
    try:
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
    except FileExistsError:
        return None, "File exists"
    except OSError as error:
        return None, error.strerror or str(error)
    return FolderLock(file)


def _no_locks(*arguments: object) -> tuple[None, str]:
    return None, "locks on open files are not available here"


FUNCTIONS: dict[str, Callable[..., object]] = {
    "attributes": attributes,
    "symlinkattributes": symlinkattributes,
    "mkdir": mkdir,
    "rmdir": rmdir,
    "chdir": chdir,
    "currentdir": currentdir,
    "listing": listing,
    "touch": touch,
    "link": link,
    "setmode": setmode,
    "lock_dir": lock_dir,
    "lock": _no_locks,
    "unlock": _no_locks,
}
"""The library lfs; core.lua makes `dir` of `listing`."""

METHODS: dict[str, Callable[..., object]] = {"free": FolderLock.free}
"""What can be called on a lock."""
