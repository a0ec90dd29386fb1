"""Whether Lua compiles with the firmware's compiler: what is wrong, and where exactly.

The compiler is a native one. It is shown a text that it refuses where, and as, the firmware's would
refuse the source: numbers are whole there, and `1.5` is an error.
"""

from __future__ import annotations

import functools
import re
from typing import Any, NamedTuple

from chdkshell.lua.numbers import to_integer
from chdkshell.lua.tokens import Lines, TokenKind, tokenise, without_nesting

CACHED = 64
"""Sources that are known: the same ones are compiled many times."""

MALFORMED = "0_malformed"
"""A number that the native compiler rejects, to stand for one that only the firmware rejects."""

_POSITION = re.compile(r":(\d+): ")
_AT_END = "'<eof>'"
_PRECOMPILED = "\x1b"


class Problem(NamedTuple):
    """Why Lua does not compile. `line` and `column` count from 1.

    `unfinished`: it may become right when more is written after it.
    """

    line: int
    column: int
    message: str
    unfinished: bool


class Probe(NamedTuple):
    """What to compile natively to learn of syntax errors: `text`, where `malformed` (or None) was
    replaced by MALFORMED. It is the first number that the firmware cannot read.
    """

    text: str
    malformed: str | None


@functools.lru_cache(maxsize=CACHED)
def probe(source: str) -> Probe:
    """Return the text whose native compilation fails where, and as, the firmware's would."""
    source = without_nesting(source)
    for token in tokenise(source):
        if token.kind is TokenKind.NUMBER and to_integer(token.text) is None:
            # The space: the number may follow a name or another number directly, as in `a.5`.
            text = f"{source[: token.start]} {MALFORMED}{source[token.end :]}"
            return Probe(text, token.text)
    return Probe(source, None)


def check(code: str) -> Problem | None:
    """Return why `code` does not compile, or None."""
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
        text = text.replace(MALFORMED, found.malformed)
    lines = Lines(code)
    if unfinished:
        end = len(code.rstrip())
        return Problem(lines.at(end), lines.column(end), text, True)
    at = _offender(found.text, message)
    if found.malformed is not None:
        # what replaces the number may stand off from what is before it
        at = min(at, _same_beginning(code, found.text))
    return Problem(line, lines.column(at), text, False)


def is_unfinished(code: str) -> bool:
    """Whether `code` only lacks its end."""
    problem = check(code)
    return problem is not None and problem.unfinished


def chunk_goes_on(code: str) -> bool:
    """Whether a chunk of a Lua session only lacks its end; it may be an expression, too."""
    problems = check(code), check(f"return {code}")
    return None not in problems and any(problem and problem.unfinished for problem in problems)


def _same_beginning(one: str, other: str) -> int:
    """Return how many characters two texts have in common at their beginning."""
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))


def _offender(text: str, message: str) -> int:
    """Return where the token begins that the compiler refuses.

    The message names the token only by its text. A beginning of the source gives the same message
    as soon as it holds the token, and not before, so the token can be searched for.
    """
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
    """Compile natively. Returns the compiler's message, or None.

    Without lupa nothing is found here: the camera compiles it in any case.
    """
    data = text.encode("utf-8", "surrogatepass")
    try:
        loadstring = _loadstring()
    except ImportError:
        return None
    result: Any = loadstring(data, b"=")
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
