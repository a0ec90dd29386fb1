"""The parser of Lua 5.1.

Code that the compiler would refuse may pass here, or be refused with `NotLuaError`: the compiler is
the one to judge it (lua/check.py).
"""

from __future__ import annotations

from chdkshell.lua.tokens import Token, TokenKind, tokenise
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
    Suffix,
    Suffixed,
    Table,
)

MAX_DEPTH = 200
"""How deep blocks and expressions may nest: Lua's own LUAI_MAXCCALLS, and counted as it does."""

_END = "<eof>"
_BLOCK_ENDS = frozenset(("end", "else", "elseif", "until", _END))
_LITERALS = (TokenKind.STRING, TokenKind.NUMBER)
_CONSTANTS = ("nil", "true", "false", "...")
_UNARY = ("not", "-", "#")
_UNARY_PRIORITY = 8
_BINARY = {
    **dict.fromkeys(("+", "-"), (6, 6)),
    **dict.fromkeys(("*", "/", "%"), (7, 7)),
    "^": (10, 9),
    "..": (5, 4),
    **dict.fromkeys(("~=", "==", "<", "<=", ">", ">="), (3, 3)),
    "and": (2, 2),
    "or": (1, 1),
}
"""How tight an operator binds to its left and to its right."""

_NOT_BINARY = (0, 0)


class NotLuaError(Exception):
    """The text is no Lua, or none that is understood here."""


def is_name(token: Token) -> bool:
    """Whether a token is a name."""
    return token.kind is TokenKind.NAME


def parse(source: str) -> tuple[tuple[Token, ...], Block]:
    """Return the tokens and the statements of a chunk. Raises `NotLuaError`."""
    tokens = tokenise(source)
    if tokens[-1].start < len(source):
        raise NotLuaError("not a token of Lua")
    try:
        return tokens, _Parser(tokens).chunk()
    except RecursionError:
        raise _too_deep() from None


def _too_deep() -> NotLuaError:
    return NotLuaError("chunk has too many syntax levels")


class _Parser:
    """Reads by recursive descent, with as few calls as can be between one level and the next."""

    def __init__(self, tokens: tuple[Token, ...]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def chunk(self) -> Block:
        block = self._block()
        self._expect(_END)
        return block

    # ---- tokens ----

    @property
    def _text(self) -> str:
        return self._tokens[self._at].text

    def _accept(self, *texts: str) -> bool:
        if self._text not in texts:
            return False
        self._at += 1
        return True

    def _expect(self, text: str) -> None:
        if self._text != text:
            raise NotLuaError(f"{text} expected near {self._text}")
        self._at += text != _END

    def _name(self) -> str:
        token = self._tokens[self._at]
        if not is_name(token):
            raise NotLuaError(f"name expected near {token.text}")
        self._at += 1
        return token.text

    def _names(self) -> range:
        first = self._at
        self._name()
        while self._accept(","):
            self._name()
        return range(first, self._at)

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _too_deep()

    # ---- statements ----

    def _block(self) -> Block:
        self._deeper()
        statements = []
        while self._text not in _BLOCK_ENDS:
            statements.append(self._statement())
            self._accept(";")
            if statements[-1].kind in (StatementKind.RETURN, StatementKind.BREAK):
                break
        self._depth -= 1
        return tuple(statements)

    def _statement(self) -> Statement:
        first = self._at
        match self._text:
            case "if":
                return self._if(first)
            case "while":
                self._at += 1
                condition = self._expressions()
                return self._control(StatementKind.WHILE, first, (condition,), self._body())
            case "do":
                return self._control(StatementKind.DO, first, (), self._body())
            case "for":
                return self._for(first)
            case "repeat":
                self._at += 1
                block = self._block()
                self._expect("until")
                condition = self._expressions()
                return self._control(StatementKind.REPEAT, first, (condition,), block)
            case "function":
                return self._function_statement(first)
            case "local":
                return self._local(first)
            case "return":
                self._at += 1
                bare = self._text in (*_BLOCK_ENDS, ";")
                returned = () if bare else (self._expressions(),)
                return Statement(StatementKind.RETURN, first, self._at, expressions=returned)
            case "break":
                self._at += 1
                return Statement(StatementKind.BREAK, first, self._at)
            case _:
                return self._call_or_assignment(first)

    def _control(
        self,
        kind: StatementKind,
        first: int,
        expressions: tuple[Expression, ...],
        block: Block,
        names: range = range(0),
    ) -> Statement:
        return Statement(kind, first, self._at, names, expressions, (block,))

    def _body(self) -> Block:
        self._expect("do")
        block = self._block()
        self._expect("end")
        return block

    def _if(self, first: int) -> Statement:
        conditions, blocks = [], []
        while self._accept("if", "elseif"):
            conditions.append(self._expressions())
            self._expect("then")
            blocks.append(self._block())
        if self._accept("else"):
            blocks.append(self._block())
        self._expect("end")
        return Statement(
            StatementKind.IF, first, self._at, expressions=tuple(conditions), blocks=tuple(blocks)
        )

    def _for(self, first: int) -> Statement:
        self._at += 1
        names = self._names()
        numeric = self._text == "="
        if not self._accept("=", "in"):
            raise NotLuaError(f"= or in expected near {self._text}")
        head = self._expressions()
        kind = StatementKind.NUMERIC_FOR if numeric else StatementKind.GENERIC_FOR
        return self._control(kind, first, (head,), self._body(), names)

    def _function_statement(self, first: int) -> Statement:
        self._at += 1
        name = self._name()
        is_method = False
        while self._text in (".", ":"):
            is_method = self._accept(":") or not self._accept(".")
            name = self._name()
        function = self._function(first, name, is_method)
        return Statement(StatementKind.FUNCTION, first, self._at, expressions=(function,))

    def _local(self, first: int) -> Statement:
        self._at += 1
        if self._accept("function"):
            function = self._function(first, self._name())
            return Statement(StatementKind.LOCAL_FUNCTION, first, self._at, expressions=(function,))
        names = self._names()
        values = (self._expressions(),) if self._accept("=") else ()
        return Statement(StatementKind.LOCAL, first, self._at, names, values)

    def _call_or_assignment(self, first: int) -> Statement:
        targets: list[Expression] = [self._suffixed()]
        while self._accept(","):
            targets.append(self._suffixed())
        target = _joined(targets)
        if self._accept("="):
            names = range(first, target.last)
            expressions = (target, self._expressions())
            return Statement(StatementKind.ASSIGNMENT, first, self._at, names, expressions)
        return Statement(StatementKind.CALL, first, self._at, expressions=(target,))

    # ---- expressions ----

    def _expressions(self) -> Expression:
        items = [self._expression()]
        while self._accept(","):
            items.append(self._expression())
        return _joined(items)

    def _expression(self, limit: int = 0) -> Expression:
        """Parse an expression of operators that bind tighter than `limit`."""
        self._deeper()
        first = self._at
        token = self._tokens[first]
        left: Expression
        if token.text in _UNARY:
            self._at += 1
            operand = self._expression(_UNARY_PRIORITY)
            left = Operation(first, self._at, first, None, operand)
        elif token.kind in _LITERALS or token.text in _CONSTANTS:
            self._at += 1
            left = Constant(first, self._at)
        elif token.text == "{":
            left = self._table()
        elif token.text == "function":
            self._at += 1
            left = self._function(first, self._given_name(first))
        else:
            left = self._suffixed()
        while (binds := _BINARY.get(self._text, _NOT_BINARY))[0] > limit:
            operator = self._at
            self._at += 1
            right = self._expression(binds[1])
            left = Operation(first, self._at, operator, left, right)
        self._depth -= 1
        return left

    def _given_name(self, at: int) -> str:
        """Return the name in `name = function`, or ""."""
        before = self._tokens[at - 2] if at > 1 and self._tokens[at - 1].text == "=" else None
        return before.text if before and is_name(before) else ""

    def _suffixed(self) -> Suffixed:
        start = self._at
        inner = None
        name = ""
        if self._accept("("):
            inner = self._expression()
            self._expect(")")
        else:
            name = self._name()
        suffixes: list[Suffix] = []
        while True:
            first = self._at
            token = self._tokens[first]
            if token.text in (".", ":"):
                self._at += 1
                name = self._name()
                suffixes.append(Field(first, self._at))
                continue
            if token.text == "[":
                self._at += 1
                key = self._expression()
                self._expect("]")
                suffixes.append(Index(first, self._at, key))
            elif token.kind is TokenKind.STRING:
                self._at += 1
                operand = Constant(first, self._at)
                suffixes.append(Call(first, self._at, name, operand=operand))
            elif token.text == "{":
                table = self._table()
                suffixes.append(Call(first, self._at, name, operand=table))
            elif token.text == "(":
                self._at += 1
                arguments = None if self._text == ")" else self._expressions()
                self._expect(")")
                suffixes.append(Call(first, self._at, name, arguments))
            else:
                return Suffixed(start, first, inner, tuple(suffixes))
            name = ""

    def _table(self) -> Table:
        first = self._at
        self._expect("{")
        items: list[Expression] = []
        while not self._accept("}"):
            if self._accept("["):
                items.append(self._expression())
                self._expect("]")
                self._expect("=")
            elif is_name(self._tokens[self._at]) and self._tokens[self._at + 1].text == "=":
                self._at += 2
            items.append(self._expression())
            if not self._accept(",", ";"):
                self._expect("}")
                break
        return Table(first, self._at, tuple(items))

    def _function(self, first: int, name: str, is_method: bool = False) -> Function:
        """Parse a function from its parameters to its end."""
        parameters = ["self"] if is_method else []
        self._expect("(")
        while not self._accept(")"):
            if not self._accept("..."):
                parameters.append(self._name())
            if self._text != ")":
                self._expect(",")
        body = self._at
        block = self._block()
        self._expect("end")
        return Function(first, self._at, body, name, tuple(parameters), block)


def _joined(items: list[Expression]) -> Expression:
    if len(items) == 1:
        return items[0]
    return Several(items[0].first, items[-1].last, tuple(items))
