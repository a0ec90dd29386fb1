"""Bit operations on 32-bit integers (modules/luascript.c)."""

from __future__ import annotations

from collections.abc import Callable

from chdkshell.lua.numbers import wrap
from chdkshell.sim.lua.api import Api, Args, Caller
from chdkshell.sim.lua.values import Result

NUMBERS = Api()


def _binary(name: str, calculate: Callable[[int, int], int]) -> None:
    def function(script: Caller, args: Args) -> Result:
        return wrap(calculate(args.integer(1), args.integer(2)))

    NUMBERS.function(name)(function)


def _shift(count: int) -> int:
    """Return what an ARM processor shifts by: the low byte, and 32 empties a register."""
    return min(count & 0xFF, 32)


_binary("bitand", lambda a, b: a & b)
_binary("bitor", lambda a, b: a | b)
_binary("bitxor", lambda a, b: a ^ b)
_binary("bitshl", lambda a, count: a << _shift(count))
_binary("bitshri", lambda a, count: a >> _shift(count))
_binary("bitshru", lambda a, count: (a & 0xFFFFFFFF) >> _shift(count))


@NUMBERS.function()
def bitnot(script: Caller, args: Args) -> Result:
    """value = bitnot(value)"""
    return ~args.integer(1)
