"""Live view frames: what GetDisplayData sends, parsed and checked.

A frame is a header, a descriptor for each of the camera's frame buffers, and the parts that were
asked for: the viewport (what the lens sees), the bitmap (the overlay drawn on it), its palette and
its opacity. Layout and numbers: CHDK's trunk/core/live_view.h, sub-protocol 2.x.

All offsets and sizes come from the camera and are checked before a byte is read through them.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

from chdkshell.errors import LiveViewError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

VERSION = (2, 2)
"""The newest live view sub-protocol that this project knows.

A newer minor version adds buffer and palette types and leaves the layout, so that its frames are
read as well; types that are not known raise `LiveViewError` where they are decoded.
"""

HEADER = struct.Struct("<8i")
"""Version major and minor, LCD aspect, palette type and offset, then the offsets of the
descriptors of viewport, bitmap and opacity. All offsets count from the header's first byte."""

DESCRIPTOR = struct.Struct("<9i")
"""Type, data offset, buffer width, visible width and height, margins left, top, right, bottom."""

_OLD_HEADER = struct.Struct("<7i")
"""The header before 2.2, without opacity."""


class FrameBufferType(IntEnum):
    """How the pixels of a frame buffer are stored."""

    YUV8 = 0
    PAL8 = 1
    YUV8B = 2
    YUV8C = 3
    OPACITY8 = 4


class LcdAspect(IntEnum):
    """The shape of the camera's LCD."""

    RATIO_4_3 = 0
    RATIO_16_9 = 1
    RATIO_3_2 = 2


class PaletteType(IntEnum):
    """The byte order and size of the palette, and how a pixel selects from it."""

    NONE = 0
    AYUV_16 = 1
    AYUV_16_ALPHA2 = 2
    VUYA_256 = 3
    VUYA_16_ALPHA2 = 4
    VUYA_256_ALPHA6 = 5

    @property
    def size(self) -> int:
        """Bytes of the palette."""
        return _PALETTE_SIZES[self]


_PALETTE_SIZES = {
    PaletteType.NONE: 0,
    PaletteType.AYUV_16: 16 * 4,
    PaletteType.AYUV_16_ALPHA2: 16 * 4,
    PaletteType.VUYA_256: 256 * 4,
    PaletteType.VUYA_16_ALPHA2: 16 * 4,
    PaletteType.VUYA_256_ALPHA6: 256 * 4,
}

BLOCKS = {
    FrameBufferType.YUV8: (4, 6),
    FrameBufferType.PAL8: (1, 1),
    FrameBufferType.YUV8B: (2, 4),
    FrameBufferType.YUV8C: (2, 4),
    FrameBufferType.OPACITY8: (1, 1),
}
"""Pixels and bytes of the smallest unit of each type: the pixels of a unit share U and V."""


@dataclass(frozen=True, slots=True)
class FrameBuffer:
    """A frame buffer as its descriptor says it. Sizes and margins are pixels of this buffer.

    `type` is a `FrameBufferType`, or a number that a newer CHDK may have given a meaning. `offset`
    is 0 where the data was not sent. Margins say where on the LCD the picture lies; a camera that
    is changing modes may give negative ones.
    """

    type: int
    offset: int
    buffer_width: int
    width: int
    height: int
    margin_left: int
    margin_top: int
    margin_right: int
    margin_bottom: int

    @property
    def has_picture(self) -> bool:
        """Whether pixels were sent: no data and a size of 0 both happen on real cameras."""
        return bool(self.offset and self.width and self.height)

    @property
    def screen_width(self) -> int:
        """The LCD's width in pixels of this buffer."""
        return max(self.margin_left, 0) + self.width + max(self.margin_right, 0)

    @property
    def screen_height(self) -> int:
        """The LCD's height in pixels of this buffer."""
        return max(self.margin_top, 0) + self.height + max(self.margin_bottom, 0)

    @property
    def row_bytes(self) -> int:
        """Bytes from one row to the next. The type has to be a known one."""
        pixels, size = BLOCKS[FrameBufferType(self.type)]
        return self.buffer_width // pixels * size


@dataclass(frozen=True, slots=True)
class Frame:
    """One checked answer of GetDisplayData. `data` holds all of it, header included."""

    data: bytes = field(repr=False)
    version: tuple[int, int]
    lcd_aspect: int
    palette_type: int
    palette_offset: int
    viewport: FrameBuffer | None
    bitmap: FrameBuffer | None
    opacity: FrameBuffer | None

    @staticmethod
    def parse(data: bytes) -> Frame:
        """Read and check a frame.

        Raises `LiveViewError` for an unknown major version, and where anything that the header or
        a descriptor says does not fit into `data`.
        """
        major, minor, aspect, palette_type, palette_offset, *starts = _header(data)
        floor = _header_size(minor)
        names = ("viewport", "bitmap", "opacity")
        buffers = [
            _frame_buffer(data, name, start, floor)
            for name, start in zip(names, starts, strict=True)
        ]
        if palette_offset:
            _check_range(data, "palette", palette_offset, 0, floor)
        return Frame(data, (major, minor), aspect, palette_type, palette_offset, *buffers)

    @property
    def palette(self) -> tuple[PaletteType, bytes]:
        """The palette's type, and the palette as it was sent: empty where none was.

        Raises `LiveViewError` for an unknown palette type, or one that leaves the data.
        """
        try:
            kind = PaletteType(self.palette_type)
        except ValueError:
            raise LiveViewError(f"live view: unknown palette type {self.palette_type}") from None
        if not self.palette_offset:
            return kind, b""
        if kind is PaletteType.NONE:
            raise LiveViewError("live view: a palette of no type")
        _check_range(
            self.data, "palette", self.palette_offset, kind.size, _header_size(self.version[1])
        )
        return kind, self.data[self.palette_offset : self.palette_offset + kind.size]

    def viewport_rgb(self) -> NDArray[np.uint8] | None:
        """Return the viewport as (height, width, 3) RGB bytes, or None where it was not sent.

        Raises `LiveViewError` for a frame buffer type that is unknown or no viewport's.
        """
        if self.viewport is None or not self.viewport.has_picture:
            return None
        kind = _known_type(
            "viewport",
            self.viewport,
            (FrameBufferType.YUV8, FrameBufferType.YUV8B, FrameBufferType.YUV8C),
        )
        from chdkshell.chdk.imaging.framedecode import decode_yuv

        return decode_yuv(self.data, self.viewport, kind)

    def bitmap_rgba(self) -> NDArray[np.uint8] | None:
        """Return the overlay as (height, width, 4) RGBA bytes, or None where it was not sent.

        A paletted overlay without its palette is shown in default colours. Raises `LiveViewError`
        for an unknown palette or frame buffer type, and for an opacity buffer of another size.
        """
        if self.bitmap is None or not self.bitmap.has_picture:
            return None
        kind = _known_type("bitmap", self.bitmap, (FrameBufferType.PAL8, FrameBufferType.YUV8B))
        from chdkshell.chdk.imaging import framedecode

        if kind is FrameBufferType.PAL8:
            return framedecode.decode_paletted(self.data, self.bitmap, *self.palette)
        return framedecode.decode_yuv_overlay(self.data, self.bitmap, self._bitmap_opacity())

    def _bitmap_opacity(self) -> FrameBuffer | None:
        opacity, bitmap = self.opacity, self.bitmap
        if opacity is None or not opacity.offset:
            return None
        _known_type("opacity", opacity, (FrameBufferType.OPACITY8,))
        assert bitmap is not None
        if (opacity.width, opacity.height) != (bitmap.width, bitmap.height):
            raise LiveViewError(
                f"live view: the opacity is {opacity.width}x{opacity.height}"
                f" and the bitmap {bitmap.width}x{bitmap.height}"
            )
        return opacity


def _header_size(minor: int) -> int:
    return _OLD_HEADER.size if minor < 2 else HEADER.size


def _header(data: bytes) -> tuple[int, ...]:
    """Return the header's eight fields. Before 2.2 the last is missing and counts as 0."""
    if len(data) < _OLD_HEADER.size:
        raise LiveViewError(f"live view: {len(data)} bytes are no frame")
    fields = _OLD_HEADER.unpack_from(data)
    major, minor = fields[:2]
    if major != VERSION[0] or minor < 0:
        raise LiveViewError(
            f"live view: unknown version {major}.{minor}",
            hint="this program knows the live view of CHDK 1.1 and newer (version 2)",
        )
    if minor < 2:
        return (*fields, 0)
    if len(data) < HEADER.size:
        raise LiveViewError(f"live view: {len(data)} bytes are no frame")
    return HEADER.unpack_from(data)


def _frame_buffer(data: bytes, name: str, start: int, floor: int) -> FrameBuffer | None:
    """Read the descriptor at `start` and check that what it says lies inside `data`."""
    if not start:
        return None
    _check_range(data, f"{name} descriptor", start, DESCRIPTOR.size, floor)
    buffer = FrameBuffer(*DESCRIPTOR.unpack_from(data, start))
    if min(buffer.buffer_width, buffer.width, buffer.height) < 0:
        raise LiveViewError(f"live view: the {name} has a negative size")
    if buffer.width > buffer.buffer_width:
        raise LiveViewError(
            f"live view: the {name} is {buffer.width} wide in a buffer of {buffer.buffer_width}"
        )
    if not buffer.offset:
        return buffer
    size = 0
    if buffer.type in BLOCKS:
        if buffer.buffer_width % BLOCKS[FrameBufferType(buffer.type)][0]:
            raise LiveViewError(f"live view: no {name} is {buffer.buffer_width} pixels wide")
        size = buffer.row_bytes * buffer.height
    _check_range(data, name, buffer.offset, size, floor)
    return buffer


def _check_range(data: bytes, name: str, start: int, size: int, floor: int) -> None:
    """Raise `LiveViewError` unless `size` bytes from `start` lie in `data` after the header."""
    if start < floor or start + size > len(data):
        raise LiveViewError(
            f"live view: the {name} ({size} bytes at {start}) is outside the frame's {len(data)}"
        )


def _known_type(
    name: str, buffer: FrameBuffer, known: tuple[FrameBufferType, ...]
) -> FrameBufferType:
    if buffer.type not in known:
        raise LiveViewError(f"live view: unknown {name} type {buffer.type}")
    return FrameBufferType(buffer.type)
