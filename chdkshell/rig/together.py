"""Calls at the same time, each in a thread of its own, none of which ends another."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from chdkshell import waits

BREAK_SECONDS = 2.0
"""How long calls may take to end after they were broken off."""

T = TypeVar("T")


def in_parallel(
    calls: Sequence[Callable[[], T]],
    break_off: Callable[[], object] = lambda: None,
    wake: threading.Event | None = None,
    attend: Callable[[], object] = lambda: None,
) -> list[T | BaseException]:
    """Make all calls, and return what each returned or raised, in order.

    What breaks off the wait for them, such as Ctrl-C, has `break_off` called, which is to end them,
    and is raised then. `attend` is called in this thread whenever `wake` is set.
    """
    results: list[T | BaseException] = [RuntimeError("not called")] * len(calls)
    wake = wake or threading.Event()
    running = set(range(len(calls)))

    def run(index: int) -> None:
        try:
            results[index] = calls[index]()
        except BaseException as error:
            results[index] = error
        finally:
            running.discard(index)
            wake.set()

    threads = [
        threading.Thread(target=run, args=(index,), name=f"camera {index}", daemon=True)
        for index in range(len(calls))
    ]
    try:
        for thread in threads:
            thread.start()
        while running:
            waits.until(wake.wait)
            wake.clear()
            attend()
    except BaseException:
        break_off()
        for thread in threads:
            if thread.ident is not None:
                waits.ended(thread, BREAK_SECONDS)
        raise
    return results
