"""Turns Lua source into source that counts in 32-bit integers, as the firmware's Lua does.

Standard Lua 5.1 counts in doubles. Here every arithmetic operator becomes a call of a helper
(lua/arith.lua) that the chunk gets as an upvalue, so that code under any environment finds it:
`a + b` turns into `add(a , b)`, with the operands' names for the error text. Nothing moves to
another line. What the native compiler rejects must not get here.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from chdkshell.lua.numbers import to_integer, wrap
from chdkshell.lua.tokens import Kind, Lines, tokenise, without_nesting
from chdkshell.sim.lua.syntax import BLOCK_END, Statements

HELPERS = ("add", "sub", "mul", "div", "mod", "pow", "unm", "results")
"""What a rewritten chunk expects as its arguments, in this order."""

MALFORMED = "0_malformed"
"""A number that the native compiler rejects, to stand for one that only the firmware rejects."""

CACHED = 64
"""Sources that are known: a client sends the same ones, and those of its library, many times."""

_BINARY = {
    **dict.fromkeys(("+", "-"), (6, 6)),
    **dict.fromkeys(("*", "/", "%"), (7, 7)),
    "^": (10, 9),
    "..": (5, 4),
    **dict.fromkeys(("~=", "==", "<", "<=", ">", ">="), (3, 3)),
    "and": (2, 2),
    "or": (1, 1),
}
_UNARY = {"not", "-", "#"}
_UNARY_PRIORITY = 8
_ARITHMETIC = {"+": "add", "-": "sub", "*": "mul", "/": "div", "%": "mod", "^": "pow"}


class TooDeepError(Exception):
    """The source nests deeper than this rewriter follows."""


@dataclass(frozen=True, slots=True)
class Probe:
    """What to compile natively to learn of syntax errors: `text`, where `malformed` (or None) was
    replaced by MALFORMED. It is the first number that the firmware cannot read.
    """

    text: str
    malformed: str | None


@lru_cache(maxsize=CACHED)
def probe(source: str) -> Probe:
    """Return the text whose native compilation fails where, and as, the firmware's would."""
    source = without_nesting(source)
    for token in tokenise(source):
        if token.kind is Kind.NUMBER and to_integer(token.text) is None:
            # The space: the number may follow a name or another number directly, as in `a.5`.
            text = f"{source[: token.start]} {MALFORMED}{source[token.end :]}"
            return Probe(text, token.text)
    return Probe(source, None)


@lru_cache(maxsize=CACHED)
def rewrite(source: str, firmware: Collection[str] = frozenset()) -> str:
    """Return Lua text that evaluates to a function of HELPERS, which returns the chunk's function.

    `firmware` names the functions (`sleep`, `os.stat`, `:read`) that are C functions on a camera:
    a call of one in a return statement is no tail call, since its errors carry the caller's line.
    Raises `TooDeepError`.
    """
    source = without_nesting(source)
    prefix = "_i32"
    while prefix in source:
        prefix += "_"
    try:
        return _Rewriter(source, prefix, firmware).run()
    except RecursionError:
        raise TooDeepError from None


@dataclass(frozen=True, slots=True)
class _Operand:
    """An expression: its first and last token, what it is called in errors, and what it is."""

    first: int
    last: int
    name: str | None = None
    value: int | None = None
    many: bool = False
    helper: bool = False
    callee: str | None = None


class _Rewriter(Statements):
    def __init__(self, source: str, prefix: str, firmware: Collection[str]) -> None:
        super().__init__(tokenise(source))
        self._source = source
        self._prefix = prefix
        self._firmware = firmware
        self._lines = Lines(source)
        self._texts = [token.text for token in self._tokens]
        self._before: dict[int, str] = {}
        self._after: dict[int, str] = {}
        self._main_varargs = False

    def run(self) -> str:
        self._block()
        names = ",".join(f"{self._prefix}_{name}" for name in HELPERS)
        parameters = "..." if self._main_varargs else ""
        return f"local {names}=... return function({parameters}) {self._render()}\nend"

    def _render(self) -> str:
        parts = []
        position = 0
        for index, token in enumerate(self._tokens):
            parts += [
                self._source[position : token.start],
                self._before.get(index, ""),
                self._texts[index] if token.kind is not Kind.END else "",
                self._after.get(index, ""),
            ]
            position = token.end
        return "".join(parts)

    # ---- expressions ------------------------------------------------------------------------

    def _expression(self, limit: int = 0) -> _Operand:
        first = self._at
        if self._text() in _UNARY:
            operator = self._next()
            operand = self._expression(_UNARY_PRIORITY)
            if operator == "-":
                left = self._negate(first, operand)
            else:
                left = _Operand(first, operand.last)
        else:
            left = self._simple()
        while (priority := _BINARY.get(self._text(), (0, 0)))[0] > limit:
            at = self._at
            operator = self._next()
            right = self._expression(priority[1])
            if operator in _ARITHMETIC:
                left = self._calculate(at, left, right)
            else:
                left = _Operand(left.first, right.last)
        return left

    def _simple(self) -> _Operand:
        at = self._at
        token = self._token()
        if token.kind is Kind.NUMBER:
            self._next()
            value = to_integer(token.text)
            assert value is not None, "a malformed number must not get here"
            return self._constant(at, at, value)
        if token.kind is Kind.STRING or token.text in ("nil", "true", "false"):
            self._next()
            return _Operand(at, at)
        if token.text == "...":
            self._next()
            self._main_varargs |= len(self._functions) == 1
            return _Operand(at, at, many=True)
        if token.text == "{":
            self._table()
            return _Operand(at, self._at - 1)
        if token.text == "function":
            self._next()
            self._body(method=False)
            return _Operand(at, self._at - 1)
        return self._primary()

    def _primary(self) -> _Operand:
        first = self._at
        name: str | None
        callee: str | None = None
        path: str | None = None
        if self._accept("("):
            name = self._expression().name
            self._next()
        else:
            path = self._next()
            name = self._described(path)
            if not name.startswith("global"):
                path = None
        many = False
        while True:
            token = self._token()
            many_now = token.kind is Kind.STRING or token.text in ("(", "{")
            if many_now:
                callee, name, path = path, None, None
                self._arguments()
            elif token.text == ".":
                self._next()
                field = self._next()
                name = f"field '{field}'"
                path = f"{path}.{field}" if path else None
            elif token.text == "[":
                name, path = self._index(), None
            elif token.text == ":":
                self._next()
                callee, name, path = ":" + self._next(), None, None
                self._arguments()
                many_now = True
            else:
                break
            many = many_now
        return _Operand(first, self._at - 1, name, many=many, callee=callee if many else None)

    def _index(self) -> str:
        """Parse `[key]`, and return what the firmware calls such an element."""
        self._next()
        key = self._token()
        at = self._at
        self._expression()
        constant = key.kind is Kind.STRING and key.text[0] in "'\"" and self._at == at + 1
        self._next()
        return f"field '{key.text[1:-1]}'" if constant and "\\" not in key.text else "field '?'"

    def _arguments(self) -> None:
        if self._token().kind is Kind.STRING:
            self._next()
        elif self._text() == "{":
            self._table()
        else:
            self._next()
            if self._text() != ")":
                self._expressions()
            self._next()

    def _table(self) -> None:
        self._next()
        while not self._accept("}"):
            if self._accept("["):
                self._expression()
                self._at += 2
            elif self._token().kind is Kind.NAME and self._tokens[self._at + 1].text == "=":
                self._at += 2
            self._expression()
            if self._text() in (",", ";"):
                self._next()

    def _return(self) -> None:
        self._next()
        if self._text() in BLOCK_END or self._text() == ";":
            return
        value = self._expression()
        if self._accept(","):
            self._expressions()
        elif value.helper:
            self._insert(value, "(", ")")
        elif value.callee in self._firmware:
            self._insert(value, f"{self._prefix}_results(", ")")

    # ---- changes ----------------------------------------------------------------------------

    def _insert(self, operand: _Operand, before: str, after: str) -> None:
        # `before` may be a name where an operator followed a keyword directly, as in `return-x`.
        first, last = operand.first, operand.last
        self._before[first] = " " + before + self._before.get(first, "")
        self._after[last] = self._after.get(last, "") + after

    def _constant(self, first: int, last: int, value: int) -> _Operand:
        self._texts[first] = f" {value}"
        for index in range(first + 1, last + 1):
            self._texts[index] = ""
        return _Operand(first, last, value=value)

    def _negate(self, first: int, operand: _Operand) -> _Operand:
        if operand.value is not None:
            return self._constant(first, operand.last, wrap(-operand.value))
        self._texts[first] = f" {self._prefix}_unm("
        whole = _Operand(first, operand.last, helper=True)
        self._insert(whole, "", self._extra(whole, operand, None))
        return whole

    def _calculate(self, at: int, left: _Operand, right: _Operand) -> _Operand:
        operator = self._texts[at]
        if left.value is not None and right.value is not None and operator in "+-*":
            value = _fold(operator, left.value, right.value)
            return self._constant(left.first, right.last, value)
        self._texts[at] = ","
        whole = _Operand(left.first, right.last, helper=True)
        call = f"{self._prefix}_{_ARITHMETIC[operator]}("
        self._insert(whole, call, self._extra(whole, left, right))
        return whole

    def _extra(self, whole: _Operand, left: _Operand, right: _Operand | None) -> str:
        """Return the end of a helper's call: the operands' names, and the line if it is not the
        call's own. Something must follow an operand that may have many values.
        """
        last = right or left
        extra = [_quoted(left.name)]
        if right is not None:
            extra.append(_quoted(right.name))
        line = self._lines.at(self._tokens[whole.last].end - 1)
        if line != self._lines.at(self._tokens[whole.first].start):
            extra.append(str(line))
        while extra and extra[-1] == "nil" and not (last.many and len(extra) == 1):
            extra.pop()
        return "".join("," + text for text in extra) + ")"


def _fold(operator: str, left: int, right: int) -> int:
    results = {"+": left + right, "-": left - right, "*": left * right}
    return wrap(results[operator])


def _quoted(text: str | None) -> str:
    if text is None:
        return "nil"
    return '"' + re.sub(r"[^ !#-\[\]-~]", lambda m: f"\\{ord(m[0]):03d}", text) + '"'
