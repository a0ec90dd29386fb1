"""A signal that does not end a system call by itself, as one that comes just before it."""

# needs: POSIX

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from typing import TextIO

import pytest
from support.desk import Desk
from support.timeouts import TIMEOUT

from chdkshell.flow import CancelToken
from chdkshell.shell.breakoff import break_off, interrupts_going_to, shielded
from chdkshell.shell.prompt import repl
from chdkshell.shell.signals import EndedBySignal, Signals


@pytest.fixture(autouse=True)
def handlers_stay() -> Iterator[None]:
    """A shell starts what runs in its background, such as these tests, with SIGINT ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


class Waits:
    """A wait for a byte that does not come. A thread that gets a signal does not end it."""

    def __init__(self, number: int) -> None:
        self._reader, self._writer = os.pipe()
        self._begins, self._over = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._signal, args=(number,))
        self.was_ended_by_hand = False

    def _signal(self, number: int) -> None:
        self._begins.wait(TIMEOUT)
        time.sleep(0.05)  # by now the system call is very likely under way
        signal.pthread_kill(threading.get_ident(), number)
        if not self._over.wait(TIMEOUT):
            self.was_ended_by_hand = True
            os.write(self._writer, b"!")

    def wait(self) -> None:
        self._thread.start()
        self._begins.set()
        try:
            os.read(self._reader, 1)
        finally:
            self._over.set()
            self._thread.join()
            os.close(self._reader)
            os.close(self._writer)


def test_ctrl_c_ends_a_wait_that_it_came_before() -> None:
    waits = Waits(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), Signals().waiting():
        waits.wait()
    assert not waits.was_ended_by_hand


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_so_do_the_signals_that_end_the_program(number: signal.Signals) -> None:
    signals, waits = Signals(), Waits(number)
    with pytest.raises(EndedBySignal), signals.watched(), signals.waiting():
        waits.wait()
    assert signals.ended_by == number
    assert not waits.was_ended_by_hand


def test_so_does_it_at_a_prompt_of_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    waits = Waits(signal.SIGINT)
    prompts: list[str] = []

    def typed(prompt: str, stream: TextIO) -> str:
        prompts.append(prompt)
        if len(prompts) == 1:
            waits.wait()
        return "typed"

    monkeypatch.setattr(repl, "typed_line", typed)
    with interrupts_going_to(break_off):
        assert shielded(next, repl._plain_lines(Desk().shell)) == "typed"
    assert len(prompts) == 2
    assert not waits.was_ended_by_hand


def test_what_ends_a_wait_is_not_broken_off_in_turn() -> None:
    steps = []
    with pytest.raises(KeyboardInterrupt), Signals().waiting():
        try:
            signal.raise_signal(signal.SIGINT)
        finally:
            signal.raise_signal(signal.SIGINT)
            steps.append("in order")
    assert steps == ["in order"]


def test_ctrl_c_just_after_a_wait_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    before_it, close = threading.enumerate(), os.close

    def interrupted(descriptor: int) -> None:
        monkeypatch.undo()
        signal.raise_signal(signal.SIGINT)
        close(descriptor)

    with pytest.raises(KeyboardInterrupt), Signals().waiting():
        monkeypatch.setattr(os, "close", interrupted)
    assert started_since(before_it) == []


def started_since(before: list[threading.Thread]) -> list[threading.Thread]:
    """Return the threads that were started meanwhile; one of another test may have ended."""
    return [thread for thread in threading.enumerate() if thread not in before]


def test_what_was_there_before_is_there_again() -> None:
    before = signal.set_wakeup_fd(-1)
    signal.set_wakeup_fd(before)
    before_them = threading.enumerate()
    with Signals().cancelling(CancelToken()), Signals().waiting():
        assert [thread.name for thread in started_since(before_them)] == ["signals again"]
    assert started_since(before_them) == []
    assert signal.set_wakeup_fd(before) == before
