"""lbuf: bytes that Lua programs read and change in place. Offsets count from 0, places from 1."""

from __future__ import annotations

import struct
from collections.abc import Callable

from chdkshell.hostlua import arguments
from chdkshell.hostlua.arguments import NIL, LuaObject, data, instance, integer, kind_of
from chdkshell.hostlua.faults import WrongCall

MOST_VALUES = 200_000
"""How many values a function returns at most: Lua's stack has room for a million."""


class Lbuf(LuaObject):
    """A buffer. Its bytes may be replaced as a whole, as live view does for each frame."""

    def __init__(self, content: bytes | bytearray) -> None:
        self.content = bytearray(content)

    def __len__(self) -> int:
        return len(self.content)


def new(content: object = None) -> Lbuf:
    """Return a buffer with a string's bytes, or with as many zeros as a number says."""
    if isinstance(content, str | bytes):
        return Lbuf(data(content, 1))
    if isinstance(content, int | float) and not isinstance(content, bool) and content >= 0:
        return Lbuf(bytes(int(content)))
    raise WrongCall("invalid argument")


def is_lbuf(value: object = None) -> bool:
    """Whether a value is a buffer."""
    return isinstance(value, Lbuf)


def reused(buffer: object, content: bytes) -> Lbuf:
    """Return `content` in a buffer that had its size before, else in a new one."""
    if isinstance(buffer, Lbuf) and len(buffer) == len(content):
        buffer.content[:] = content
        return buffer
    return Lbuf(content)


def length(buffer: object) -> int:
    """Return how many bytes there are."""
    return len(instance(buffer, Lbuf, 1))


def _range(buffer: Lbuf, start: int, end: int) -> slice:
    """Return the part from place `start` to `end`, counted from the end where negative."""
    size = len(buffer)
    start, end = (max(place + size + 1, 0) if place < 0 else place for place in (start, end))
    return slice(max(start - 1, 0), max(min(end, size), 0))


def string(buffer: object, start: object = None, end: object = None) -> bytes:
    """Return a part as a string, as string.sub does."""
    lb = instance(buffer, Lbuf, 1)
    return bytes(lb.content[_range(lb, integer(start, 2, 1), integer(end, 3, len(lb)))])


def sub(buffer: object, start: object = None, end: object = None) -> Lbuf:
    """Return a part as a buffer of its own."""
    return Lbuf(string(buffer, start, end))


def byte(buffer: object, start: object = None, end: object = None) -> tuple[int | None, ...]:
    """Return bytes as numbers, as string.byte does; nil where there are none."""
    lb = instance(buffer, Lbuf, 1)
    first = integer(start, 2, 1)
    values = lb.content[_range(lb, first, integer(end, 3, first))]
    _require_room(len(values))
    return tuple(values) or NIL


def _require_room(count: int) -> None:
    if count > MOST_VALUES:
        raise WrongCall("insufficient stack space")


def _offset(value: object) -> int:
    offset = integer(value, 2, 0)
    if offset < 0:
        raise WrongCall("negative offset not allowed")
    return offset


def getter(code: str) -> Callable[..., tuple[int, ...]]:
    """Return get_i8 and its like, for a code of `struct`."""
    size = struct.calcsize(f"<{code}")

    def get(buffer: object, offset: object = None, count: object = None) -> tuple[int, ...]:
        lb = instance(buffer, Lbuf, 1)
        start, wanted = _offset(offset), integer(count, 3, 1)
        most = max(len(lb) - start, 0) // size
        wanted = most if wanted < 0 else min(wanted, most)
        _require_room(wanted)
        return struct.unpack_from(f"<{wanted}{code}", lb.content, min(start, len(lb)))

    return get


def setter(code: str) -> Callable[..., int]:
    """Return set_i8 and its like: what does not fit any more is left out."""
    size = struct.calcsize(f"<{code}")

    def set_(buffer: object, offset: object = None, *values: object) -> int:
        lb = instance(buffer, Lbuf, 1)
        start = _offset(offset)
        fitting = values[: max(len(lb) - start, 0) // size]
        for index, value in enumerate(fitting):
            whole = integer(value, 3 + index) if kind_of(value) in ("number", "string") else 0
            struct.pack_into(
                f"<{code.upper()}",
                lb.content,
                start + index * size,
                whole & ((1 << 8 * size) - 1),
            )
        return len(fitting)

    return set_


def reverse_bytes(buffer: object) -> None:
    """Swap the two bytes of every 16-bit word."""
    content = instance(buffer, Lbuf, 1).content
    even = len(content) & ~1
    content[0:even:2], content[1:even:2] = content[1:even:2], content[0:even:2]


def fill(buffer: object, pattern: object, offset: object = None, count: object = None) -> int:
    """Write a pattern `count` times, or up to the end. Returns how many bytes were written."""
    lb = instance(buffer, Lbuf, 1)
    if isinstance(pattern, Lbuf):
        unit = bytes(pattern.content)
    elif isinstance(pattern, str | bytes):
        unit = data(pattern, 2)
    else:
        raise WrongCall("invalid argument")
    start = arguments.word(offset, 3, 0)
    if not unit or start >= len(lb):
        return 0
    room = len(lb) - start
    times = min(arguments.word(count, 4, room), room // len(unit) + 1)
    written = (unit * times)[:room]
    lb.content[start : start + len(written)] = written
    return len(written)


def put(buffer: object, offset: object, content: object) -> None:
    """Write a string at an offset; what a buffer reads from a file comes by this."""
    lb = instance(buffer, Lbuf, 1)
    start, part = integer(offset, 2), data(content, 3)
    lb.content[start : start + len(part)] = part


METHODS: dict[str, Callable[..., object]] = {
    "len": length,
    "string": string,
    "sub": sub,
    "byte": byte,
    "reverse_bytes": reverse_bytes,
    "fill": fill,
    **{f"get_{name}": getter(code) for name, code in zip(("i8", "i16", "i32"), "bhi", strict=True)},
    **{f"get_{name}": getter(code) for name, code in zip(("u8", "u16", "u32"), "BHI", strict=True)},
    **{f"set_{name}": setter(code) for name, code in zip(("i8", "i16", "i32"), "bhi", strict=True)},
    **{f"set_{name}": setter(code) for name, code in zip(("u8", "u16", "u32"), "BHI", strict=True)},
}
"""What can be called on a buffer, beside fread and fwrite, which use files of Lua (core.lua)."""
