"""What Lua passes as arguments, checked as Lua's C functions check theirs.

Lua strings arrive as str of one character a byte. Numbers arrive as int where they are whole.
"""

from __future__ import annotations

import math
import os
from typing import Any, TypeVar

from chdkshell.hostlua.faults import WrongArgument, WrongCall

T = TypeVar("T")

WORD = 0xFFFFFFFF

NIL = (None,)
"""What functions return that give the value nil; None gives no value at all."""

LuaTable = Any
"""A table of Lua, as lupa gives it."""


class LuaObject:
    """What is userdata in Lua."""

    __slots__ = ()

    def __str__(self) -> str:
        return f"userdata: 0x{id(self):012x}"


def kind_of(value: object) -> str:
    """Return the Lua type of a value."""
    match value:
        case None:
            return "nil"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str() | bytes():
            return "string"
    return {"_LuaTable": "table", "_LuaFunction": "function"}.get(type(value).__name__, "userdata")


def is_table(value: object) -> bool:
    """Whether a value is a table of Lua."""
    return kind_of(value) == "table"


def data(value: object, index: int) -> bytes:
    """Return the bytes of a string, or of a number as Lua writes it."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode("latin-1")
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:.14g}".encode()
    raise WrongArgument(index, "string", kind_of(value))


def text(value: object, index: int) -> str:
    """Return a string as text."""
    return data(value, index).decode("utf-8", "surrogateescape")


def path(value: object, index: int) -> str:
    """Return a string that names a file of this computer."""
    return os.fsdecode(data(value, index))


def number(value: object, index: int, default: float | None = None) -> float:
    """Return a number; `default` in place of nil where there is one."""
    if value is None and default is not None:
        return default
    if isinstance(value, str | bytes):
        value = _parsed(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise WrongArgument(index, "number", kind_of(value))
    return value


def _parsed(value: str | bytes) -> object:
    words = value.decode("latin-1") if isinstance(value, bytes) else value
    try:
        return int(words, 0)
    except ValueError:
        pass
    try:
        return float(words)
    except ValueError:
        return value


def integer(value: object, index: int, default: int | None = None) -> int:
    """Return a number without what is behind its point."""
    found = number(value, index, default)
    return int(found) if math.isfinite(found) else 0


def word(value: object, index: int, default: int | None = None) -> int:
    """Return a number as the unsigned 32 bits that PTP carries."""
    return integer(value, index, default) & WORD


def instance(value: object, kind: type[T], index: int) -> T:
    """Return an object of this layer, such as an lbuf."""
    if not isinstance(value, kind):
        raise WrongArgument(index, kind.__name__, kind_of(value))
    return value


def table(value: object, index: int) -> LuaTable:
    """Return a table."""
    if not is_table(value):
        raise WrongArgument(index, "table", kind_of(value))
    return value


class Fields:
    """The fields of a table that stands for named arguments; nil stands for none."""

    def __init__(self, fields: object) -> None:
        if fields is not None and not is_table(fields):
            raise WrongCall("expected table")
        self._fields: LuaTable | None = fields

    def get(self, name: str) -> object:
        """Return a field, None for nil."""
        value: object = None if self._fields is None else self._fields[name]
        return value

    def integer(self, name: str, default: int | None = None) -> int:
        """Return a number; one without a default has to be there."""
        value = self.get(name)
        if value is None and default is not None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise WrongCall(f"invalid or missing number field '{name}'")
        return int(value)

    def data(self, name: str) -> bytes:
        """Return a string that has to be there."""
        value = self.get(name)
        if not isinstance(value, str | bytes):
            raise WrongCall(f"invalid or missing string field '{name}'")
        return data(value, 1)

    def choice(self, name: str, choices: tuple[str, ...], default: str | None = None) -> str:
        """Return one of some strings."""
        value = self.get(name)
        value = default if value is None else value
        if value not in choices:
            raise WrongCall(f"invalid option '{value}' in field '{name}'")
        return str(value)
