"""What PTP tells about a JPEG file: its size, and the thumbnail in its EXIF data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from chdkshell.sim.card import Card, CardFailure

_OFFSET, _LENGTH = 0x0201, 0x0202
"""EXIF tags of the thumbnail: where it begins in the data, and its bytes (EXIF 2.3, 4.6.4)."""

_EXIF_NAME = b"Exif\0\0"


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """Width and height in pixels of a picture and of its thumbnail, which is a JPEG file or b""."""

    width: int
    height: int
    thumb: bytes = b""
    thumb_width: int = 0
    thumb_height: int = 0


def picture_facts(card: Card, path: str) -> PictureFacts | None:
    """Return what is known of a JPEG file on the card, None where it is not one."""
    try:
        with card.open(path) as file:
            return _facts(file)
    except (CardFailure, OSError, ValueError, SyntaxError, ImportError):
        return None  # no such file, no picture, or no Pillow for this computer


def _facts(file: BinaryIO) -> PictureFacts:
    import io

    from PIL import ExifTags, Image

    with Image.open(file, formats=("JPEG",)) as picture:
        width, height = picture.size
        exif = picture.info.get("exif", b"")
        places = picture.getexif().get_ifd(ExifTags.IFD.IFD1)
    start = len(_EXIF_NAME) + int(places.get(_OFFSET, 0))
    thumb = exif[start : start + int(places.get(_LENGTH, 0))]
    if not thumb.startswith(b"\xff\xd8"):
        return PictureFacts(width, height)
    with Image.open(io.BytesIO(thumb), formats=("JPEG",)) as small:
        return PictureFacts(width, height, thumb, *small.size)
