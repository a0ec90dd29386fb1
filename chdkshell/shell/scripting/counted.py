"""Code that tells at its end how much it printed, so that lines which were lost are counted."""

from __future__ import annotations

from chdkshell.lua.parser import NotLuaError, parse
from chdkshell.lua.tree import StatementKind

_TELL = "chdkshell_printed"
"""A function of `chdk/lua/print.lua`, which returns its arguments."""


def counting_lines(code: str) -> str:
    """Return code that does what `code` does, with the same lines, and tells at its end."""
    try:
        tokens, block = parse(code)
    except (NotLuaError, RecursionError):
        return code  # for the camera's compiler to refuse
    last = block[-1] if block else None
    if last is None or last.kind is not StatementKind.RETURN:
        return f"{code}\n{_TELL}()"
    start, end = tokens[last.first].end, tokens[last.last - 1].end
    return f"{code[:start]} {_TELL}({code[start:end]}){code[end:]}"
