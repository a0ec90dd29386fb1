"""Lua patterns: whether they are well-formed, and what they find.

One pattern means the same here and on the camera: the matches are those of Lua 5.1. Text that is
not UTF-8 holds its bytes as surrogates.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from chdkshell.errors import UsageError

if TYPE_CHECKING:
    from chdkshell.lua.matcher import Search

MAX_PATTERN = 4096
"""Characters of a pattern: Lua's matcher needs the more stack the longer it is."""

_TRIED, _TRIED_STEPS = 60, 100_000
"""Characters of the texts that a pattern for the camera is tried on, and the steps it may take."""

_TOO_COSTLY = "it can match in so many ways that it would take too long"


class PatternError(UsageError):
    """A Lua pattern, or what replaces it, is malformed. `reason` says how."""

    def __init__(self, pattern: str, reason: str) -> None:
        super().__init__(f"malformed pattern '{pattern}': {reason}")
        self.problem = reason


def finds(text: str, pattern: str) -> bool:
    """Whether a pattern matches anywhere in `text`. Raises `PatternError`."""
    with _searching(text, pattern) as search:
        return search.first() is not None


def match(text: str, pattern: str, start: int = 1) -> tuple[str, ...]:
    """Return the captures of the first match from character `start`; none where there is none.

    Raises `PatternError`.
    """
    with _searching(text, pattern) as search:
        length = len(search.text)
        first = start - 1 if start > 0 else length + start if start else 0
        found = search.first(min(max(first, 0), length))
        return () if found is None else tuple(map(_decode, search.captured(found)))


def replace(text: str, pattern: str, replacement: str, *most: int) -> str:
    """Return `text` with the matches replaced, all or at `most` so many. Raises `PatternError`."""
    with _searching(text, pattern) as search:
        return _decode(search.replaced(_encode(replacement, pattern), *most))


def check_pattern(pattern: str) -> None:
    """Raise `PatternError` unless `pattern` is well-formed as a whole."""
    with _searching("", pattern):
        return


def check_cost(pattern: str) -> None:
    """Raise `PatternError` for a pattern that the camera could try for minutes on one name.

    Its matcher cannot be stopped. Tried here are texts that are bad for it: those of its own
    characters, and runs of a single one.
    """
    own = "".join(c for c in pattern if c.isalnum() or c in "_/.")
    for part in {*"a0_/.", *own[:20], own[:20] or "x"}:
        text = (part * _TRIED)[:_TRIED]
        with _searching(text, pattern, _TRIED_STEPS) as search:
            search.first()


@contextmanager
def _searching(text: str, pattern: str, steps: int | None = None) -> Iterator[Search]:
    """Give a search, and turn what goes wrong with it into a `PatternError`."""
    from chdkshell.lua.matcher import MAX_STEPS, MalformedError, Search, TooCostlyError

    if len(pattern) > MAX_PATTERN:
        raise PatternError(f"{pattern[:20]}...", f"it has more than {MAX_PATTERN} characters")
    try:
        yield Search(_encode(pattern, pattern), _encode(text, pattern), steps or MAX_STEPS)
    except MalformedError as error:
        raise PatternError(pattern, str(error)) from None
    except TooCostlyError:
        raise PatternError(pattern, _TOO_COSTLY) from None


def _encode(text: str, pattern: str) -> bytes:
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise PatternError(pattern, "it, or the text, stands for no bytes") from None


def _decode(value: bytes) -> str:
    return value.decode("utf-8", "surrogateescape")
