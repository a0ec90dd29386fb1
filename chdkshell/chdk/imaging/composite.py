"""A live view frame as the camera's LCD shows it: viewport and overlay in place, square pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chdkshell.chdk.imaging.framebuffers import FrameBuffer, LcdAspect
from chdkshell.chdk.imaging.liveview import Frame
from chdkshell.errors import LiveViewError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

MAX_SCREEN = 4096
"""Pixels of an LCD's longer side that make sense; margins come from the camera."""

_RATIOS = {
    LcdAspect.RATIO_4_3: (4, 3),
    LcdAspect.RATIO_16_9: (16, 9),
    LcdAspect.RATIO_3_2: (3, 2),
}


def display_size(frame: Frame) -> tuple[int, int]:
    """Return width and height of the LCD in square pixels, so that no column or row is lost.

    A viewport of 720x240 on a 4:3 LCD gives 720x540: its pixels are twice as high as wide and a
    bit more. Raises `LiveViewError` for an unknown LCD aspect, an LCD of impossible size, and a
    frame without pictures.
    """
    shown = _pictures(frame)
    try:
        across, down = _RATIOS[LcdAspect(frame.lcd_aspect)]
    except ValueError:
        raise LiveViewError(f"live view: unknown LCD aspect {frame.lcd_aspect}") from None
    columns, rows = shown[0].screen_width, shown[0].screen_height
    height = max(rows, round(columns * down / across))
    width = max(columns, round(height * across / down))
    if any(max(b.screen_width, b.screen_height, width, height) > MAX_SCREEN for b in shown):
        raise LiveViewError(f"live view: no LCD has {columns}x{rows} pixels")
    return width, height


def composite(frame: Frame, *, overlay: bool = True) -> NDArray[np.uint8]:
    """Return the screen as (height, width, 3) RGB bytes in the size of `display_size`.

    What no buffer covers is black. `overlay` False leaves the bitmap out where there is a
    viewport. Raises `LiveViewError` like `display_size` and the decoding.
    """
    import numpy as np
    from PIL import Image

    size = display_size(frame)
    screen = Image.new("RGB", size)
    viewport = frame.viewport_rgb()
    if viewport is not None and frame.viewport is not None:
        box = _place(frame.viewport, size)
        screen.paste(_scaled(Image.fromarray(viewport), box), box[:2])
    if frame.bitmap is not None and (overlay or viewport is None):
        bitmap = frame.bitmap_rgba()
        if bitmap is not None:
            box = _place(frame.bitmap, size)
            layer = _scaled(Image.fromarray(bitmap), box)
            screen.paste(layer, box[:2], layer)
    return np.array(screen)


def _pictures(frame: Frame) -> list[FrameBuffer]:
    """Return the buffers that have pictures, the one that rules the size first."""
    buffers = (frame.viewport, frame.bitmap)
    shown = [b for b in buffers if b is not None and b.has_picture]
    if not shown:
        raise LiveViewError(
            "live view: the frame has no picture", "is the camera's display switched on?"
        )
    return shown


def _place(buffer: FrameBuffer, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return left, top, right, bottom of a buffer's picture on a screen of `size`."""
    across = size[0] / buffer.screen_width
    down = size[1] / buffer.screen_height
    left, top = max(buffer.margin_left, 0), max(buffer.margin_top, 0)
    return (
        round(left * across),
        round(top * down),
        round((left + buffer.width) * across),
        round((top + buffer.height) * down),
    )


def _scaled(image: Image, box: tuple[int, int, int, int]) -> Image:
    from PIL.Image import Resampling

    # A picture of a few pixels in wide margins may round to nothing.
    size = (max(box[2] - box[0], 1), max(box[3] - box[1], 1))
    return image if image.size == size else image.resize(size, Resampling.BILINEAR)
