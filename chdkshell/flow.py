"""Progress and cancellation: how a long call and its caller talk while the call runs.

The library never prints and never installs signal handlers. A caller that wants to see or to stop a
long call passes its own `Progress` and `CancelToken`; the defaults do nothing.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress

from chdkshell import waits
from chdkshell.errors import Cancelled


class Progress:
    """Receives how far a call has come, in bytes. This base class ignores all of it."""

    def start(self, total: int | None) -> None:
        """A transfer of `total` bytes begins (None: the length is not known)."""

    def advance(self, count: int) -> None:
        """`count` more bytes have passed."""

    def describe(self, text: str) -> None:
        """Say what is being done now, in a few words."""


class CancelToken:
    """A flag that one thread (or a signal handler) sets to end a call in another.

    Core calls look at it between transactions and between the buffers of a data phase, and leave
    the connection usable before they raise `Cancelled`.
    """

    def __init__(self) -> None:
        # Not threading.Event: its lock is not reentrant, so a signal handler that calls `set` while
        # its own thread begins to `wait` would hang. Nor queue.SimpleQueue: where a handler takes
        # longer than the timeout, its `get` waits for ever (CPython 3.11). A bare lock has neither.
        self._is_set = False
        self._gate = threading.Lock()
        self._gate.acquire()

    def set(self) -> None:
        """Ask the running call to end."""
        self._is_set = True
        self._open()

    def clear(self) -> None:
        """Make the token usable for the next call."""
        self._is_set = False
        self._gate.acquire(blocking=False)

    def is_set(self) -> bool:
        """Whether the call was asked to end."""
        return self._is_set

    def wait(self, seconds: float) -> None:
        """Sleep for `seconds`, or less: raises `Cancelled` as soon as the token is set."""
        self.check()
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            if self._gate.acquire(timeout=min(left, waits.LONGEST)) and self._is_set:
                self._open()  # for others that wait on the same token
            self.check()

    def _open(self) -> None:
        with suppress(RuntimeError):  # it is open already
            self._gate.release()

    def check(self) -> None:
        """Raise `Cancelled` if the token is set."""
        if self._is_set:
            raise Cancelled


class _NeverCancelled(CancelToken):
    """A token that nobody can set, so that it can be shared as a default."""

    def set(self) -> None:
        raise RuntimeError("the default token cannot be set: pass a CancelToken of your own")


SILENT = Progress()
NEVER: CancelToken = _NeverCancelled()
