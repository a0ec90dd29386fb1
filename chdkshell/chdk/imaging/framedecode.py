"""Pixels of live view frame buffers to RGB and RGBA, with numpy.

The arithmetic is that of chdkptp (12-bit fixed point, rounded), so that both write the same bytes.
Buffers passed in must have been checked against the data (`liveview.Frame.parse`).

    R = Y + 1.402 V      G = Y - 0.344 U - 0.714 V      B = Y + 1.772 U      each clipped to a byte

Since Y enters with factor 1, rounding touches only the rest. So what U and V add is looked up, and
each Y costs one addition and the clipping.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from chdkshell.chdk.imaging.framebuffers import (
    BLOCKS,
    FrameBuffer,
    FrameBufferType,
    PaletteType,
)

Bytes = NDArray[np.uint8]

_ALPHA_BY_2_BITS = np.array([128, 171, 214, 255], dtype=np.uint8)
"""Opacity of overlay colours whose palette has 2 bits for it."""

_ALPHA_SHIFT = {PaletteType.VUYA_256: 0, PaletteType.VUYA_256_ALPHA6: 4}
"""Where in A the two bits lie, for the palettes of 256 entries."""

_DEFAULT_PALETTE = bytes.fromhex(
    "00000000 ffe00000 ff60ee62 ffb90000 7f000000 ff7ea1b3 ffccb85e ff5f0000"
    "ff94c55d ff8a50b0 ff4b3dd4 7f280000 7f007be2 ff300000 ff690000 ff000000"
)
"""Type 1, for overlays whose palette was not sent: the colours of a PowerShot A540."""

_CLEAR_PAIR = 0x00800080
"""Two pixels U Y V Y = 80 00 80 00 of a YUV overlay without opacity: nothing is drawn there."""


@dataclass(frozen=True, slots=True)
class _ChromaTables:
    """What chroma adds to Y. `red` is indexed by V, `blue` by U, `green` by U | V << 8 (bytes).

    An entry holds the same int16 once for each pixel of a block, packed into one integer, so that
    one look-up serves the block.
    """

    red: NDArray[np.generic]
    green: NDArray[np.generic]
    blue: NDArray[np.generic]


def decode_yuv(data: bytes, buffer: FrameBuffer, kind: FrameBufferType) -> Bytes:
    """Return a YUV8, YUV8B or YUV8C buffer as (height, width, 3) RGB."""
    pixels, _ = BLOCKS[kind]
    blocks = _blocks(data, buffer, kind)
    height, count = blocks.shape[:2]
    luma = np.empty((height, count, pixels), np.int16)
    luma[:, :, 0] = blocks[:, :, 1]
    luma[:, :, 1:] = blocks[:, :, 3:]
    # U and V are signed bytes, except in YUV8B where they are offset by 128.
    flip = 0x80 if kind is FrameBufferType.YUV8B else 0
    u = (blocks[:, :, 0] ^ flip).astype(np.intp)
    v = (blocks[:, :, 2] ^ flip).astype(np.intp)
    tables = _chroma_tables(pixels)
    rgb = np.empty((height, count * pixels, 3), np.uint8)
    channels = ((tables.red, v), (tables.green, u | v << 8), (tables.blue, u))
    for channel, (table, index) in enumerate(channels):
        values = table.take(index, mode="clip").view(np.int16)
        values += luma.reshape(height, -1)
        np.clip(values, 0, 255, out=values)
        rgb[:, :, channel] = values
    return rgb[:, : buffer.width]


def decode_yuv_overlay(data: bytes, bitmap: FrameBuffer, opacity: FrameBuffer | None) -> Bytes:
    """Return a YUV8B overlay as (height, width, 4) RGBA.

    Alpha is the opacity buffer, or, without one, 0 where nothing is drawn and 255 elsewhere.
    """
    rgba = np.empty((bitmap.height, bitmap.width, 4), np.uint8)
    rgba[:, :, :3] = decode_yuv(data, bitmap, FrameBufferType.YUV8B)
    if opacity is not None:
        rgba[:, :, 3] = _bytes_of(data, opacity)
        return rgba
    words = _blocks(data, bitmap, FrameBufferType.YUV8B).copy().view("<u4")[:, :, 0]
    alpha = np.where(words == _CLEAR_PAIR, np.uint8(0), np.uint8(255))
    rgba[:, :, 3] = alpha.repeat(2, axis=1)[:, : bitmap.width]
    return rgba


def decode_paletted(
    data: bytes, bitmap: FrameBuffer, palette_type: PaletteType, palette: bytes
) -> Bytes:
    """Return a PAL8 overlay as (height, width, 4) RGBA. An empty `palette` means the default."""
    if not palette:
        palette_type, palette = PaletteType.AYUV_16, _DEFAULT_PALETTE
    colours = _palette_rgba(palette_type, palette).view("<u4")[:, 0]
    pixels = colours.take(_bytes_of(data, bitmap), mode="clip")
    return pixels.view(np.uint8).reshape(bitmap.height, bitmap.width, 4)


def _blocks(data: bytes, buffer: FrameBuffer, kind: FrameBufferType) -> Bytes:
    """Return the units that the visible pixels lie in, as (height, units, bytes of a unit)."""
    pixels, size = BLOCKS[kind]
    total = buffer.row_bytes * buffer.height
    rows = np.frombuffer(data, np.uint8, total, buffer.offset)
    units = rows.reshape(buffer.height, buffer.buffer_width // pixels, size)
    return units[:, : -(-buffer.width // pixels)]


def _bytes_of(data: bytes, buffer: FrameBuffer) -> Bytes:
    """Return the visible bytes of a buffer of one byte a pixel, as (height, width)."""
    rows = np.frombuffer(data, np.uint8, buffer.buffer_width * buffer.height, buffer.offset)
    return rows.reshape(buffer.height, buffer.buffer_width)[:, : buffer.width]


# ---- colours ------------------------------------------------------------------------------------


def _red(v: NDArray[np.int32]) -> NDArray[np.int32]:
    return (v * 5743 + 2048) >> 12


def _green(u: NDArray[np.int32], v: NDArray[np.int32]) -> NDArray[np.int32]:
    return (2048 - u * 1411 - v * 2925) >> 12


def _blue(u: NDArray[np.int32]) -> NDArray[np.int32]:
    return (u * 7258 + 2048) >> 12


@lru_cache
def _chroma_tables(pixels: int) -> _ChromaTables:
    signed = np.arange(256, dtype=np.uint8).view(np.int8).astype(np.int32)

    def packed(values: NDArray[np.int32]) -> NDArray[np.generic]:
        repeated = values.reshape(-1, 1).astype(np.int16).repeat(pixels, axis=1)
        return repeated.view(f"i{2 * pixels}")[:, 0]

    return _ChromaTables(
        packed(_red(signed)),
        packed(_green(signed[None, :], signed[:, None])),
        packed(_blue(signed)),
    )


@lru_cache(maxsize=8)
def _palette_rgba(kind: PaletteType, palette: bytes) -> Bytes:
    """Return what each of the 256 pixel values looks like, as (256, 4) RGBA."""
    entries = np.frombuffer(palette, np.uint8).reshape(-1, 4)
    if kind in (PaletteType.AYUV_16, PaletteType.AYUV_16_ALPHA2):
        a, y, u, v = entries.T
    else:
        v, u, y, a = entries.T
    signed = _Entries(a.astype(np.int32), y.astype(np.int32), _signed(u), _signed(v))
    if kind in _ALPHA_SHIFT:
        rgba = signed.rgba(_ALPHA_BY_2_BITS[a >> _ALPHA_SHIFT[kind] & 3])
        rgba[0] = 0
        return rgba
    return _nibble_pairs(signed, kind)


def _nibble_pairs(entries: _Entries, kind: PaletteType) -> Bytes:
    """Return the 256 colours of a palette of 16, of which a pixel adds up two."""
    pixel = np.arange(256)
    low, high = pixel & 15, pixel >> 4
    y = np.minimum(entries.y[low] + entries.y[high], 255)
    u = np.clip(entries.u[low] + entries.u[high], -128, 127)
    v = np.clip(entries.v[low] + entries.v[high], -128, 127)
    alpha = (entries.a[low] + entries.a[high]) >> 1
    if kind is PaletteType.AYUV_16:
        u[low == 0] = v[low == 0] = 0
        return _Entries(alpha, y, u, v).rgba(alpha.astype(np.uint8))
    rgba = _Entries(alpha, y, u, v).rgba(_ALPHA_BY_2_BITS[alpha & 3])
    if kind is PaletteType.VUYA_16_ALPHA2:
        rgba[0] = 0
    return rgba


@dataclass(frozen=True, slots=True)
class _Entries:
    """Colours of a palette, a column each: alpha, Y 0 to 255, U and V -128 to 127."""

    a: NDArray[np.int32]
    y: NDArray[np.int32]
    u: NDArray[np.int32]
    v: NDArray[np.int32]

    def rgba(self, alpha: Bytes) -> Bytes:
        """Return the colours as (n, 4) RGBA with `alpha` in place of A."""
        rgb = (self.y + _red(self.v), self.y + _green(self.u, self.v), self.y + _blue(self.u))
        return np.stack([*(np.clip(c, 0, 255).astype(np.uint8) for c in rgb), alpha], axis=1)


def _signed(column: Bytes) -> NDArray[np.int32]:
    return column.copy().view(np.int8).astype(np.int32)
