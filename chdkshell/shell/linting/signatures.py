"""Signatures of `shell.knowledge` as parameters: how many arguments a function takes."""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

from chdkshell.shell.knowledge import LuaFunction, functions

_PART = re.compile(r"[\[\]]|\.\.\.|[A-Za-z_]\w*")


class Parameter(NamedTuple):
    """A parameter of a function; `name` is "..." for any number of them."""

    name: str
    is_optional: bool


def parameters(function: LuaFunction) -> tuple[Parameter, ...]:
    """Return the parameters of a function."""
    _, _, text = function.signature.partition(f"{function.name}(")
    depth = 0
    found = []
    for part in _PART.findall(text.rpartition(")")[0]):
        if part in "[]":
            depth += 1 if part == "[" else -1
        else:
            found.append(Parameter(part, depth > 0 or part == "..."))
    return tuple(found)


def results(function: LuaFunction) -> tuple[str, ...]:
    """Return the names of what a function returns, as far as they are known."""
    text, equals, _ = function.signature.partition(f"{function.name}(")[0].rpartition("=")
    return tuple(name.strip() for name in text.split(",")) if equals else ()


@functools.cache
def bounds(name: str) -> tuple[int, int | None] | None:
    """Return how few and how many arguments a known function takes; None: there is no most."""
    function = functions().get(name)
    if function is None or not function.is_function:
        return None
    found = parameters(function)
    least = sum(not p.is_optional for p in found)
    return least, None if any(p.name == "..." for p in found) else len(found)


def version_of(function: LuaFunction) -> tuple[int, ...]:
    """Return the version of CHDK since which there is a function, () where that is not known."""
    return tuple(map(int, function.since.split("."))) if function.since else ()
