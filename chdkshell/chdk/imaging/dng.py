"""DNG files as CHDK makes them: reading their layout, and putting them together.

Such a file is a header (the TIFF directories), a small RGB picture that the first directory points
to, and the raw frame, uncompressed in one strip, that its first sub-directory points to (CHDK:
modules/dng.c). From a remote capture come the header and the frame as it is in the camera's memory;
the picture is made here.
"""

from __future__ import annotations

import io
import logging
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chdkshell.chdk.imaging.rawimage import (
    Area,
    Mosaic,
    row_bytes,
    unpack,
)
from chdkshell.chdk.imaging.tiffdirs import check_values
from chdkshell.errors import DngError

if TYPE_CHECKING:
    import tifffile

    from chdkshell.chdk.imaging.rawimage import Pixels

MAX_HEADER = 1 << 16
"""Bytes of a header that are read; CHDK's have between one and two thousand."""

MAX_SIDE = 1 << 15
"""Pixels that a frame is wide and high at most, far above any such camera's."""

MAX_PIXELS = 1 << 27
"""Pixels of a frame at most, for the same reason."""

MAX_THUMBNAIL = 1 << 20
"""Pixels of the small picture at most; CHDK's have 128x96."""

BAND = 64
"""Rows that are worked on at a time: half a megabyte or so."""

_UNCOMPRESSED, _RGB, _CFA = 1, 2, 32803  # TIFF 6.0 Compression; PhotometricInterpretation, TIFF/EP

_BAYER_PATTERNS = ((0, 1, 1, 2), (1, 0, 2, 1), (1, 2, 0, 1), (2, 1, 1, 0))


@dataclass(frozen=True, slots=True)
class DngLayout:
    """Where a DNG file has what. `thumbnail` is width and height; offsets and sizes are bytes.

    `neutral` is the sensor's answer to white: red, green, blue, (1, 1, 1) where it is not known.
    `matrix` takes CIE XYZ to the sensor's colours, row by row; () where it is not known.
    """

    mosaic: Mosaic
    thumbnail: tuple[int, int]
    thumbnail_offset: int
    raw_offset: int
    neutral: tuple[float, float, float]
    matrix: tuple[float, ...] = ()

    @property
    def thumbnail_size(self) -> int:
        return self.thumbnail[0] * self.thumbnail[1] * 3

    @property
    def row_bytes(self) -> int:
        return row_bytes(self.mosaic.width, self.mosaic.bits)

    @property
    def raw_size(self) -> int:
        return self.row_bytes * self.mosaic.height


@dataclass(frozen=True, slots=True)
class DngHeader:
    """A header from a remote capture: its bytes, and the layout that they describe."""

    data: bytes
    layout: DngLayout


def read_header(header: bytes) -> DngHeader:
    """Read a header from a remote capture.

    Raises `DngError` unless the picture and the frame follow right after the header.
    """
    if len(header) > MAX_HEADER:
        raise DngError(f"a DNG header of {len(header)} bytes")
    layout = _read_layout(header)
    if layout.thumbnail_offset != len(header):
        raise DngError(
            f"the DNG header has {len(header)} bytes and puts its picture at "
            f"{layout.thumbnail_offset}"
        )
    if layout.raw_offset != len(header) + layout.thumbnail_size:
        raise DngError(f"the DNG header puts the raw data at {layout.raw_offset}")
    return DngHeader(header, layout)


def _read_layout(header: bytes) -> DngLayout:
    """Return the layout that the first bytes of a file describe. Raises `DngError`."""
    import tifffile

    check_values(header)  # what passes here costs the other parser little
    # Without a handler of its own, what it says of broken files would end on standard error.
    logging.getLogger("tifffile").addHandler(logging.NullHandler())
    try:
        with tifffile.TiffFile(io.BytesIO(header)) as tiff:
            picture = tiff.pages.first
            frame = picture.pages[0] if picture.pages else None
            if not isinstance(frame, tifffile.TiffPage):
                raise DngError("no raw image in the DNG header")
            return _checked_layout(picture, frame)
    except DngError:
        raise
    except Exception as error:  # whatever the parser makes of bytes that are not TIFF
        raise DngError("not a DNG file of CHDK") from error


def _checked_layout(picture: tifffile.TiffPage, frame: tifffile.TiffPage) -> DngLayout:
    width, height = _number(frame, "ImageWidth"), _number(frame, "ImageLength")
    bits = _number(frame, "BitsPerSample")
    active = _numbers(frame, "ActiveArea", 4, (0, 0, height, width))
    mosaic = Mosaic(
        width,
        height,
        bits,
        Area(*active),
        colours=_colours(frame),
        black=_number(frame, "BlackLevel", 0),
        white=_number(frame, "WhiteLevel", (1 << min(bits, 16)) - 1),
    )
    _check_mosaic(mosaic)
    small = (_number(picture, "ImageWidth"), _number(picture, "ImageLength"))
    layout = DngLayout(
        mosaic,
        small,
        _number(picture, "StripOffsets"),
        _number(frame, "StripOffsets"),
        _neutral(picture),
        _matrix(picture),
    )
    plain = all(_number(page, "Compression") == _UNCOMPRESSED for page in (picture, frame))
    kinds = [_number(page, "PhotometricInterpretation") for page in (picture, frame)]
    if not plain or kinds != [_RGB, _CFA] or _numbers(picture, "BitsPerSample", 3) != (8, 8, 8):
        raise DngError("the DNG file is compressed, or of another kind than CHDK's")
    if (
        not (0 < small[0] <= mosaic.active.width // 2)
        or not (0 < small[1] <= mosaic.active.height // 2)
        or small[0] * small[1] > MAX_THUMBNAIL
    ):
        raise DngError(f"a thumbnail of {small[0]}x{small[1]}")
    if _number(picture, "StripByteCounts") != layout.thumbnail_size:
        raise DngError("the thumbnail's size does not fit its width and height")
    if _number(frame, "StripByteCounts") != layout.raw_size:
        raise DngError("the raw data's size does not fit its width and height")
    return layout


def _check_mosaic(mosaic: Mosaic) -> None:
    sides = (mosaic.width, mosaic.height)
    if not 0 < min(sides) <= max(sides) <= MAX_SIDE or math.prod(sides) > MAX_PIXELS:
        raise DngError(f"a raw image of {mosaic.width}x{mosaic.height}")
    try:
        row_bytes(mosaic.width, mosaic.bits)
    except ValueError as error:
        raise DngError(f"not a DNG file of CHDK: {error}") from None
    active = mosaic.active
    if (
        active not in Area(0, 0, mosaic.height, mosaic.width)
        or min(active.width, active.height) < 2
    ):
        raise DngError("the active area lies outside the raw image")
    if not 0 <= mosaic.black < mosaic.white < 1 << mosaic.bits:
        raise DngError(f"black is {mosaic.black} and white {mosaic.white}")


def _colours(frame: tifffile.TiffPage) -> tuple[int, int, int, int]:
    tag = frame.tags.get("CFAPattern")
    value = tuple(tag.value) if tag is not None and isinstance(tag.value, bytes | tuple) else ()
    if value not in _BAYER_PATTERNS:
        raise DngError("the colour filter is not a Bayer pattern")
    return value


def _neutral(picture: tifffile.TiffPage) -> tuple[float, float, float]:
    try:
        parts = _numbers(picture, "AsShotNeutral", 6)
        red, green, blue = (parts[i] / parts[i + 1] for i in (0, 2, 4))
    except (DngError, ZeroDivisionError):
        return 1.0, 1.0, 1.0
    return (red, green, blue) if min(red, green, blue) > 0 else (1.0, 1.0, 1.0)


def _matrix(picture: tifffile.TiffPage) -> tuple[float, ...]:
    try:
        parts = _numbers(picture, "ColorMatrix1", 18, least=-(1 << 31))
        return tuple(parts[i] / parts[i + 1] for i in range(0, 18, 2))
    except (DngError, ZeroDivisionError):
        return ()


def _number(page: tifffile.TiffPage, name: str, default: int | None = None) -> int:
    return _numbers(page, name, 1, None if default is None else (default,))[0]


def _numbers(
    page: tifffile.TiffPage,
    name: str,
    count: int,
    default: tuple[int, ...] | None = None,
    least: int = 0,
) -> tuple[int, ...]:
    """Return a tag's value as `count` whole numbers, none of them below `least`."""
    tag = page.tags.get(name)
    if tag is None and default is not None:
        return default
    value: Any = () if tag is None else tag.value
    values = value if isinstance(value, tuple) else (value,)
    if len(values) != count or not all(isinstance(v, int) and v >= least for v in values):
        raise DngError(f"the DNG file has no usable {name}")
    return values


class DngFile:
    """A DNG file that CHDK or this package made, open for reading. A context manager.

    Raises `DngError` for another kind of file, and `OSError` where it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("rb")
        try:
            self.layout = _read_layout(self._file.read(MAX_HEADER))
            size = self._file.seek(0, io.SEEK_END)
            if self.layout.raw_offset > MAX_HEADER + self.layout.thumbnail_size:
                raise DngError(f"the raw data begins at {self.layout.raw_offset}")
            if self.layout.raw_offset + self.layout.raw_size > size:
                raise DngError(f"cut off after {size} bytes")
        except DngError as error:
            self._file.close()
            raise DngError(f"{path}: {error}", error.detail) from error
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> DngFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def bands(self, first: int = 0, last: int | None = None) -> Iterator[tuple[int, Pixels]]:
        """Yield the rows from `first` up to `last`, some at a time: the first's number, pixels."""
        mosaic = self.layout.mosaic
        end = mosaic.height if last is None else last
        for row in range(first, end, BAND):
            count = min(BAND, end - row)
            self._file.seek(self.layout.raw_offset + row * self.layout.row_bytes)
            data = self._file.read(count * self.layout.row_bytes)
            yield row, unpack(data, mosaic.width, mosaic.bits, ">")

    def thumbnail(self) -> bytes:
        """Return the small picture: rows of RGB bytes."""
        self._file.seek(self.layout.thumbnail_offset)
        return self._file.read(self.layout.thumbnail_size)
