"""Where Ctrl-C may break off what runs: in a command, never in what puts things in order around it.

A signal handler may run between any two steps, so no flag can say this in time: the frames that
were interrupted do.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import ParamSpec, TypeVar

from chdkshell.errors import causes

P = ParamSpec("P")
R = TypeVar("R")


def breakable(call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call a function that Ctrl-C may break off."""
    return call(*args, **kwargs)


def shielded(call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call a function that Ctrl-C must not break off, but for what is `breakable` in it."""
    return call(*args, **kwargs)


def may_break_off(frame: FrameType | None) -> bool:
    """Whether a signal handler that interrupted `frame` may raise an exception there.

    It may where nothing is shielded, and where Python passes exceptions on: of what it calls for
    an object that goes, it only prints them.
    """
    while frame is not None:
        if frame.f_code.co_name in ("__del__", "_remove"):  # the latter of weakref's containers
            return False
        if frame.f_code is breakable.__code__:
            return True
        if frame.f_code is shielded.__code__:
            return False
        frame = frame.f_back
    return True


def break_off(number: int, frame: FrameType | None) -> None:
    """Handle Ctrl-C: break off what is breakable, else do nothing."""
    if may_break_off(frame):
        raise KeyboardInterrupt


@contextmanager
def interrupts_going_to(handler: Callable[[int, FrameType | None], object]) -> Iterator[None]:
    """Have `handler` called at Ctrl-C in the whole block, where signals are handled at all."""
    import threading

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def hidden_end(error: BaseException) -> BaseException | None:
    """Return the Ctrl-C or the end of the program that `error` was made of, None where none was.

    Python itself raises RuntimeError in its place where that breaks off the making of a class.
    """
    for cause in causes(error):
        end = cause.__cause__
        if isinstance(cause, RuntimeError) and isinstance(end, (KeyboardInterrupt, SystemExit)):
            return end
    return None
