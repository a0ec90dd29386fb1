"""Frame buffers of the simulated camera: the scene and the overlay as bytes a decoder must take.

The part of a viewport that does not move is kept encoded, so that a frame costs little.
"""

from __future__ import annotations

from dataclasses import replace
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from chdkshell.chdk.imaging.framebuffers import BLOCKS, FrameBufferType
from chdkshell.sim.display import overlay
from chdkshell.sim.display.inks import Ink
from chdkshell.sim.imaging import scene

Bytes = NDArray[np.uint8]

_UNSEEN = 0x55
"""Fills the columns of a buffer that are not seen; as a picture they would catch the eye."""


class Viewport:
    """The viewport's frame buffer: `width` x `height` pixels seen, in rows of `buffer_width`."""

    def __init__(self, kind: FrameBufferType, buffer_width: int, width: int, height: int) -> None:
        self._kind = kind
        self._buffer_width = buffer_width
        self._size = (width, height)
        self._backdrop: _Backdrop | None = None
        self._frame: tuple[scene.View, memoryview] | None = None

    def frame(self, view: scene.View) -> memoryview:
        """Return the buffer with the scene as `view` sees it. It is shared: don't change it."""
        if self._frame is None or self._frame[0] != view:
            self._frame = view, _bytes_of(self._draw(view))
        return self._frame[1]

    def picture(self, rgb: Bytes) -> memoryview:
        """Return the buffer with a picture of its visible size."""
        return _bytes_of(_blocks(rgb, self._kind, self._buffer_width))

    def _draw(self, view: scene.View) -> Bytes:
        backdrop = self._backdrop_of(replace(view, seconds=0, clock=""))
        blocks = backdrop.blocks.copy()
        pixels = BLOCKS[self._kind][0]
        behind = backdrop.rgb
        for patch in scene.moving_parts(*self._size, view):
            left, right = patch.left // pixels, -(-patch.right // pixels)
            rows = slice(patch.top, patch.bottom)
            area = behind[rows, left * pixels : right * pixels].copy()
            first = patch.left - left * pixels
            seen = area[:, first : first + patch.right - patch.left]
            np.copyto(seen, patch.shown, where=patch.covers)
            blocks[rows, left:right] = encode_yuv(area, self._kind)
        return blocks

    def _backdrop_of(self, still: scene.View) -> _Backdrop:
        """Return what does not move in this view, which cameras that see the same share."""
        key = self._kind, self._buffer_width, self._size, still
        backdrop = _backdrops.get(key)
        if backdrop is None:
            backdrop = _backdrops[key] = _Backdrop(*key)
        self._backdrop = backdrop
        return backdrop


class _Backdrop:
    """What does not move in a view: as RGB, and as the blocks of a buffer."""

    def __init__(
        self, kind: FrameBufferType, buffer_width: int, size: tuple[int, int], view: scene.View
    ) -> None:
        self.rgb = scene.shown_backdrop(*size, view)
        self.blocks = _blocks(self.rgb, kind, buffer_width)


_backdrops: WeakValueDictionary[
    tuple[FrameBufferType, int, tuple[int, int], scene.View], _Backdrop
] = WeakValueDictionary()
"""Those that cameras of this process show."""


def _bytes_of(buffer: Bytes) -> memoryview:
    return buffer.data.cast("B")


def _blocks(rgb: Bytes, kind: FrameBufferType, buffer_width: int) -> Bytes:
    """Return a buffer with a picture of its visible size, as rows of blocks."""
    pixels, size = BLOCKS[kind]
    height, width, _ = rgb.shape
    blocks = np.full((height, buffer_width // pixels, size), _UNSEEN, np.uint8)
    blocks[:, : width // pixels] = encode_yuv(rgb, kind)
    return blocks


def encode_yuv(rgb: Bytes, kind: FrameBufferType) -> Bytes:
    """Return (height, width, 3) RGB as (height, blocks, bytes of a block). Blocks must be whole."""
    pixels, size = BLOCKS[kind]
    height, width, _ = rgb.shape
    red, green, blue = (rgb[:, :, i].astype(np.float32) for i in range(3))
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    blocks = np.empty((height, width // pixels, size), np.uint8)
    y = (luma + 0.5).astype(np.uint8).reshape(height, -1, pixels)
    blocks[:, :, 1] = y[:, :, 0]
    blocks[:, :, 3:] = y[:, :, 1:]
    share = np.full(pixels, 1 / pixels, np.float32)
    offset = 0x80 if kind is FrameBufferType.YUV8B else 0
    for place, difference in ((0, (blue - luma) / 1.772), (2, (red - luma) / 1.402)):
        mean = difference.reshape(height, -1, pixels) @ share
        signed = np.clip(np.rint(mean), -128, 127).astype(np.int8)
        blocks[:, :, place] = signed.view(np.uint8) ^ offset
    return blocks


def coloured(inks: Bytes, values: bytes, buffer_width: int) -> memoryview:
    """Return a buffer of one byte a pixel: `values` holds the byte of each ink."""
    buffer = np.full((inks.shape[0], buffer_width), _UNSEEN, np.uint8)
    buffer[:, : inks.shape[1]] = np.frombuffer(values, np.uint8).take(inks, mode="clip")
    return _bytes_of(buffer)


def yuv_overlay(inks: Bytes, buffer_width: int) -> memoryview:
    """Return a YUV8B buffer of the overlay. A pair of pixels has the chroma of its first."""
    y, u, v = np.array([overlay.YUV[ink] for ink in Ink]).T
    buffer = np.full((inks.shape[0], buffer_width // 2, 4), _UNSEEN, np.uint8)
    seen = buffer[:, : inks.shape[1] // 2]
    seen[:, :, 0] = (u + 128).astype(np.uint8)[inks[:, ::2]]
    seen[:, :, 1] = y.astype(np.uint8)[inks[:, ::2]]
    seen[:, :, 2] = (v + 128).astype(np.uint8)[inks[:, ::2]]
    seen[:, :, 3] = y.astype(np.uint8)[inks[:, 1::2]]
    return _bytes_of(buffer)
