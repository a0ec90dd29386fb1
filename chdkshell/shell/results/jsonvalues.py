"""Values in terms that JSON has."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any


def to_json(value: object) -> Any:
    """Return `value` in terms that JSON has. Bytes become text with `\\x` escapes."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case bytes() | bytearray():
            return bytes(value).decode("utf-8", "backslashreplace")
        case enum.Enum():
            return value.name.lower()
        case Mapping():
            return {k if isinstance(k, str) else str(k): to_json(v) for k, v in value.items()}
        case tuple() if hasattr(value, "_asdict"):
            return to_json(value._asdict())
        case list() | tuple():
            return [to_json(item) for item in value]
        case _:
            json = getattr(value, "json", None)  # a result has its own form
            return fields(value) if json is None else json()


def fields(value: Any) -> dict[str, Any]:
    """Return the fields of a dataclass."""
    import dataclasses  # takes longer to import than a command of few results to run

    return {f.name: to_json(getattr(value, f.name)) for f in dataclasses.fields(value)}
