"""Signals that come just before a wait in the system: they are sent again until it has ended."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager

AGAIN_SECONDS = 0.1
"""How long a signal may take to end a wait before it is sent again."""


@contextmanager
def insisting(numbers: Collection[int]) -> Iterator[None]:
    """Have the handlers of some signals run, which are to raise, whatever the block waits for.

    Python runs a handler between two of its own steps. A signal that comes after the last step
    before a system call, or that another thread gets, does not end that call: on a busy machine
    Ctrl-C would be lost, until it is pressed again. Only the main thread may use this.
    """
    if sys.platform == "win32":  # no signal ends a system call there
        yield
        return
    import threading

    waiting = threading.get_ident()
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    over, sending = threading.Event(), threading.Lock()

    def send_again() -> None:
        while came := os.read(reader, 1):
            while came[0] in numbers and not over.wait(AGAIN_SECONDS):
                with sending:
                    if not over.is_set():
                        signal.pthread_kill(waiting, came[0])

    thread = threading.Thread(target=send_again, name="signals again", daemon=True)
    thread.start()
    before = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    try:
        yield
    finally:
        with sending:
            over.set()
        signal.set_wakeup_fd(before)
        os.close(writer)
        thread.join()
        os.close(reader)
