"""The host's end of an upload: a file that is sent."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from chdkshell.chdk.transfer import host_error
from chdkshell.errors import HostFileError, UsageError
from chdkshell.reasons import Reason
from chdkshell.streams import Buffer, BytesSource, FileSource

MAX_FILE_SIZE = (1 << 32) - 4096
"""Bytes of a file that fit into one UploadFile with its name: lengths have 32 bits."""


def check_size(path: Path, size: int) -> None:
    """Raise `UsageError` for a file that is too large for any card."""
    if size > MAX_FILE_SIZE:
        raise UsageError(
            f"{path} has {size} bytes, and a file on a card has less than 4 GiB",
            "leave it out, or split it; nothing was transferred",
        )


class UploadSource:
    """A file of the host as a source for UploadFile. Raises `UsageError` for what is no file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Self:
        if not self._path.is_file():
            reason = Reason.FOLDER_AS_FILE if self._path.is_dir() else Reason.NO_LOCAL_FILE
            raise UsageError(f"src is not a file: {self._path}", reason=reason)
        try:
            self._file = self._path.open("rb")
            info = os.fstat(self._file.fileno())
        except OSError as error:
            raise host_error("read", self._path, error) from error
        try:
            check_size(self._path, info.st_size)
        except UsageError:
            self._file.close()
            raise
        self.length = info.st_size
        self.mtime = info.st_mtime
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
        try:
            yield from self._source.chunks()
        except OSError as error:
            raise host_error("read", self._path, error) from error

    def check_complete(self) -> None:
        """Raise `HostFileError` where the file became shorter while it was sent."""
        if self._source.short:
            raise HostFileError(f"{self._path} became shorter while it was sent")


class UploadBytes(BytesSource):
    """Bytes in memory as a source for UploadFile."""

    def check_complete(self) -> None:
        """Nothing of them can be missing."""
