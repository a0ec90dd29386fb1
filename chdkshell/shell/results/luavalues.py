"""Values of a Lua session for people to read: long tables over several lines, text as text."""

from __future__ import annotations

from collections.abc import Iterator

from chdkshell.chdk.luasession import Described
from chdkshell.lua.literals import key_text, serialize

_ENDLESS = 1 << 30
_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}


def values_text(values: tuple[object, ...], width: int) -> str:
    """Return values as Lua writes them, on one line where they are short."""
    texts = [_text(value, width) for value in values]
    return ("\n" if any("\n" in text for text in texts) else "\t").join(texts)


def _text(value: object, width: int, indent: int = 0, beside: int = 0) -> str:
    """Return one value; `beside` it in its line are so many other characters."""
    if isinstance(value, Described):
        return value.text
    if isinstance(value, str):
        return '"' + "".join(map(_character, value)) + '"'
    if not isinstance(value, list | dict):
        return serialize(value)
    fields = list(_fields(value))
    flat = "{" + ", ".join(key + _text(item, _ENDLESS) for key, item in fields) + "}"
    if indent + beside + len(flat) <= width:
        return flat
    inner = indent + 2
    lines = [f"{' ' * inner}{k}{_text(v, width, inner, len(k) + 1)}," for k, v in fields]
    return "\n".join(["{", *lines, " " * indent + "}"])


def _fields(table: list[object] | dict[object, object]) -> Iterator[tuple[str, object]]:
    """Yield the values of a table with what stands before each: first those at 1, 2, 3 ..."""
    if isinstance(table, list):
        yield from (("", value) for value in table)
        return
    numbers = {key for key in table if type(key) is int}  # True is no 1 here
    first = 0
    while first + 1 in numbers:
        first += 1
        yield "", table[first]
    for key, value in table.items():
        if type(key) is not int or not 1 <= key <= first:
            yield f"{key_text(key)[:-1]} = ", value


def _character(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char.isprintable():
        return char
    return "".join(f"\\{byte:03d}" for byte in char.encode("utf-8", "surrogateescape"))
