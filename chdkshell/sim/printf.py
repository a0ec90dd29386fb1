"""C's printf, as far as the firmware's procedures have it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

Argument = int | bytes
"""What a native function is given: a number, or a text."""

_SPEC = re.compile(rb"%([-+ #0]*(?:\d{1,3})?(?:\.\d{1,3})?)[hl]*([diuxXocsp%])")
"""Widths have three digits at most, so that none takes up the host's memory."""

_UNSIGNED = 0xFFFFFFFF


def formatted(form: bytes, values: Iterable[Argument], text_at: Callable[[int], bytes]) -> bytes:
    """Return what printf makes of `form`. Values that are missing are 0.

    `text_at` gives the text at an address, which is what `%s` is given when it is a number.
    """
    rest = iter(values)

    def one(match: re.Match[bytes]) -> bytes:
        flags, kind = match[1], match[2]
        if kind == b"%":
            return kind
        value = next(rest, 0)
        if kind == b"s":
            return (b"%" + flags + kind) % (value if isinstance(value, bytes) else text_at(value))
        number = 0 if isinstance(value, bytes) else value
        if kind in b"di":
            return (b"%" + flags + b"d") % number
        if kind == b"c":
            return (b"%" + flags + kind) % (number & 0xFF)
        return (b"%" + flags + {b"u": b"d", b"p": b"x"}.get(kind, kind)) % (number & _UNSIGNED)

    return _SPEC.sub(one, form.partition(b"\0")[0])
