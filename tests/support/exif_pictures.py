"""JPEG pictures with a thumbnail inside, as a camera makes them."""

from __future__ import annotations

import io
import struct

from PIL import Image


def jpeg(colour: str, size: tuple[int, int]) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG")
    return out.getvalue()


def with_thumbnail(small: bytes) -> bytes:
    """Return a JPEG file with `small` in its EXIF block, put together by hand."""
    ifd0 = struct.pack("<HI", 0, 14)  # no entries, then where the next IFD is
    ifd1 = struct.pack("<H", 2)
    ifd1 += struct.pack("<HHII", 0x0201, 4, 1, 14 + 2 + 24 + 4)
    ifd1 += struct.pack("<HHII", 0x0202, 4, 1, len(small)) + struct.pack("<I", 0)
    block = b"Exif\0\0" + b"II*\0" + struct.pack("<I", 8) + ifd0 + ifd1 + small
    whole = jpeg("white", (64, 48))
    return whole[:2] + b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block + whole[2:]
