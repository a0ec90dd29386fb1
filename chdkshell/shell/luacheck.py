"""Lua checked on this computer before it is sent: what does not compile, and where exactly.

The compiler is the simulated camera's front end, which knows the firmware's whole numbers: `1.5` is
an error, as it is on a camera.
"""

from __future__ import annotations

import functools
import re
from typing import Any, NamedTuple

from chdkshell.errors import ScriptError, printable

_POSITION = re.compile(r":(\d+): ")
_AT_END = "'<eof>'"
_PRECOMPILED = "\x1b"
_WHOLE = "the camera's Lua has whole numbers only; fmath has others"


class Problem(NamedTuple):
    """Why Lua does not compile. `line` and `column` count from 1.

    `unfinished`: it may become right when more is written after it.
    """

    line: int
    column: int
    message: str
    unfinished: bool


class LuaSyntaxError(ScriptError):
    """Lua that was not sent, since it does not compile."""

    def __init__(self, code: str, problem: Problem) -> None:
        super().__init__("compile", problem.message, problem.message, problem.line)
        number = problem.message.rpartition("near ")[2].strip("'")
        self.hint = _WHOLE if problem.message.startswith("malformed") and "." in number else ""
        self.excerpt = excerpt(code, problem.line, problem.column)


def check(code: str) -> Problem | None:
    """Return why `code` does not compile, or None."""
    from chdkshell.sim.lua.rewrite import probe

    if code.startswith(_PRECOMPILED):
        return None
    found = probe(code)
    message = _compile(found.text)
    if message is None:
        return None
    position = _POSITION.match(message)
    line = int(position[1]) if position else 1
    text = message[position.end() :] if position else message
    unfinished = text.endswith(_AT_END)
    if found.malformed is not None:
        from chdkshell.sim.lua.rewrite import MALFORMED

        text = text.replace(MALFORMED, found.malformed)
    column = len(code.rstrip().rpartition("\n")[2]) + 1
    if unfinished:
        return Problem(code.rstrip().count("\n") + 1, column, text, True)
    at = _offender(found.text, message)
    if found.malformed is not None:
        # what replaces the number may stand off from what is before it
        at = min(at, _same_beginning(code, found.text))
    line_start = code.rfind("\n", 0, at) + 1
    return Problem(line, at - line_start + 1, text, False)


def is_unfinished(code: str) -> bool:
    """Whether `code` only lacks its end."""
    problem = check(code)
    return problem is not None and problem.unfinished


def chunk_goes_on(code: str) -> bool:
    """Whether a chunk of a Lua session only lacks its end; it may be an expression, too."""
    problems = check(code), check(f"return {code}")
    return None not in problems and any(problem and problem.unfinished for problem in problems)


def without_equals(text: str) -> str:
    """Return a chunk of a Lua session without the `=` that may stand before an expression."""
    return text.lstrip().removeprefix("=") if text.lstrip().startswith("=") else text


def require_sound(code: str) -> None:
    """Raise `LuaSyntaxError` where `code` does not compile."""
    problem = check(code)
    if problem is not None:
        raise LuaSyntaxError(code, problem)


def excerpt(code: str, line: int, column: int = 0) -> str:
    """Return line number `line` of `code`, with a caret below `column` if that is not 0."""
    lines = code.split("\n")
    if not 1 <= line <= len(lines):
        return ""
    text = printable(lines[line - 1].expandtabs(1).rstrip())
    return f"  {text}\n  {' ' * (column - 1)}^" if column else f"  {text}"


def _same_beginning(one: str, other: str) -> int:
    """Return how many characters two texts have in common at their beginning."""
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))


def _offender(text: str, message: str) -> int:
    """Return where the token begins that the compiler refuses.

    The message names the token only by its text. A beginning of the source gives the same message
    as soon as it holds the token, and not before, so the token can be searched for.
    """
    from chdkshell.lua.tokens import tokenise

    *tokens, end = tokenise(text)
    places = [(token.start, token.end) for token in tokens]
    places.append((end.start, len(text)))  # where the tokens end is what is no token
    low, high = 0, len(places) - 1
    while low < high:
        middle = (low + high) // 2
        if _compile(text[: places[middle][1]]) == message:
            high = middle
        else:
            low = middle + 1
    return places[low][0]


def _compile(text: str) -> str | None:
    """Compile natively. Returns the compiler's message, or None."""
    data = text.encode("utf-8", "surrogateescape")
    result: Any = _loadstring()(data, b"=")
    return bytes(result[1]).decode("utf-8", "replace") if isinstance(result, tuple) else None


@functools.cache
def _loadstring() -> Any:
    from lupa import lua51

    runtime = lua51.LuaRuntime(
        encoding=None,
        register_eval=False,
        register_builtins=False,
        unpack_returned_tuples=True,
    )
    return runtime.globals()[b"loadstring"]
