"""Statements of Lua 5.1 and where their parts stand: as much as a Lua session has to know.

Places are indices of a chunk's tokens.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, auto


class Kind(Enum):
    """What a statement is."""

    CALL = auto()
    ASSIGNMENT = auto()
    LOCAL = auto()
    FUNCTION = auto()
    LOCAL_FUNCTION = auto()
    IF = auto()
    WHILE = auto()
    REPEAT = auto()
    NUMERIC_FOR = auto()
    GENERIC_FOR = auto()
    DO = auto()
    RETURN = auto()
    BREAK = auto()


@dataclass(frozen=True, slots=True)
class Expression:
    """Expressions between two tokens (the second one excluded), and the `parts` to look into.

    `items` are the expressions of a list, where it has several.
    """

    first: int
    last: int
    parts: tuple[Function | Call, ...]
    items: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """A call; `arguments` is None for `f()`, `f'text'` and `f{}`. `name` is "" for `(f)()`."""

    name: str
    first: int
    last: int
    arguments: Expression | None


@dataclass(frozen=True, slots=True)
class Function:
    """A function from the `function` to the token after its `end`; `body` is the first in it."""

    first: int
    body: int
    last: int
    name: str
    block: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement. `names` are the tokens of what it declares or assigns to.

    `expressions` and `blocks` stand in the order of the text; an `if` with one block more than
    expressions has an `else`. The function of a function statement is in its expression.
    """

    kind: Kind
    first: int
    last: int
    names: range = range(0)
    expressions: tuple[Expression, ...] = ()
    blocks: tuple[tuple[Statement, ...], ...] = ()


# ---- walking ----


def statements(block: Iterable[Statement]) -> Iterator[Statement]:
    """Yield the statements of a block and of the blocks in it."""
    for statement in block:
        yield statement
        for inner in statement.blocks:
            yield from statements(inner)


def expressions(statement: Statement) -> Iterator[Expression]:
    """Yield the expressions of a statement and of the blocks in it."""
    for inner in statements([statement]):
        yield from inner.expressions


def parts_of(block: Iterable[Statement]) -> list[Function | Call]:
    """Return the parts of a block's expressions as they stand in the text."""
    found = [p for s in block for e in expressions(s) for p in e.parts]
    return sorted(found, key=lambda part: part.first)


def functions(parts: Iterable[Function | Call], nested: bool = True) -> Iterator[Function]:
    """Yield the functions in an expression; `nested`: and those in them."""
    for part in parts:
        if isinstance(part, Function):
            yield part
            if nested:
                yield from functions(parts_of(part.block))
        elif part.arguments is not None:
            yield from functions(part.arguments.parts, nested)


def calls(parts: Iterable[Function | Call]) -> Iterator[Call]:
    """Yield the calls in an expression, outside of its functions."""
    for part in parts:
        if isinstance(part, Call):
            yield part
            if part.arguments is not None:
                yield from calls(part.arguments.parts)
