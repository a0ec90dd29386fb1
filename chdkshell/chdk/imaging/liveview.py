"""Live view frames: what GetDisplayData sends, parsed and checked.

A frame is a header, a descriptor for each of the camera's frame buffers, and the parts that were
asked for: the viewport (what the lens sees), the bitmap (the overlay drawn on it), its palette and
its opacity. `framebuffers` has the layout.

All offsets and sizes come from the camera and are checked before a byte is read through them.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chdkshell.chdk.imaging.framebuffers import (
    BLOCKS,
    DESCRIPTOR,
    HEADER,
    VERSION,
    FrameBuffer,
    FrameBufferType,
    PaletteType,
)
from chdkshell.errors import LiveViewError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_OLD_HEADER = struct.Struct("<7i")
"""The header before 2.2, without opacity."""


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
            "this program knows the live view of CHDK 1.1 and newer (version 2)",
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
