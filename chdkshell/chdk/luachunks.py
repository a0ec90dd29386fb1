"""Chunks of a Lua session, made so that an error in one does not end the script that runs them.

The firmware ends a script whose error is not caught. Its pcall would catch one, but nothing below
a C function can wait there: `sleep` or `shoot` in a protected call is an error. And its Lua has no
coroutines (lib/lua/lbaselib.c leaves them out).

So a chunk that waits runs unprotected, and each piece of it that does not wait runs protected:

    local a = f(x)          local a = chdkshell_try(function() return chdkshell_all(f(x)) end)
                            if chdkshell_stop() then return end
    sleep(a.time)           sleep(chdkshell_try(function() return chdkshell_all(a.time) end))
                            if chdkshell_stop() then return end

A piece that fails leaves its error with the session, and what follows returns, level by level.
Functions that wait are made the same way. Lines stay where they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chdkshell.lua import tree as luatree
from chdkshell.lua.parser import NotLuaError, is_name, parse, tokenise
from chdkshell.lua.tokens import Kind as TokenKind
from chdkshell.lua.tokens import Token
from chdkshell.lua.tree import Call, Expression, Function, Kind, Statement

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

_POLL = " chdkshell_stop() "
_CHECK = " if chdkshell_stop() then return end "
_SAFE = frozenset(("nil", "true", "false", "...", ",", "not", "and", "or"))
_SAFE_KINDS = (TokenKind.NAME, TokenKind.STRING, TokenKind.NUMBER)
_LOOPS = (Kind.WHILE, Kind.REPEAT, Kind.NUMERIC_FOR, Kind.GENERIC_FOR)
_ORDERED = re.compile(r"\n|\b(?:do|repeat)\b")
"""What holds a text where it is: lines are counted, and loops are looked for in order."""
_VALUES = "chdkshell_a,chdkshell_b,chdkshell_c"


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk as it is sent. `waits`: it must run unprotected. `plain` is it without additions.

    `waiting` are the names that stand for functions which wait once it has run, and `called` the
    names of what it calls.
    """

    code: str
    plain: str
    waits: bool
    waiting: frozenset[str]
    called: frozenset[str] = frozenset()


def read_chunk(source: str, waiting: frozenset[str] = frozenset()) -> Chunk:
    """Make a chunk of an expression or statements; `waiting` are names known from before.

    What is no Lua stays as it is, for the camera's compiler to refuse.
    """
    for text in (f"return {source}", source):
        try:
            tokens = tokenise(text)
            block = parse(tokens)
        except NotLuaError:
            continue
        return _Rewriter(text, tokens, waiting).run(block)
    return Chunk(source, source, False, waiting)


class _Rewriter:
    """Copies a chunk's text, piece by piece, and puts in what it needs."""

    def __init__(self, source: str, tokens: tuple[Token, ...], waiting: frozenset[str]) -> None:
        self._source = source
        self._tokens = tokens
        self._waiting = WAITING | waiting
        self._out: list[str] = []
        self._at = 0
        self._loops = [token.end for token in reversed(tokens) if token.text in ("do", "repeat")]

    def run(self, block: tuple[Statement, ...]) -> Chunk:
        self._learn(block)
        known = self._waiting | LOADING
        waits = any(is_name(token) and token.text in known for token in self._tokens)
        if waits:
            self._block(block)
        self._copy(len(self._source))
        called = frozenset(part.name for part in luatree.calls(luatree.parts_of(block)))
        code, waiting = "".join(self._out), self._waiting - WAITING
        return Chunk(code, self._source, waits, waiting, called - {""})

    # ---- what waits ----

    def _learn(self, block: tuple[Statement, ...]) -> None:
        """Find out which names the chunk gives to what may wait, maybe one by another."""
        functions = [f for f in luatree.functions(luatree.parts_of(block)) if f.name]
        given = [g for s in luatree.statements(block) for g in self._given(s)]
        self._waiting -= {function.name for function in functions} | {name for name, _ in given}
        self._waiting |= WAITING
        while True:
            new = {function.name for function in functions if self._body_waits(function)}
            new |= {name for name, value in given if self._may_wait(value)}
            if new <= self._waiting:
                return
            self._waiting |= new

    def _given(self, statement: Statement) -> Iterator[tuple[str, Expression]]:
        """Yield the names that a statement gives to values, each with the value."""
        if statement.kind in (Kind.ASSIGNMENT, Kind.LOCAL) and statement.expressions:
            values = statement.expressions[-1]
            items = values.items or (values,)
            targets = (self._tokens[place] for place in statement.names)
            names = [token.text for token in targets if is_name(token)]
            for number, name in enumerate(names):
                yield name, items[min(number, len(items) - 1)]

    def _may_wait(self, value: Expression) -> bool:
        """Whether a value may be a function that waits: it was loaded, or has such a name."""
        calls = {call.name for call in luatree.calls(value.parts)}
        name = self._tokens[value.last - 1]
        return bool(calls & LOADING) or (not calls and is_name(name) and name.text in self._waiting)

    def _body_waits(self, function: Function) -> bool:
        return self._names_waiting(range(function.body, function.last))

    def _names_waiting(self, places: Iterable[int]) -> bool:
        tokens = self._tokens
        return any(is_name(tokens[i]) and tokens[i].text in self._waiting for i in places)

    def _own(self, expression: Expression) -> Iterator[int]:
        """Yield the places of an expression's tokens outside of the functions in it."""
        inner = list(luatree.functions(expression.parts, nested=False))
        for place in range(expression.first, expression.last):
            if not any(f.first <= place < f.last for f in inner):
                yield place

    def _waits(self, expression: Expression) -> bool:
        if self._names_waiting(self._own(expression)):
            return True
        # (function() sleep(1) end)(), loadfile('A/TEST.LUA')()
        names = {call.name for call in luatree.calls(expression.parts)}
        functions = luatree.functions(expression.parts)
        return "" in names and (bool(names & LOADING) or any(map(self._body_waits, functions)))

    def _needs_care(self, statement: Statement, in_loop: bool = False) -> bool:
        """Whether a statement cannot run protected as a whole: it waits, or jumps out of itself."""
        kind = statement.kind
        if kind is Kind.RETURN or (kind is Kind.BREAK and not in_loop):
            return True
        if any(self._waits(expression) for expression in statement.expressions):
            return True
        in_loop = in_loop or kind in _LOOPS
        return any(
            self._needs_care(inner, in_loop) for block in statement.blocks for inner in block
        )

    # ---- writing ----

    def _put(self, text: str) -> None:
        self._out.append(text)

    def _copy(self, to: int) -> None:
        """Copy to an offset of the source, and let the loops there look for an interrupt."""
        while self._loops and self._loops[-1] <= to:
            end = self._loops.pop()
            self._put(self._source[self._at : end] + _POLL)
            self._at = end
        self._put(self._source[self._at : to])
        self._at = to

    def _copy_before(self, place: int) -> None:
        self._copy(self._tokens[place].start)

    def _copy_through(self, place: int) -> None:
        self._copy(self._tokens[place].end)

    def _skip_before(self, place: int) -> None:
        """Leave out the text before a token, but not its line breaks."""
        to = self._tokens[place].start
        self._put("\n" * self._source.count("\n", self._at, to))
        self._at = to

    def _text(self, places: range) -> str:
        tokens = (self._tokens[place] for place in places)
        return " ".join(self._source[token.start : token.end] for token in tokens)

    # ---- pieces ----

    def _varargs(self, places: Iterable[int]) -> tuple[str, str]:
        used = any(self._tokens[place].text == "..." for place in places)
        return ("...", ",...") if used else ("", "")

    def _expression(self, expression: Expression) -> None:
        """Write an expression: protected, or where it waits, the arguments of what waits."""
        if expression.items and self._waits(expression):
            for item in expression.items:
                self._expression(item)
            return
        call = self._lone_call(expression)
        if call is not None:
            self._around(expression, call)
            return
        if self._waits(expression) or self._cannot_fail(expression):
            self._copy_parts(expression.parts, protect=True)
            self._copy_through(expression.last - 1)
            return
        parameters, passed = self._varargs(self._own(expression))
        self._copy_before(expression.first)
        self._put(f" chdkshell_try(function({parameters}) return chdkshell_all(")
        self._copy_parts(expression.parts)
        self._copy_through(expression.last - 1)
        self._put(f") end{passed})")

    def _cannot_fail(self, expression: Expression) -> bool:
        tokens = self._tokens[expression.first : expression.last]
        return all(token.kind in _SAFE_KINDS or token.text in _SAFE for token in tokens)

    def _lone_call(self, expression: Expression) -> Call | None:
        """Return the one thing in an expression that waits, where it can as well come first.

        That is a call by a plain name, with no other before it and on one line.
        """
        own = [self._tokens[place] for place in self._own(expression)]
        waiting = [t for t in own if is_name(t) and t.text in self._waiting]
        if len(waiting) != 1 or any(token.text in ("and", "or", "...") for token in own):
            return None
        if any(map(self._body_waits, luatree.functions(expression.parts))):
            return None
        calls = sorted(luatree.calls(expression.parts), key=lambda call: call.last)
        if not calls or self._tokens[calls[0].first - 1] is not waiting[0]:
            return None
        call = calls[0]
        text = self._source[waiting[0].start : self._tokens[call.last - 1].end]
        if self._tokens[call.first - 2].text in (".", ":") or _ORDERED.search(text):
            return None
        whole = (call.first - 1, call.last) == (expression.first, expression.last)
        return None if whole else call

    def _around(self, expression: Expression, call: Call) -> None:
        """Write what is around a call that waits protected, and the call before it."""
        self._copy_before(expression.first)
        self._put(" chdkshell_try(function(...) return chdkshell_all(")
        self._copy_before(call.first - 1)
        goes_on = self._tokens[call.last].text in (".", ":", "[", "(", "{")
        self._put("(...)" if goes_on else " ... ")
        self._at = self._tokens[call.last - 1].end
        self._copy_through(expression.last - 1)
        self._put(") end,")
        after, self._at = self._at, self._tokens[call.first - 1].start
        self._copy_parts([call], protect=True)
        self._copy_through(call.last - 1)
        self._put(")")
        self._at = after

    def _copy_parts(self, parts: Iterable[Function | Call], protect: bool = False) -> None:
        """Write what needs care in an expression; `protect`: and protect the arguments of calls."""
        for part in parts:
            if isinstance(part, Function):
                if self._body_waits(part):
                    self._copy_before(part.body)
                    self._block(part.block)
                    self._copy_through(part.last - 1)
            elif part.arguments is not None:
                if protect:
                    self._expression(part.arguments)
                else:
                    self._copy_parts(part.arguments.parts)

    def _protected(self, statement: Statement) -> None:
        own = [place for e in luatree.expressions(statement) for place in self._own(e)]
        parameters, passed = self._varargs(own)
        self._copy_before(statement.first)
        self._put(f"chdkshell_try(function({parameters}) ")
        self._copy_parts(luatree.parts_of([statement]))
        self._copy_through(statement.last - 1)
        self._put(f" end{passed}){_CHECK}")

    # ---- statements ----

    def _block(self, block: tuple[Statement, ...]) -> None:
        for statement in block:
            self._statement(statement)

    def _checked_block(self, opening: str, block: tuple[Statement, ...]) -> None:
        """Write a block with its opening keyword, which is the next of its kind."""
        token = next(t for t in self._tokens if t.start >= self._at and t.text == opening)
        self._copy(token.start)
        self._put(opening + _CHECK)
        self._at = token.end
        if self._loops and self._loops[-1] == token.end:
            self._loops.pop()
        self._block(block)

    def _statement(self, statement: Statement) -> None:
        kind = statement.kind
        if kind in (Kind.LOCAL, Kind.RETURN):
            for expression in statement.expressions:
                self._expression(expression)
            self._copy_through(statement.last - 1)
            if kind is Kind.LOCAL and statement.expressions:
                self._put(_CHECK)
        elif kind is Kind.LOCAL_FUNCTION:
            self._copy_parts(statement.expressions[0].parts)
            self._copy_through(statement.last - 1)
        elif kind is Kind.BREAK:
            self._copy_through(statement.first)
        elif not self._needs_care(statement):
            self._protected(statement)
        elif kind is Kind.CALL:
            self._expression(statement.expressions[0])
            self._put(_CHECK)
        elif kind is Kind.ASSIGNMENT:
            self._assignment(statement)
        else:
            self._control(statement)

    def _assignment(self, statement: Statement) -> None:
        """Write an assignment of what waits: a failure must not assign."""
        target, value = statement.expressions
        if self._waits(target):
            self._copy_through(statement.last - 1)
            self._put(_CHECK)
            return
        words = [self._tokens[place].text for place in statement.names]
        temporaries = ",".join(f"chdkshell_{n}" for n in range(words.count(",") + 1))
        self._copy_before(statement.first)
        self._put(f"do local {temporaries}=")
        self._skip_before(value.first)
        self._expression(value)
        parameters, passed = self._varargs(statement.names)
        names = self._text(statement.names)
        self._put(
            f"{_CHECK}chdkshell_try(function({parameters}) {names}={temporaries} end{passed})"
            f" end{_CHECK}"
        )

    def _control(self, statement: Statement) -> None:
        match statement.kind:
            case Kind.IF:
                for number, block in enumerate(statement.blocks):
                    if number < len(statement.expressions):
                        self._expression(statement.expressions[number])
                    last = number == len(statement.expressions)
                    self._checked_block("else" if last else "then", block)
            case Kind.REPEAT:
                self._checked_block("repeat", statement.blocks[0])
                self._expression(statement.expressions[0])
                self._put(" or chdkshell_stop() ")
            case Kind.NUMERIC_FOR | Kind.GENERIC_FOR:
                self._for(statement)
            case _:
                for expression in statement.expressions:
                    self._expression(expression)
                self._checked_block("do", statement.blocks[0])
        self._copy_through(statement.last - 1)
        self._put(_CHECK)

    def _for(self, statement: Statement) -> None:
        """Write a loop whose bounds, or whose iterator, run protected."""
        (head,) = statement.expressions
        names = self._text(statement.names)
        self._copy_before(statement.first)
        self._put(f"do local {_VALUES}=")
        self._skip_before(head.first)
        self._expression(head)
        if statement.kind is Kind.NUMERIC_FOR:
            loop = "=chdkshell_a,chdkshell_b,chdkshell_c or 1 "
            self._put(f"{_CHECK}chdkshell_try(function() for i{loop}do break end end)")
        else:
            loop = " in chdkshell_iterator(chdkshell_a),chdkshell_b,chdkshell_c "
        self._put(f"{_CHECK}for {names}{loop}")
        self._checked_block("do", statement.blocks[0])
        self._copy_through(statement.last - 1)
        self._put(" end ")
