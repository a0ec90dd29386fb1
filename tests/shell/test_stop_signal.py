"""Ctrl-Z in the middle of anything, also of what holds the locks that clearing up needs."""

# needs: POSIX

from __future__ import annotations

import os
import pty
import signal
import threading
from collections.abc import Iterator

import pytest
from support.timeouts import TIMEOUT

from chdkshell.shell.prompt import keyboard
from chdkshell.shell.prompt.keyboard import PromptKeyboard


@pytest.fixture
def terminal() -> Iterator[int]:
    host, end = pty.openpty()
    yield end
    os.close(end)
    os.close(host)


@pytest.fixture
def stops(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The signals that would stop this process."""
    sent: list[int] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: sent.append(number))
    return sent


def test_the_line_is_cleared_before_the_program_stops(
    terminal: int, stops: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyboard, "CLEAR_SECONDS", TIMEOUT)
    order: list[list[int]] = []
    with PromptKeyboard(terminal, lambda: order.append(list(stops))).watched():
        signal.raise_signal(signal.SIGTSTP)
    assert (order, stops) == ([[]], [signal.SIGTSTP])


def test_a_lock_that_is_held_does_not_keep_it_from_stopping(
    terminal: int, stops: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyboard, "CLEAR_SECONDS", 0.01)
    lock, cleared = threading.Lock(), threading.Event()

    def clear() -> None:
        with lock:
            cleared.set()

    with PromptKeyboard(terminal, clear).watched():
        with lock:
            signal.raise_signal(signal.SIGTSTP)
        assert stops == [signal.SIGTSTP]
        assert cleared.wait(TIMEOUT)
