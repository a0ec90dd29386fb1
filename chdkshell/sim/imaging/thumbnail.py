"""The small picture in the EXIF data of a JPEG file (EXIF 2.3, 4.5.5: the first IFD)."""

from __future__ import annotations

import struct

SIZE = (160, 120)
"""Width and height, as EXIF wants them."""

_COMPRESSION, _X_RESOLUTION, _Y_RESOLUTION, _UNIT = 0x0103, 0x011A, 0x011B, 0x0128
_OFFSET, _LENGTH = 0x0201, 0x0202
_SHORT, _LONG, _RATIONAL = 3, 4, 5
_JPEG, _INCHES, _DOTS = 6, 2, 180
_EXIF_NAME = b"Exif\0\0"


def with_thumbnail(exif: bytes, jpeg: bytes) -> bytes:
    """Return EXIF data of one directory with a JPEG as thumbnail, in a second one."""
    tiff = bytearray(exif.removeprefix(_EXIF_NAME))
    tiff += bytes(len(tiff) % 2)
    order = "<" if tiff[:2] == b"II" else ">"
    (first,) = struct.unpack_from(order + "I", tiff, 4)
    (count,) = struct.unpack_from(order + "H", tiff, first)
    start = len(tiff)
    struct.pack_into(order + "I", tiff, first + 2 + 12 * count, start)
    resolution = start + 2 + 12 * 6 + 4
    picture = resolution + 8
    entries = (
        (_COMPRESSION, _SHORT, _JPEG),
        (_X_RESOLUTION, _RATIONAL, resolution),
        (_Y_RESOLUTION, _RATIONAL, resolution),
        (_UNIT, _SHORT, _INCHES),
        (_OFFSET, _LONG, picture),
        (_LENGTH, _LONG, len(jpeg)),
    )
    tiff += struct.pack(order + "H", len(entries))
    for tag, kind, value in entries:
        short = kind == _SHORT  # which stands at the front of its four bytes
        tiff += struct.pack(order + "HHI", tag, kind, 1)
        tiff += struct.pack(order + "HH", value, 0) if short else struct.pack(order + "I", value)
    return _EXIF_NAME + bytes(tiff) + struct.pack(order + "III", 0, _DOTS, 1) + jpeg
