"""The keyboard of a terminal: what is typed while a command runs, and what is left behind."""

# needs: POSIX

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.shell_process import program
from support.terminal import Terminal

COMPARED = 'before=$(stty -g); "$@"; [ "$before" = "$(stty -g)" ] && echo as before'
"""Shell code that runs a program and says whether it leaves the terminal as it was."""


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """A prompt with a simulated camera."""
    with Terminal("-r", "--sim", home=tmp_path) as terminal:
        terminal.wait_prompt("con> ")
        yield terminal


def start_endless(terminal: Terminal) -> None:
    terminal.line("luar write_usb_msg('runs') while true do sleep(10) end")
    terminal.wait_for("user:'runs'")


def process_id(terminal: Terminal) -> int:
    terminal.line("!import os; print('id', os.getpid())")
    terminal.wait(lambda: re.search(r"^id \d+$", terminal.text, re.MULTILINE), "process id")
    terminal.wait_prompt()
    found = re.search(r"^id (\d+)$", terminal.text, re.MULTILINE)
    assert found
    return int(found[1])


def test_what_is_typed_ahead_waits_for_the_prompt(terminal: Terminal) -> None:
    terminal.line("luar write_usb_msg('go') read_usb_msg(2000) return 'first'")
    terminal.wait_for("user:'go'")
    terminal.type("luar return 'ahead'\rluar x = 4")
    terminal.wait_for("return:'first'", "return:'ahead'")
    terminal.wait(lambda: re.search(r"^con \d+> luar x = 4$", terminal.text, re.MULTILINE))
    between = terminal.raw.partition("user:'go'")[2].partition("return:'first'")[0]
    assert "ahead" not in between, "keys are echoed while a command runs"
    terminal.type(" return x\r")
    terminal.wait_for("return:4")


def test_ctrl_c_drops_what_was_typed_ahead(terminal: Terminal) -> None:
    start_endless(terminal)
    terminal.type("luar return 'dropped'\r")
    terminal.type("\x03")
    terminal.wait_for("ERROR: cancelled")
    terminal.wait_prompt()
    terminal.line("luar return 'next'")
    terminal.wait_for("return:'next'")
    assert "dropped" not in terminal.text


def test_python_at_the_prompt_reads_lines(terminal: Terminal) -> None:
    terminal.line("!name = input('your' + ' name? ')")
    terminal.wait_for("\nyour name?")
    terminal.type("Ada\r")
    terminal.wait_for("your name? Ada")
    terminal.wait_prompt()
    terminal.line("!name[::-1]")
    terminal.wait_for("'adA'")


def test_a_question_is_answered_in_sight(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "IMG_0001.JPG").write_text("mine")
    terminal.line("download -overwrite=ask DCIM/100CANON/IMG_0001.JPG")
    terminal.wait_for("IMG_0001.JPG", "?")
    terminal.type("n")
    terminal.wait(lambda: terminal.lines[terminal.screen.cursor.y].endswith("n"), "the answer")
    terminal.type("\r")
    terminal.wait_prompt()
    assert (tmp_path / "IMG_0001.JPG").read_text() == "mine"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
@pytest.mark.parametrize("busy", [False, True])
def test_signals_leave_the_terminal_as_it_was(
    tmp_path: Path, number: signal.Signals, busy: bool
) -> None:
    command = ["sh", "-c", COMPARED, "sh", *program()]
    with Terminal("-r", "--sim", home=tmp_path, command=command) as terminal:
        terminal.wait_prompt("con> ")
        process = process_id(terminal)
        if busy:
            start_endless(terminal)
        os.kill(process, number)
        terminal.wait_for("as before")


def test_a_signal_ends_python_at_the_prompt(tmp_path: Path) -> None:
    command = ["sh", "-c", COMPARED, "sh", *program()]
    with Terminal("-r", home=tmp_path, command=command) as terminal:
        terminal.wait_prompt("___> ")
        process = process_id(terminal)
        terminal.line("!import time; print('as' + 'leep', flush=True); time.sleep(60)")
        terminal.wait_for("asleep")
        os.kill(process, signal.SIGTERM)
        terminal.wait_for("as before")


@pytest.mark.parametrize("busy", [False, True])
def test_ctrl_z_gives_the_terminal_back(tmp_path: Path, busy: bool) -> None:
    shell = ["bash", "--norc", "--noprofile", "-i"]
    with Terminal(home=tmp_path, command=shell, PS1="shell$ ") as terminal:
        terminal.wait_for("shell$")
        terminal.type(f"stty -g > before; {' '.join(program())} -r --sim\r")
        terminal.wait_prompt("con> ")
        if busy:
            terminal.line("luar write_usb_msg('runs') return 'said ' .. read_usb_msg(-1)")
            terminal.wait_for("user:'runs'")
        terminal.type("\x1a")
        terminal.wait_for("Stopped")
        terminal.type('[ "$(stty -g)" = "$(cat before)" ] && echo as before\r')
        terminal.wait_for("\nas before")
        terminal.type("fg\r")
        if busy:
            terminal.wait_for("luar 0:")
            terminal.type("\x03")
            terminal.wait_for("ERROR: cancelled")
        terminal.wait_prompt()
        terminal.line("luar return 'goes on'")
        terminal.wait_for("return:'goes on'")
        terminal.wait_prompt()
        terminal.type("\x04")
        terminal.wait(lambda: terminal.lines[terminal.screen.cursor.y] == "shell$")
        terminal.type('[ "$(stty -g)" = "$(cat before)" ] && echo same again\r')
        terminal.wait_for("\nsame again")
