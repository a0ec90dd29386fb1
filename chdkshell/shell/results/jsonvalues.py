"""Values in terms that JSON has."""

from __future__ import annotations

import base64
import enum
import math
from collections.abc import Mapping
from typing import Any

from chdkshell.records import Record


def to_json(value: object) -> Any:
    """Return `value` in terms that JSON has. Bytes that are no text are tagged: `bytes_json`."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case bytes() | bytearray():
            return bytes_json(bytes(value))
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


def bytes_json(data: bytes) -> Any:
    """Return bytes as text where they are that, else as {"base64": ...}."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode("ascii")}


def lua_json(value: object) -> Any:
    """Return a value of Lua with nothing lost, and nothing that could mean two things.

    Numbers, texts and booleans are as JSON has them, tables with the keys 1, 2, 3 ... are lists,
    those with texts as keys objects. Whatever else there is is tagged, as an object with one key
    that tells what it is: {"table": [[key, value], ...]} for other tables, {"base64": ...} for
    texts that are no UTF-8, {"number": "inf"} for numbers that JSON has not, and
    {"unsupported": ...} for functions and the like. So is an object that looks like a tagged one.
    """
    match value:
        case str():
            return bytes_json(value.encode("utf-8", "surrogateescape"))
        case bytes() | bytearray():
            return bytes_json(bytes(value))
        case float() if not math.isfinite(value):
            return {"number": str(value)}
        case list() | tuple():
            return [lua_json(item) for item in value]
        case Mapping():
            texts = {k: v for k, v in value.items() if isinstance(k, str) and _is_text(k)}
            if len(texts) < len(value) or (len(texts) == 1 and next(iter(texts)) in TAGS):
                return {"table": [[lua_json(k), lua_json(v)] for k, v in value.items()]}
            return {k: lua_json(v) for k, v in texts.items()}
        case None | bool() | int() | float():
            return value
        case _:  # a function or the like, which is known by name or as text
            name = getattr(value, "type_name", None) or getattr(value, "text", None)
            return {"unsupported": str(name or value)}


TAGS = ("table", "base64", "number", "unsupported")
"""The one key of a tagged value of Lua."""


def _is_text(key: str) -> bool:
    return key.isascii() or not any("\udc80" <= char <= "\udcff" for char in key)


def fields(value: Any) -> dict[str, Any]:
    """Return the fields of a record or a dataclass."""
    if isinstance(value, Record):
        return {name: to_json(field) for name, field in value.as_dict().items()}
    import dataclasses  # takes longer to import than a command of few results to run

    return {f.name: to_json(getattr(value, f.name)) for f in dataclasses.fields(value)}
