"""Errors of scripts that no command waits for: they are told once, and are never lost."""

# needs: POSIX

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.chdk_model import USER, Model, failure, integer, string
from support.shell_process import run
from support.terminal import Terminal

ENDED = "!while con.scripts.status() & 1: pass"
"""Waits for the end of a script, and asks for no messages."""


def test_nothing_is_taken_while_the_script_runs() -> None:
    camera = Model(string(b"said", USER), failure(b"boom"), integer(3), polls=2)
    scripts = camera.scripts
    scripts.start("x")
    assert scripts.late_errors() == []
    assert scripts.late_errors() == []
    (error,) = scripts.late_errors()
    assert (error.kind, str(error)) == ("runtime", "boom")
    assert scripts.keeps_messages
    assert [message.value for message in scripts.drain()] == ["said", 3]


def test_nothing_is_asked_after_scripts_that_were_waited_for() -> None:
    camera = Model(integer(1))
    scripts = camera.scripts
    polls: list[int] = []
    assert scripts.late_errors() == []
    scripts.call("x")
    camera.on_poll = lambda: polls.append(1)
    assert scripts.late_errors() == []
    scripts.start("x")
    scripts.kill()
    polls.clear()
    assert scripts.late_errors() == []
    assert polls == []


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    with Terminal("-r", "--sim", home=tmp_path) as terminal:
        terminal.wait_prompt("con> ")
        yield terminal


def test_the_prompt_tells_the_error_as_it_comes(terminal: Terminal) -> None:
    terminal.line("lua write_usb_msg('said') read_usb_msg(60000) error('boom')")
    terminal.wait_prompt()
    terminal.wait_for("a script runs")
    terminal.line("putm on")
    terminal.wait_prompt()
    terminal.type("half a li")
    terminal.wait_for("ERROR: a script failed: :1: boom", "messages wait: getm")
    terminal.wait(lambda: "> half a li" in terminal.lines[terminal.screen.cursor.y])
    terminal.type("\x15getm\r")
    terminal.wait_for("user:'said'")
    terminal.wait_without("messages wait")
    assert terminal.text.count("failed: :1: boom") == 1


def test_the_next_command_does_not_discard_it(tmp_path: Path) -> None:
    with Terminal("-r", "--sim", home=tmp_path, term="dumb") as terminal:
        terminal.wait_prompt("con> ")
        terminal.line("lua error('boom')")
        terminal.wait_prompt()
        terminal.line(ENDED)
        terminal.wait_prompt()
        terminal.line("luar return 'next'")
        terminal.wait_for("ERROR: a script failed: :1: boom", "return:'next'")
        terminal.wait_prompt()
        terminal.line("luar return 'third'")
        terminal.wait_for("return:'third'")
        assert terminal.text.count("boom\n") == 1


def test_lines_of_a_file_do_not_discard_it(tmp_path: Path) -> None:
    (tmp_path / "lines").write_text(f"lua error('boom')\n{ENDED}\nluar return 'next'\n")
    with Terminal("-r", "--sim", home=tmp_path, term="dumb") as terminal:
        terminal.wait_prompt("con> ")
        terminal.line("source lines")
        terminal.wait_for("ERROR: a script failed: :1: boom", "return:'next'")


def test_a_batch_keeps_to_what_chdkptp_prints() -> None:
    done = run("-r", "--sim", "-e", "lua error('boom')", "-e", ENDED, "-e", "luar return 1")
    assert (done.stdout[1:], done.stderr) == (":return:1\n", "")
