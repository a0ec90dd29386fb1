"""Scripts that are ended before their time, and what they leave."""

from __future__ import annotations

import threading
import time

import pytest
from support.chdk_model import USER, Model, string

from chdkshell.chdk.messages import ScriptMessage
from chdkshell.errors import Cancelled
from chdkshell.flow import CancelToken


def test_cancelling_kills_the_script_first() -> None:
    camera = Model(string(b"left", USER), polls=10**9)
    token = CancelToken()
    polls = iter(range(100))

    def cancel() -> None:
        if next(polls) == 3:
            token.set()

    camera.on_poll = cancel
    with pytest.raises(Cancelled):
        camera.scripts.run("loop", cancel=token)
    assert not camera.running
    assert not camera.waiting
    assert camera.executed[-1] == (0x600, b"\0")


def test_cancelling_before_the_start_sends_nothing() -> None:
    camera = Model()
    token = CancelToken()
    token.set()
    with pytest.raises(Cancelled):
        camera.scripts.run("x", cancel=token)
    assert camera.player.asked == []


def test_cancelling_from_another_thread_is_immediate() -> None:
    camera = Model(polls=10**9)
    token = CancelToken()
    threading.Timer(0.02, token.set).start()
    began = time.monotonic()
    with pytest.raises(Cancelled):
        camera.scripts.run("loop", cancel=token)
    assert time.monotonic() - began < 60
    assert not camera.running


def test_cancelling_a_wait_leaves_a_script_that_was_started_before() -> None:
    camera = Model(polls=10**9)
    camera.scripts.start("loop")
    token = CancelToken()
    token.set()
    with pytest.raises(Cancelled):
        camera.scripts.wait(cancel=token)
    assert camera.running


def test_cancelling_on_an_old_camera_leaves_the_script() -> None:
    camera = Model(polls=10**9, version=(2, 5))
    token = CancelToken()

    def cancel() -> None:
        if camera.running:
            token.set()

    camera.on_poll = cancel
    with pytest.raises(Cancelled):
        camera.scripts.run("loop", cancel=token)
    assert camera.running


def test_an_error_in_the_handler_kills_the_script() -> None:
    camera = Model(string(b"x", USER), polls=10**9)

    def fail(message: ScriptMessage) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        camera.scripts.run("loop", on_message=fail)
    assert not camera.running


def test_a_script_that_has_ended_meanwhile_leaves_nothing_behind() -> None:
    camera = Model(string(b"x", USER), string(b"y", USER), string(b"z"))
    camera.waiting.append(string(b"somebody's", USER, script_id=77))

    def fail(message: ScriptMessage) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        camera.scripts.run("x", on_message=fail, flush=False)
    assert not camera.waiting
    kept = camera.scripts.read_message()
    assert kept is not None and kept.text == "somebody's"
    assert camera.scripts.read_message() is None
