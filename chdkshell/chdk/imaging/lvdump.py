"""The dump file of live view frames (`.lvdump`), as chdkptp writes and plays it.

Layout, all u32: "chlv", length of what follows in the header (8), version 1, 0; then each frame as
its size and the frame as it was received. Frames are read and written one at a time.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from chdkshell.errors import LiveViewError
from chdkshell.reasons import Reason
from chdkshell.streams import CHUNK, Buffer

MAGIC = b"chlv"
VERSION = (1, 0)
MAX_FRAME = 64 << 20
"""Bytes of a frame that make sense; the largest cameras send 2 MB."""

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
        self._file.write(_SIZE.pack(len(frame)))
        self._file.write(frame)
        self.size += _SIZE.size + len(frame)
        self.frames += 1


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
