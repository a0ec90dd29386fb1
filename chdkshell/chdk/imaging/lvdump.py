"""The dump file of live view frames (`.lvdump`), as chdkptp writes and plays it.

Layout, all u32: "chlv", length of what follows in the header (8), version 1, 0; then each frame as
its size and the frame as it was received. Frames are read and written one at a time.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Iterator
from typing import BinaryIO

from chdkshell.errors import AnswerTooLongError, LiveViewError
from chdkshell.reasons import Reason
from chdkshell.streams import CHUNK, Buffer, Sink

MAGIC = b"chlv"
VERSION = (1, 0)
MAX_FRAME = 64 << 20
"""Bytes of a frame that make sense; the largest cameras send 2 MB."""

Grab = Callable[[Sink], int]
"""Receives one frame into a sink, and returns how many bytes it has."""

_HEADER = struct.Struct("<4sIII")
_SIZE = struct.Struct("<I")
_VERSION_SIZE = 8
_MAX_HEADER = 1 << 16


class DumpWriter:
    """Writes frames to an open binary file. The header is written at once.

    `size` counts the bytes written, header included, and `frames` the frames.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.size = _HEADER.size
        self.frames = 0
        file.write(_HEADER.pack(MAGIC, _VERSION_SIZE, *VERSION))

    def write(self, frame: Buffer) -> None:
        """Append a frame as it was received."""

        def give(sink: Sink) -> int:
            sink.begin(len(frame))
            sink.write(frame)
            return len(frame)

        self.receive(give)

    def receive(self, grab: Grab) -> None:
        """Append the frame that `grab` receives, without keeping it in memory.

        Where it raises, a part of the frame may follow those that `size` counts.
        """
        sink = _FrameSink(self._file)
        grab(sink)
        sink.finish()
        self.size += _SIZE.size + sink.count
        self.frames += 1


class _FrameSink:
    """Writes a frame behind its size, which is put right where it was announced wrongly."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._announced: int | None = None
        self.count = 0

    def begin(self, length: int | None) -> None:
        self._check(length or 0)
        self._announced = length or 0
        self._file.write(_SIZE.pack(self._announced))

    def write(self, data: Buffer) -> None:
        self.count += len(data)
        self._check(self.count)
        self._file.write(data)

    def finish(self) -> None:
        if self._announced is None:  # nothing came at all
            self._file.write(_SIZE.pack(0))
        elif self._announced != self.count:
            self._file.seek(-self.count - _SIZE.size, io.SEEK_CUR)
            self._file.write(_SIZE.pack(self.count))
            self._file.seek(self.count, io.SEEK_CUR)

    def _check(self, count: int) -> None:
        if count > MAX_FRAME:
            raise AnswerTooLongError(f"a frame of {count} bytes, where {MAX_FRAME} make sense")


def read_dump(file: BinaryIO) -> Iterator[bytes]:
    """Yield the frames of a dump as they were received; they are not checked here.

    Raises `LiveViewError` for a file that is no dump, of an unknown version, or that ends in the
    middle of a frame: the frames before that were yielded.
    """
    _read_header(file)
    number = 0
    while size := file.read(_SIZE.size):
        number += 1
        yield _read_frame(file, size, number)


def _read_header(file: BinaryIO) -> None:
    header = file.read(_HEADER.size)
    if len(header) < _HEADER.size or header[:4] != MAGIC:
        raise LiveViewError("this is no dump of live view frames", reason=Reason.NOT_A_DUMP)
    _, length, major, minor = _HEADER.unpack(header)
    if major != VERSION[0] or not _VERSION_SIZE <= length <= _MAX_HEADER:
        raise LiveViewError(
            f"live view dump of unknown version {major}.{minor}", reason=Reason.DATASET
        )
    # A newer minor version may have put more into the header.
    file.read(length - _VERSION_SIZE)


def _read_frame(file: BinaryIO, size: bytes, number: int) -> bytes:
    if len(size) == _SIZE.size:
        (length,) = _SIZE.unpack(size)
        if length > MAX_FRAME:
            raise LiveViewError(
                f"live view dump: frame {number} claims {length} bytes", reason=Reason.DATASET
            )
        frame = _read(file, length)
        if len(frame) == length:
            return frame
    raise LiveViewError(
        f"live view dump: the file ends inside frame {number}",
        "the recording was cut off; the frames before it are whole",
    )


def _read(file: BinaryIO, length: int) -> bytes:
    """Return `length` bytes, or what there is: memory is taken as they come, not as announced."""
    read = bytearray()
    while len(read) < length and (part := file.read(min(length - len(read), CHUNK))):
        read += part
    return bytes(read)
