"""Waits that no signal ends, as on Windows: for locks, threads, programs, sockets and pipes.

Signals are masked while the main thread waits. A wait that asks for longer than ALLOWED is noted
with its place, in the file that FAKE_WAITS names, even if it came to an end by itself. The file
that FAKE_STEPS names gets those that are nearly as long.
"""

from __future__ import annotations

import _thread
import os
import queue
import select
import selectors
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

ALLOWED = 0.1
"""Seconds that a wait may ask for at a time."""

_MASKED = (signal.SIGINT, signal.SIGTERM, signal.SIGUSR2)
_sigmask, _block, _set = signal.pthread_sigmask, signal.SIG_BLOCK, signal.SIG_SETMASK
_read = os.read
_main = threading.main_thread().ident


@contextmanager
def _held(seconds: float | None) -> Iterator[None]:
    """Mask signals in the main thread, and note a wait that asks for too long."""
    if threading.get_ident() != _main:
        yield
        return
    if seconds is None or seconds > ALLOWED / 2:
        _note(seconds)
    before = _sigmask(_block, _MASKED)
    try:
        yield
    finally:
        _sigmask(_set, before)


def _note(seconds: float | None) -> None:
    stack = traceback.extract_stack()
    if any(f.name == "start" and f.filename.endswith("/threading.py") for f in stack):
        return  # that a thread has started takes but a moment
    frames = [f for f in stack if "/chdkshell/" in f.filename]
    if not frames:
        return
    is_long = seconds is None or seconds > ALLOWED + 1e-9
    path = os.environ.get("FAKE_WAITS" if is_long else "FAKE_STEPS")
    if path:
        with open(path, "a", encoding="utf-8") as file:
            where = " < ".join(f"{f.filename}:{f.lineno} {f.name}" for f in reversed(frames[-4:]))
            file.write(f"{seconds} {where}\n")


class HeldLock:
    """A lock whose wait is held."""

    def __init__(self) -> None:
        self._lock = _thread.allocate_lock()
        self.release, self.locked = self._lock.release, self._lock.locked
        self._at_fork_reinit = self._lock._at_fork_reinit  # type: ignore[attr-defined]

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        if self._lock.acquire(False):
            return True
        if not blocking:
            return False
        # a lock that is held for a moment, which nobody can ask for any shorter
        is_short = timeout < 0 and sys._getframe(1).f_code.co_name in (
            "acquire",
            "_acquire_restore",
        )
        with _held(0 if is_short else None if timeout < 0 else timeout):
            return self._lock.acquire(True, timeout)

    def __enter__(self) -> bool:
        with _held(0):
            return self._lock.acquire()

    def __exit__(self, *error: object) -> None:
        self._lock.release()


def pretend() -> None:
    """Hold all waits of this process from now on. To be called before anything else is loaded."""
    threading.Lock = HeldLock  # type: ignore[assignment]
    threading._allocate_lock = HeldLock  # type: ignore[attr-defined]
    threading.RLock = threading._PyRLock  # type: ignore[attr-defined]
    threading._CRLock = None  # type: ignore[attr-defined]
    queue.SimpleQueue = queue._PySimpleQueue  # type: ignore[attr-defined,misc]
    join = threading.Thread.join

    def held_join(self: threading.Thread, timeout: float | None = None) -> None:
        with _held(timeout if self.is_alive() else 0):
            join(self, timeout)

    threading.Thread.join = held_join  # type: ignore[method-assign]
    selectors.SelectSelector._select = staticmethod(_held_select)  # type: ignore[attr-defined]
    wait = subprocess.Popen.wait

    def held_wait(self: Any, timeout: float | None = None) -> int:
        with _held(0 if self.poll() is not None else timeout):
            return wait(self, timeout)

    subprocess.Popen.wait = held_wait  # type: ignore[method-assign]
    os.read = _held_read


def _held_select(r: Any, w: Any, x: Any, timeout: float | None = None) -> Any:
    with _held(timeout):
        return _select(r, w, x, timeout)


def _held_read(descriptor: int, size: int) -> bytes:
    """Read a pipe. A terminal is read as ever: Windows ends the reading of its console."""
    if os.isatty(descriptor):
        return _read(descriptor, size)
    is_there = bool(_select([descriptor], [], [], 0)[0])
    with _held(0 if is_there else None):
        return _read(descriptor, size)


_select = select.select


class HeldInput:
    """Standard input that is a pipe, whose reading by Python itself is held, too."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def readline(self, limit: int = -1) -> str:
        with _held(None):
            return str(self._stream.readline(limit))

    def __iter__(self) -> Iterator[str]:
        return iter(self.readline, "")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
