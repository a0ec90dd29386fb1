"""Pictures in a terminal: two pixels in each character, in the colours of 24 bits."""

from __future__ import annotations

import io
from collections.abc import Sequence

from rich.color import Color
from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.style import Style
from rich.text import Text

from chdkshell.errors import printable
from chdkshell.shell.results import Thumbnail

WIDTH, HEIGHT = 32, 24
"""Pixels of a picture, at most; HEIGHT is even."""

_UPPER_HALF = "\u2580"


def thumbnail_sheet(pictures: Sequence[Thumbnail]) -> RenderableType:
    """Return pictures side by side, each with its name."""
    return Columns([_picture(picture) for picture in pictures], padding=(1, 2))


def _picture(picture: Thumbnail) -> Group:
    name = printable(picture.entry.name.rpartition("/")[2])
    drawn = _draw(picture.jpeg) if picture.jpeg is not None else None
    return Group(drawn or Text("no thumbnail", style="dim"), Text(name[:WIDTH]))


def _draw(jpeg: bytes) -> Text | None:
    from PIL import Image

    try:
        with Image.open(io.BytesIO(jpeg)) as image:
            small = image.convert("RGB")
        small.thumbnail((WIDTH, HEIGHT))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None
    width, height = small.size
    pixels = small.tobytes()
    text = Text()
    for y in range(0, height - height % 2, 2):
        for x in range(width):
            upper, lower = (_colour(pixels, row * width + x) for row in (y, y + 1))
            text.append(_UPPER_HALF, Style(color=upper, bgcolor=lower))
        text.append("\n")
    return text


def _colour(pixels: bytes, index: int) -> Color:
    red, green, blue = pixels[3 * index : 3 * index + 3]
    return Color.from_rgb(red, green, blue)
