"""Values of the host's Lua as Python values, and as Lua writes them."""

from __future__ import annotations

from typing import Any

from chdkshell.hostlua.arguments import is_table, kind_of

MAX_DEPTH = 20

Plain = Any
"""None, bool, int, float, str, list or dict of such."""


def to_plain(value: object, depth: int = 0) -> Plain:
    """Return a value for programs: tables 1..n as lists; what is no data as its type's name."""
    if isinstance(value, str):
        return value.encode("latin-1").decode("utf-8", "backslashreplace")
    if value is None or isinstance(value, bool | int | float):
        return value
    if not is_table(value):
        return f"<{kind_of(value)}>"
    if depth >= MAX_DEPTH:
        return "<table>"
    table: Any = value
    items = {key: to_plain(item, depth + 1) for key, item in table.items()}
    numbers = sorted(key for key in items if type(key) is int)
    if items and numbers == list(range(1, len(items) + 1)):
        return [items[number] for number in numbers]
    return {str(to_plain(key, depth + 1)): item for key, item in items.items()}


def to_text(value: object, indent: int = 0) -> str:
    """Return a value as Lua writes it; tables over several lines, a field in each."""
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, float):
        return f"{value:.14g}"
    if value is None or isinstance(value, bool | int):
        return "nil" if value is None else str(value).lower()
    if not is_table(value):
        return f'"{kind_of(value)}"'
    if indent >= MAX_DEPTH:
        return '"table"'
    table: Any = value
    space = " " * (indent + 1)
    lines = [f"{space}{_key(key)}={to_text(item, indent + 1)}," for key, item in _sorted(table)]
    return "\n".join(["{", *lines, f"{' ' * indent}}}"]) if lines else "{\n" + " " * indent + "}"


def _sorted(table: Any) -> list[tuple[Any, Any]]:
    """Return the fields: numbers in their order first, then the others as they come."""
    items = list(table.items())
    numbers = sorted((item for item in items if _is_number(item[0])), key=lambda item: item[0])
    return numbers + [item for item in items if not _is_number(item[0])]


def _is_number(key: object) -> bool:
    return isinstance(key, int | float) and not isinstance(key, bool)


def _key(key: object) -> str:
    if isinstance(key, str) and key.isidentifier() and key.isascii():
        return key
    return f"[{to_text(key, MAX_DEPTH)}]"


_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\0": "\\000"}


def _quoted(value: str) -> str:
    escaped = "".join(_ESCAPES.get(char, char) for char in value)
    text = escaped.encode("latin-1").decode("utf-8", "backslashreplace")
    return f'"{text}"'
