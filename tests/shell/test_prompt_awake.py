"""The camera is kept awake while a person takes their time: a PowerShot without PTP sleeps."""

# needs: POSIX

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support.terminal import Terminal


def at_a_line_of_several(terminal: Terminal) -> None:
    terminal.line("luar for i = 1, 3 do")
    terminal.wait_for("...>")


def in_a_lua_session(terminal: Terminal) -> None:
    terminal.line("repl")
    terminal.wait_prompt("lua> ")
    terminal.line("if true then")
    terminal.wait_for("...>")


def while_python_works(terminal: Terminal) -> None:
    terminal.line("!import time; print('as' + 'leep', flush=True); time.sleep(60)")
    terminal.wait_for("asleep")


def while_a_question_waits(terminal: Terminal) -> None:
    terminal.line("download -overwrite=ask DCIM/100CANON/IMG_0001.JPG")
    terminal.wait_for("IMG_0001.JPG", "?")


@pytest.mark.parametrize(
    "act", [at_a_line_of_several, in_a_lua_session, while_python_works, while_a_question_waits]
)
def test_signs_of_life(tmp_path: Path, act: Callable[[Terminal], None]) -> None:
    (tmp_path / "IMG_0001.JPG").write_text("mine")
    trace = tmp_path / "trace.txt"
    with Terminal("-r", "--trace", str(trace), "--sim", home=tmp_path) as terminal:
        terminal.wait_prompt("con> ")
        terminal.line("set keepalive=1")
        terminal.wait_prompt("con> ")
        act(terminal)

        def signs() -> int:
            return trace.read_text().count("> CHDK ScriptStatus")

        before = signs()
        terminal.wait(lambda: signs() > before, "a sign of life")
