"""The simulated camera's memory card: a host folder seen through the firmware's eyes.

The card is FAT: names are case-insensitive, times have steps of two seconds and are the camera's
local clock, and there are no links. Nothing outside the folder can be reached: a name is looked up
among the folder's own entries, and one that is created is checked first.
"""

from __future__ import annotations

import calendar
import contextlib
import errno
import io
import os
import re
import shutil
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast

from chdkshell import disk

DRIVE = "A"
"""The name of the card in every camera path."""

TIME_STEP = 2
"""Seconds that a FAT time stamp can tell apart."""

FIRST_TIME = 315532800
LAST_TIME = 4354819198
"""The range of times on the card, which is FAT's: 1980 to the end of 2107."""

CAPACITY = 32 << 30
"""Bytes of the simulated card, where the host has that many."""

MAX_NAME = 255
"""Characters of a long file name on FAT."""

READ_ONLY = 0x01
DIRECTORY = 0x10
ARCHIVE = 0x20
"""FAT attributes of an entry."""

_FORBIDDEN = re.compile(r'[\x00-\x1f"*/:<>?\\|]')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)", re.IGNORECASE)
_MODE = re.compile(r"[rwa]\+?")


class CardFailure(OSError):  # noqa: N818 - the firmware's word; the error tree is for callers
    """An operation on the card failed on camera path `path` with number `errno`."""

    def __init__(self, path: str, number: int) -> None:
        super().__init__(number, os.strerror(number), path)
        self.path = path


@dataclass(frozen=True, slots=True)
class CardStat:
    """What the firmware tells about an entry. Size in bytes; times in seconds, camera's clock."""

    size: int
    mtime: int
    ctime: int
    atime: int
    attrib: int
    is_dir: bool
    is_file: bool


class CardListener(Protocol):
    """Hears of what changes on the card, by camera paths as they are written there."""

    def written(self, path: str, new: bool) -> None:
        """A file was written and closed; `new`: it was not there before."""

    def made(self, path: str) -> None:
        """A folder was made."""

    def removed(self, path: str) -> None:
        """A file or folder is gone."""

    def renamed(self, old: str, new: str) -> None:
        """A file or folder has another path."""


class Card:
    """The card whose content is the host folder `root`.

    `capacity` is how many bytes of files it holds, None for what the host has, and `read_only` says
    that its lock is on; both may be changed at any time.
    Paths begin with `A/`. Times are the camera's local clock, as seconds since 1970 as if that
    clock showed UTC. Every method raises `CardFailure`.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.capacity: int | None = None
        self.read_only = False
        self.listener: CardListener | None = None
        self._attributes: dict[Path, int] = {}

    def open(self, path: str, mode: str = "r") -> BinaryIO:
        """Open a file in a mode of C's fopen. The file is always binary."""
        kind = mode.replace("b", "")
        if not _MODE.fullmatch(kind):
            raise CardFailure(path, errno.EINVAL)
        target = self._find(path) if kind[0] == "r" else self._find_or_new(path)
        if target.is_dir():
            raise CardFailure(path, errno.EISDIR)
        if kind != "r":
            self._check_writable(path, target)
        with _failures(path):
            if kind != "r":
                return self._open_to_write(target, kind)
            return cast(BinaryIO, open(target, "rb", opener=_open_no_link))

    def _open_to_write(self, target: Path, kind: str) -> BinaryIO:
        new = not target.exists()
        file = _WrittenFile(self, target, kind, new)
        if self.capacity is not None:  # a write that does not fit fails at once, not at the end
            return cast(BinaryIO, file)
        return cast(BinaryIO, io.BufferedRandom(file) if "+" in kind else io.BufferedWriter(file))

    def told_written(self, target: Path, new: bool) -> None:
        """Tell that a file of the host, which is on the card, was written."""
        if self.listener is not None:
            self.listener.written(self._camera_path(target), new)

    def _camera_path(self, target: Path) -> str:
        return f"{DRIVE}/{target.relative_to(self.root).as_posix()}"

    def stat(self, path: str) -> CardStat:
        """Return what is known about a file or folder."""
        target = self._find(path)
        with _failures(path):
            info = target.lstat()
        is_dir = stat.S_ISDIR(info.st_mode)
        return CardStat(
            size=0 if is_dir else info.st_size,
            mtime=_to_camera(info.st_mtime),
            ctime=_to_camera(info.st_ctime),
            atime=_to_camera(info.st_atime),
            attrib=self._attributes.get(target, DIRECTORY if is_dir else ARCHIVE),
            is_dir=is_dir,
            is_file=not is_dir,
        )

    def listdir(self, path: str, all: bool = False) -> list[str]:  # noqa: A002 - CHDK's term
        """Return the names in a folder, sorted. `all` adds `.` and `..`, which the root lacks."""
        folder = self._find(path)
        if not folder.is_dir():
            raise CardFailure(path, errno.ENOTDIR)
        with _failures(path):
            names = sorted(entry.name for entry in _entries(folder))
        return [".", "..", *names] if all and folder != self.root else names

    def mkdir(self, path: str) -> None:
        """Make a folder. Its parent must be there."""
        target = self._find_or_new(path)
        self._check_writable(path, target)
        if self.capacity is not None and not self.free_bytes:
            raise CardFailure(path, errno.ENOSPC)
        with _failures(path):
            target.mkdir()
        if self.listener is not None:
            self.listener.made(self._camera_path(target))

    def remove(self, path: str) -> None:
        """Remove a file or an empty folder."""
        target = self._find(path)
        if target == self.root:
            raise CardFailure(path, errno.EACCES)
        self._check_writable(path, target)
        with _failures(path):
            if target.is_dir():
                target.rmdir()
            else:
                disk.remove(str(target))
        self._attributes.pop(target, None)
        if self.listener is not None:
            self.listener.removed(self._camera_path(target))

    def rename(self, old: str, new: str) -> None:
        """Give an entry another name or folder. The new name must not be taken."""
        source = self._find(old)
        if source == self.root:
            raise CardFailure(old, errno.EACCES)
        self._check_writable(old, source)
        target = self._find_or_new(new)
        if target.exists() and target != source:
            raise CardFailure(new, errno.EEXIST)
        if target == source:
            target = target.with_name(_parts(new)[-1])
        with _failures(old):
            disk.insist(lambda: source.rename(target), str(target))
        if source in self._attributes:
            self._attributes[target] = self._attributes.pop(source)
        if self.listener is not None:
            self.listener.renamed(self._camera_path(source), self._camera_path(target))

    def utime(self, path: str, mtime: int, atime: int) -> None:
        """Set an entry's times, camera's clock."""
        target = self._find(path)
        if self.read_only:
            raise CardFailure(path, errno.EROFS)
        with _failures(path):
            os.utime(target, (_to_host(atime), _to_host(mtime)))

    def set_attributes(self, path: str, attributes: int) -> None:
        """Set an entry's FAT attributes. They last as long as this object."""
        target = self._find(path)
        kept = DIRECTORY if target.is_dir() else 0
        self._attributes[target] = attributes & 0x27 | kept

    @property
    def total_bytes(self) -> int:
        """The size of the card: what its files take, and what is free."""
        return self.capacity if self.capacity is not None else self._used + self.free_bytes

    @property
    def free_bytes(self) -> int:
        """How much more fits on the card."""
        if self.capacity is None:
            return max(0, min(shutil.disk_usage(self.root).free, CAPACITY - self._used))
        return max(0, self.capacity - self._used)

    @property
    def _used(self) -> int:
        return sum(file.lstat().st_size for file in self.root.rglob("*") if not file.is_dir())

    def _check_writable(self, path: str, target: Path) -> None:
        if self.read_only:
            raise CardFailure(path, errno.EROFS)
        if self._attributes.get(target, 0) & READ_ONLY:
            raise CardFailure(path, errno.EACCES)

    def _find(self, path: str) -> Path:
        """Return the host path of an entry that is there."""
        return self._walk(path, _parts(path))

    def _find_or_new(self, path: str) -> Path:
        """Return the host path of an entry, or of one that may be made: its folder is there."""
        parts = _parts(path)
        if not parts:
            return self.root
        parent = self._walk(path, parts[:-1])
        name = parts[-1]
        found = _child(parent, name)
        if found is not None:
            return found
        target = parent / _checked_name(path, name)
        if os.path.lexists(target):
            raise CardFailure(path, errno.EACCES)
        if not parent.is_dir():
            raise CardFailure(path, errno.ENOTDIR)
        return target

    def _walk(self, path: str, parts: list[str]) -> Path:
        current = self.root
        for name in parts:
            found = _child(current, name)
            if found is None:
                raise CardFailure(path, errno.ENOENT)
            current = found
        return current


class _WrittenFile(io.FileIO):
    """A file that is written, on a card that may be smaller than the host's disk."""

    def __init__(self, card: Card, target: Path, mode: str, new: bool) -> None:
        super().__init__(target, mode[0] + "b" + mode[1:], opener=_open_no_link)
        self._card = card
        self._target = target
        self._new = new

    def write(self, data: Any, /) -> int:
        """Write what fits. Raises `OSError` where that is not all."""
        if self._card.capacity is None:
            return super().write(data)
        view = memoryview(data).cast("B")
        end = os.fstat(self.fileno()).st_size
        start = end if "a" in self.mode else self.tell()
        fits = max(0, end - start) + self._card.free_bytes
        written = super().write(view[:fits])
        if written < len(view):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return written

    def close(self) -> None:
        """Close the file, and tell that it was written."""
        open_before = not self.closed
        super().close()
        if open_before:
            self._card.told_written(self._target, self._new)


def path_text(data: bytes) -> str:
    """Return the text of a camera path. Bytes that are not UTF-8 survive the way to the host."""
    return data.partition(b"\0")[0].decode("utf-8", "surrogateescape")


def path_bytes(text: str) -> bytes:
    """Return the bytes that a camera uses for `text`: what `path_text` undoes."""
    return text.encode("utf-8", "surrogateescape")


def _parts(path: str) -> list[str]:
    """Return the names on the way from the card's root, with `.` and `..` resolved."""
    drive, *names = path.split("/")
    if drive.upper() != DRIVE or "\0" in path:
        raise CardFailure(path, errno.ENOENT)
    parts: list[str] = []
    for name in names:
        if name == "..":
            if not parts:
                raise CardFailure(path, errno.ENOENT)
            parts.pop()
        elif name not in ("", "."):
            parts.append(name)
    return parts


def _checked_name(path: str, name: str) -> str:
    if len(name) > MAX_NAME or _FORBIDDEN.search(name) or _RESERVED.match(name):
        raise CardFailure(path, errno.EINVAL)
    if name.endswith((" ", ".")):
        raise CardFailure(path, errno.EINVAL)
    return name


def _child(folder: Path, name: str) -> Path | None:
    """Return the entry of `folder` that is called `name` in any case, best the very same."""
    same = folder / name
    with contextlib.suppress(OSError):
        mode = os.lstat(same).st_mode
        if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
            return same
    wanted = name.casefold()
    names = [e.name for e in _entries(folder) if e.name.casefold() == wanted]
    if not names:
        return None
    return folder / (name if name in names else min(names))


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    """Yield the entries that can be on a card: files and folders, but no links or devices."""
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_file(follow_symlinks=False) or entry.is_dir(follow_symlinks=False):
                    yield entry
    except OSError:
        return


def _open_no_link(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o644)


class _failures:  # noqa: N801 - reads as a keyword
    """Turn the host's errors into the card's, on camera path `path`."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError) and not isinstance(error, CardFailure):
            raise CardFailure(self._path, error.errno or errno.EIO) from error


def _to_camera(host: float) -> int:
    """Return a time of the host (seconds since 1970, UTC) as the camera's clock shows it."""
    local = calendar.timegm(time.localtime(min(max(host, 0), LAST_TIME)))
    return min(max(local, FIRST_TIME), LAST_TIME) // TIME_STEP * TIME_STEP


def _to_host(camera: int) -> float:
    """Return a time of the camera's clock (32 bits) as seconds since 1970, UTC."""
    camera %= 1 << 32
    if 0 < camera < FIRST_TIME:
        camera += 1 << 32
    clock = time.gmtime(min(max(camera, FIRST_TIME), LAST_TIME) // TIME_STEP * TIME_STEP)
    # The tuple's last field is what daylight saving is looked up by: -1 asks the host's rules.
    return time.mktime((*clock[:8], -1))
