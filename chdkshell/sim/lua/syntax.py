"""Statements and scopes of Lua 5.1: the part of the rewriting parser that changes nothing.

The source has already been compiled natively, so nothing is checked here.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from chdkshell.lua.tokens import Kind, Token

BLOCK_END = frozenset(("end", "else", "elseif", "until", "<eof>"))


class Statements(ABC):
    """Walks through blocks and statements. Expressions are its heirs' part."""

    def __init__(self, tokens: tuple[Token, ...]) -> None:
        self._tokens = tokens
        self._at = 0
        # Innermost last: of each function its open blocks, of each block its local names.
        self._functions: list[list[set[str]]] = [[set()]]

    @abstractmethod
    def _expression(self, limit: int = 0) -> object:
        """Parse an expression of operators that bind tighter than `limit`."""

    @abstractmethod
    def _primary(self) -> object:
        """Parse a name or an expression in parentheses, and what follows it."""

    @abstractmethod
    def _return(self) -> None:
        """Parse a return statement."""

    def _expressions(self) -> None:
        self._expression()
        while self._accept(","):
            self._expression()

    # ---- tokens -----------------------------------------------------------------------------

    def _token(self) -> Token:
        return self._tokens[self._at]

    def _text(self) -> str:
        """The current token if it is a keyword or operator, else a text that is neither."""
        token = self._tokens[self._at]
        if token.kind in (Kind.KEYWORD, Kind.OP, Kind.END):
            return token.text
        return "<other>"

    def _next(self) -> str:
        text = self._tokens[self._at].text
        self._at += 1
        return text

    def _accept(self, text: str) -> bool:
        if self._text() == text:
            self._at += 1
            return True
        return False

    # ---- scopes -----------------------------------------------------------------------------

    def _declare(self, *names: str) -> None:
        self._functions[-1][-1].update(names)

    def _scoped_block(self, *names: str) -> None:
        self._functions[-1].append(set(names))
        self._block()
        self._functions[-1].pop()

    def _described(self, name: str) -> str:
        """Say what `name` is, as the firmware's error texts do."""
        if any(name in block for block in self._functions[-1]):
            return f"local '{name}'"
        if any(name in block for blocks in self._functions[:-1] for block in blocks):
            return f"upvalue '{name}'"
        return f"global '{name}'"

    # ---- statements -------------------------------------------------------------------------

    def _block(self) -> None:
        while self._text() not in BLOCK_END:
            self._statement()
            self._accept(";")

    def _statement(self) -> None:
        match self._text():
            case "if":
                self._if()
            case "while":
                self._next()
                self._expression()
                self._next()
                self._scoped_block()
                self._next()
            case "do":
                self._next()
                self._scoped_block()
                self._next()
            case "for":
                self._for()
            case "repeat":
                self._next()
                self._functions[-1].append(set())
                self._block()
                self._next()
                self._expression()
                self._functions[-1].pop()
            case "function":
                self._next()
                self._next()
                method = False
                while self._text() in (".", ":"):
                    method = self._next() == ":"
                    self._next()
                self._body(method)
            case "local":
                self._local()
            case "return":
                self._return()
            case "break":
                self._next()
            case _:
                self._assignment_or_call()

    def _if(self) -> None:
        while self._text() in ("if", "elseif"):
            self._next()
            self._expression()
            self._next()
            self._scoped_block()
        if self._accept("else"):
            self._scoped_block()
        self._next()

    def _for(self) -> None:
        self._next()
        names = [self._next()]
        while self._accept(","):
            names.append(self._next())
        self._next()
        self._expressions()
        self._next()
        self._scoped_block(*names)
        self._next()

    def _local(self) -> None:
        self._next()
        if self._accept("function"):
            self._declare(self._next())
            self._body(method=False)
            return
        names = [self._next()]
        while self._accept(","):
            names.append(self._next())
        if self._accept("="):
            self._expressions()
        self._declare(*names)

    def _assignment_or_call(self) -> None:
        self._primary()
        while self._accept(","):
            self._primary()
        if self._accept("="):
            self._expressions()

    def _body(self, method: bool) -> None:
        """Parse a function from its parameter list to its `end`."""
        names = {"self"} if method else set()
        self._next()
        while not self._accept(")"):
            if self._token().kind is Kind.NAME:
                names.add(self._token().text)
            self._next()
        self._functions.append([names])
        self._block()
        self._functions.pop()
        self._next()
