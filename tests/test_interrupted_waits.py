"""Waits that a signal ends though no call of the system is broken off by it.

So it is with a signal that comes just before the wait begins, and with one for another thread.
"""

# needs: POSIX

from __future__ import annotations

import signal
import threading
from collections.abc import Callable

import pytest

from chdkshell import waits
from chdkshell.flow import CancelToken


@pytest.mark.parametrize(
    "wait",
    [lambda over, _: waits.until(over.wait), lambda _, token: token.wait(1000)],
    ids=["lock", "token"],
)
def test_a_signal_that_another_thread_gets(
    wait: Callable[[threading.Event, CancelToken], object],
) -> None:
    begins, over, token = threading.Event(), threading.Event(), CancelToken()

    def interrupt() -> None:
        begins.wait()
        over.wait(0.05)  # so that the wait has begun, as a rule
        signal.pthread_kill(threading.get_ident(), signal.SIGINT)
        over.wait(20)
        over.set()
        token.set()

    thread = threading.Thread(target=interrupt)
    thread.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            begins.set()
            wait(over, token)
        assert not over.is_set(), "it waited to its end"
    finally:
        over.set()
        thread.join()
