"""How a chunk of Lua uses names: which are local, which global, and what is called with what."""

from __future__ import annotations

from typing import NamedTuple

from chdkshell.lua.tokens import Token
from chdkshell.lua.tree import (
    Block,
    Call,
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


class GlobalCall(NamedTuple):
    """A call of a global, or of a field of one: `os.stat`.

    `arguments` is how many it has at least, `is_open`: the last one may be several. `first` is the
    first of them, None for none.
    """

    name: str
    place: int
    arguments: int
    is_open: bool
    first: Expression | None


class Uses:
    """What a chunk does with globals. Places are indices of its tokens.

    `reads` are names that are looked at, `calls` what is called or has its fields looked at, by
    the name of a global or of its field. `writes` are the names that the chunk sets, with those of
    fields. `functions` are the functions in it, by the name that they are given, "" for none.
    """

    def __init__(self, tokens: tuple[Token, ...], block: Block) -> None:
        self._tokens = tokens
        self.reads: list[tuple[str, int]] = []
        self.indexed: list[tuple[str, int]] = []
        self.calls: list[GlobalCall] = []
        self.writes: set[str] = set()
        self.functions: list[Function] = []
        self._scopes: list[set[str]] = []
        self._block(block)

    # ---- scopes ----

    def _is_local(self, name: str) -> bool:
        return any(name in scope for scope in self._scopes)

    def _block(self, block: Block, names: tuple[str, ...] = ()) -> None:
        self._scopes.append(set(names))
        for statement in block:
            self._statement(statement)
        self._scopes.pop()

    def _names(self, places: range) -> tuple[str, ...]:
        texts = (self._tokens[place].text for place in places)
        return tuple(text for text in texts if text != ",")

    # ---- statements ----

    def _statement(self, statement: Statement) -> None:
        kind = statement.kind
        match kind:
            case StatementKind.FUNCTION:
                self._function_statement(statement)
            case StatementKind.LOCAL_FUNCTION:
                function = statement.expressions[0]
                assert isinstance(function, Function)
                self._scopes[-1].add(function.name)
                self._expression(function)
            case StatementKind.LOCAL:
                self._expressions(statement)
                self._scopes[-1].update(self._names(statement.names))
            case StatementKind.ASSIGNMENT:
                target, value = statement.expressions
                self._expression(value)
                for item in target.items if isinstance(target, Several) else (target,):
                    self._target(item)
            case StatementKind.NUMERIC_FOR | StatementKind.GENERIC_FOR:
                self._expressions(statement)
                self._block(statement.blocks[0], self._names(statement.names))
            case StatementKind.REPEAT:
                self._scopes.append(set())
                for inner in statement.blocks[0]:
                    self._statement(inner)
                self._expressions(statement)  # which sees the block's locals
                self._scopes.pop()
            case _:
                self._expressions(statement)
                for block in statement.blocks:
                    self._block(block)

    def _expressions(self, statement: Statement) -> None:
        for expression in statement.expressions:
            self._expression(expression)

    def _function_statement(self, statement: Statement) -> None:
        function = statement.expressions[0]
        assert isinstance(function, Function)
        place = statement.first + 1
        name = self._tokens[place].text
        dotted = name
        while self._tokens[place + 1].text in (".", ":"):
            dotted += f".{self._tokens[place + 2].text}"
            place += 2
        if not self._is_local(name):
            self.writes.add(dotted)
        self._expression(function)

    def _target(self, target: Expression) -> None:
        """Note what an assignment sets."""
        if not isinstance(target, Suffixed) or target.inner is not None:
            self._expression(target)
            return
        name = self._tokens[target.first].text
        if not self._is_local(name):
            path, rest = self._path(target)
            if not rest:
                self.writes.add(path)
            if target.suffixes:
                self.indexed.append((name, target.first))
        self._suffixes(target.suffixes)

    # ---- expressions ----

    def _expression(self, expression: Expression | None) -> None:
        match expression:
            case Function() as function:
                self.functions.append(function)
                self._block(function.block, function.parameters)
            case Operation() as operation:
                left: Expression | None = operation
                while isinstance(left, Operation):  # a chain may be long
                    self._expression(left.right)
                    left = left.left
                self._expression(left)
            case Table(items=items) | Several(items=items):
                for item in items:
                    self._expression(item)
            case Suffixed() as suffixed:
                self._suffixed(suffixed)

    def _suffixed(self, suffixed: Suffixed) -> None:
        if suffixed.inner is not None:
            self._expression(suffixed.inner)
        else:
            name = self._tokens[suffixed.first].text
            if not self._is_local(name):
                self._global(suffixed, name)
        self._suffixes(suffixed.suffixes)

    def _global(self, suffixed: Suffixed, name: str) -> None:
        path, rest = self._path(suffixed)
        is_call = bool(rest) and isinstance(rest[0], Call)
        if suffixed.suffixes and not isinstance(suffixed.suffixes[0], Call):
            self.indexed.append((name, suffixed.first))
        if is_call:
            call = rest[0]
            assert isinstance(call, Call)
            self.calls.append(GlobalCall(path, suffixed.first, *self._arguments(call)))
        else:
            self.reads.append((path, suffixed.first))

    def _path(self, suffixed: Suffixed) -> tuple[str, tuple[Suffix, ...]]:
        """Return the name with the fields after it, one level deep, and the suffixes after these.

        A method's name is none of them.
        """
        name = self._tokens[suffixed.first].text
        first = suffixed.suffixes[0] if suffixed.suffixes else None
        if isinstance(first, Field) and self._tokens[first.first].text == ".":
            return f"{name}.{self._tokens[first.last - 1].text}", suffixed.suffixes[1:]
        return name, suffixed.suffixes

    def _arguments(self, call: Call) -> tuple[int, bool, Expression | None]:
        """Return how many arguments a call has, whether there may be more, and the first."""
        if call.operand is not None:
            return 1, False, call.operand
        if call.arguments is None:
            return 0, False, None
        items = call.arguments.items if isinstance(call.arguments, Several) else (call.arguments,)
        last = items[-1]
        is_call = isinstance(last, Suffixed) and isinstance((None, *last.suffixes)[-1], Call)
        is_open = is_call or self._tokens[last.first].text == "..."
        return len(items), is_open, items[0]

    def _suffixes(self, suffixes: tuple[Suffix, ...]) -> None:
        for suffix in suffixes:
            if isinstance(suffix, Index):
                self._expression(suffix.key)
            elif isinstance(suffix, Call):
                self._expression(suffix.arguments)
                if isinstance(suffix.operand, Table):
                    self._expression(suffix.operand)
