"""Storms of Ctrl-C at the prompt: as keys, as signals, while lines are typed and commands run."""

# needs: POSIX

from __future__ import annotations

import random
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest
from support.terminal import Terminal

LINES = (
    "luar return 1",
    "luar sleep(20) return 3",
    "set keepalive",
    "",
    "!sum(range(10**6))",
    "nosuch",
)


class Press(Protocol):
    def __call__(self, terminal: Terminal, dice: random.Random) -> None: ...


def key(terminal: Terminal, dice: random.Random) -> None:
    terminal.type("\x03")


def sent(terminal: Terminal, dice: random.Random) -> None:
    terminal.child.kill(signal.SIGINT)


def either(terminal: Terminal, dice: random.Random) -> None:
    dice.choice([key, sent])(terminal, dice)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    with Terminal("-r", "--sim", home=tmp_path) as terminal:
        terminal.wait_prompt("con> ")
        yield terminal


def check_calm(terminal: Terminal, line: str = "!print(42)") -> None:
    """Check that the storm left a prompt that works, and no trace of the inside.

    The last Ctrl-C may come late, and drop a line that was typed after it.
    """
    for _ in range(20):
        prompts = terminal.raw.count("> ")
        terminal.type(f"\x15{line}\r")
        terminal.wait(lambda: "42" in terminal.lines or terminal.raw.count("> ") > prompts)  # noqa: B023
        if "42" in terminal.lines:
            break
    terminal.wait(lambda: "42" in terminal.lines, "an answer after the storm")
    terminal.wait_prompt()
    for word in ("Traceback", "Exception", "Unhandled", "asyncio", "bug in chdkshell"):
        assert word not in terminal.raw


@pytest.mark.parametrize("press", [key, sent, either])
def test_a_storm_leaves_no_trace(terminal: Terminal, press: Press) -> None:
    dice = random.Random(20)
    for _ in range(250):
        if dice.random() < 0.3:
            terminal.type(f"{dice.choice(LINES)}\r")
        press(terminal, dice)
        terminal.feed(dice.choice([0, 0.0005, 0.001, 0.003, 0.01]))
        assert terminal.child.isalive()
    check_calm(terminal)


@pytest.mark.parametrize(("term", "switches"), [("dumb", []), ("xterm", ["--chdkptp"])])
def test_a_storm_where_lines_are_plain(tmp_path: Path, term: str, switches: list[str]) -> None:
    dice = random.Random(22)
    with Terminal(*switches, "-r", "--sim", home=tmp_path, term=term) as terminal:
        terminal.wait_prompt("con> ")
        for _ in range(250):
            if dice.random() < 0.3:
                terminal.type(f"{dice.choice(LINES)}\r")
            either(terminal, dice)
            terminal.feed(dice.choice([0, 0.0005, 0.001, 0.003, 0.01]))
            assert terminal.child.isalive()
        check_calm(terminal)


@pytest.mark.parametrize("press", [key, sent])
def test_a_storm_in_a_lua_session(terminal: Terminal, press: Press) -> None:
    """It goes on: only while a chunk runs, a second Ctrl-C would break it off."""
    dice = random.Random(21)
    terminal.line("repl")
    terminal.wait_prompt("lua> ")
    for _ in range(100):
        press(terminal, dice)
        terminal.feed(dice.choice([0, 0.001, 0.003, 0.01]))
    check_calm(terminal, "=6*7")
    terminal.wait_prompt("lua> ")


def test_a_storm_at_the_end(terminal: Terminal) -> None:
    terminal.type("quit\r")
    while terminal.feed(0.003):
        terminal.child.kill(signal.SIGINT)
    for word in ("Traceback", "Exception", "KeyboardInterrupt"):
        assert word not in terminal.raw
