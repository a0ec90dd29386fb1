"""The string functions of substitutions: s_format, s_sub, s_upper, s_match and so on.

Patterns are Lua's, since those are what users write.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from chdkshell.chdk.templates.formats import check_format, format_values, to_number
from chdkshell.errors import UsageError
from chdkshell.lua import patterns

MAX_TEXT = 4096
"""Characters that a function may produce: what is made here are paths, and no system's are longer.
"""

_MAX_INTEGER = (1 << 31) - 1


class StringFunction(NamedTuple):
    """A function of substitutions over its arguments, which are texts.

    It takes `least` to `most` arguments. With `most` 1 the text is not split at commas. `numbers`
    says which arguments must be numbers, `format_at` which is a format string and `pattern_at`
    which a Lua pattern (-1: none); all count from 0. `apply` does the work.
    """

    apply: Callable[[Sequence[str]], str]
    least: int = 1
    most: int = 1
    numbers: tuple[int, ...] = ()
    format_at: int = -1
    pattern_at: int = -1

    @property
    def splits(self) -> bool:
        """Whether the arguments are separated by commas."""
        return self.most > 1

    def check_count(self, name: str, count: int) -> None:
        """Raise `UsageError` unless the function `name` takes `count` arguments."""
        if not count:
            raise UsageError(f"{name} missing arguments")
        if not self.least <= count <= self.most:
            wanted = str(self.least) if self.least == self.most else f"{self.least} or {self.most}"
            raise UsageError(f"{name} expected {wanted} arguments, not {count}")

    def check_argument(self, name: str, index: int, text: str) -> None:
        """Raise `UsageError` unless `text` can be argument `index` of the function `name`."""
        if index in self.numbers:
            try:
                to_number(text)
            except UsageError:
                raise UsageError(f"{name} expected number, not {text}") from None
        if index == self.format_at:
            check_format(text)
        if index == self.pattern_at:
            patterns.check_pattern(text)

    def call(self, name: str, arguments: Sequence[str]) -> str:
        """Return what the function `name` makes of `arguments`. Raises `UsageError`."""
        self.check_count(name, len(arguments))
        for index, text in enumerate(arguments):
            self.check_argument(name, index, text)
        result = self.apply(arguments)
        if len(result) > MAX_TEXT:
            raise UsageError(f"{name} makes {len(result)} characters", f"at most {MAX_TEXT}")
        return result


def _format(arguments: Sequence[str]) -> str:
    return format_values(arguments[0], arguments[1:])


def _sub(arguments: Sequence[str]) -> str:
    text = arguments[0]
    first = _integer(arguments[1])
    last = _integer(arguments[2]) if len(arguments) > 2 else -1
    # Positions count from 1, negative ones from the end, and what lies outside is cut off.
    start = max(first - 1 if first > 0 else len(text) + first if first else 0, 0)
    stop = last if last >= 0 else len(text) + last + 1
    return text[start : max(stop, start)]


def _repeat(arguments: Sequence[str]) -> str:
    text, count = arguments[0], _integer(arguments[1])
    if len(text) * count > MAX_TEXT:
        raise UsageError(f"s_rep makes {len(text) * count} characters", f"at most {MAX_TEXT}")
    return text * count


def _match(arguments: Sequence[str]) -> str:
    text, pattern, *start = arguments
    with _named("s_match"):
        return "".join(patterns.match(text, pattern, *map(_integer, start)))


def _gsub(arguments: Sequence[str]) -> str:
    text, pattern, replacement, *most = arguments
    with _named("s_gsub"):
        return patterns.replace(text, pattern, replacement, *map(_integer, most))


@contextlib.contextmanager
def _named(function: str) -> Iterator[None]:
    """Let the error of a pattern name the function that it was given to."""
    try:
        yield
    except patterns.PatternError as error:
        raise UsageError(f"{function}: {error.problem}") from None


def _integer(text: str) -> int:
    number = to_number(text)
    return int(max(-_MAX_INTEGER, min(number, _MAX_INTEGER)))


STRING_FUNCTIONS = {
    "s_format": StringFunction(_format, 1, 99, format_at=0),
    "s_sub": StringFunction(_sub, 2, 3, numbers=(1, 2)),
    "s_upper": StringFunction(lambda arguments: arguments[0].upper()),
    "s_lower": StringFunction(lambda arguments: arguments[0].lower()),
    "s_reverse": StringFunction(lambda arguments: arguments[0][::-1]),
    "s_rep": StringFunction(_repeat, 2, 2, numbers=(1,)),
    "s_match": StringFunction(_match, 2, 3, numbers=(2,), pattern_at=1),
    "s_gsub": StringFunction(_gsub, 3, 4, numbers=(3,), pattern_at=1),
}
"""The functions that every substitution may use, by name."""
