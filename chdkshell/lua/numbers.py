"""Numbers as the firmware's Lua reads them (lib/lua/llex.c, luaconf.h): integers of 32 bits."""

from __future__ import annotations

import re

MIN_INTEGER, MAX_INTEGER = -(1 << 31), (1 << 31) - 1

_INTEGER = re.compile(r"\s*([+-]?)(?:0[xX]([0-9A-Fa-f]+)|([0-9]+))\s*", re.ASCII)


def wrap(value: int) -> int:
    """Return `value` as a 32-bit two's complement integer."""
    return (value + 0x80000000) % 0x100000000 - 0x80000000


def to_integer(text: str) -> int | None:
    """Return the integer that the firmware reads from `text`, or None if it is none.

    Decimal numbers are read by strtol and clamped to 32 bits, hexadecimal ones by strtoul.
    """
    match = _INTEGER.fullmatch(text.partition("\0")[0])
    if match is None:
        return None
    sign, hexadecimal, decimal = match.groups()
    if hexadecimal is not None:
        value = int(hexadecimal, 16)
        if value > 0xFFFFFFFF:
            return -1
        return wrap(-value if sign == "-" else value)
    # A text of thousands of digits is more than `int` takes.
    digits = decimal.lstrip("0") or "0"
    value = int(digits) if len(digits) <= 10 else MAX_INTEGER + 1
    return max(MIN_INTEGER, min(MAX_INTEGER, -value if sign == "-" else value))
