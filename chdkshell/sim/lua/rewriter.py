"""How a chunk is rewritten to count in 32 bits: see rewrite.py."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from chdkshell.lua.literals import quoted
from chdkshell.lua.numbers import to_integer, wrap
from chdkshell.lua.parser import is_name
from chdkshell.lua.tokens import Token, TokenKind
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
from chdkshell.sim.lua.edits import EditedTokens, Operand
from chdkshell.sim.lua.forms import HELPERS, Form

LONG_CHAIN = 50
"""So many operators in a row are calls in each other; native code nests 200 deep."""

_ARITHMETIC = {"+": "add", "-": "sub", "*": "mul", "/": "div", "%": "mod", "^": "pow"}


class _Scope:
    """A function: its open blocks, innermost last, and the loops they are in.

    A block has its local names, each with the path of the global value that it got, if any. `loops`
    says for each open loop whether another was put around it.
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        self.blocks: list[dict[str, str | None]] = [dict.fromkeys(names)]
        self.loops: list[bool] = []
        self.upvalues: set[tuple[int, str]] = set()


class Rewriter:
    """Rewrites the code of a script for the interpreter that runs it."""

    def __init__(
        self,
        source: str,
        tokens: tuple[Token, ...],
        prefix: str,
        firmware: Collection[str],
        form: Form,
    ) -> None:
        self._edits = EditedTokens(source, tokens)
        self._tokens = tokens
        self._texts = self._edits.texts
        self._prefix = prefix
        self._firmware = firmware
        self._form = form
        self._has_varargs = "..." in self._texts
        self._main_varargs = False
        self._functions = [_Scope()]
        self.most_upvalues = 0

    def run(self, block: Block) -> str:
        self._block(block)
        if self._form is not Form.USUAL:
            return self._edits.render()
        names = ",".join(f"{self._prefix}_{name}" for name in HELPERS)
        parameters = "..." if self._main_varargs else ""
        text = self._edits.render() + self._edits.closing()
        return f"local {names}=... return function({parameters}) {text}"

    def _helper(self, name: str) -> str:
        return f"{self._prefix}_{name}" if self._form is Form.USUAL else f'("")._i32_{name}'

    # ---- scopes and statements --------------------------------------------------------------

    def _found(self, name: str) -> tuple[str, str | None]:
        """Return what `name` is, as the firmware's error texts say it, and its global path."""
        for depth in range(len(self._functions) - 1, -1, -1):
            for block in reversed(self._functions[depth].blocks):
                if name not in block:
                    continue
                inner = self._functions[depth + 1 :]
                for scope in inner:
                    scope.upvalues.add((depth, name))
                return f"{'upvalue' if inner else 'local'} '{name}'", block[name]
        return f"global '{name}'", name

    def _block(self, block: Block) -> None:
        for statement in block:
            self._statement(statement)

    def _inner_block(self, block: Block, names: Iterable[str] = ()) -> None:
        blocks = self._functions[-1].blocks
        blocks.append(dict.fromkeys(names))
        self._block(block)
        blocks.pop()

    def _statement(self, statement: Statement) -> None:
        names = [self._texts[at] for at in statement.names if is_name(self._tokens[at])]
        scope = self._functions[-1]
        match statement.kind:
            case StatementKind.LOCAL:
                paths = self._expressions(statement.expressions)
                known = zip(names, paths, strict=False) if len(names) == len(paths) else ()
                scope.blocks[-1].update({**dict.fromkeys(names), **dict(known)})
            case StatementKind.LOCAL_FUNCTION:
                scope.blocks[-1][self._texts[statement.first + 2]] = None
                self._expressions(statement.expressions)
            case StatementKind.REPEAT:
                scope.blocks.append({})
                scope.loops.append(False)
                self._block(statement.blocks[0])
                scope.loops.pop()
                self._expressions(statement.expressions)
                scope.blocks.pop()
            case StatementKind.RETURN:
                self._return(statement)
            case StatementKind.BREAK:
                if scope.loops and scope.loops[-1]:
                    self._texts[statement.first] = f"{self._prefix}_m=nil break"
            case StatementKind.NUMERIC_FOR:
                scope.loops.append(self._numeric_head(statement))
                self._inner_block(statement.blocks[0], names[:1])
                scope.loops.pop()
            case StatementKind.WHILE | StatementKind.GENERIC_FOR:
                self._expressions(statement.expressions)
                scope.loops.append(False)
                self._inner_block(statement.blocks[0], names)
                scope.loops.pop()
            case _:
                self._expressions(statement.expressions)
                for block in statement.blocks:
                    self._inner_block(block, names)

    def _return(self, statement: Statement) -> None:
        for expression in statement.expressions:
            value = self._expression(expression)
            if value.helper:
                self._edits.insert(value, "(", ")")
            elif value.callee in self._firmware:
                self._edits.insert(value, self._helper("results") + "(", ")")

    def _numeric_head(self, statement: Statement) -> bool:
        """Rewrite the head and the end of a numeric loop, unless it is one that cannot come to the
        end of 32 bits. Returns whether another loop was put around it.
        """
        (head,) = statement.expressions
        items = head.items if isinstance(head, Several) else (head,)
        values = [self._expression(item) for item in items]
        if self._form is Form.PLAIN_LOOPS or _stays_within(items, values, self._texts):
            return False
        name = self._texts[statement.first + 1]
        s, last, step, m = (f"{self._prefix}_{letter}" for letter in "sltm")
        self._texts[statement.first] = f"do local {s},{last},{step},{m}={self._helper('loop')}("
        self._texts[statement.first + 1] = self._texts[statement.first + 2] = ""
        if len(values) == 3 and values[2].many:
            self._edits.insert(values[2], "(", ")")
        extra = ",1" if len(values) == 2 else ""
        line = self._edits.first_line(head.last)
        if line != self._edits.first_line(statement.first):
            extra += f",{line}"
        self._texts[head.last] = f"{extra})while {s} do for {name}={s},{last},{step} do"
        again = f"{self._helper('following')}({s},{last},{step})"
        self._texts[statement.last - 1] = f"end {s}={m} if {s} then {m}={again} end end end"
        return True

    # ---- expressions ------------------------------------------------------------------------

    def _expressions(self, expressions: tuple[Expression, ...]) -> list[str | None]:
        """Rewrite expressions. Returns the global path of each, None where it is no such."""
        paths: list[str | None] = []
        for expression in expressions:
            if isinstance(expression, Several):
                paths += self._expressions(expression.items)
            else:
                paths.append(self._expression(expression).path)
        return paths

    def _expression(self, expression: Expression) -> Operand:
        first, last = expression.first, expression.last - 1
        match expression:
            case Constant():
                return self._constant(first)
            case Operation():
                return self._operation(expression)
            case Suffixed():
                return self._suffixed(expression)
            case Function():
                self._functions.append(_Scope(expression.parameters))
                self._block(expression.block)
                upvalues = self._functions.pop().upvalues
                self.most_upvalues = max(self.most_upvalues, len(upvalues))
            case Table(items=items) | Several(items=items):
                self._expressions(items)
        return Operand(first, last)

    def _constant(self, at: int) -> Operand:
        token = self._tokens[at]
        if token.kind is TokenKind.NUMBER:
            value = to_integer(token.text)
            assert value is not None, "a malformed number must not get here"
            return self._number(at, at, value)
        is_varargs = token.text == "..."
        self._main_varargs |= is_varargs and len(self._functions) == 1
        return Operand(at, at, many=is_varargs)

    def _operation(self, operation: Operation) -> Operand:
        """Rewrite operators that hang to the left of each other, the innermost first."""
        chain = [operation]
        while isinstance(chain[-1].left, Operation):
            chain.append(chain[-1].left)
        if len(powers := _powers(operation, self._texts)) > LONG_CHAIN:
            return self._raise_to_powers(operation, powers)
        chain.reverse()
        innermost = chain[0].left
        left = None if innermost is None else self._expression(innermost)
        at = 0
        while at < len(chain):
            link = chain[at]
            at += 1
            operator = self._texts[link.operator]
            run = self._run_of(chain[at - 1 :]) if left is not None else []
            if left is not None and len(run) == LONG_CHAIN:
                left = self._fold(left, run)
                at += len(run) - 1
                continue
            right = self._expression(link.right)
            if left is None and operator == "-":
                left = self._negate(link.first, right)
            elif left is not None and operator in _ARITHMETIC:
                left = self._calculate(link.operator, left, right)
            else:
                left = Operand(link.first, link.last - 1)
        assert left is not None
        return left

    def _raise_to_powers(self, operation: Operation, powers: list[Operation]) -> Operand:
        """Rewrite a row of `^`, which bind to the right, as one call that gets all operands."""
        for power in powers:
            assert power.left is not None
            self._expression(power.left)
            self._texts[power.operator] = ","
        last = self._expression(powers[-1].right)
        whole = Operand(operation.first, operation.last - 1, helper=True)
        self._edits.insert(whole, self._helper("powers") + "(", ",nil)" if last.many else ")")
        return whole

    def _run_of(self, chain: list[Operation]) -> list[Operation]:
        """Return as many operators as one call of a helper takes, where there are so many."""
        if len(chain) < 2 * LONG_CHAIN:
            return []
        run = chain[:LONG_CHAIN]
        return run if all(self._texts[link.operator] in _ARITHMETIC for link in run) else []

    def _fold(self, left: Operand, run: list[Operation]) -> Operand:
        """Rewrite a row of operators as one call that gets all operands."""
        operators = "".join(self._texts[link.operator] for link in run)
        for link in run:
            right = self._expression(link.right)
            self._texts[link.operator] = ","
        whole = Operand(left.first, right.last, helper=True)
        end = ",nil)" if right.many else ")"
        self._edits.insert(whole, f"{self._helper('fold')}('{operators}',", end)
        return whole

    def _suffixed(self, expression: Suffixed) -> Operand:
        first, last = expression.first, expression.last - 1
        name: str | None
        callee: str | None = None
        path: str | None = None
        if expression.inner is not None:
            inner = self._expression(expression.inner)
            if inner.helper and not expression.suffixes:
                # one value as it is: parentheses would only nest deeper
                self._texts[first] = self._texts[last] = ""
                return Operand(first, last, helper=True)
            name = inner.name
        else:
            word = self._texts[first]
            name, path = self._found(word)
            if word == "arg" and name.startswith("global") and self._has_varargs:
                # functions with `...` have a local one in the native Lua
                self._texts[first] = f"{self._helper('env')}().arg"
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
                    path = ":" + field if dot == ":" else f"{path or '?'}.{field}"
        many = bool(expression.suffixes) and isinstance(expression.suffixes[-1], Call)
        return Operand(first, last, name, many=many, callee=callee if many else None, path=path)

    def _index(self, key: Expression) -> str:
        """Rewrite a key in brackets, and return what the firmware calls such an element."""
        self._expression(key)
        token = self._tokens[key.first]
        is_text = isinstance(key, Constant) and token.kind is TokenKind.STRING
        if not is_text or token.text[0] not in "'\"" or "\\" in token.text:
            return "field '?'"
        return f"field '{token.text[1:-1]}'"

    # ---- changes ----------------------------------------------------------------------------

    def _number(self, first: int, last: int, value: int) -> Operand:
        self._texts[first] = f" {value}"
        for index in range(first + 1, last + 1):
            self._texts[index] = ""
        return Operand(first, last, value=value)

    def _negate(self, first: int, operand: Operand) -> Operand:
        if operand.value is not None:
            return self._number(first, operand.last, wrap(-operand.value))
        self._texts[first] = f" {self._helper('unm')}("
        whole = Operand(first, operand.last, helper=True)
        self._edits.insert(whole, "", self._extra(whole, operand, None))
        return whole

    def _calculate(self, at: int, left: Operand, right: Operand) -> Operand:
        operator = self._texts[at]
        if left.value is not None and right.value is not None and operator in "+-*":
            value = _fold(operator, left.value, right.value)
            return self._number(left.first, right.last, value)
        self._texts[at] = ","
        whole = Operand(left.first, right.last, helper=True)
        call = f"{self._helper(_ARITHMETIC[operator])}("
        self._edits.insert(whole, call, self._extra(whole, left, right))
        return whole

    def _extra(self, whole: Operand, left: Operand, right: Operand | None) -> str:
        """Return the end of a helper's call: the operands' names, and the line if it is not the
        call's own. Something must follow an operand that may have many values.
        """
        last = right or left
        extra = [_text(left.name)]
        if right is not None:
            extra.append(_text(right.name))
        line = self._edits.last_line(whole.last)
        if line != self._edits.first_line(whole.first):
            extra.append(str(line))
        while extra and extra[-1] == "nil" and not (last.many and len(extra) == 1):
            extra.pop()
        return "".join("," + text for text in extra) + ")"


def _fold(operator: str, left: int, right: int) -> int:
    results = {"+": left + right, "-": left - right, "*": left * right}
    return wrap(results[operator])


def _text(name: str | None) -> str:
    return "nil" if name is None else quoted(name.encode("latin-1"))


def _powers(operation: Operation, texts: Sequence[str]) -> list[Operation]:
    """Return the operators of `a ^ b ^ c`, the first one first; none for another operation."""
    found = []
    expression: Expression = operation
    while isinstance(expression, Operation) and texts[expression.operator] == "^":
        found.append(expression)
        expression = expression.right
    return found


def _stays_within(
    items: Sequence[Expression], values: Sequence[Operand], texts: Sequence[str]
) -> bool:
    """Whether a numeric loop with this head surely stays within 32 bits: its numbers are written
    out, or the limit is the length of something.
    """
    start, limit, *rest = values
    step = rest[0].value if rest else 1
    if start.value is None or not step:
        return False
    if limit.value is not None:
        return wrap(limit.value + step) == limit.value + step
    what = items[1]
    is_length = isinstance(what, Operation) and what.left is None and texts[what.operator] == "#"
    return is_length and step == 1
