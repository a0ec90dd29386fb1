"""The keyboard while a command runs: nothing is echoed, and what is typed waits for the prompt."""

from __future__ import annotations

import _thread
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

CLEAR_SECONDS = 0.2
"""How long Ctrl-Z waits for what is taken off the terminal first."""


class PromptKeyboard:
    """Holds back the keys of the terminal `descriptor`, and lends them to what reads lines itself.

    Ctrl-C and Ctrl-Z work on. Where the program stops, the terminal is as it was before;
    `before_stop` is called first. Where there are no POSIX terminals nothing is done.
    """

    def __init__(self, descriptor: int, before_stop: Callable[[], None]) -> None:
        self._descriptor = descriptor
        self._before_stop = before_stop
        self._own: list[Any] = []
        self._holds = False

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Hold back the keys in the whole block, and have Ctrl-Z leave the terminal in order."""
        if sys.platform == "win32":
            yield
            return
        import termios

        self._own = termios.tcgetattr(self._descriptor)
        before = signal.getsignal(signal.SIGTSTP)
        if before is not signal.SIG_IGN:
            signal.signal(signal.SIGTSTP, self._stop)
        try:
            with self.held():
                yield
        finally:
            signal.signal(signal.SIGTSTP, before)

    @contextmanager
    def held(self, holds: bool = True) -> Iterator[None]:
        """Hold back the keys meanwhile, or do not."""
        before, self._holds = self._holds, holds
        self._apply()
        try:
            yield
        finally:
            self._holds = before
            self._apply()

    def _apply(self) -> None:
        if sys.platform == "win32" or not self._own:
            return
        import termios

        modes = [*self._own]
        if self._holds:
            # Enter stays a carriage return, as the prompt reads it
            modes[0] &= ~termios.ICRNL
            modes[3] &= ~(termios.ECHO | termios.ICANON)
        termios.tcsetattr(self._descriptor, termios.TCSANOW, modes)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        """Stop the program as Ctrl-Z does, with the terminal as whoever started it wants it."""
        self._clear()
        with self.held(False):
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
            signal.signal(number, self._stop)

    def _clear(self) -> None:
        """Call `before_stop` in a thread of its own, and wait for it, but not for long.

        It takes locks and writes, and what this handler interrupted may hold just those locks.
        """
        cleared = _thread.allocate_lock()
        cleared.acquire()

        def clear() -> None:
            try:
                self._before_stop()
            finally:
                cleared.release()

        # not threading.Thread: that takes a lock, too
        _thread.start_new_thread(clear, ())
        cleared.acquire(timeout=CLEAR_SECONDS)
