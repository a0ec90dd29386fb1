"""Values between Python and the camera's Lua: nil, numbers, types and errors."""

from __future__ import annotations

from typing import Any

from chdkshell.lua.numbers import to_integer, wrap

Result = Any
"""None (no value), one value, or a tuple of values: None, bool, int, str, bytes, list, dict, and
Lua objects. NIL stands for a nil that is returned.
"""


class _Nil:
    """A nil that a function returns, where None is no value at all."""


NIL = _Nil()


class LuaError(Exception):
    """Raised as a Lua error with the line of the script's call."""


class ArgumentError(LuaError):
    """Raised as the firmware's error of a wrong argument `index`, counted from 1."""

    def __init__(self, index: int, message: str) -> None:
        super().__init__(message)
        self.index = index


def is_number(value: object) -> bool:
    """Whether `value` is a Lua number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def as_integer(value: object) -> int | None:
    """Return the 32-bit integer of a Lua number or numeric string, else None."""
    if isinstance(value, bytes):
        return to_integer(value.decode("latin-1"))
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return wrap(int(value))
    except (OverflowError, ValueError):
        return 0


def type_name(value: object) -> str:
    """Return the Lua type of a value that came from Lua."""
    if value is None:
        return "nil"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, bytes):
        return "string"
    if is_number(value):
        return "number"
    from lupa import lua51

    return lua51.lua_type(value) or "userdata"
