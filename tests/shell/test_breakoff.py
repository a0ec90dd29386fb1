"""Where Ctrl-C may break off what runs, whenever it comes."""

from __future__ import annotations

import asyncio
import signal
import sys

import pytest
from prompt_toolkit import PromptSession
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from chdkshell.flow import CancelToken
from chdkshell.shell.breakoff import (
    break_off,
    breakable,
    interrupts_going_to,
    may_break_off,
    shielded,
)
from chdkshell.shell.signals import Signals
from chdkshell.shell.typed import typed


def interrupt() -> None:
    signal.raise_signal(signal.SIGINT)


def test_a_command_is_broken_off_and_nothing_around_it() -> None:
    steps = []

    def command() -> None:
        steps.append("command")
        interrupt()
        steps.append("after it")

    def around() -> None:
        interrupt()
        with pytest.raises(KeyboardInterrupt):
            breakable(command)
        interrupt()
        steps.append("tidied")

    with interrupts_going_to(break_off):
        shielded(around)
    assert steps == ["command", "tidied"]


def test_what_a_command_runs_puts_things_in_order_too() -> None:
    def inner() -> str:
        interrupt()
        return "whole"

    with interrupts_going_to(break_off):
        assert breakable(shielded, inner) == "whole"
        with pytest.raises(KeyboardInterrupt):
            breakable(shielded, lambda: breakable(interrupt))


def test_a_second_signal_breaks_off_a_command_only() -> None:
    cancel = CancelToken()

    def around() -> list[int]:
        with Signals().cancelling(cancel) as caught:
            interrupt()
            assert cancel.is_set()
            interrupt()
            with pytest.raises(KeyboardInterrupt):
                breakable(interrupt)
            interrupt()
        return caught

    assert shielded(around) == [signal.SIGINT] * 4


def test_the_handler_before_is_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    with interrupts_going_to(break_off):
        assert signal.getsignal(signal.SIGINT) is break_off
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize("count", [1, 3])
def test_signals_end_the_prompt_once(count: int, caplog: pytest.LogCaptureFixture) -> None:
    ended = False

    def late() -> None:
        """Send signals each time the event loop runs, also for the last time."""
        nonlocal ended
        ended = not session.app.is_running
        if not ended:
            asyncio.get_running_loop().call_soon(late)
        for _ in range(count):
            interrupt()

    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        session: PromptSession[str] = PromptSession()
        with pytest.raises(KeyboardInterrupt):
            typed(session, "> ", late)
    assert ended
    assert caplog.records == []


def test_nothing_is_broken_off_while_an_object_goes() -> None:
    found = []

    class Goes:
        def __del__(self) -> None:
            found.append(may_break_off(sys._getframe()))

    breakable(lambda: Goes() and None)
    assert found == [False]
