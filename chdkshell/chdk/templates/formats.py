"""Format strings that users write: printf-style for values, strftime-style for times.

Both are checked before they are used. A format never reaches Python's own formatting as a whole:
each directive is taken apart, so a format can only do what is listed here.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Sequence

from chdkshell.errors import UsageError

Value = int | float | str

_DIRECTIVE = re.compile(r"%([-+ #0]*)([0-9]*)(?:\.([0-9]*))?(.?)", re.DOTALL)
_INTEGERS = "diouxXc"
_FLOATS = "eEfgG"
_DATE_DIRECTIVES = frozenset("aAbBcCdDeFgGhHIjmMnprRStTuUVwWxXyYzZ%")
"""What C99's strftime knows; anything else does as the host's library pleases."""

_WORD = 1 << 64


def check_format(text: str) -> int:
    """Return how many values the format `text` needs. Raises `UsageError` for a bad format."""
    return sum(_checked(match) != "%" for match in _DIRECTIVE.finditer(text))


def format_values(text: str, values: Sequence[Value]) -> str:
    """Return the format `text` filled with `values`, as Lua's string.format does.

    Numbers may be given as text, and text as numbers. Values left over are ignored. Raises
    `UsageError` for a bad format, too few values, and a value that is no number where it must be.
    """
    left = iter(values)

    def fill(match: re.Match[str]) -> str:
        conversion = _checked(match)
        if conversion == "%":
            return "%"
        value = next(left, None)
        if value is None:
            raise UsageError(f"format '{text}' needs {check_format(text)} values", "give it more")
        return _convert(match, conversion, value)

    return _DIRECTIVE.sub(fill, text)


def _checked(match: re.Match[str]) -> str:
    """Return the conversion character of a directive. Raises `UsageError` for what is not one."""
    flags, width, precision, conversion = match.groups()
    if match[0] == "%%":
        return "%"
    known = conversion and conversion in _INTEGERS + _FLOATS + "s"
    if conversion == "o" and "#" in flags:
        known = False  # C and Python differ
    if not known or len(flags) > 5 or len(width) > 2 or len(precision or "") > 2:
        raise UsageError(f"bad format '{match[0]}'", "like %d, %04d, %x, %.3f or %s; %% for a %")
    return conversion


def _convert(match: re.Match[str], conversion: str, value: Value) -> str:
    flags, width, precision, _ = match.groups()
    shape = f"%{flags}{width}{'' if precision is None else '.' + precision}"
    if conversion == "s":
        return f"{shape}s" % to_text(value)
    number = to_number(value)
    if conversion in _FLOATS:
        return f"{shape}{conversion}" % _as_float(number)
    if not math.isfinite(number):
        raise UsageError(f"'{value}' is not a whole number")
    whole = int(number)
    if conversion == "c":
        if not 0 < whole < 0x80:
            raise UsageError(f"{whole} is no character code", "1 to 127")
        return f"{shape}s" % chr(whole)
    if conversion in "ouxX":
        whole %= _WORD
    return f"{shape}{conversion}" % whole


def _as_float(number: float) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf


def to_number(value: Value) -> int | float:
    """Return `value` as a number, as Lua reads numbers. Raises `UsageError` where it is none."""
    if not isinstance(value, str):
        return value
    text = value.strip(" \t\n\v\f\r")
    if re.fullmatch(r"[+-]?[0-9]{1,400}", text):
        return int(text)
    if re.fullmatch(r"[+-]?0[xX][0-9a-fA-F]{1,400}", text):
        return int(text, 16)
    if re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?", text):
        return float(text)
    raise UsageError(f"'{value}' is not a number")


def to_text(value: Value) -> str:
    """Return `value` as Lua's tostring writes it."""
    return f"{value:.14g}" if isinstance(value, float) else str(value)


def check_date_format(text: str) -> None:
    """Raise `UsageError` unless `text` is a strftime format (with "!" before it for UTC)."""
    position = 0
    while (position := text.find("%", position)) >= 0:
        directive = text[position : position + 2]
        if directive[1:] not in _DATE_DIRECTIVES or len(directive) < 2:
            raise UsageError(f"bad date format '{directive}'", "like %Y%m%d_%H%M%S; %% for a %")
        position += 2


def format_date(text: str, timestamp: float) -> str:
    """Return `timestamp` (seconds since 1970, UTC) in local time, or in UTC after a "!".

    Raises `UsageError` for a bad format, or a time that the host's calendar does not reach.
    """
    utc = text.startswith("!")
    text = text.removeprefix("!")
    check_date_format(text)
    try:
        moment = time.gmtime(timestamp) if utc else time.localtime(timestamp)
    except (OverflowError, OSError, ValueError):
        raise UsageError(f"{timestamp} is no time that can be shown") from None
    # One directive at a time: what stands between them may not survive strftime's encoding.
    return re.sub("%.", lambda match: time.strftime(match[0], moment), text, flags=re.DOTALL)
