"""signal: what Lua programs do when a signal comes, as long as they run."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from chdkshell.hostlua.arguments import integer, kind_of
from chdkshell.hostlua.faults import WrongCall

LuaFunction = Any


class LuaSignals:
    """The functions for signals. They run between two steps of the Lua program."""

    def __init__(self) -> None:
        self._handlers: dict[int, LuaFunction] = {}
        self.came: list[int] = []
        """The signals that came and that nothing was done about yet."""
        self._before: dict[int, Any] = {}
        self._runs = False

    def signal(self, which: object = None, handler: object = None, *rest: object) -> object:
        """Set what is done at a signal; nil takes it away and returns it."""
        number = _number(which)
        if handler is None:
            self._release(number)
            return self._handlers.pop(number, None)
        if kind_of(handler) != "function":
            raise WrongCall("a signal's handler is a function")
        self._handlers[number] = handler
        return self._take(number)

    def raise_(self, which: object = None) -> int:
        """Send a signal to this program."""
        try:
            signal.raise_signal(_number(which))
        except (OSError, ValueError):
            return -1
        return 0

    def kill(self, process: object = None, which: object = None) -> int:
        """Send a signal to a process; -1 where that fails."""
        try:
            os.kill(integer(process, 1), _number(which))
        except (OSError, ValueError):
            return -1
        return 0

    def _note(self, number: int, frame: object) -> None:
        self.came.append(number)

    def _take(self, number: int) -> bool:
        if not self._runs or threading.current_thread() is not threading.main_thread():
            return False
        try:
            before = signal.signal(number, self._note)
        except (OSError, ValueError):
            return False
        self._before.setdefault(number, before)
        return True

    def _release(self, number: int) -> None:
        if number in self._before:
            signal.signal(number, self._before.pop(number))

    @contextmanager
    def heeded(self) -> Iterator[None]:
        """Have the handlers at work while a program runs."""
        self._runs = True
        try:
            for number in self._handlers:
                self._take(number)
            yield
        finally:
            self._runs = False
            for number in list(self._before):
                self._release(number)

    @property
    def has_any(self) -> bool:
        """Whether a handler is set."""
        return bool(self._handlers)

    def due(self) -> list[LuaFunction]:
        """Return the handlers of the signals that came since."""
        came, self.came = self.came, []
        return [self._handlers[number] for number in came if number in self._handlers]

    def functions(self) -> dict[str, Callable[..., object]]:
        """Return the library signal."""
        return {"signal": self.signal, "raise": self.raise_, "kill": self.kill}


def _number(which: object) -> int:
    if isinstance(which, str):
        found = getattr(signal, which, None) if which.startswith("SIG") else None
        if not isinstance(found, signal.Signals):
            raise WrongCall("invalid signal string")
        return int(found)
    return integer(which, 1)
