"""Tokens of Lua 5.1."""

from __future__ import annotations

import re
from bisect import bisect_right
from enum import Enum, auto
from functools import lru_cache
from typing import NamedTuple

from chdkshell.lua.keywords import KEYWORDS

_TOKEN = re.compile(
    r"""(?P<blank>[ \t\r\n\v\f]++|--\[(?P<c>=*+)\[.*?\](?P=c)\]|--(?!\[=*\[)[^\r\n]*+)
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*+)
    |(?P<number>\.?[0-9][0-9.]*+(?:[eE][+-]?)?[A-Za-z0-9_]*+)
    |(?P<string>"(?:[^"\\\r\n]++|\\(?:\r\n|\n\r|.))*+"|'(?:[^'\\\r\n]++|\\(?:\r\n|\n\r|.))*+'
        |\[(?P<s>=*+)\[.*?\](?P=s)\])
    |(?P<op>\.\.\.|\.\.|[=~<>]=|\[(?!=*+\[)|[-+*/%^\#<>=(){}\];:,.])""",
    re.VERBOSE | re.DOTALL,
)
"""One token, or what stands between two (`blank`). A long string without its end is no token."""


class TokenKind(Enum):
    """What a token is."""

    NAME = auto()
    KEYWORD = auto()
    NUMBER = auto()
    STRING = auto()
    OP = auto()
    END = auto()


class Token(NamedTuple):
    """A token and where it stands in the source."""

    kind: TokenKind
    text: str
    start: int
    end: int


_NESTED = re.compile(r"\[\[.*?\[\[", re.DOTALL)
_NEWLINE = re.compile(r"\r\n|\n\r|\r|\n")

_KINDS = {
    "blank": None,
    "name": TokenKind.NAME,
    "number": TokenKind.NUMBER,
    "string": TokenKind.STRING,
    "op": TokenKind.OP,
}


@lru_cache(maxsize=4)
def tokenise(source: str) -> tuple[Token, ...]:
    """Return the tokens of `source`, up to the first thing that is none, and an END token."""
    tokens = []
    position = 0
    while match := _TOKEN.match(source, position):
        end = match.end()
        kind = _KINDS[match.lastgroup or ""]
        if kind is not None:
            text = source[position:end]
            if kind is TokenKind.NAME and text in KEYWORDS:
                kind = TokenKind.KEYWORD
            tokens.append(Token(kind, text, position, end))
        position = end
    tokens.append(Token(TokenKind.END, "<eof>", position, position))
    return tuple(tokens)


class Lines:
    """The lines of a source, as Lua counts them: from 1."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._starts = [0, *(match.end() for match in _NEWLINE.finditer(source))]

    def at(self, position: int) -> int:
        """Return the line of a position."""
        return bisect_right(self._starts, position)

    def column(self, position: int) -> int:
        """Return where in its line a position is, counted from 1."""
        return position - self._starts[self.at(position) - 1] + 1

    def text(self, line: int) -> str:
        """Return the text of a line, with what ends it; "" where there is no such line."""
        if not 1 <= line <= len(self._starts):
            return ""
        start, *end = self._starts[line - 1 : line + 1]
        return self._source[start : end[0] if end else None]


def without_nesting(source: str) -> str:
    """Return `source` with no `[[` inside of `[[ ]]`: only the firmware's compiler takes that."""
    if not _NESTED.search(source):
        return source
    parts = []
    position = 0
    while match := _TOKEN.match(source, position):
        parts.append(_raised(match[0]))
        position = match.end()
    return "".join(parts) + _raised(source[position:], "")


def _raised(token: str, end: str = "]]") -> str:
    """Return a long string or comment of level 0 at a level that its text does not disturb.

    `end` is "" for one that lacks its end.
    """
    start = token.find("[[")
    if token[:start] not in ("", "--") or "[[" not in token[start + 2 :]:
        return token
    level = "="
    while f"]{level}]" in token or f"[{level}[" in token:
        level += "="
    opened = f"{token[:start]}[{level}[{token[start + 2 :]}"
    return f"{opened.removesuffix(end)}]{level}]" if end else opened
