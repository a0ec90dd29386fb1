"""rawimg: the pixels of raw frames that lie in an lbuf.

A row is a stream of pixels, most significant bit first, in 16-bit words: the words are little- or
big-endian. Frames of 8 bits have bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from chdkshell.chdk.imaging.rawimage import BLUE, GREEN, RED, Area
from chdkshell.hostlua.arguments import NIL, Fields, LuaObject, instance, is_table, table, word
from chdkshell.hostlua.buffers import Lbuf
from chdkshell.hostlua.faults import WrongCall

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint16]

ORDERS = ("little", "big")

_BLOCKS = {
    ("little", 8): 1,
    ("big", 8): 1,
    ("little", 10): 8,
    ("big", 10): 4,
    ("little", 12): 4,
    ("big", 12): 2,
    ("little", 14): 8,
    ("big", 14): 4,
    ("little", 16): 1,
    ("big", 16): 1,
}
"""The fewest pixels of each format that fill whole words or bytes."""


@dataclass(frozen=True, slots=True)
class RawImage(LuaObject):
    """A frame in a buffer."""

    buffer: Lbuf
    offset: int
    width: int
    height: int
    bits: int
    order: str
    colours: bytes
    active: Area
    black: int

    @property
    def row_bytes(self) -> int:
        """Bytes of one row."""
        return self.width * self.bits // 8

    def __contains__(self, place: tuple[int, int]) -> bool:
        return place[0] < self.width and place[1] < self.height

    def _window(self, x: int, y: int) -> tuple[list[int], int, int]:
        """Return the bytes that hold a pixel, in the order of the stream, and its bits there."""
        swapped = self.bits != 8 and self.order == "little"
        first = x * self.bits // 8
        last = ((x + 1) * self.bits - 1) // 8
        row = self.offset + y * self.row_bytes
        places = [row + (at ^ 1 if swapped else at) for at in range(first, last + 1)]
        below = 8 * (last + 1) - (x + 1) * self.bits
        return places, below, (1 << self.bits) - 1

    def get(self, x: int, y: int) -> int:
        """Return a pixel of the frame."""
        places, below, mask = self._window(x, y)
        value = 0
        for place in places:
            value = value << 8 | self.buffer.content[place]
        return value >> below & mask

    def set(self, x: int, y: int, value: int) -> None:
        """Change a pixel of the frame."""
        places, below, mask = self._window(x, y)
        held = 0
        for place in places:
            held = held << 8 | self.buffer.content[place]
        held = held & ~(mask << below) | (value & mask) << below
        for place in reversed(places):
            self.buffer.content[place] = held & 0xFF
            held >>= 8

    def rows(self, first: int, last: int) -> Pixels:
        """Return the pixels of some rows."""
        import numpy as np

        start = self.offset + first * self.row_bytes
        part = bytes(self.buffer.content[start : start + (last - first) * self.row_bytes])
        raw = np.frombuffer(_swapped(part, self), np.uint8)
        bits = np.unpackbits(raw).reshape(-1, self.width, self.bits)
        padded = np.zeros((*bits.shape[:2], 16), np.uint8)
        padded[:, :, 16 - self.bits :] = bits
        values = np.packbits(padded, axis=2).view(">u2")[:, :, 0]
        return values.astype(np.uint16)

    def put_rows(self, first: int, pixels: Pixels) -> None:
        """Change all pixels of some rows."""
        import numpy as np

        spread = np.unpackbits(pixels.astype(">u2").view(np.uint8)).reshape(-1, self.width, 16)
        packed = np.packbits(spread[:, :, 16 - self.bits :].reshape(len(pixels), -1), axis=1)
        start = self.offset + first * self.row_bytes
        content = _swapped(packed.tobytes(), self)
        self.buffer.content[start : start + len(content)] = content


def _swapped(content: bytes, image: RawImage) -> bytes:
    if image.bits == 8 or image.order == "big":
        return content
    from chdkshell.chdk.imaging.rawimage import swap_words

    return swap_words(content)


BAND = 64
"""Rows that are worked on at a time."""


def bind_lbuf(spec: object = None) -> RawImage:
    """Return the frame that lies in the lbuf `data`, described by the other fields."""
    if not is_table(spec):
        raise WrongCall("expected table")
    fields = Fields(spec)
    buffer = fields.get("data")
    if not isinstance(buffer, Lbuf):
        raise WrongCall("invalid or missing lbuf field 'data'")
    width, height = fields.integer("width"), fields.integer("height")
    bits, order = fields.integer("bpp"), fields.choice("endian", ORDERS)
    colours = bytes(4) if fields.get("cfa_pattern") is None else fields.data("cfa_pattern")
    if len(colours) != 4:
        raise WrongCall("unknown cfa pattern")
    _require_format(width, bits, order)
    offset = fields.integer("data_offset", 0)
    image = RawImage(
        *(buffer, offset, width, height, bits, order, colours),
        _active(fields.get("active_area"), width, height),
        fields.integer("black_level", 0),
    )
    if offset < 0 or height < 0 or offset + image.row_bytes * height > len(buffer):
        raise WrongCall("size larger than data")
    return image


def _require_format(width: int, bits: int, order: str) -> None:
    if (order, bits) not in _BLOCKS:
        raise WrongCall("unknown format")
    if width <= 0 or width % _BLOCKS[order, bits]:
        raise WrongCall("width not a multiple of block size")


def _active(area: object, width: int, height: int) -> Area:
    if not is_table(area):
        return Area(0, 0, height, width)
    fields = Fields(area)
    found = Area(*(fields.integer(side) for side in ("top", "left", "bottom", "right")))
    if found.top >= found.bottom:
        raise WrongCall("active top >= bottom")
    if found.left >= found.right:
        raise WrongCall("active left >= right")
    if found.right > width:
        raise WrongCall("active right > width")
    if found.bottom > height:
        raise WrongCall("active bottom > height")
    if found.top < 0 or found.left < 0:
        raise WrongCall("active area outside of the image")
    return found


def get_pixel(image: object, x: object, y: object) -> int | tuple[None]:
    """Return a pixel, nil outside of the frame."""
    raw, place = instance(image, RawImage, 1), (word(x, 2), word(y, 3))
    return raw.get(*place) if place in raw else NIL


def set_pixel(image: object, x: object, y: object, value: object) -> None:
    """Change a pixel; outside of the frame nothing happens."""
    raw, place = instance(image, RawImage, 1), (word(x, 2), word(y, 3))
    if place in raw:
        raw.set(*place, word(value, 4))


def make_rgb_thumb(image: object, width: object, height: object) -> Lbuf:
    """Return a small picture of the active area, a pixel of the frame for each of its colours."""
    import numpy as np

    raw, across, down = instance(image, RawImage, 1), word(width, 2), word(height, 3)
    area = raw.active
    if across > area.width or down > area.height:
        raise WrongCall("thumb cannot be larger than active area")
    if not across or not down:
        raise WrongCall("zero dimensions not allowed")
    places = {colour: raw.colours.rfind(bytes([colour])) for colour in (RED, GREEN, BLUE)}
    columns = (area.left + np.arange(across) * area.width // across) & ~1
    thumb = np.zeros((down, across, 3), np.uint8)
    for row in range(down):
        top = (area.top + row * area.height // down) & ~1
        pair = raw.rows(top, min(top + 2, raw.height))
        for channel, place in enumerate(places.values()):
            x, y = max(place, 0) & 1, max(place, 0) >> 1
            line = pair[min(y, len(pair) - 1)]
            thumb[row, :, channel] = line[np.minimum(columns + x, raw.width - 1)] >> (raw.bits - 8)
    return Lbuf(thumb.tobytes())


def patch_pixels(image: object, bad_value: object = None) -> int:
    """Replace pixels of at most `bad_value`; return how many had neighbours to take it from."""
    import numpy as np

    raw, threshold, count = instance(image, RawImage, 1), word(bad_value, 2, 0), 0
    area = raw.active
    for first in range(area.top, area.bottom, BAND):
        rows = raw.rows(first, min(first + BAND, area.bottom))
        bad = np.argwhere(rows[:, area.left : area.right] <= threshold)
        for row, column in bad.tolist():
            count += _patch(raw, column + area.left, row + first)
    return count


def _patch(raw: RawImage, x: int, y: int) -> bool:
    """Set a pixel to the mean of its good neighbours of the same colour."""
    green = raw.colours[(x & 1) + 2 * (y & 1)] == GREEN
    steps = ((-1, -1), (1, -1), (-1, 1), (1, 1)) if green else ((-2, 0), (2, 0), (0, -2), (0, 2))
    around = [(x + dx, y + dy) for dx, dy in steps]
    values = [raw.get(*at) for at in around if min(at) >= 0 and at in raw]
    good = [value for value in values if value > raw.black]
    if good:
        raw.set(x, y, sum(good) // len(good))
    return bool(good)


def convert(image: object, options: object = None) -> tuple[RawImage, Lbuf]:
    """Return the frame in another format, and the buffer that it lies in."""
    import numpy as np

    raw, fields = instance(image, RawImage, 1), Fields(table(options, 2))
    bits, order = fields.integer("bpp"), fields.choice("endian", ORDERS)
    up = fields.choice("valupmod", ("no", "shift"), "no") == "shift"
    down = fields.choice("valdownmod", ("no", "shift"), "shift") == "shift"
    less = raw.bits - bits
    shift = less if (down if less > 0 else up) else 0
    _require_format(raw.width, bits, order)
    size = raw.width * bits // 8 * raw.height
    buffer = fields.get("lbuf")
    if buffer is None:
        buffer = Lbuf(bytes(size))
    if not isinstance(buffer, Lbuf) or len(buffer) != size:
        raise WrongCall("lbuf size mismatched")
    black = raw.black >> shift if shift >= 0 else raw.black << -shift
    made = replace(raw, buffer=buffer, offset=0, bits=bits, order=order, black=black)
    for first in range(0, raw.height, BAND):
        rows = raw.rows(first, min(first + BAND, raw.height))
        made.put_rows(
            first, np.right_shift(rows, shift) if shift >= 0 else np.left_shift(rows, -shift)
        )
    return made, buffer


def row(image: object, y: object) -> bytes | tuple[None]:
    """Return a row's pixels, two bytes each, the high one first; ahead.lua takes them apart."""
    raw, number = instance(image, RawImage, 1), word(y, 2)
    if number >= raw.height:
        return NIL
    return raw.rows(number, number + 1).astype(">u2").tobytes()


METHODS: dict[str, Callable[..., object]] = {
    "row": row,
    "get_pixel": get_pixel,
    "set_pixel": set_pixel,
    "width": lambda image=None: instance(image, RawImage, 1).width,
    "height": lambda image=None: instance(image, RawImage, 1).height,
    "bpp": lambda image=None: instance(image, RawImage, 1).bits,
    "endian": lambda image=None: instance(image, RawImage, 1).order,
    "cfa_pattern": lambda image=None: instance(image, RawImage, 1).colours,
    "make_rgb_thumb": make_rgb_thumb,
    "patch_pixels": patch_pixels,
    "convert": convert,
}
"""What can be called on a frame."""

FUNCTIONS: dict[str, Callable[..., object]] = {"bind_lbuf": bind_lbuf}
"""The library rawimg."""
