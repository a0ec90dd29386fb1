"""Lua that is checked before it is sent, and errors in it as people are shown them."""

from __future__ import annotations

from chdkshell.errors import ScriptError, printable
from chdkshell.lua.check import Problem, check
from chdkshell.lua.tokens import Lines

_WHOLE = "the camera's Lua has whole numbers only; fmath has others"


class LuaSyntaxError(ScriptError):
    """Lua that was not sent, since it does not compile."""

    def __init__(self, code: str, problem: Problem, source: str = "") -> None:
        super().__init__("compile", problem.message, problem.message, problem.line, source)
        number = problem.message.rpartition("near ")[2].strip("'")
        self.detail = _WHOLE if problem.message.startswith("malformed") and "." in number else ""
        self.excerpt = excerpt(code, problem.line, problem.column)


def without_equals(text: str) -> str:
    """Return a chunk of a Lua session without the `=` that may stand before an expression."""
    return text.lstrip().removeprefix("=") if text.lstrip().startswith("=") else text


def require_sound(code: str, source: str = "") -> None:
    """Raise `LuaSyntaxError` where `code`, which stands in the file `source`, does not compile."""
    problem = check(code)
    if problem is not None:
        raise LuaSyntaxError(code, problem, source)


def excerpt(code: str, line: int, column: int = 0) -> str:
    """Return line number `line` of `code`, with a caret below `column` if that is not 0."""
    text = printable(Lines(code).text(line).expandtabs(1).rstrip())
    if not text:
        return ""
    return f"  {text}\n  {' ' * (column - 1)}^" if column else f"  {text}"
