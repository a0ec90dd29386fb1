"""A cancel token: set by any thread, and by a signal handler at any point of a wait."""

# needs: POSIX

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any

import pytest
from support.timeouts import TIMEOUT

from chdkshell.errors import Cancelled
from chdkshell.flow import NEVER, CancelToken


def run_at_line(number: int, action: Callable[[], object], call: Callable[[], object]) -> bool:
    """Call `call`, and `action` before the line `number` of it, as a signal handler would be.

    Returns whether `call` came so far.
    """
    lines = 0

    def trace(frame: FrameType, event: str, arg: object) -> Any:
        nonlocal lines
        if event == "line":
            lines += 1
            if lines == number:
                action()
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(before)
    return lines >= number


def test_a_signal_handler_may_set_it_at_any_point_of_a_wait() -> None:
    number = 1
    while True:
        token = CancelToken()
        try:
            came_so_far = run_at_line(number, token.set, partial(token.wait, 0.001))
        except Cancelled:
            came_so_far = True
        if not came_so_far:
            break
        with pytest.raises(Cancelled):
            token.wait(60)
        number += 1
    assert number > 4


def test_it_wakes_all_that_wait() -> None:
    token = CancelToken()
    ended: list[int] = []

    def wait(number: int) -> None:
        with pytest.raises(Cancelled):
            token.wait(60)
        ended.append(number)

    threads = [threading.Thread(target=wait, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    token.set()
    for thread in threads:
        thread.join(TIMEOUT)
    assert sorted(ended) == [0, 1, 2]


def test_a_signal_handler_that_outlasts_a_wait_does_not_prolong_it() -> None:
    token = CancelToken()
    before = signal.signal(signal.SIGALRM, lambda number, frame: time.sleep(0.02))
    try:
        for number in range(10):
            signal.setitimer(signal.ITIMER_REAL, 0.001 + number / 10_000)
            guard = threading.Timer(TIMEOUT, token.set)
            guard.start()
            token.wait(0.005)  # raises `Cancelled` where the guard had to end it
            guard.cancel()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_it_can_be_used_again() -> None:
    token = CancelToken()
    token.set()
    with pytest.raises(Cancelled):
        token.check()
    token.clear()
    assert not token.is_set()
    token.check()
    token.wait(0.01)  # what was set before does not end it


def test_the_default_cannot_be_set() -> None:
    with pytest.raises(RuntimeError, match="CancelToken of your own"):
        NEVER.set()
