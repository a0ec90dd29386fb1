"""What a picture file says of how it was taken (Exif 2.3, 4.6.5)."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path

from chdkshell.chdk.shooting.exposure import UNKNOWN_EXPOSURE, ShotExposure

_EXPOSURE_TIME, _F_NUMBER, _ISO = 0x829A, 0x829D, 0x8827
_TIFF_MARKS = (b"II*\0", b"MM\0*")


def read_exposure(path: Path) -> ShotExposure | None:
    """Return the exposure that a JPEG or TIFF file (DNG, CR2) tells, None where it tells none."""
    try:
        from PIL import ExifTags, Image

        with warnings.catch_warnings(), path.open("rb") as file:
            warnings.simplefilter("ignore")
            if file.read(4) in _TIFF_MARKS:
                file.seek(0)
                exif = Image.Exif()
                exif.load_from_fp(file, 0)
                tags = exif.get_ifd(ExifTags.IFD.Exif)
            else:
                file.seek(0)
                with Image.open(file, formats=["JPEG"]) as image:
                    tags = image.getexif().get_ifd(ExifTags.IFD.Exif)
    except Exception:  # whatever the decoder makes of bytes that may be anything
        return None
    found = ShotExposure(*(_positive(tags, tag) for tag in (_EXPOSURE_TIME, _F_NUMBER, _ISO)))
    return None if found == UNKNOWN_EXPOSURE else found


def _positive(tags: Mapping[int, object], tag: int) -> float | None:
    try:
        value = float(tags.get(tag))  # type: ignore[arg-type] # a file may have anything there
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return value if 0 < value < 1e6 else None
