"""Frame buffers of the simulated camera: the scene and the overlay as bytes a decoder must take.

The part of a viewport that does not move is kept encoded, so that a frame costs little.
"""

from __future__ import annotations

from dataclasses import replace

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
        self._backdrop_of: scene.View | None = None
        self._backdrop = np.empty((0, 0, 3), np.float32)
        self._encoded = np.empty((0, 0, 0), np.uint8)

    def frame(self, view: scene.View) -> bytes:
        """Return the buffer with the scene as `view` sees it."""
        self._prepare(replace(view, seconds=0, clock=""))
        blocks = self._encoded.copy()
        light = self._backdrop
        for patch in scene.moving_parts(*self._size, view):
            pixels = BLOCKS[self._kind][0]
            left, right = patch.left // pixels, -(-patch.right // pixels)
            rows, columns = slice(patch.top, patch.bottom), slice(left * pixels, right * pixels)
            area = light[rows, columns].copy()
            scene.paint(area, patch, left * pixels, patch.top)
            blocks[rows, left:right] = encode_yuv(scene.to_display(area), self._kind)
        return blocks.tobytes()

    def picture(self, rgb: Bytes) -> bytes:
        """Return the buffer with a picture of its visible size."""
        return self._blocks(rgb).tobytes()

    def _blocks(self, rgb: Bytes) -> Bytes:
        pixels, size = BLOCKS[self._kind]
        height, width, _ = rgb.shape
        blocks = np.full((height, self._buffer_width // pixels, size), _UNSEEN, np.uint8)
        blocks[:, : width // pixels] = encode_yuv(rgb, self._kind)
        return blocks

    def _prepare(self, still: scene.View) -> None:
        """Draw and encode what does not move, unless that is done for this view."""
        if still == self._backdrop_of:
            return
        self._backdrop = scene.backdrop(*self._size, still)
        self._encoded = self._blocks(scene.to_display(self._backdrop))
        self._backdrop_of = still


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
    offset = 0x80 if kind is FrameBufferType.YUV8B else 0
    for place, difference in ((0, (blue - luma) / 1.772), (2, (red - luma) / 1.402)):
        mean = difference.reshape(height, -1, pixels).mean(axis=2)
        signed = np.clip(np.rint(mean), -128, 127).astype(np.int8)
        blocks[:, :, place] = signed.view(np.uint8) ^ offset
    return blocks


def coloured(inks: Bytes, values: bytes, buffer_width: int) -> bytes:
    """Return a buffer of one byte a pixel: `values` holds the byte of each ink."""
    buffer = np.full((inks.shape[0], buffer_width), _UNSEEN, np.uint8)
    buffer[:, : inks.shape[1]] = np.frombuffer(values, np.uint8).take(inks, mode="clip")
    return buffer.tobytes()


def yuv_overlay(inks: Bytes, buffer_width: int) -> bytes:
    """Return a YUV8B buffer of the overlay. A pair of pixels has the chroma of its first."""
    y, u, v = np.array([overlay.YUV[ink] for ink in Ink]).T
    buffer = np.full((inks.shape[0], buffer_width // 2, 4), _UNSEEN, np.uint8)
    seen = buffer[:, : inks.shape[1] // 2]
    seen[:, :, 0] = (u + 128).astype(np.uint8)[inks[:, ::2]]
    seen[:, :, 1] = y.astype(np.uint8)[inks[:, ::2]]
    seen[:, :, 2] = (v + 128).astype(np.uint8)[inks[:, ::2]]
    seen[:, :, 3] = y.astype(np.uint8)[inks[:, 1::2]]
    return buffer.tobytes()
