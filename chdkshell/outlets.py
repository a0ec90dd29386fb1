"""Where bytes go on this computer: to files, to those that links mean, to devices, pipes, sockets.

A file that is written stands beside its target until it is whole. Other programs may have put
something in its place, to have it overwritten: it is made anew, or proven to be this program's.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
import sys
from pathlib import Path
from typing import BinaryIO

from chdkshell import disk
from chdkshell.errors import UsageError
from chdkshell.hostnames import check_name
from chdkshell.reasons import Reason
from chdkshell.streams import STDOUT

_STANDARD = {"/dev/stdin": 0, STDOUT: 1, "/dev/stderr": 2}
_DESCRIPTOR = re.compile(r"/(?:dev|proc/self)/fd/(\d{1,9})")

_OWN_FILE = (
    getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_NONBLOCK", 0)
)


def check_no_stream(text: str, what: str) -> None:
    """Raise `UsageError` where `text` stands for standard output, which cannot take `what`."""
    if text in ("-", STDOUT):
        raise UsageError(
            f"{what} cannot go to standard output",
            reason=Reason.NOT_TO_STDOUT,
        )


def settled(target: Path) -> tuple[Path, bool]:
    """Return what is really written to for `target`, and whether that is no file (an outlet).

    An outlet is a device, a pipe, a socket, or a stream that is open already: what is written to,
    and never replaced. A link to a file, there or not, means that file. Raises `UsageError` for a
    name that this computer's system has for something else.
    """
    check_name(str(target))
    if _open_descriptor(target) is not None:
        return target, True
    try:
        mode = os.lstat(target).st_mode
        if stat.S_ISLNK(mode):
            target = Path(os.path.realpath(target))
            mode = os.lstat(target).st_mode
    except FileNotFoundError:
        return target, False
    return target, not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_ISLNK(mode))


def is_outlet(target: Path) -> bool:
    """Whether `target` is written to as it stands (`settled`)."""
    try:
        return settled(target)[1]
    except OSError:
        return False


def open_outlet(target: Path) -> BinaryIO:
    """Open what `settled` calls an outlet. Raises `OSError`."""
    number = _open_descriptor(target)
    if number is not None:
        return os.fdopen(os.dup(number), "wb")
    if sys.platform != "win32" and stat.S_ISSOCK(target.stat().st_mode):
        import socket

        with socket.socket(socket.AF_UNIX) as link:
            link.connect(str(target))
            return link.makefile("wb")
    # without O_CREAT: what was there a moment ago may be gone
    return open(target, "wb", opener=lambda path, flags: os.open(path, os.O_WRONLY))


def _open_descriptor(target: Path) -> int | None:
    """Return the number of the open file that a path such as /dev/stdout stands for."""
    text = str(target).replace("\\", "/")
    if not text.startswith(("/dev/", "/proc/")):
        return None
    match = _DESCRIPTOR.fullmatch(text)
    return int(match[1]) if match else _STANDARD.get(text)


def open_own(path: str) -> BinaryIO:
    """Open a file for writing and reading that is new, or that an earlier run has left.

    It is locked until it is closed. Raises `FileExistsError` where something else is there: a link,
    another user's file, one that has a second name or that a running program writes.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | _OWN_FILE, 0o666)
    except FileExistsError:
        descriptor = _open_left(path)
    try:
        if not _is_ours(descriptor):
            raise FileExistsError(errno.EEXIST, f"{path} is there, and not this program's")
    except OSError:
        os.close(descriptor)
        raise
    return os.fdopen(descriptor, "r+b")


def _open_left(path: str) -> int:
    try:
        if sys.platform == "win32":
            os.rename(path, path)  # noqa: PTH104 - fails where a running program has it open
        return os.open(path, os.O_RDWR | _OWN_FILE)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise FileExistsError(errno.EEXIST, f"{path} is in the way") from error


def _is_ours(descriptor: int) -> bool:
    info = os.fstat(descriptor)
    is_mine = not hasattr(os, "geteuid") or info.st_uid == os.geteuid()
    return stat.S_ISREG(info.st_mode) and info.st_nlink == 1 and is_mine and _is_locked(descriptor)


def _is_locked(descriptor: int) -> bool:
    """Take the lock of a file. Returns whether no running program has it."""
    if sys.platform == "win32":  # there it could not be opened
        return True
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        # some network disks have no locks
        return error.errno not in (errno.EWOULDBLOCK, errno.EACCES)
    return True


def remove_own(path: Path) -> bool:
    """Remove a file that an earlier run left. Returns whether it is gone, or was not there."""
    try:
        descriptor = _open_left(str(path))
    except FileNotFoundError:
        return True
    except OSError:
        return False
    try:
        if not _is_ours(descriptor):
            return False
        if sys.platform == "win32":  # what is open cannot be removed there
            os.close(descriptor)
            descriptor = -1
        disk.remove(str(path))
    except OSError:
        return False
    finally:
        if descriptor >= 0:
            os.close(descriptor)
    return True


def read_own(path: Path, limit: int) -> bytes:
    """Return what is in a small file that this program left; nothing where that is not so."""
    with contextlib.suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY | _OWN_FILE)
        with os.fdopen(descriptor, "rb") as file:
            return file.read(limit) if _is_ours(descriptor) else b""
    return b""


def write_own(path: Path, data: bytes) -> None:
    """Write a small file anew, in place of whatever has its name. Raises `OSError`."""
    disk.remove_if_there(str(path))
    with open_own(str(path)) as file:
        file.write(data)
