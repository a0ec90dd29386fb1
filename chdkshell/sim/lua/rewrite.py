"""Turns Lua source into source that counts in 32-bit integers, as the firmware's Lua does.

Standard Lua 5.1 counts in doubles. Here every arithmetic operator becomes a call of a helper
(lua/arith.lua) that the chunk gets as an upvalue, so that code under any environment finds it:
`a + b` turns into `add(a , b)`, with the operands' names for the error text. A numeric loop that
may come to the end of 32 bits gets one around it that begins again at the other end. Nothing moves
to another line. What the native compiler rejects must not get here.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import NamedTuple

from chdkshell.lua.parser import NotLuaError, parse
from chdkshell.lua.tokens import without_nesting
from chdkshell.sim.lua.forms import HELPERS, Form
from chdkshell.sim.lua.rewriter import Rewriter

MAX_UPVALUES = 60
"""Of a function, in the firmware's Lua and in the native one."""

CACHED = 64
"""Sources that are known: a client sends the same ones, and those of its library, many times."""


class Rewritten(NamedTuple):
    """A chunk's text, and the form that it has."""

    text: str
    form: Form


@lru_cache(maxsize=CACHED)
def rewrite(
    source: str, firmware: Collection[str] = frozenset(), form: Form = Form.USUAL
) -> Rewritten:
    """Return Lua text that counts in 32 bits, in `form` or, where that cannot be, a later one.

    `firmware` names the functions (`sleep`, `os.stat`, `:read`) that are C functions on a camera:
    a call of one in a return statement is no tail call, since its errors carry the caller's line.
    Raises `NotLuaError`.
    """
    source = without_nesting(source)
    prefix = "_i32"
    while prefix in source:
        prefix += "_"
    tokens, block = parse(source)
    try:
        rewriter = Rewriter(source, tokens, prefix, firmware, form)
        text = rewriter.run(block)
        if form is Form.USUAL and rewriter.most_upvalues + len(HELPERS) > MAX_UPVALUES:
            form = Form.BARE
            text = Rewriter(source, tokens, prefix, firmware, form).run(block)
    except RecursionError:
        raise NotLuaError("chunk has too many syntax levels") from None
    return Rewritten(text, form)
