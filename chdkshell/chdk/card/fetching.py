"""One file from the card to this computer's disk, from where an earlier run had come to."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import BinaryIO

from chdkshell.chdk.card.access import CardAccess
from chdkshell.chdk.cardentry import CardEntry
from chdkshell.chdk.transfer import PartFile, host_error
from chdkshell.errors import CardError
from chdkshell.flow import NEVER, SILENT, CancelToken, Progress
from chdkshell.streams import Buffer, FileSink

OVERLAP = 1 << 16
"""Bytes of what is kept that are fetched again, to see that they are the same."""


def fetch(
    card: CardAccess,
    original: CardEntry,
    part: PartFile,
    progress: Progress = SILENT,
    cancel: CancelToken = NEVER,
) -> None:
    """Write the file `original` of the card to `part`.

    Where `part` has kept something of it, only the rest is fetched. What is kept is thrown away
    where it is not what the card has, and where the camera cannot send the rest.
    Raises `CardError` where the file has another size, and `PtpError`.
    """
    if part.kept:
        progress.start(original.size)
        rest = _Rest(part, progress)
        try:
            card.read_rest(original, rest.start, rest.receive, cancel)
            return
        except CardError:
            progress.advance(-rest.told)
        part.restart()
    size = card.read(original.path, FileSink(part.file), progress, cancel)
    if size != original.size:
        raise CardError(
            f"{original.path}: {size} bytes came, {original.size} were listed", original.path
        )


def compare(
    card: CardAccess,
    path: str,
    local: Path,
    progress: Progress = SILENT,
    cancel: CancelToken = NEVER,
) -> None:
    """Read the file `path` of the card, and compare it with one of this computer's disk.

    Raises `CardError` where they differ, `PtpError`, and `HostFileError`.
    """
    try:
        with local.open("rb") as file:
            if sys.platform == "linux":  # what is read shall come from the disk
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            sink = _Compared(file)
            card.read(path, sink, progress, cancel)
            is_same = sink.is_same and not file.read(1)
    except OSError as error:
        raise host_error("read", local, error) from error
    if not is_same:
        raise CardError(f"{path} was read a second time, and differs from {local}", path)


class _Compared:
    """Compares bytes with those of a file."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.is_same = True

    def begin(self, length: int | None) -> None:
        """Nothing to prepare."""

    def write(self, data: Buffer) -> None:
        self.is_same = self.is_same and self._file.read(len(data)) == bytes(data)


class _Rest:
    """What is missing of a file, with the end of what is there. `told` counts the progress."""

    def __init__(self, part: PartFile, progress: Progress) -> None:
        self.told = 0
        self._progress = progress
        self._sink = FileSink(part.file)
        self.start = part.kept - OVERLAP
        part.file.seek(self.start)
        self._expected = part.file.read(OVERLAP)
        part.file.seek(part.kept)

    def receive(self, data: bytes) -> None:
        """Compare what is there already, and write what follows."""
        if not self.told:
            self._advance(self.start)
        known = len(self._expected)
        if known:
            if data[:known] != self._expected[: len(data)]:
                raise CardError("the file on the card is not the one that was begun")
            self._expected = self._expected[len(data) :]
        if len(data) > known:
            self._sink.write(data[known:])
        self._advance(len(data))

    def _advance(self, count: int) -> None:
        self.told += count
        self._progress.advance(count)
