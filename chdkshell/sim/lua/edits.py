"""The tokens of a chunk with changes to them: what the rewriting writes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from chdkshell.lua.tokens import Lines, Token, TokenKind


class Operand(NamedTuple):
    """An expression: its first and last token, what it is called in errors, and what it is.

    `path` is that of a global value (`table.insert`), `callee` that of what is called.
    """

    first: int
    last: int
    name: str | None = None
    value: int | None = None
    many: bool = False
    helper: bool = False
    callee: str | None = None
    path: str | None = None


class EditedTokens:
    """The texts of a chunk's tokens, which may be changed, and what is put around them."""

    def __init__(self, source: str, tokens: Sequence[Token]) -> None:
        self._source = source
        self._lines = Lines(source)
        self.tokens = tokens
        self._after_last = tokens[-2].end if len(tokens) > 1 else 0
        self.texts = [token.text for token in tokens]
        self._before: dict[int, str] = {}
        self._after: dict[int, str] = {}

    def insert(self, operand: Operand, before: str, after: str) -> None:
        """Put text around an operand, inside of what is there already before it, and after it."""
        # `before` may be a name where an operator followed a keyword directly, as in `return-x`.
        first, last = operand.first, operand.last
        self._before[first] = " " + before + self._before.get(first, "")
        self._after[last] = self._after.get(last, "") + after

    def first_line(self, at: int) -> int:
        """Return the line where a token begins."""
        return self._lines.at(self.tokens[at].start)

    def last_line(self, at: int) -> int:
        """Return the line where a token ends."""
        return self._lines.at(self.tokens[at].end - 1)

    def closing(self) -> str:
        """Return an `end` for what follows the source: a comment may go to its end."""
        return "\nend" if "--" in self._source[self._after_last :] else " end"

    def render(self) -> str:
        """Return the changed source."""
        parts = []
        position = 0
        for index, token in enumerate(self.tokens):
            parts += [
                self._source[position : token.start],
                self._before.get(index, ""),
                self.texts[index] if token.kind is not TokenKind.END else "",
                self._after.get(index, ""),
            ]
            position = token.end
        return "".join(parts)
