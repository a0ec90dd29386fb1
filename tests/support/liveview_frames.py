"""Live view frames for tests, put together by hand after CHDK's live_view.h."""

from __future__ import annotations

import struct
from dataclasses import dataclass

NASTY = (0, 1, 2, 3, 4, 5, 27, 28, 31, 36, 255, 0x7FFFFFFF, 0x7FFFFFF0, -1, -2, -4, -0x80000000)
"""Numbers that break a reader which trusts them."""


@dataclass
class Buffer:
    """A frame buffer: its descriptor's fields, and the bytes that it sends."""

    type: int
    width: int
    height: int
    data: bytes = b""
    buffer_width: int = 0
    margins: tuple[int, int, int, int] = (0, 0, 0, 0)

    def descriptor(self, offset: int) -> bytes:
        width = self.buffer_width or self.width
        return struct.pack("<9i", self.type, offset, width, self.width, self.height, *self.margins)


def frame(
    viewport: Buffer,
    bitmap: Buffer,
    opacity: Buffer | None = None,
    *,
    palette_type: int = 0,
    palette: bytes = b"",
    version: tuple[int, int] = (2, 2),
    aspect: int = 0,
) -> bytes:
    """Return a frame: header, descriptors, palette, then the buffers that have data."""
    buffers = [b for b in (viewport, bitmap, opacity) if b is not None]
    starts = [32 + 36 * i for i in range(len(buffers))] + [0] * (3 - len(buffers))
    offset = 32 + 36 * len(buffers)
    palette_offset = offset if palette else 0
    offset += len(palette)
    head = struct.pack("<8i", *version, aspect, palette_type, palette_offset, *starts)
    for buffer in buffers:
        head += buffer.descriptor(offset if buffer.data else 0)
        offset += len(buffer.data)
    return head + palette + b"".join(b.data for b in buffers)
