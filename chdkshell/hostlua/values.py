"""Values of the host's Lua as values for programs."""

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
