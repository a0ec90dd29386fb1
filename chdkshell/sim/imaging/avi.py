"""Motion JPEG in an AVI file: what older PowerShots make of a movie (RIFF, Microsoft's AVI 1.0)."""

from __future__ import annotations

import struct
from collections.abc import Sequence

_HAS_INDEX = 0x10
_KEY_FRAME = 0x10


def avi_file(frames: Sequence[bytes], width: int, height: int, frame_us: int) -> bytes:
    """Return an AVI file of JPEG `frames`, each of which is seen for `frame_us` microseconds."""
    largest = max(map(len, frames), default=0)
    count = len(frames)
    main = struct.pack(
        "<14I", frame_us, 0, 0, _HAS_INDEX, count, 0, 1, largest, width, height, 0, 0, 0, 0
    )
    stream = struct.pack(
        "<4s4sIHHIIIIIIIIHHHH",
        *(b"vids", b"MJPG", 0, 0, 0, 0, frame_us, 1_000_000, 0, count, largest),
        *(0xFFFFFFFF, 0, 0, 0, width, height),
    )
    picture = struct.pack("<IiiHH4sIiiII", 40, width, height, 1, 24, b"MJPG", 0, 0, 0, 0, 0)
    header = _list(
        b"hdrl",
        _chunk(b"avih", main) + _list(b"strl", _chunk(b"strh", stream) + _chunk(b"strf", picture)),
    )
    data, index = bytearray(), bytearray()
    for frame in frames:
        index += struct.pack("<4sIII", b"00dc", _KEY_FRAME, 4 + len(data), len(frame))
        data += _chunk(b"00dc", frame)
    body = header + _list(b"movi", bytes(data)) + _chunk(b"idx1", bytes(index))
    return _chunk(b"RIFF", b"AVI " + body)


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)


def _list(name: bytes, data: bytes) -> bytes:
    return _chunk(b"LIST", name + data)
