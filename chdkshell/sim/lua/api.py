"""How Python gives functions to the camera's Lua: arguments, results, errors, and waiting.

A function of the camera's Lua is `def name(script, args) -> Result`, registered with an `Api`. It
leaves no Python object in Lua: `answer` turns results into Lua values, and what the function raises
into an error at the script's line.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from chdkshell.lua.numbers import wrap
from chdkshell.sim.lua.values import (
    NIL,
    ArgumentError,
    LuaError,
    Result,
    as_integer,
    is_number,
    type_name,
)

if TYPE_CHECKING:
    from chdkshell.sim.card import Card
    from chdkshell.sim.lua.heap import Heap
    from chdkshell.sim.lua.mailbox import Mailbox
    from chdkshell.sim.lua.open_files import OpenDirectories, OpenFiles
    from chdkshell.sim.state import CameraState

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wait:
    """A function waits: the script goes on when `ready` gives a result, or at tick `deadline`.

    `deadline` is in milliseconds of the camera's tick count. `late` makes the result then. Without
    `ready` nothing but time ends the wait. A result that is a wait itself goes on with that one.
    `polled`: nothing announces that `ready` may have changed. `ticked`: the firmware looks
    only at its ticks, the first time at the next one.
    """

    deadline: int
    ready: Callable[[], Result | None] | None = None
    late: Callable[[], Result] = lambda: ()
    polled: bool = False
    ticked: bool = False

    def result(self, ticks: int) -> Result | None:
        """Return what the wait gives at a tick count, None while it goes on."""
        result = None if self.ready is None else self.ready()
        return self.late() if result is None and ticks >= self.deadline else result


class Args(tuple[Any, ...]):
    """The arguments of a call. Indices count from 1, as in the firmware's texts."""

    __slots__ = ()

    def value(self, index: int) -> Any:
        """Return an argument, None where it is nil or missing."""
        return self[index - 1] if index <= len(self) else None

    def integer(self, index: int) -> int:
        """Return a number, also one that is written in a string."""
        value = as_integer(self.value(index))
        if value is None:
            raise self.wrong(index, "number")
        return value

    def opt_integer(self, index: int, default: int) -> int:
        """Return a number, or `default` for nil or no value."""
        return default if self.value(index) is None else self.integer(index)

    def string(self, index: int) -> bytes:
        """Return a string, also one made from a number."""
        value = self.value(index)
        if isinstance(value, bytes):
            return value
        if is_number(value):
            return b"%d" % value
        raise self.wrong(index, "string")

    def opt_string(self, index: int, default: bytes) -> bytes:
        """Return a string, or `default` for nil or no value."""
        return default if self.value(index) is None else self.string(index)

    def on_off(self, index: int) -> int:
        """Return 1 or 0 for a boolean, and a number as it is."""
        value = self.value(index)
        return int(value) if isinstance(value, bool) else self.integer(index)

    def wrong(self, index: int, expected: str) -> ArgumentError:
        """Return the error of an argument that is not `expected`."""
        got = "no value" if index > len(self) else type_name(self.value(index))
        return ArgumentError(index, f"{expected} expected, got {got}")


class Caller(Protocol):
    """What a function sees of the script that calls it.

    `by_host` says that the host started it over PTP. `max_count` and `max_ms` are how long it runs
    before it makes way for other tasks.
    """

    card: Card
    state: CameraState
    mailbox: Mailbox
    files: OpenFiles
    directories: OpenDirectories
    heap: Heap
    heap_limit: int | None
    log: BinaryIO | None
    histograms: dict[int, Any]
    motion: Any
    id: int
    by_host: bool
    wait: Wait | None
    max_count: int
    max_ms: int

    def table(self, content: dict[Any, Any]) -> Any:
        """Return a new Lua table with `content`."""

    def field(self, table: Any, key: Any) -> Any:
        """Return a field of a Lua table."""

    def array(self, table: Any) -> list[Any]:
        """Return the values at 1, 2, 3 ... of a Lua table."""

    def message(self, value: Any) -> tuple[int, bytes | int] | None:
        """Return subtype and data of the message for a Lua value, None where it has none."""

    def time_finely(self, on: bool) -> None:
        """Note whether the script measures time: what it takes for a loop is then exact."""


Function = Callable[[Caller, Args], Result]


class Api:
    """A group of functions under their Lua names (`get_zoom`, `os.stat`)."""

    def __init__(self) -> None:
        self.functions: dict[str, Function] = {}

    def __iter__(self) -> Iterator[str]:
        return iter(self.functions)

    def function(self, *names: str) -> Callable[[Function], Function]:
        """Register the function that follows under `names`, or under its own name."""

        def register(function: Function) -> Function:
            for name in names or (function.__name__,):
                self.functions[name] = function
            return function

        return register

    def number(self, name: str, read: Callable[[Caller], Result]) -> None:
        """Register a function without arguments that gives what `read` finds."""
        self.functions[name] = lambda script, args: read(script)


@dataclass(frozen=True, slots=True)
class Library:
    """All that a camera gives to its scripts: functions by name, and methods of files.

    `base` has what the files of lua/ make functions of, and no script sees. `since` has the
    protocol from which on a camera has a function, where not all have it.
    """

    functions: Mapping[str, Function]
    file_methods: Mapping[str, Function]
    base: Mapping[str, Function]
    since: Mapping[str, tuple[int, int]]

    def functions_of(self, protocol: tuple[int, int]) -> dict[str, Function]:
        """Return the functions of a camera with that protocol."""
        return {
            name: function
            for name, function in self.functions.items()
            if name not in self.since or self.since[name] <= protocol
        }


MAX_NESTED = 50
"""So many calls may be in each other: Python has its own limit, and must not come to it here."""


def answer(script: Caller, functions: Sequence[Function]) -> Callable[..., tuple[Any, ...]]:
    """Return what calls one of `functions` by its number, as `expose` in lua/core.lua does."""
    nested = 0

    def call(number: int, *args: Any) -> tuple[Any, ...]:
        nonlocal nested
        script.heap.lift()
        if nested >= MAX_NESTED:
            return (False, -5)
        nested += 1
        try:
            return _answered(script, functions[number](script, Args(args)))
        except ArgumentError as error:
            return (False, -1, error.index, str(error).encode())
        except LuaError as error:
            return (False, -2, str(error).encode("utf-8", "surrogateescape"))
        except MemoryError:
            return (False, -4)
        except Exception as error:
            log.debug("a function of the simulated camera's Lua failed", exc_info=True)
            return (False, -2, f"simulated camera: internal error: {error!r}".encode())
        finally:
            nested -= 1

    return call


def _answered(script: Caller, result: Result) -> tuple[Any, ...]:
    if isinstance(result, Wait):
        script.wait = result
        return (False, -3)
    values = to_lua(script, result)
    if len(values) > 3:
        return (False, len(values), script.table(dict(enumerate(values, 1))))
    has_room = all(_takes_no_memory(value) for value in values) and script.heap.settle()
    return (has_room, len(values), *values)


def _takes_no_memory(value: object) -> bool:
    return value is None or isinstance(value, bool | int)


def to_lua(script: Caller, result: Result) -> tuple[Any, ...]:
    """Return the Lua values of what a function returned."""
    if result is None:
        return ()
    if isinstance(result, tuple):
        return tuple(_value(script, item) for item in result)
    return (_value(script, result),)


def _value(script: Caller, value: Any) -> Any:
    if value is None or value is NIL:
        return None
    if isinstance(value, bool | bytes):
        return value
    if isinstance(value, int):
        return wrap(int(value))
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape")
    if isinstance(value, dict):
        return script.table({_value(script, k): _value(script, v) for k, v in value.items()})
    if isinstance(value, list):
        return script.table({i: _value(script, v) for i, v in enumerate(value, 1)})
    if type(value).__module__.startswith("lupa"):
        return value
    raise TypeError(f"no Lua value: {value!r}")
