"""Waits for other threads that a signal ends, whenever it comes and wherever.

Python runs the handler of a signal between two of its own steps, and one wait is one step. A signal
ends a wait for a lock, but not one that comes just before the wait begins, or that the system gives
to another thread; and on Windows none does, but for Ctrl-C from Python 3.14 on. So a long wait is
made of short ones.
"""

from __future__ import annotations

import math
import sys
import threading
import time
from collections.abc import Callable
from typing import TypeVar

LOOK_SECONDS = 0.1
"""How often it is looked whether a wait for what is no lock was cancelled."""

T = TypeVar("T")

LONGEST = 0.1 if sys.platform == "win32" else 0.5
"""Seconds that one step of a wait may take."""


def until(
    step: Callable[[float], bool],
    seconds: float | None = None,
    check: Callable[[], object] = lambda: None,
    period: float = math.inf,
) -> bool:
    """Wait up to `seconds`, without an end where that is None; return whether it came to pass.

    `step` waits up to so many seconds and says whether it did, as the `wait` of a
    `threading.Event` does. `check` is called every `period` seconds, and may raise.
    """
    deadline = math.inf if seconds is None else time.monotonic() + seconds
    while True:
        left = deadline - time.monotonic()
        if step(max(0.0, min(left, period, LONGEST))):
            return True
        check()
        if left <= 0:
            return False


def acquired(lock: threading.Lock | threading.RLock) -> bool:
    """Wait for a lock and take it."""
    return lock.acquire(blocking=False) or until(lambda seconds: lock.acquire(timeout=seconds))


def ended(thread: threading.Thread, seconds: float | None = None) -> bool:
    """Wait up to `seconds` for the end of a thread; return whether it has ended."""

    def joined(step: float) -> bool:
        thread.join(step)
        return not thread.is_alive()

    return until(joined, seconds)


def result_of(call: Callable[[], T], check: Callable[[], object]) -> T:
    """Return what a call returns that no signal ends: it is made in a thread of its own.

    Raises what it raises, and what `check` does: then the call goes on, and nobody hears of it.
    """
    results: list[T] = []
    failures: list[Exception] = []
    has_ended = threading.Event()

    def called() -> None:
        try:
            results.append(call())
        except Exception as error:
            failures.append(error)
        finally:
            has_ended.set()

    threading.Thread(target=called, name="a call that may hang", daemon=True).start()
    until(has_ended.wait, None, check, LOOK_SECONDS)
    for failure in failures:
        raise failure
    return results[0]
