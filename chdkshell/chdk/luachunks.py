"""What a Lua session has to know of a chunk before it runs: what it defines, and whether it waits.

The camera's pcall is a C function, and nothing below a C function can wait: `sleep` or `shoot` in a
protected call is an error. So a chunk that waits has to run without protection.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

POLL = "chdkshell_poll()"
"""What is called at each turn of a loop (lua/repl.lua)."""

WAITING = frozenset(
    [
        "sleep",
        "shoot",
        "press",
        "release",
        "click",
        "wait_click",
        "read_usb_msg",
        "write_usb_msg",
        "md_detect_motion",
        "file_browser",
        "textbox",
    ]
)
"""Functions that end the script's turn: those that call lua_yield in trunk/modules/luascript.c."""

LOADING = frozenset(["require", "dofile", "loadfile", "load", "loadstring", "pcall", "xpcall"])
"""Functions that run code which cannot be seen here."""

_TOKEN = re.compile(
    r"""(?P<comment>--\[(?P<c>=*)\[.*?(?:\](?P=c)\]|\Z)|--[^\n]*)
    |\[(?P<s>=*)\[.*?(?:\](?P=s)\]|\Z)|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<mark>[=.:(){}\[\],;])|\S""",
    re.VERBOSE | re.DOTALL,
)
_OPENS = frozenset(("function", "do", "if", "repeat"))
_CLOSES = frozenset(("end", "until"))


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk: the code that is sent, the functions it defines by their source, and its names.

    `assigned` are the globals that it sets, `names` all names in it.
    """

    code: str
    functions: dict[str, str]
    assigned: frozenset[str]
    names: frozenset[str]

    def waits(self, others: frozenset[str]) -> bool:
        """Whether it may wait; `others` are names of values that may."""
        return bool(self.names & (WAITING | LOADING | others))


def read_chunk(source: str) -> Chunk:
    """Look at the code of a chunk, and put polls into its loops. Lines stay where they are."""
    tokens = list(_tokens(source))
    code: list[str] = []
    at = depth = 0
    functions: dict[str, str] = {}
    assigned: set[str] = set()
    started: tuple[str, int, int] | None = None
    for index, (word, _, end) in enumerate(tokens):
        if word in ("do", "repeat"):
            code += [source[at:end], f" {POLL} "]
            at = end
        if word == "function" and started is None:
            named = _definition(tokens, index)
            if named and depth == 0:
                started = (named[0], named[1], depth)
        if word in _OPENS:
            depth += 1
        elif word in _CLOSES:
            depth -= 1
            if started and depth == started[2]:
                functions[started[0]] = source[started[1] : end]
                started = None
        if word == "=" and index and _is_assignment(tokens, index):
            assigned.add(tokens[index - 1][0])
    code.append(source[at:])
    names = frozenset(word for word, _, _ in tokens if word.isidentifier())
    return Chunk("".join(code), functions, frozenset(assigned) | functions.keys(), names)


def _tokens(source: str) -> Iterator[tuple[str, int, int]]:
    """Yield names and marks with their places, and "" for numbers, strings and operators."""
    for match in _TOKEN.finditer(source):
        if match["comment"] is None:
            word = match["name"] or match["mark"] or ""
            yield word, match.start(), match.end()


def _definition(tokens: list[tuple[str, int, int]], index: int) -> tuple[str, int] | None:
    """Return the global that a `function` at `index` defines, and where that begins."""
    following = [word for word, _, _ in tokens[index + 1 : index + 3]]
    before = [word for word, _, _ in tokens[max(0, index - 3) : index]]
    if len(following) == 2 and following[0].isidentifier() and following[1] == "(":
        return None if before[-1:] == ["local"] else (following[0], tokens[index][1])
    if following[:1] == ["("] and _is_assignment(tokens, index - 1):
        return tokens[index - 2][0], tokens[index - 2][1]
    return None


def _is_assignment(tokens: list[tuple[str, int, int]], index: int) -> bool:
    """Whether the mark at `index` is the `=` that sets a global of one name."""
    if index < 1 or tokens[index][0] != "=" or not tokens[index - 1][0].isidentifier():
        return False
    return index < 2 or tokens[index - 2][0] not in (".", ":", "local", ",", "for", "=")
