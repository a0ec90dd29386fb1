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
from collections.abc import Iterable
from dataclasses import dataclass

from chdkshell.chdk.luawaits import WAITING, Waits
from chdkshell.lua import tree as luatree
from chdkshell.lua.parser import NotLuaError, is_name, parse
from chdkshell.lua.tokens import Token, TokenKind
from chdkshell.lua.tree import Block, Call, Expression, Function, Several, Statement, StatementKind

_POLL = " chdkshell_stop() "
_CHECK = " if chdkshell_stop() then return end "
_SAFE = frozenset(("nil", "true", "false", "...", ",", "not", "and", "or"))
_SAFE_KINDS = (TokenKind.NAME, TokenKind.STRING, TokenKind.NUMBER)
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
            tokens, block = parse(text)
            return _ChunkRewriter(text, tokens, block, waiting).run()
        except (NotLuaError, RecursionError):
            continue
    return Chunk(source, source, False, waiting)


class _ChunkRewriter:
    """Copies a chunk's text, piece by piece, and puts in what it needs."""

    def __init__(
        self, source: str, tokens: tuple[Token, ...], block: Block, waiting: frozenset[str]
    ) -> None:
        self._source = source
        self._tokens = tokens
        self._chunk = block
        self._waits = Waits(tokens, block, waiting)
        self._out: list[str] = []
        self._at = 0
        self._loops = [token.end for token in reversed(tokens) if token.text in ("do", "repeat")]

    def run(self) -> Chunk:
        waits = self._waits.maybe()
        if waits:
            self._block(self._chunk)
        self._copy(len(self._source))
        called = frozenset(part.name for part in luatree.calls(luatree.expressions(self._chunk)))
        code, waiting = "".join(self._out), self._waits.names - WAITING
        return Chunk(code, self._source, waits, waiting, called - {""})

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
        while self._loops and self._loops[-1] <= to:
            self._loops.pop()
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
        if isinstance(expression, Several) and self._waits.within(expression):
            for item in expression.items:
                self._expression(item)
            return
        call = self._lone_call(expression)
        if call is not None:
            self._around(expression, call)
            return
        if self._waits.within(expression) or self._cannot_fail(expression):
            self._copy_parts(luatree.parts(expression), protect=True)
            self._copy_through(expression.last - 1)
            return
        parameters, passed = self._varargs(self._waits.own(expression))
        self._copy_before(expression.first)
        self._put(f" chdkshell_try(function({parameters}) return chdkshell_all(")
        self._copy_parts(luatree.parts(expression))
        self._copy_through(expression.last - 1)
        self._put(f") end{passed})")

    def _cannot_fail(self, expression: Expression) -> bool:
        tokens = self._tokens[expression.first : expression.last]
        return all(token.kind in _SAFE_KINDS or token.text in _SAFE for token in tokens)

    def _lone_call(self, expression: Expression) -> Call | None:
        """Return the one thing in an expression that waits, where it can as well come first.

        That is a call by a plain name, with no other before it and on one line.
        """
        own = [self._tokens[place] for place in self._waits.own(expression)]
        waiting = [t for t in own if is_name(t) and t.text in self._waits.names]
        if len(waiting) != 1 or any(token.text in ("and", "or", "...") for token in own):
            return None
        if any(map(self._waits.in_function, luatree.functions([expression]))):
            return None
        calls = sorted(luatree.calls([expression]), key=lambda call: call.last)
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
        after = self._tokens[call.last]
        goes_on = after.kind is TokenKind.STRING or after.text in (".", ":", "[", "(", "{")
        self._put("(...)" if goes_on else " ... ")
        self._at = self._tokens[call.last - 1].end
        self._copy_through(expression.last - 1)
        self._put(") end,")
        at, self._at = self._at, self._tokens[call.first - 1].start
        self._copy_parts([call], protect=True)
        self._copy_through(call.last - 1)
        self._put(")")
        self._at = at

    def _copy_parts(self, parts: Iterable[Function | Call], protect: bool = False) -> None:
        """Write what needs care in an expression; `protect`: and protect the arguments of calls."""
        for part in parts:
            if isinstance(part, Function):
                if self._waits.in_function(part):
                    self._copy_before(part.body)
                    self._block(part.block)
                    self._copy_through(part.last - 1)
            elif part.arguments is not None:
                if protect:
                    self._expression(part.arguments)
                else:
                    self._copy_parts(luatree.parts(part.arguments))

    def _protected(self, statement: Statement) -> None:
        own = [place for e in luatree.expressions([statement]) for place in self._waits.own(e)]
        parameters, passed = self._varargs(own)
        self._copy_before(statement.first)
        self._put(f"chdkshell_try(function({parameters}) ")
        self._copy_parts(luatree.parts_of([statement]))
        self._copy_through(statement.last - 1)
        self._put(f" end{passed}){_CHECK}")

    # ---- statements ----

    def _block(self, block: Block) -> None:
        for statement in block:
            self._statement(statement)

    def _checked_block(self, opening: str, block: Block) -> None:
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
        if kind in (StatementKind.LOCAL, StatementKind.RETURN):
            for expression in statement.expressions:
                self._expression(expression)
            self._copy_through(statement.last - 1)
            if kind is StatementKind.LOCAL and statement.expressions:
                self._put(_CHECK)
        elif kind is StatementKind.LOCAL_FUNCTION:
            self._copy_parts(luatree.parts(statement.expressions[0]))
            self._copy_through(statement.last - 1)
        elif kind is StatementKind.BREAK:
            self._copy_through(statement.first)
        elif not self._waits.needs_care(statement):
            self._protected(statement)
        elif kind is StatementKind.CALL:
            self._expression(statement.expressions[0])
            self._put(_CHECK)
        elif kind is StatementKind.ASSIGNMENT:
            self._assignment(statement)
        else:
            self._control(statement)

    def _assignment(self, statement: Statement) -> None:
        """Write an assignment of what waits: a failure must not assign."""
        target, value = statement.expressions
        if self._waits.within(target):
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
            case StatementKind.IF:
                for number, block in enumerate(statement.blocks):
                    if number < len(statement.expressions):
                        self._expression(statement.expressions[number])
                    last = number == len(statement.expressions)
                    self._checked_block("else" if last else "then", block)
            case StatementKind.REPEAT:
                self._checked_block("repeat", statement.blocks[0])
                self._expression(statement.expressions[0])
                self._put(" or chdkshell_stop() ")
            case StatementKind.NUMERIC_FOR | StatementKind.GENERIC_FOR:
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
        if statement.kind is StatementKind.NUMERIC_FOR:
            loop = "=chdkshell_a,chdkshell_b,chdkshell_c or 1 "
            self._put(f"{_CHECK}chdkshell_try(function() for i{loop}do break end end)")
        else:
            loop = " in chdkshell_iterator(chdkshell_a),chdkshell_b,chdkshell_c "
        self._put(f"{_CHECK}for {names}{loop}")
        self._checked_block("do", statement.blocks[0])
        self._copy_through(statement.last - 1)
        self._put(" end ")
