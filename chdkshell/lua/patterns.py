"""Lua patterns: whether they are well-formed, and what they find.

They are run by Lua's own string library, so that one pattern means the same here and on the camera.
Text that is not UTF-8 holds its bytes as surrogates.
"""

from __future__ import annotations

import functools
from typing import Any

from chdkshell.errors import UsageError

MAX_PATTERN = 4096
"""Characters of a pattern: Lua's matcher needs the more stack the longer it is."""


class PatternError(UsageError):
    """A Lua pattern, or what replaces it, is malformed. `reason` says how."""

    def __init__(self, pattern: str, reason: str) -> None:
        super().__init__(f"malformed pattern '{pattern}': {reason}")
        self.reason = reason


def finds(text: str, pattern: str) -> bool:
    """Whether a pattern matches anywhere in `text`. Raises `PatternError`."""
    return _run("find", pattern, text, pattern) is not None


def match(text: str, pattern: str, start: int = 1) -> tuple[str, ...]:
    """Return the captures of the first match from character `start`; none where there is none.

    Raises `PatternError`.
    """
    found = _run("match", pattern, text, pattern, start)
    parts = found if isinstance(found, tuple) else (found,)
    return tuple(_decode(part) for part in parts if part is not None)


def replace(text: str, pattern: str, replacement: str, *most: int) -> str:
    """Return `text` with the matches replaced, all or at `most` so many. Raises `PatternError`."""
    replaced, _ = _run("gsub", pattern, text, pattern, replacement, *most)
    return _decode(replaced)


def check_pattern(pattern: str) -> None:
    """Raise `PatternError` unless `pattern` is well-formed as a whole.

    Lua itself finds a mistake only where a text leads it that far.
    """
    end = len(pattern)
    position = opened = 0
    while position < end:
        char = pattern[position]
        position += 1
        if char == "(":
            opened += 1
        elif char == ")":
            opened -= 1
            if opened < 0:
                raise PatternError(pattern, "')' without '('")
        elif char == "[":
            position = _set_end(pattern, position)
        elif char == "%":
            position = _escape_end(pattern, position)
    if opened:
        raise PatternError(pattern, "'(' is not closed")


def _set_end(pattern: str, position: int) -> int:
    """Return the position after the set whose "[" stands before `position`."""
    position += pattern[position : position + 1] == "^"
    first = True
    while first or pattern[position : position + 1] != "]":
        if position >= len(pattern):
            raise PatternError(pattern, "'[' is not closed")
        position += 2 if pattern[position] == "%" else 1
        first = False
    return position + 1


def _escape_end(pattern: str, position: int) -> int:
    """Return the position after what follows a "%"."""
    kind = pattern[position : position + 1]
    if not kind:
        raise PatternError(pattern, "ends with '%'")
    if kind == "b" and len(pattern) < position + 3:
        raise PatternError(pattern, "'%b' needs two characters")
    if kind == "f" and pattern[position + 1 : position + 2] != "[":
        raise PatternError(pattern, "'%f' needs a set")
    return position + (3 if kind == "b" else 1)


def _run(function: str, pattern: str, *arguments: str | int) -> Any:
    """Call a function of Lua's string library."""
    if len(pattern) > MAX_PATTERN:
        raise PatternError(f"{pattern[:20]}...", f"it has more than {MAX_PATTERN} characters")
    error_class, library = _library()
    try:
        return library[function.encode()](*map(_encode, arguments))
    except error_class as error:
        raise PatternError(pattern, str(error)) from None
    except UnicodeEncodeError:
        raise PatternError(pattern, "it, or the text, stands for no bytes") from None


def _encode(argument: str | int) -> bytes | int:
    return argument.encode("utf-8", "surrogateescape") if isinstance(argument, str) else argument


def _decode(value: bytes | float) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    return str(int(value))  # a capture of a position


@functools.cache
def _library() -> tuple[type[Exception], Any]:
    from lupa import lua51

    return lua51.LuaError, lua51.LuaRuntime(encoding=None).globals()[b"string"]
