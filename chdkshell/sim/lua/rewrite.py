"""Turns Lua source into source that counts in 32-bit integers, as the firmware's Lua does.

Standard Lua 5.1 counts in doubles. Here every arithmetic operator becomes a call of a helper
(lua/arith.lua) that the chunk gets as an upvalue, so that code under any environment finds it:
`a + b` turns into `add(a , b)`, with the operands' names for the error text. Nothing moves to
another line. What the native compiler rejects must not get here.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import NamedTuple

from chdkshell.lua.literals import quoted
from chdkshell.lua.numbers import to_integer, wrap
from chdkshell.lua.parser import NotLuaError, is_name, parse
from chdkshell.lua.tokens import Lines, Token, TokenKind, without_nesting
from chdkshell.lua.tree import (
    Block,
    Call,
    Constant,
    Expression,
    Field,
    Function,
    Index,
    Operation,
    Several,
    Statement,
    StatementKind,
    Suffixed,
    Table,
)

HELPERS = ("add", "sub", "mul", "div", "mod", "pow", "unm", "results")
"""What a rewritten chunk expects as its arguments, in this order."""

CACHED = 64
"""Sources that are known: a client sends the same ones, and those of its library, many times."""

_ARITHMETIC = {"+": "add", "-": "sub", "*": "mul", "/": "div", "%": "mod", "^": "pow"}


@lru_cache(maxsize=CACHED)
def rewrite(source: str, firmware: Collection[str] = frozenset()) -> str:
    """Return Lua text that evaluates to a function of HELPERS, which returns the chunk's function.

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
        return _Rewriter(source, tokens, prefix, firmware).run(block)
    except RecursionError:
        raise NotLuaError("chunk has too many syntax levels") from None


class _Operand(NamedTuple):
    """An expression: its first and last token, what it is called in errors, and what it is."""

    first: int
    last: int
    name: str | None = None
    value: int | None = None
    many: bool = False
    helper: bool = False
    callee: str | None = None


class _Rewriter:
    def __init__(
        self, source: str, tokens: tuple[Token, ...], prefix: str, firmware: Collection[str]
    ) -> None:
        self._source = source
        self._tokens = tokens
        self._prefix = prefix
        self._firmware = firmware
        self._lines = Lines(source)
        self._texts = [token.text for token in tokens]
        self._before: dict[int, str] = {}
        self._after: dict[int, str] = {}
        self._main_varargs = False
        # Innermost last: of each function its open blocks, of each block its local names.
        self._functions: list[list[set[str]]] = [[set()]]

    def run(self, block: Block) -> str:
        self._block(block)
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
                self._texts[index] if token.kind is not TokenKind.END else "",
                self._after.get(index, ""),
            ]
            position = token.end
        return "".join(parts)

    # ---- scopes and statements --------------------------------------------------------------

    def _described(self, name: str) -> str:
        """Say what `name` is, as the firmware's error texts do."""
        if any(name in block for block in self._functions[-1]):
            return f"local '{name}'"
        if any(name in block for blocks in self._functions[:-1] for block in blocks):
            return f"upvalue '{name}'"
        return f"global '{name}'"

    def _block(self, block: Block) -> None:
        for statement in block:
            self._statement(statement)

    def _statement(self, statement: Statement) -> None:
        names = {self._texts[at] for at in statement.names if is_name(self._tokens[at])}
        match statement.kind:
            case StatementKind.LOCAL:
                self._expressions(statement.expressions)
                self._functions[-1][-1].update(names)
            case StatementKind.LOCAL_FUNCTION:
                self._functions[-1][-1].add(self._texts[statement.first + 2])
                self._expressions(statement.expressions)
            case StatementKind.REPEAT:
                self._functions[-1].append(set())
                self._block(statement.blocks[0])
                self._expressions(statement.expressions)
                self._functions[-1].pop()
            case StatementKind.RETURN:
                self._return(statement)
            case _:
                self._expressions(statement.expressions)
                for block in statement.blocks:
                    self._functions[-1].append(set(names))
                    self._block(block)
                    self._functions[-1].pop()

    def _return(self, statement: Statement) -> None:
        for expression in statement.expressions:
            value = self._expression(expression)
            if value.helper:
                self._insert(value, "(", ")")
            elif value.callee in self._firmware:
                self._insert(value, f"{self._prefix}_results(", ")")

    # ---- expressions ------------------------------------------------------------------------

    def _expressions(self, expressions: tuple[Expression, ...]) -> None:
        for expression in expressions:
            self._expression(expression)

    def _expression(self, expression: Expression) -> _Operand:
        first, last = expression.first, expression.last - 1
        match expression:
            case Constant():
                return self._constant(first)
            case Operation():
                return self._operation(expression)
            case Suffixed():
                return self._suffixed(expression)
            case Function():
                self._functions.append([set(expression.parameters)])
                self._block(expression.block)
                self._functions.pop()
            case Table(items=items) | Several(items=items):
                self._expressions(items)
        return _Operand(first, last)

    def _constant(self, at: int) -> _Operand:
        token = self._tokens[at]
        if token.kind is TokenKind.NUMBER:
            value = to_integer(token.text)
            assert value is not None, "a malformed number must not get here"
            return self._number(at, at, value)
        is_varargs = token.text == "..."
        self._main_varargs |= is_varargs and len(self._functions) == 1
        return _Operand(at, at, many=is_varargs)

    def _operation(self, operation: Operation) -> _Operand:
        """Rewrite operators that hang to the left of each other, the innermost first."""
        chain = [operation]
        while isinstance(chain[-1].left, Operation):
            chain.append(chain[-1].left)
        innermost = chain[-1].left
        left = None if innermost is None else self._expression(innermost)
        for link in reversed(chain):
            right = self._expression(link.right)
            operator = self._texts[link.operator]
            if left is None and operator == "-":
                left = self._negate(link.first, right)
            elif left is not None and operator in _ARITHMETIC:
                left = self._calculate(link.operator, left, right)
            else:
                left = _Operand(link.first, link.last - 1)
        assert left is not None
        return left

    def _suffixed(self, expression: Suffixed) -> _Operand:
        first = expression.first
        name: str | None
        callee: str | None = None
        path: str | None = None
        if expression.inner is not None:
            name = self._expression(expression.inner).name
        else:
            path = self._texts[first]
            name = self._described(path)
            if not name.startswith("global"):
                path = None
        for suffix in expression.suffixes:
            match suffix:
                case Call(arguments=arguments, operand=operand):
                    callee, name, path = path, None, None
                    given = operand or arguments
                    if given is not None:
                        self._expression(given)
                case Index(key=key):
                    name, path = self._index(key), None
                case Field():
                    dot, field = self._texts[suffix.first : suffix.last]
                    name = f"field '{field}'"
                    path = ":" + field if dot == ":" else f"{path}.{field}" if path else None
        many = bool(expression.suffixes) and isinstance(expression.suffixes[-1], Call)
        last = expression.last - 1
        return _Operand(first, last, name, many=many, callee=callee if many else None)

    def _index(self, key: Expression) -> str:
        """Rewrite a key in brackets, and return what the firmware calls such an element."""
        self._expression(key)
        token = self._tokens[key.first]
        is_text = isinstance(key, Constant) and token.kind is TokenKind.STRING
        if not is_text or token.text[0] not in "'\"" or "\\" in token.text:
            return "field '?'"
        return f"field '{token.text[1:-1]}'"

    # ---- changes ----------------------------------------------------------------------------

    def _insert(self, operand: _Operand, before: str, after: str) -> None:
        # `before` may be a name where an operator followed a keyword directly, as in `return-x`.
        first, last = operand.first, operand.last
        self._before[first] = " " + before + self._before.get(first, "")
        self._after[last] = self._after.get(last, "") + after

    def _number(self, first: int, last: int, value: int) -> _Operand:
        self._texts[first] = f" {value}"
        for index in range(first + 1, last + 1):
            self._texts[index] = ""
        return _Operand(first, last, value=value)

    def _negate(self, first: int, operand: _Operand) -> _Operand:
        if operand.value is not None:
            return self._number(first, operand.last, wrap(-operand.value))
        self._texts[first] = f" {self._prefix}_unm("
        whole = _Operand(first, operand.last, helper=True)
        self._insert(whole, "", self._extra(whole, operand, None))
        return whole

    def _calculate(self, at: int, left: _Operand, right: _Operand) -> _Operand:
        operator = self._texts[at]
        if left.value is not None and right.value is not None and operator in "+-*":
            value = _fold(operator, left.value, right.value)
            return self._number(left.first, right.last, value)
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
        extra = [_text(left.name)]
        if right is not None:
            extra.append(_text(right.name))
        line = self._lines.at(self._tokens[whole.last].end - 1)
        if line != self._lines.at(self._tokens[whole.first].start):
            extra.append(str(line))
        while extra and extra[-1] == "nil" and not (last.many and len(extra) == 1):
            extra.pop()
        return "".join("," + text for text in extra) + ")"


def _fold(operator: str, left: int, right: int) -> int:
    results = {"+": left + right, "-": left - right, "*": left * right}
    return wrap(results[operator])


def _text(name: str | None) -> str:
    return "nil" if name is None else quoted(name.encode("latin-1"))
