"""The host's end of a copy: files that appear whole or not at all, and files that are sent."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from chdkshell.errors import HostFileError, UsageError
from chdkshell.streams import Buffer, FileSource

MAX_FILE_SIZE = (1 << 32) - 4096
"""Bytes of a file that fit into one UploadFile with its name: lengths have 32 bits."""


PART = ".part"
"""What the name of a file that is not yet whole ends in."""


class PartFile:
    """A file that is written as `NAME.part` and becomes `NAME` by `finish`.

    Leaving the `with` block without that removes what was written. `suffix` takes the place of
    ".part" where that is part of another file's name.
    """

    def __init__(self, target: Path, suffix: str = PART) -> None:
        self._target = target
        self._part = target.with_name(target.name + suffix)
        self._finished = False

    def __enter__(self) -> Self:
        try:
            self._target.parent.mkdir(parents=True, exist_ok=True)
            self.file: BinaryIO = self._part.open("wb")
        except OSError as error:
            raise host_error("write", self._target, error) from error
        return self

    def finish(self, mtime: float | None, to_disk: bool = False) -> None:
        """Give the file its time of modification, if one is known, and its name.

        `to_disk` waits until it would survive a loss of power.
        """
        try:
            if to_disk:
                self.file.flush()
                os.fsync(self.file.fileno())
            self.file.close()
            if mtime is not None:
                os.utime(self._part, (mtime, mtime))
            self._part.replace(self._target)
            self._finished = True
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
        self._part.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise host_error("write", self._target, error) from error


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
            raise UsageError(f"src is not a file: {self._path}")
        try:
            self._file = self._path.open("rb")
            facts = os.fstat(self._file.fileno())
        except OSError as error:
            raise host_error("read", self._path, error) from error
        if facts.st_size > MAX_FILE_SIZE:
            self._file.close()
            raise UsageError(f"{self._path} is too large for a camera: {facts.st_size} bytes")
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


def host_error(doing: str, path: Path, error: OSError) -> HostFileError:
    """Return the error for a failure of this computer's file system."""
    return HostFileError(f"cannot {doing} {path}: {error.strerror or error}")
