"""Waits in steps, and calls that no signal ends."""

from __future__ import annotations

import socket
import threading

import pytest

from chdkshell import waits
from chdkshell.errors import Cancelled
from chdkshell.flow import CancelToken
from chdkshell.transport.ip import open_transport


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Have waits go in steps of 0.01 s, and return those that were asked for."""
    monkeypatch.setattr(waits, "LONGEST", 0.01)
    return []


def test_a_wait_is_made_of_steps(steps: list[float]) -> None:
    def step(seconds: float) -> bool:
        steps.append(seconds)
        return len(steps) == 5

    assert waits.until(step)
    assert steps == [0.01] * 5


def test_it_ends_at_its_time(steps: list[float]) -> None:
    event = threading.Event()

    def step(seconds: float) -> bool:
        steps.append(seconds)
        return event.wait(seconds)

    assert not waits.until(step, 0.05)
    assert max(steps) <= 0.01
    assert min(steps) >= 0
    assert not waits.until(event.wait, 0)
    event.set()
    assert waits.until(event.wait, 0)


@pytest.mark.usefixtures("steps")
def test_locks_threads_and_tokens_are_waited_for_so() -> None:
    lock, go_on = threading.Lock(), threading.Event()
    lock.acquire()

    def release() -> None:
        go_on.wait()
        lock.release()

    thread = threading.Thread(target=release)
    thread.start()
    assert not waits.ended(thread, 0.03)
    go_on.set()
    assert waits.acquired(lock)
    assert waits.ended(thread)
    token = CancelToken()
    token.wait(0.03)
    token.set()
    with pytest.raises(Cancelled):
        token.wait(1000)


def test_a_call_gives_what_it_returns_or_raises() -> None:
    assert waits.result_of(lambda: 42, lambda: None) == 42
    with pytest.raises(ZeroDivisionError):
        waits.result_of(lambda: 1 // 0, lambda: None)


def test_a_name_that_is_looked_up_for_long_can_be_cancelled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    token, go_on = CancelToken(), threading.Event()

    def hang(*_: object, **__: object) -> list[object]:
        token.set()
        go_on.wait()
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    with pytest.raises(Cancelled):
        open_transport("camera.example", token)
    go_on.set()
