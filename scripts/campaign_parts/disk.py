"""A disk that is full after so many bytes, for the files below one folder."""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest


class FullDisk:
    """Takes `room` bytes, and then none. `struck` says whether it was asked for more."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.struck = False

    def write(self, file: Any, data: Any) -> int:
        view = memoryview(data).cast("B")
        fits = min(len(view), max(0, self.room))
        self.room -= fits
        if fits:
            file.write(view[:fits])
        if fits < len(view):
            self.struck = True
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return len(view)


class _File:
    """An open binary file on that disk."""

    def __init__(self, file: Any, disk: FullDisk) -> None:
        self._file = file
        self._disk = disk

    def write(self, data: Any) -> int:
        return self._disk.write(self._file, data)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> _File:
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._file)


class _Raw(io.RawIOBase):
    """A file as TextIOWrapper wants it below itself."""

    def __init__(self, file: _File) -> None:
        self._file = file

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        return self._file.write(data)

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()


def _path_of(file: Any) -> str:
    if isinstance(file, int):
        try:
            return str(Path(f"/proc/self/fd/{file}").readlink())
        except OSError:
            return ""
    return str(os.path.realpath(os.fspath(file)))


@contextmanager
def full_disk(folder: Path, room: int) -> Iterator[FullDisk]:
    """Let files below `folder` take `room` bytes in all."""
    disk = FullDisk(room)
    real, below = io.open, f"{os.path.realpath(folder)}/"

    def open_(file: Any, mode: str = "r", buffering: int = -1, *rest: Any, **named: Any) -> Any:
        writes = any(letter in mode for letter in "wax+")
        if not writes or not _path_of(file).startswith(below):
            return real(file, mode, buffering, *rest, **named)
        if "b" in mode:
            return _File(real(file, mode, 0, *rest, **named), disk)
        raw = _File(real(file, mode.replace("t", "") + "b", 0), disk)
        return io.TextIOWrapper(
            _Raw(raw), encoding=named.get("encoding"), newline=named.get("newline")
        )

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(io, "open", open_)
        patch.setattr("builtins.open", open_)
        yield disk
