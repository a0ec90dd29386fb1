"""Numbers as the firmware's Lua reads them (lib/lua/llex.c, luaconf.h), and the source's lines.

Text is Latin-1: one character a byte.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from chdkshell.chdk.luatokens import TOKEN

INT_MAX = 0x7FFFFFFF
INT_MIN = -0x80000000

_NESTED = re.compile(r"\[\[.*?\[\[", re.DOTALL)
_NEWLINE = re.compile(r"\r\n|\n\r|\r|\n")
_INTEGER = re.compile(r"\s*([+-]?)(?:0[xX]([0-9A-Fa-f]+)|([0-9]+))\s*", re.ASCII)


def without_nesting(source: str) -> str:
    """Return `source` with no `[[` inside of `[[ ]]`: only the firmware's compiler takes that."""
    if not _NESTED.search(source):
        return source
    parts = []
    position = 0
    while match := TOKEN.match(source, position):
        parts.append(_raised(match[0]))
        position = match.end()
    return "".join(parts) + source[position:]


def _raised(token: str) -> str:
    """Return a long string or comment of level 0 at a level that its text does not disturb."""
    start = token.find("[[")
    if token[:start] not in ("", "--") or "[[" not in token[start + 2 :]:
        return token
    level = "="
    while f"]{level}]" in token or f"[{level}[" in token:
        level += "="
    return f"{token[:start]}[{level}[{token[start + 2 : -2]}]{level}]"


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
    value = int(digits) if len(digits) <= 10 else INT_MAX + 1
    return max(INT_MIN, min(INT_MAX, -value if sign == "-" else value))


class Lines:
    """Line numbers of positions in a source."""

    def __init__(self, source: str) -> None:
        self._ends = [match.end() for match in _NEWLINE.finditer(source)]

    def at(self, position: int) -> int:
        """Return the line of `position`, counted from 1."""
        return bisect_right(self._ends, position) + 1
