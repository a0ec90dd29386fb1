"""The one font of the simulated camera: on its screens, and on the board before its lens."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont, ImageFont


@lru_cache(maxsize=8)
def font(size: float) -> FreeTypeFont | ImageFont:
    """Return the font for letters of `size` pixels. To load it takes longer than to write."""
    from PIL import ImageFont

    return ImageFont.load_default(size)
