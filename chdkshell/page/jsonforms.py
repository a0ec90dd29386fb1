"""Dataclasses as JSON: their JSON Schema, reading them with checks, and writing them.

The calls of the page are declared by dataclasses alone: what a call takes and gives, what is
checked, and what the OpenAPI document says of it come from here. Fields are bool, int, float, str,
a literal, None with one of these, lists, dictionaries of texts, and dataclasses.
"""

from __future__ import annotations

import dataclasses
import math
import types
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from chdkshell.errors import UsageError, printable

Form = TypeVar("Form")

LONGEST_LIST = 10_000
LONGEST_TEXT = 65_536
"""Items and characters that make sense in a request."""


@dataclass(frozen=True, slots=True)
class About:
    """What a field is for, and its bounds.

    `low` and `high` bound a number, both included, and `longest` the characters of a text.
    """

    text: str
    low: float | None = None
    high: float | None = None
    longest: int = LONGEST_TEXT


# ---- the schema -------------------------------------------------------------------------------


def schema(form: Any, parts: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON Schema of a type. Those of dataclasses go to `parts`, and are referred to."""
    if dataclasses.is_dataclass(form):
        name = form.__name__  # type: ignore[union-attr]
        if name not in parts:
            parts[name] = {}  # it may contain itself
            parts[name] = _object_schema(form, parts)
        return {"$ref": f"#/components/schemas/{name}"}
    origin, arguments = get_origin(form), get_args(form)
    if origin is Annotated:
        return schema(arguments[0], parts) | _about_schema(arguments[1], arguments[0])
    if origin is Literal:
        return {"type": "string", "enum": list(arguments)}
    if origin in (Union, types.UnionType):
        kinds = [schema(argument, parts) for argument in arguments if argument is not type(None)]
        return {"anyOf": [*kinds, {"type": "null"}]}
    if origin is list:
        return {"type": "array", "items": schema(arguments[0], parts), "maxItems": LONGEST_LIST}
    if origin is dict:
        return {"type": "object", "additionalProperties": schema(arguments[1], parts)}
    return dict(_SIMPLE[form])


_SIMPLE: dict[Any, dict[str, Any]] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    str: {"type": "string", "maxLength": LONGEST_TEXT},
}


def _about_schema(about: About, form: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"description": about.text}
    if form is str:
        found["maxLength"] = about.longest
    number = int if form is int or get_args(form)[:1] == (int,) else float
    bounds = {"minimum": about.low, "maximum": about.high}
    found |= {name: number(bound) for name, bound in bounds.items() if bound is not None}
    return found


def _object_schema(form: Any, parts: dict[str, Any]) -> dict[str, Any]:
    hints = get_type_hints(form, include_extras=True)
    fields = dataclasses.fields(form)
    return {
        "type": "object",
        "description": (form.__doc__ or "").partition("\n\n")[0].replace("\n", " "),
        "properties": {field.name: schema(hints[field.name], parts) for field in fields},
        "required": [field.name for field in fields if not _has_default(field)],
        "additionalProperties": False,
    }


def _has_default(field: dataclasses.Field[Any]) -> bool:
    missing = dataclasses.MISSING
    return field.default is not missing or field.default_factory is not missing


# ---- reading ----------------------------------------------------------------------------------


def read(form: type[Form], value: Any) -> Form:
    """Return what JSON stands for. Raises `UsageError`, which names the field."""
    result: Form = _read(form, value, "")
    return result


def read_texts(form: type[Form], texts: Mapping[str, str]) -> Form:
    """Return what the words of a query stand for, each read as its field's type says."""
    hints = get_type_hints(form, include_extras=True)
    return read(
        form, {name: _from_text(hints.get(name, str), text) for name, text in texts.items()}
    )


def _from_text(form: Any, text: str) -> Any:
    base = get_args(form)[0] if get_origin(form) is Annotated else form
    kinds = {base, *get_args(base)}
    if bool in kinds and text in ("true", "false"):
        return text == "true"
    for number in (int, float):
        if number in kinds:
            try:
                return number(text) if "_" not in text and text == text.strip() else text
            except ValueError:
                continue
    return text


def _read(form: Any, value: Any, place: str) -> Any:
    if dataclasses.is_dataclass(form):
        return _read_object(form, value, place)
    origin, arguments = get_origin(form), get_args(form)
    if origin is Annotated:
        return _within(_read(arguments[0], value, place), arguments[1], place)
    if origin is Literal:
        if not isinstance(value, str) or value not in arguments:
            raise _wrong(place, f"one of {', '.join(arguments)}")
        return value
    if origin in (Union, types.UnionType):
        kinds = [argument for argument in arguments if argument is not type(None)]
        return None if value is None else _read(kinds[0], value, place)
    if origin is list:
        if not isinstance(value, list) or len(value) > LONGEST_LIST:
            raise _wrong(place, "a list")
        return [_read(arguments[0], item, f"{place}[{n}]") for n, item in enumerate(value)]
    if origin is dict:
        if not isinstance(value, dict):
            raise _wrong(place, "an object")
        return {key: _read(arguments[1], item, f"{place}.{key}") for key, item in value.items()}
    return _read_simple(form, value, place)


def _read_simple(form: Any, value: Any, place: str) -> Any:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if form is bool and isinstance(value, bool):
        return value
    if form is int and is_number and (isinstance(value, int) or value.is_integer()):
        return int(value)
    if form is float and is_number and abs(value) < 1e300 and math.isfinite(value):
        return float(value)
    if form is str and isinstance(value, str) and len(value) <= LONGEST_TEXT:
        return _text(value, place)
    names = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}
    raise _wrong(place, names[form])


def _text(value: str, place: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise _wrong(place, "a text of whole characters") from None
    return value


def _read_object(form: Any, value: Any, place: str) -> Any:
    if not isinstance(value, dict):
        raise _wrong(place, "an object")
    fields = {field.name: field for field in dataclasses.fields(form)}
    for name in value:
        if name not in fields:
            known = ", ".join(fields) or "none"
            raise UsageError(f"unknown field '{printable(str(name))[:80]}'", f"known: {known}")
    hints = get_type_hints(form, include_extras=True)
    found = {}
    for name, field in fields.items():
        if name in value:
            found[name] = _read(hints[name], value[name], f"{place}.{name}".lstrip("."))
        elif not _has_default(field):
            raise UsageError(f"the field '{name}' is missing")
    return form(**found)


def _within(value: Any, about: About, place: str) -> Any:
    if isinstance(value, str) and len(value) > about.longest:
        raise _wrong(place, f"a text of at most {about.longest} characters")
    if isinstance(value, int | float) and not isinstance(value, bool):
        low = -math.inf if about.low is None else about.low
        high = math.inf if about.high is None else about.high
        if not low <= value <= high:
            raise _wrong(place, f"from {_number_text(low)} to {_number_text(high)}")
    return value


def _number_text(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")  # "1e+06" is not how anybody writes it


def _wrong(place: str, wanted: str) -> UsageError:
    return UsageError(f"{place or 'the request'} is not {wanted}")
