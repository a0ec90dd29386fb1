"""The last line of a view: what is so, what happened, and keys that can be clicked on."""

from __future__ import annotations

from collections.abc import Sequence

from chdkshell.errors import printable

Hints = tuple[tuple[str, str], ...]
"""Pieces of text, each with the key that it names, "" for none."""


def text_of(hints: Hints) -> str:
    """Return what hints say."""
    return "".join(text for text, _ in hints)


class StatusLine:
    """Puts the line together, and knows where its keys are."""

    def __init__(self) -> None:
        self._begin = 0
        self._hints: Hints = ()

    def compose(self, parts: Sequence[str], choices: Sequence[Hints], width: int) -> str:
        """Return a line of at most `width` characters; the first of `choices` that has room."""
        text = printable("  ".join(filter(None, parts))).replace("\n", " ")
        before = f"{text}  " if text else ""
        fitting = (hints for hints in choices if len(before) + len(text_of(hints)) <= width)
        self._hints, self._begin = next(fitting, ()), len(before)
        return f"{before}{text_of(self._hints)}" if self._hints else text[: max(width, 0)]

    def key_at(self, column: int) -> str:
        """Return the key that stands at a column, "" where none does."""
        end = self._begin
        for text, key in self._hints:
            end += len(text)
            if column < end:
                return key if column >= self._begin else ""
        return ""
