"""A parser of Lua 5.1 for Lua sessions.

Code that the compiler would refuse may pass here, or be refused with `NotLuaError`: the camera's
compiler is the one to judge it.
"""

from __future__ import annotations

from collections.abc import Callable

from chdkshell.lua import tokens as luatokens
from chdkshell.lua.tokens import Token
from chdkshell.lua.tree import Call, Expression, Function, Kind, Statement

_END = "<eof>"
_BLOCK_ENDS = frozenset(("end", "else", "elseif", "until", _END))
_LITERALS = (luatokens.Kind.STRING, luatokens.Kind.NUMBER)
_UNARY = ("not", "-", "#")
_BINARY = ("+", "-", "*", "/", "%", "^", "..", "==", "~=", "<", "<=", ">", ">=", "and", "or")
_CONSTANTS = ("nil", "true", "false", "...")


class NotLuaError(Exception):
    """The text is no Lua, or none that is understood here."""


def is_name(token: Token) -> bool:
    """Whether a token is a name."""
    return token.kind is luatokens.Kind.NAME


def tokenise(source: str) -> tuple[Token, ...]:
    """Return the tokens of `source`, and one for its end. Raises `NotLuaError`."""
    tokens = luatokens.tokenise(source)
    if tokens[-1].start < len(source):
        raise NotLuaError
    return tokens


def parse(tokens: tuple[Token, ...]) -> tuple[Statement, ...]:
    """Return the statements of a chunk. Raises `NotLuaError`."""
    try:
        return _Parser(tokens).chunk()
    except RecursionError:
        raise NotLuaError from None


class _Parser:
    def __init__(self, tokens: tuple[Token, ...]) -> None:
        self._tokens = tokens
        self._at = 0
        self._parts: list[Function | Call] = []

    def chunk(self) -> tuple[Statement, ...]:
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

    def _literal(self) -> bool:
        found = self._tokens[self._at].kind in _LITERALS
        self._at += found
        return found

    def _expect(self, text: str) -> None:
        if self._text != text:
            raise NotLuaError
        self._at += text != _END

    def _name(self) -> str:
        token = self._tokens[self._at]
        if not is_name(token):
            raise NotLuaError
        self._at += 1
        return token.text

    def _names(self) -> range:
        first = self._at
        self._name()
        while self._accept(","):
            self._name()
        return range(first, self._at)

    # ---- statements ----

    def _block(self) -> tuple[Statement, ...]:
        statements = []
        while self._text not in _BLOCK_ENDS:
            statements.append(self._statement())
            self._accept(";")
            if statements[-1].kind in (Kind.RETURN, Kind.BREAK):
                break
        return tuple(statements)

    def _statement(self) -> Statement:
        first = self._at
        match self._text:
            case "if":
                return self._if(first)
            case "while":
                self._at += 1
                condition = self._expressions()
                return self._control(Kind.WHILE, first, (condition,), self._body("do"))
            case "do":
                return self._control(Kind.DO, first, (), self._body("do"))
            case "for":
                return self._for(first)
            case "repeat":
                self._at += 1
                block = self._block()
                self._expect("until")
                return self._control(Kind.REPEAT, first, (self._expressions(),), block)
            case "function":
                return self._function_statement(first)
            case "local":
                return self._local(first)
            case "return":
                self._at += 1
                bare = self._text in (*_BLOCK_ENDS, ";")
                returned = () if bare else (self._expressions(),)
                return Statement(Kind.RETURN, first, self._at, expressions=returned)
            case "break":
                self._at += 1
                return Statement(Kind.BREAK, first, self._at)
            case _:
                return self._call_or_assignment(first)

    def _control(
        self,
        kind: Kind,
        first: int,
        expressions: tuple[Expression, ...],
        block: tuple[Statement, ...],
        names: range = range(0),
    ) -> Statement:
        return Statement(kind, first, self._at, names, expressions, (block,))

    def _body(self, opening: str) -> tuple[Statement, ...]:
        self._expect(opening)
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
            Kind.IF, first, self._at, expressions=tuple(conditions), blocks=tuple(blocks)
        )

    def _for(self, first: int) -> Statement:
        self._at += 1
        names = self._names()
        kind = Kind.NUMERIC_FOR if self._text == "=" else Kind.GENERIC_FOR
        if not self._accept("=", "in"):
            raise NotLuaError
        head = self._expressions()
        return self._control(kind, first, (head,), self._body("do"), names)

    def _function_statement(self, first: int) -> Statement:
        self._at += 1
        name = self._name()
        while self._accept(".", ":"):
            name = self._name()
        function = self._function(first, name)
        whole = Expression(first, self._at, (function,))
        return Statement(Kind.FUNCTION, first, self._at, expressions=(whole,))

    def _local(self, first: int) -> Statement:
        self._at += 1
        if self._accept("function"):
            function = self._function(first, self._name())
            whole = Expression(first, self._at, (function,))
            return Statement(Kind.LOCAL_FUNCTION, first, self._at, expressions=(whole,))
        names = self._names()
        values = (self._expressions(),) if self._accept("=") else ()
        return Statement(Kind.LOCAL, first, self._at, names, values)

    def _call_or_assignment(self, first: int) -> Statement:
        target = self._collect(self._targets)
        names = range(first, self._at)
        if self._accept("="):
            values = self._expressions()
            return Statement(Kind.ASSIGNMENT, first, self._at, names, (target, values))
        return Statement(Kind.CALL, first, self._at, expressions=(target,))

    def _targets(self) -> None:
        self._suffixed()
        while self._accept(","):
            self._suffixed()

    # ---- expressions ----

    def _collect(self, parse_part: Callable[[], None]) -> Expression:
        """Parse with one of the methods below; the parts that it meets are the expression's."""
        outer, self._parts, first = self._parts, [], self._at
        parse_part()
        found = Expression(first, self._at, tuple(self._parts))
        self._parts = outer
        return found

    def _expressions(self) -> Expression:
        items = [self._collect(self._expression)]
        while self._accept(","):
            items.append(self._collect(self._expression))
        if len(items) == 1:
            return items[0]
        parts = tuple(part for item in items for part in item.parts)
        return Expression(items[0].first, items[-1].last, parts, tuple(items))

    def _expression(self) -> None:
        while True:
            while self._accept(*_UNARY):
                pass
            self._operand()
            if not self._accept(*_BINARY):
                return

    def _operand(self) -> None:
        if self._literal() or self._accept(*_CONSTANTS):
            return
        if self._text == "{":
            self._table()
        elif self._text == "function":
            first = self._at
            self._at += 1
            self._parts.append(self._function(first, self._given_name(first)))
        else:
            self._suffixed()

    def _given_name(self, at: int) -> str:
        """Return the name in `name = function`, or ""."""
        before = self._tokens[at - 2] if at > 1 and self._tokens[at - 1].text == "=" else None
        return before.text if before and is_name(before) else ""

    def _suffixed(self) -> None:
        if self._accept("("):
            self._expression()
            self._expect(")")
            name = ""
        else:
            name = self._name()
        while True:
            first = self._at
            if self._accept(".", ":"):
                name = self._name()
            elif self._accept("["):
                self._expression()
                self._expect("]")
                name = ""
            elif self._literal():
                self._parts.append(Call(name, first, self._at, None))
                name = ""
            elif self._text == "{":
                within = self._collect(self._table)
                self._parts += [*within.parts, Call(name, first, self._at, None)]
                name = ""
            elif self._accept("("):
                arguments = None if self._text == ")" else self._expressions()
                self._expect(")")
                self._parts.append(Call(name, first, self._at, arguments))
                name = ""
            else:
                return

    def _table(self) -> None:
        self._expect("{")
        while not self._accept("}"):
            if self._accept("["):
                self._expression()
                self._expect("]")
                self._expect("=")
            elif is_name(self._tokens[self._at]) and self._tokens[self._at + 1].text == "=":
                self._at += 2
            self._expression()
            if not self._accept(",", ";"):
                self._expect("}")
                return

    def _function(self, first: int, name: str) -> Function:
        """Parse a function from its parameters to its end."""
        self._expect("(")
        while not self._accept(")"):
            if not self._accept("..."):
                self._name()
            if self._text != ")":
                self._expect(",")
        body = self._at
        block = self._block()
        self._expect("end")
        return Function(first, body, self._at, name, block)
