"""How live view data is laid out: the header, and the camera's frame buffers with their types.

Layout and numbers: CHDK's trunk/core/live_view.h, sub-protocol 2.x.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum

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
