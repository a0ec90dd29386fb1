"""The syntax tree of Lua 5.1. Places are indices of a chunk's tokens; `last` is one past the end.

Chains that a text may have at any length are flat, `a.b().c` as suffixes, or hang to the left,
`a+b+c`: whoever follows those by a loop nests no deeper than the text does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum, auto
from typing import NamedTuple, TypeAlias, Union


class StatementKind(Enum):
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


class Statement(NamedTuple):
    """A statement. `names` are the tokens of what it declares or assigns to.

    `expressions` and `blocks` stand in the order of the text; an `if` with one block more than
    expressions has an `else`. The function of a function statement is in its expressions.
    """

    kind: StatementKind
    first: int
    last: int
    names: range = range(0)
    expressions: tuple[Expression, ...] = ()
    blocks: tuple[Block, ...] = ()


Block: TypeAlias = tuple[Statement, ...]


class Constant(NamedTuple):
    """nil, true, false, a number, a string, or `...`: one token."""

    first: int
    last: int


class Operation(NamedTuple):
    """An operator, the token at `operator`, and its operands. `left` is None for `-x`."""

    first: int
    last: int
    operator: int
    left: Expression | None
    right: Expression


class Table(NamedTuple):
    """A table; `items` are its values, and the keys in brackets before them."""

    first: int
    last: int
    items: tuple[Expression, ...]


class Function(NamedTuple):
    """A function from `function`, or the statement it is, to the token after its `end`.

    `body` is the first token in it. `name` is the last one of what it is given to, "" for none.
    `parameters` has `self` where that is one.
    """

    first: int
    last: int
    body: int
    name: str
    parameters: tuple[str, ...]
    block: Block


class Field(NamedTuple):
    """`.name`, or `:name` before a call."""

    first: int
    last: int


class Index(NamedTuple):
    """`[key]`."""

    first: int
    last: int
    key: Expression


class Call(NamedTuple):
    """A call. `arguments` are those in parentheses, `operand` is that of `f'text'` and `f{}`.

    `name` is the name right before it, "" for `(f)()`.
    """

    first: int
    last: int
    name: str
    arguments: Expression | None = None
    operand: Constant | Table | None = None


Suffix: TypeAlias = Field | Index | Call


class Suffixed(NamedTuple):
    """A name, or where `inner` is not None an expression in parentheses, and what follows it."""

    first: int
    last: int
    inner: Expression | None
    suffixes: tuple[Suffix, ...]


class Several(NamedTuple):
    """Two or more expressions with commas between them."""

    first: int
    last: int
    items: tuple[Expression, ...]


Expression: TypeAlias = Union["Constant", "Operation", "Table", "Function", "Suffixed", "Several"]


# ---- walking ----


def statements(block: Iterable[Statement]) -> Iterator[Statement]:
    """Yield the statements of a block and of the blocks in it."""
    for statement in block:
        yield statement
        for inner in statement.blocks:
            yield from statements(inner)


def expressions(block: Iterable[Statement]) -> Iterator[Expression]:
    """Yield the expressions of a block and of the blocks in it."""
    for statement in statements(block):
        yield from statement.expressions


def parts(expression: Expression) -> list[Function | Call]:
    """Return the functions and calls in an expression, but not those in them or their arguments."""
    found: list[Function | Call] = []
    waiting: list[Expression | Suffix | None] = [expression]
    while waiting:
        match waiting.pop():
            case Function() as function:
                found.append(function)
            case Call(operand=Table() as operand) as call:
                waiting += (Call(call.first, call.last, call.name), operand)
            case Call() as call:
                found.append(call)
            case Operation(left=left, right=right):
                waiting += (right, left)
            case Table(items=items) | Several(items=items):
                waiting += reversed(items)
            case Suffixed(inner=inner, suffixes=suffixes):
                waiting += (*reversed(suffixes), inner)
            case Index(key=key):
                waiting.append(key)
    return found


def parts_of(block: Iterable[Statement]) -> list[Function | Call]:
    """Return the parts of a block's expressions as they stand in the text."""
    found = [part for expression in expressions(block) for part in parts(expression)]
    return sorted(found, key=lambda part: part.first)


def functions(found: Iterable[Expression], nested: bool = True) -> Iterator[Function]:
    """Yield the functions in expressions; `nested`: and those in them."""
    for expression in found:
        for part in parts(expression):
            if isinstance(part, Function):
                yield part
                if nested:
                    yield from functions(expressions(part.block))
            elif part.arguments is not None:
                yield from functions([part.arguments], nested)


def calls(found: Iterable[Expression]) -> Iterator[Call]:
    """Yield the calls in expressions, outside of the functions in them."""
    for expression in found:
        for part in parts(expression):
            if isinstance(part, Call):
                yield part
                if part.arguments is not None:
                    yield from calls([part.arguments])
