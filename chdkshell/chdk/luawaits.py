"""What of a Lua chunk waits: which calls end the turn of the script that runs it.

A function waits that CHDK's Lua has as such, and one whose code names another that waits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chdkshell.lua import tree as luatree
from chdkshell.lua.parser import is_name
from chdkshell.lua.tokens import Token
from chdkshell.lua.tree import Block, Expression, Function, Several, Statement, StatementKind

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

LOADING = frozenset(["require", "dofile", "loadfile", "load", "loadstring"])
"""Functions whose results may wait, for all that can be seen here."""

_LOOPS = (
    StatementKind.WHILE,
    StatementKind.REPEAT,
    StatementKind.NUMERIC_FOR,
    StatementKind.GENERIC_FOR,
)


class Waits:
    """What waits in a chunk. `names` are those of functions that wait, once it has run."""

    def __init__(self, tokens: tuple[Token, ...], block: Block, names: frozenset[str]) -> None:
        self._tokens = tokens
        self.names = WAITING | names
        self._learn(block)

    def maybe(self) -> bool:
        """Whether anything in the chunk may wait."""
        known = self.names | LOADING
        return any(is_name(token) and token.text in known for token in self._tokens)

    def _learn(self, block: tuple[Statement, ...]) -> None:
        """Find out which names the chunk gives to what may wait, maybe one by another."""
        functions = [f for f in luatree.functions(luatree.expressions(block)) if f.name]
        given = [g for s in luatree.statements(block) for g in self._given(s)]
        self.names -= {function.name for function in functions} | {name for name, _ in given}
        self.names |= WAITING
        while True:
            new = {function.name for function in functions if self.in_function(function)}
            new |= {name for name, value in given if self._may_wait(value)}
            if new <= self.names:
                return
            self.names |= new

    def _given(self, statement: Statement) -> Iterator[tuple[str, Expression]]:
        """Yield the names that a statement gives to values, each with the value."""
        if (
            statement.kind in (StatementKind.ASSIGNMENT, StatementKind.LOCAL)
            and statement.expressions
        ):
            values = statement.expressions[-1]
            items = values.items if isinstance(values, Several) else (values,)
            targets = (self._tokens[place] for place in statement.names)
            names = [token.text for token in targets if is_name(token)]
            for number, name in enumerate(names):
                yield name, items[min(number, len(items) - 1)]

    def _may_wait(self, value: Expression) -> bool:
        """Whether a value may be a function that waits: it was loaded, or has such a name."""
        calls = {call.name for call in luatree.calls([value])}
        name = self._tokens[value.last - 1]
        return bool(calls & LOADING) or (not calls and is_name(name) and name.text in self.names)

    def in_function(self, function: Function) -> bool:
        """Whether the code of a function names one that waits."""
        return self.among(range(function.body, function.last))

    def among(self, places: Iterable[int]) -> bool:
        """Whether one of these tokens is the name of what waits."""
        tokens = self._tokens
        return any(is_name(tokens[i]) and tokens[i].text in self.names for i in places)

    def own(self, expression: Expression) -> Iterator[int]:
        """Yield the places of an expression's tokens outside of the functions in it."""
        inner = list(luatree.functions([expression], nested=False))
        for place in range(expression.first, expression.last):
            if not any(f.first <= place < f.last for f in inner):
                yield place

    def within(self, expression: Expression) -> bool:
        """Whether the evaluation of an expression may wait."""
        if self.among(self.own(expression)):
            return True
        # (function() sleep(1) end)(), loadfile('A/TEST.LUA')()
        names = {call.name for call in luatree.calls([expression])}
        functions = luatree.functions([expression])
        return "" in names and (bool(names & LOADING) or any(map(self.in_function, functions)))

    def needs_care(self, statement: Statement, in_loop: bool = False) -> bool:
        """Whether a statement cannot run protected as a whole: it waits, or jumps out of itself."""
        kind = statement.kind
        if kind is StatementKind.RETURN or (kind is StatementKind.BREAK and not in_loop):
            return True
        if any(self.within(expression) for expression in statement.expressions):
            return True
        in_loop = in_loop or kind in _LOOPS
        return any(self.needs_care(inner, in_loop) for block in statement.blocks for inner in block)
