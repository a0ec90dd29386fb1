"""The pictures of a frame of the live view that must be there."""

from typing import Any

from numpy.typing import NDArray

from chdkshell.chdk.imaging.liveview import Frame


def viewport_of(frame: Frame) -> NDArray[Any]:
    """Return the viewport's pixels, RGB."""
    picture = frame.viewport_rgb()
    assert picture is not None
    return picture


def bitmap_of(frame: Frame) -> NDArray[Any]:
    """Return the overlay's pixels, RGBA."""
    picture = frame.bitmap_rgba()
    assert picture is not None
    return picture
