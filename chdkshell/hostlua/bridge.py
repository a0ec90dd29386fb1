"""How calls cross from Lua to Python and back.

A function of this layer is called through a guard, which gives Lua the results, or what to throw:
core.lua throws it, so that Lua programs catch it and see the place of their own call in it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from types import MethodType
from typing import Any

from chdkshell.errors import Cancelled, ChdkShellError
from chdkshell.hostlua import buffers, images, localfiles, raws
from chdkshell.hostlua.faults import Fault, WrongArgument, WrongCall, fault_of
from chdkshell.hostlua.services import Host
from chdkshell.hostlua.signals import LuaSignals

LuaRuntime = Any
LuaFunction = Any

OK, TEXT, FAULT, STOP, SIGNAL = "ok", "text", "fault", "stop", "signal"
"""What a guard says before the results or the error."""

_SAME = frozenset((int, float, bool, bytes, type(None), buffers.Lbuf))
"""Types of values that go to Lua as they are."""

METHODS: dict[type, Mapping[str, Callable[..., object]]] = {
    buffers.Lbuf: buffers.METHODS,
    images.Pimg: images.METHODS,
    raws.RawImage: raws.METHODS,
    localfiles.FolderLock: localfiles.METHODS,
}
"""What can be called on objects of this layer; all else of them is hidden from Lua."""


class Bridge:
    """The crossings of one Lua state."""

    def __init__(self, host: Host, signals: LuaSignals) -> None:
        self._host = host
        self._signals = signals
        self.runtime = self._new_runtime()

    def _new_runtime(self) -> LuaRuntime:
        from lupa import lua52

        return lua52.LuaRuntime(
            encoding="latin-1",
            source_encoding="latin-1",
            unpack_returned_tuples=True,
            register_eval=False,
            register_builtins=False,
            attribute_handlers=(_refuse_getting, _refuse_setting),
        )

    # ---- objects ----

    def kind_of(self, thing: object) -> bytes | None:
        """Return which of `METHODS` an object has, None for one without."""
        return type(thing).__name__.encode() if type(thing) in METHODS else None

    # ---- calls ----

    def guarded(self, name: str, function: Callable[..., object]) -> Callable[..., tuple[Any, ...]]:
        """Return a function for Lua that never raises: it says first how it ended.

        None gives no value, as functions of C that return nothing; `NIL` gives nil.
        """

        count = _parameters(function)

        def call(*arguments: object) -> tuple[Any, ...]:
            if self._host.stopped is not None:
                return (STOP,)
            try:
                self._host.cancel.check()
                if count is not None:  # as in Lua: more are ignored, and those missing are nil
                    arguments = (*arguments, *[None] * (count - len(arguments)))[:count]
                result = function(*arguments)
                word = SIGNAL if self._signals.came else OK
                if isinstance(result, tuple):
                    return (word, *map(self.to_lua, result))
                return (word,) if result is None else (word, self.to_lua(result))
            except WrongArgument as error:
                return TEXT, error.text(name).encode()
            except WrongCall as error:
                return TEXT, str(error).encode("utf-8", "surrogateescape")
            except Fault as fault:
                return _thrown(fault)
            except Cancelled as error:
                self._host.stopped = error
                return (STOP,)
            except (ChdkShellError, OSError) as error:
                if _is_closed_output(error):
                    self._host.stopped = error
                    return (STOP,)
                return _thrown(fault_of(error))
            except MemoryError:
                return TEXT, b"not enough memory"
            except OverflowError as error:
                return TEXT, str(error).encode()
            except BaseException as error:
                self._host.stopped = error
                return (STOP,)

        return call

    # ---- values ----

    def to_lua(self, value: object) -> Any:
        """Return what Lua gets for a value: text becomes the bytes of its UTF-8."""
        if type(value) in _SAME:  # most are, and loops over pixels ask for many
            return value
        match value:
            case str():
                return value.encode("utf-8", "surrogateescape")
            case dict():
                table = self.runtime.table()
                for key, item in value.items():
                    table[self.to_lua(key)] = self.to_lua(item)
                return table
            case list() | tuple():
                return self.runtime.table(*map(self.to_lua, value))
        return value


def _parameters(function: Callable[..., object]) -> int | None:
    """Return how many arguments a function takes, None for any number."""
    code = getattr(function, "__code__", None)
    if code is None:  # one of Python's own, which here take none
        return 0
    if code.co_flags & inspect.CO_VARARGS:
        return None
    return int(code.co_argcount) - isinstance(function, MethodType)


def _thrown(fault: Fault) -> tuple[Any, ...]:
    message = str(fault).encode("utf-8", "surrogateescape")
    return FAULT, fault.etype, message, fault.ptp_rc, fault.critical


def _is_closed_output(error: Exception) -> bool:
    return isinstance(error, BrokenPipeError)


def _refuse_getting(thing: object, name: object) -> None:
    """Objects have no fields for Lua: their methods are found by core.lua."""


def _refuse_setting(thing: object, name: object, value: object) -> None:
    raise AttributeError("objects of the camera library have no fields to set")
