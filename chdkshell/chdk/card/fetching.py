"""One file from the card to this computer's disk, from where an earlier run had come to.

The firmware's DownloadFile has a whole file only, so a script sends the rest of one that was begun.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from chdkshell.chdk.card.cardanswers import check
from chdkshell.chdk.cardentry import CardEntry
from chdkshell.chdk.constants import ValueType
from chdkshell.chdk.messages import ScriptMessage
from chdkshell.chdk.paths import encode_path
from chdkshell.chdk.protocol import ChdkProtocol
from chdkshell.chdk.scripts import Scripts
from chdkshell.chdk.transfer import PartFile, host_error
from chdkshell.errors import CardError, ScriptError
from chdkshell.flow import NEVER, SILENT, CancelToken, Progress
from chdkshell.lua.literals import serialize
from chdkshell.lua.numbers import MAX_INTEGER, wrap
from chdkshell.streams import Buffer, FileSink

OVERLAP = 1 << 16
"""Bytes of what is kept that are fetched again, to see that they are the same."""

MESSAGE = 1 << 16
"""Bytes that a message has at most; the camera makes them shorter where its memory is small."""


def fetch(
    protocol: ChdkProtocol,
    scripts: Scripts,
    original: CardEntry,
    part: PartFile,
    progress: Progress = SILENT,
    cancel: CancelToken = NEVER,
) -> None:
    """Write the file `original` of the card to `part`.

    Where `part` has kept something of it, only the rest is fetched, which takes Lua. What is kept
    is thrown away where it is not what the card has, and where the camera cannot send the rest.
    Raises `CardError` where the file has another size, and `PtpError`.
    """
    if part.kept and _is_in_reach(original, part.kept - OVERLAP):
        progress.start(original.size)
        rest = _Rest(part, progress)
        try:
            _receive_rest(scripts, original, rest.start, rest.receive, cancel)
            return
        except (CardError, ScriptError):
            progress.advance(-rest.told)
    if part.kept:
        part.restart()
    size = protocol.download_file(encode_path(original.path), FileSink(part.file), progress, cancel)
    if size != original.size:
        raise CardError(
            f"{original.path}: {size} bytes came, {original.size} were listed", original.path
        )


def compare(
    protocol: ChdkProtocol,
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
            protocol.download_file(encode_path(path), sink, progress, cancel)
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


def _is_in_reach(original: CardEntry, start: int) -> bool:
    """Whether the camera's Lua, whose numbers have 32 bits, can count what follows `start`."""
    return start <= MAX_INTEGER and original.size - start <= MAX_INTEGER


def _receive_rest(
    scripts: Scripts,
    original: CardEntry,
    start: int,
    receive: Callable[[bytes], None],
    cancel: CancelToken = NEVER,
) -> None:
    """Give the bytes of a file from `start` to its end to `take`, in pieces.

    Raises `CardError` where the file has another size or time than `original`, or is not there;
    `ScriptError` where the script failed, as for lack of memory; and what `receive` raises.
    """
    left = original.size - start

    def accept(message: ScriptMessage) -> None:
        nonlocal left
        if message.subtype != ValueType.STRING or len(message.data) > left:
            raise CardError("the camera sent something else than the rest of the file")
        left -= len(message.data)
        receive(message.data)

    arguments = f"{wrap(original.size)},{wrap(original.mtime)},{start},{left},{MESSAGE}"
    answer = scripts.call(
        f"return send_rest({serialize(original.path)},{arguments})",
        libraries=("send_rest",),
        on_message=accept,
        cancel=cancel,
    )
    # What a script returns is lost where the queue is full as it ends: then all bytes are there.
    if left:
        check(answer, original.path)
        raise CardError(f"the last {left} bytes of {original.path} did not come", original.path)


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
        self._advance(self.start)

    def receive(self, data: bytes) -> None:
        """Compare what is there already, and write what follows."""
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
