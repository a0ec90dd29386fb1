"""The host's end of a copy: files that appear whole or not at all, and files that are sent."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from chdkshell.errors import (
    Cancelled,
    ChdkShellError,
    FramingError,
    HostFileError,
    ScriptRunningError,
    TransportError,
    UsageError,
)
from chdkshell.streams import Buffer, FileSource

MAX_FILE_SIZE = (1 << 32) - 4096
"""Bytes of a file that fit into one UploadFile with its name: lengths have 32 bits."""


PART = ".part"
"""What the name of a file that is not yet whole ends in."""

NOTE = ".note"
"""What follows that in the name of the note that says what the file is a copy of."""

KEPT_AT_LEAST = 1 << 20
"""Bytes of an unfinished file that are worth keeping: fewer are quickly fetched again."""

MAX_NOTE = 1 << 16
"""Bytes of a note that are read: more than any path has."""

_MB = 1_000_000

_DISK_FULL = frozenset((errno.ENOSPC, errno.EDQUOT))

_NO_SYNC = frozenset((errno.EINVAL, errno.ENOTSUP, errno.ENOSYS, errno.EACCES, errno.EPERM))
"""How network disks, and folders that may not be read, refuse fsync; the files are there."""


@dataclass(frozen=True, slots=True)
class Original:
    """The file of the card that is copied: its path, its size in bytes, its camera time.

    `camera` is as in `Session`: cameras of one model have files of the same names and sizes, and of
    the same second where they took pictures together.
    """

    path: str
    size: int
    mtime: int
    camera: str = ""

    def note(self) -> bytes:
        """Return what is written beside an unfinished copy, to tell it from that of another."""
        facts = (self.path, self.size, self.mtime, self.camera)
        return "".join(f"{fact}\n" for fact in facts).encode("utf-8", "surrogateescape")


def free_path(wanted: Path) -> Path:
    """Return `wanted`, with a number after its name where there is such a file already."""
    path, number = wanted, 0
    while os.path.lexists(path):
        number += 1
        path = wanted.with_name(f"{wanted.stem}_{number}{wanted.suffix}")
    return path


class PartFile:
    """A file that is written as `NAME.part` and becomes `NAME` by `finish`.

    Leaving the `with` block without that removes what was written. With an `original`, much of
    which was written before the link broke, the disk was full or the caller cancelled, it is kept,
    and the error's hint says so. The next `PartFile` of the same original then begins with it:
    `kept` is how many bytes are there. `suffix` takes the place of ".part" where that is part of
    another file's name.
    """

    def __init__(self, target: Path, suffix: str = PART, original: Original | None = None) -> None:
        self._target = target
        self._part = f"{target}{suffix}"  # no `Path`: there are thousands of small files
        is_large = original is not None and original.size >= KEPT_AT_LEAST
        self._original = original if is_large else None
        self._size = None if original is None else original.size
        self._finished = False
        self.kept = 0

    def __enter__(self) -> Self:
        try:
            self.kept = self._kept_bytes()
            if self.kept:
                self.file: BinaryIO = open(self._part, "r+b")
                self.file.seek(self.kept)
            else:
                self.file = self._open_new()
                self._write_note()
        except OSError as error:
            raise host_error("write", self._target, error) from error
        return self

    def _open_new(self) -> BinaryIO:
        try:
            return open(self._part, "xb")
        except FileExistsError:
            # in this order, so that a note never stands beside the bytes of another file
            self._remove_note()
            return open(self._part, "wb")
        except FileNotFoundError:
            make_folder(self._target.parent)
            return open(self._part, "xb")

    @property
    def path(self) -> Path:
        """Where the file is while it is written."""
        return Path(self._part)

    @property
    def _note(self) -> Path:
        return Path(f"{self._part}{NOTE}")

    def _write_note(self) -> None:
        if self._original is not None:
            try:
                self._note.write_bytes(self._original.note())
            except OSError:  # without its note, nothing is kept
                self._original = None
                self._remove_note()

    def _remove_note(self) -> None:
        self._note.unlink(missing_ok=True)

    def restart(self) -> None:
        """Throw away what an earlier run has left."""
        self.kept = 0
        self.file.seek(0)
        self.file.truncate()

    def rename(self, target: Path) -> None:
        """Have `finish` give the file another name."""
        self._target = target

    def flush(self, to_disk: bool) -> None:
        """Let others see what was written; `to_disk` waits until the disk has it.

        Raises `HostFileError` where that is not all of the original, and `OSError`.
        """
        self.file.flush()
        if to_disk:
            os.fsync(self.file.fileno())
        size = os.fstat(self.file.fileno()).st_size
        if self._size not in (None, size):
            raise HostFileError(f"{self._part}: {size} of {self._size} bytes are on the disk")

    def finish(self, mtime: float | None, to_disk: bool = False) -> None:
        """Give the file its time of modification, if one is known, and its name.

        `to_disk` waits until file and name would survive a loss of power. Raises `HostFileError`
        where the disk does not have what was written, or not all of the original.
        """
        try:
            self.flush(to_disk)
            self.file.close()
            if mtime is not None:
                os.utime(self._part, (mtime, mtime))
            os.replace(self._part, self._target)  # noqa: PTH105 - as fast as it can be
            self._finished = True
            if to_disk:
                sync_folder(self._target.parent)
            if self._original is not None:
                self._remove_note()
        except OSError as error:
            raise host_error("write", self._target, error) from error

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._finished:
            return
        # A full disk refuses the last bytes of a file that is thrown away.
        with contextlib.suppress(OSError):
            self.file.close()
        kept = self._keep_or_remove(error)
        if isinstance(error, OSError):
            raise host_error("write", self._target, error, kept) from error
        if kept and isinstance(error, ChdkShellError):
            error.hint = f"{error.hint}; {kept}" if error.hint else kept

    def _kept_bytes(self) -> int:
        """Return how much of the original an earlier run has left."""
        if self._original is None:
            return 0
        try:
            with self._note.open("rb") as note:
                is_same = note.read(MAX_NOTE) == self._original.note()
            size = Path(self._part).stat().st_size
        except OSError:
            return 0
        return size if is_same and KEPT_AT_LEAST <= size <= self._original.size else 0

    def _keep_or_remove(self, error: BaseException | None) -> str:
        """Remove what was written unless it is worth keeping; return what to tell if it is."""
        if self._original is not None and _may_go_on(error):
            with contextlib.suppress(OSError):
                size = Path(self._part).stat().st_size
                if size >= KEPT_AT_LEAST:
                    total = self._original.size // _MB
                    return f"kept {size // _MB} of {total} MB; the same command goes on from there"
        Path(self._part).unlink(missing_ok=True)
        self._remove_note()
        return ""


def make_folder(folder: Path) -> None:
    """Make a folder with its parents, so that their names would survive a loss of power, too."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for path in missing:
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Wait until the names in `folder` are on the disk, where the system can do that."""
    if os.name != "posix":
        return
    try:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        if error.errno not in _NO_SYNC:
            raise


def _may_go_on(error: BaseException | None) -> bool:
    """Whether what was written before `error` is right, and may be added to by a later run."""
    if isinstance(error, HostFileError):
        error = error.__cause__
    if isinstance(error, OSError):
        return error.errno in _DISK_FULL
    if isinstance(error, FramingError):
        return False
    return isinstance(error, TransportError | Cancelled | ScriptRunningError | KeyboardInterrupt)


def check_size(path: Path, size: int) -> None:
    """Raise `UsageError` for a file that is too large for any card."""
    if size > MAX_FILE_SIZE:
        raise UsageError(
            f"{path} has {size} bytes, and a file on a card has less than 4 GiB",
            "leave it out, or split it; nothing was transferred",
        )


class UploadSource:
    """A file of the host as a source for UploadFile. Raises `UsageError` for what is no file.

    `started` tells whether the transfer has come to the file's bytes: the camera has then opened
    its own file for writing.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.started = False

    def __enter__(self) -> Self:
        if not self._path.is_file():
            hint = (
                "`mupload` uploads folders"
                if self._path.is_dir()
                else "name a file of this computer"
            )
            raise UsageError(f"src is not a file: {self._path}", hint)
        try:
            self._file = self._path.open("rb")
            facts = os.fstat(self._file.fileno())
        except OSError as error:
            raise host_error("read", self._path, error) from error
        try:
            check_size(self._path, facts.st_size)
        except UsageError:
            self._file.close()
            raise
        self.length = facts.st_size
        self.mtime = facts.st_mtime
        self._source = FileSource(self._file, self.length)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def chunks(self) -> Iterator[Buffer]:
        self.started = True
        try:
            yield from self._source.chunks()
        except OSError as error:
            raise host_error("read", self._path, error) from error

    def check_complete(self) -> None:
        """Raise `HostFileError` where the file became shorter while it was sent."""
        if self._source.short:
            raise HostFileError(f"{self._path} became shorter while it was sent")


def write_whole(path: Path, data: bytes) -> None:
    """Write a file that appears whole or not at all. Raises `HostFileError`."""
    with PartFile(path) as part:
        try:
            part.file.write(data)
        except OSError as error:
            raise host_error("write", path, error) from error
        part.finish(None)


def host_error(doing: str, path: Path, error: OSError, hint: str = "") -> HostFileError:
    """Return the error for a failure of this computer's file system."""
    return HostFileError(f"cannot {doing} {path}: {error.strerror or error}", hint)
