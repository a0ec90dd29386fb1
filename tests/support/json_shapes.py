"""Reads the shapes that results have in JSON, and compares results with them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_WORDS: dict[str, type | tuple[type, ...]] = {
    "text": str,
    "number": (int, float),
    "flag": bool,
    "null": type(None),
}


class Shape:
    """A shape that is read from its text. `known` are those that a name in it may stand for."""

    def __init__(self, text: str, known: Mapping[str, str] | None = None) -> None:
        self._known = known or {}
        self._tokens: Iterator[str] = iter([*re.findall(r"\w+|[\[\]{}:,|?]", text), ""])
        self._next = next(self._tokens)
        self._tree = self._alternatives()
        assert not self._next, f"{self._next!r} is too much in {text!r}"

    def fits(self, value: Any) -> bool:
        """Whether a value has the shape."""
        return _fits(self._tree, value)

    def _take(self, token: str = "") -> str:
        taken = self._next
        assert taken and (not token or taken == token), f"{taken!r} for {token!r}"
        self._next = next(self._tokens, "")
        return taken

    def _alternatives(self) -> list[Any]:
        found = [self._one()]
        while self._next == "|":
            self._take("|")
            found.append(self._one())
        return [shape for shapes in found for shape in shapes]

    def _one(self) -> list[Any]:
        token = self._take()
        if token in self._known:
            return Shape(self._known[token], self._known)._tree
        shape: Any = token
        if token == "[":
            shape = ("list", self._alternatives())
            self._take("]")
        elif token == "{":
            fields = {}
            while self._next != "}":
                name = self._take()
                self._take(":")
                fields[name] = self._alternatives()
                if self._next == ",":
                    self._take(",")
            self._take("}")
            shape = ("object", fields)
        else:
            assert token in (*_WORDS, "any"), f"{token!r} is no shape"
        if self._next == "?":
            self._take("?")
            return [shape, "null"]
        return [shape]


def _fits(shapes: list[Any], value: Any) -> bool:
    return any(_fits_one(shape, value) for shape in shapes)


def _fits_one(shape: Any, value: Any) -> bool:
    if shape == "any":
        return True
    if isinstance(shape, str):
        is_flag = isinstance(value, bool)
        return is_flag if shape == "flag" else not is_flag and isinstance(value, _WORDS[shape])
    kind, inside = shape
    if kind == "list":
        return isinstance(value, list) and all(_fits(inside, item) for item in value)
    return (
        isinstance(value, dict)
        and value.keys() == inside.keys()
        and all(_fits(inside[key], item) for key, item in value.items())
    )
