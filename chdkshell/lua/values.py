"""Lua values as Python has them.

| Lua | Python |
|---|---|
| nil, boolean | None, bool |
| number | int, 32 bits, signed (the camera's Lua has no other numbers) |
| string | str where its bytes are UTF-8, else bytes |
| table with the keys 1..n | list |
| empty table | empty list |
| other table | dict with bool, int, str and bytes keys |

A value that is nil has no entry in a table, so `{a=nil}` is an empty one. Strings that were given
as bytes come back as str where they happen to be UTF-8.
"""

from __future__ import annotations

from typing import TypeAlias, Union

from chdkshell.errors import LuaDataError


class LuaUnsupported:
    """Stands for a value that a camera cannot send, such as a function."""

    __slots__ = ("type_name",)

    def __init__(self, type_name: str) -> None:
        self.type_name = type_name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LuaUnsupported) and other.type_name == self.type_name

    def __hash__(self) -> int:
        return hash(self.type_name)

    def __repr__(self) -> str:
        return f"LuaUnsupported({self.type_name!r})"


LuaKey: TypeAlias = bool | int | str | bytes
LuaValue: TypeAlias = Union[  # noqa: UP007 - names in quotes cannot be joined with |
    bool, int, str, bytes, LuaUnsupported, list["LuaValue"], dict[LuaKey, "LuaValue"], None
]


def decode_string(data: bytes) -> str | bytes:
    """Return a Lua string as str where its bytes are UTF-8, and as it is where they are not."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data


def encode_string(text: str | bytes) -> bytes:
    """Return the bytes of a Lua string: UTF-8, and single bytes where `text` has surrogates.

    Raises `LuaDataError` for text that stands for no bytes.
    """
    if isinstance(text, bytes):
        return text
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise LuaDataError(f"the text {text[:40]!r} cannot be encoded") from None


# ---- text to value ------------------------------------------------------------------------------

# No part of these patterns gives back what it took: a text is read once, or twice. A group that
# captures is not possessive, though: Python up to 3.11.4 gets those wrong.
