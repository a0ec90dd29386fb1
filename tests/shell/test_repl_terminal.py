"""A Lua session at a real terminal: what a person does wrong there, and what they see then."""

# needs: POSIX

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.camera_process import simulated_camera
from support.shell_process import patient_program
from support.terminal import Terminal


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """A Lua session on a simulated camera."""
    with Terminal("-r", "--sim", home=tmp_path, command=patient_program()) as terminal:
        terminal.wait_prompt("con> ")
        start(terminal)
        yield terminal


def start(terminal: Terminal) -> None:
    terminal.line("repl")
    terminal.wait_prompt("lua> ")


def enter(terminal: Terminal, *lines: str) -> None:
    """Enter lines, each at a prompt, of which there is another one after them."""
    for line in lines:
        terminal.line(line)
        terminal.wait(lambda: re.search(r"\n(lua|\.\.\.)>$", asked(terminal)), "prompt")


def asked(terminal: Terminal) -> str:
    """The screen down to the cursor's line."""
    return "\n" + "\n".join(terminal.lines[: terminal.screen.cursor.y + 1])


def test_an_error_leaves_keys_held_and_functions_known(terminal: Terminal) -> None:
    enter(terminal, "switch_mode_usb(1) repeat sleep(10) until get_mode()")
    enter(
        terminal,
        "press 'shoot_half' repeat sleep(10) until get_shooting()",
        "function f()",
        "sleep(1) return nosuch.x",
        "end",
    )
    terminal.line("sleep(10) f()")
    terminal.wait_for(
        "ERROR: chunk 3:2: attempt to index global 'nosuch' (a nil value)\n",
        "\n  sleep(1) return nosuch.x\n",
    )
    terminal.wait_prompt("lua> ")
    terminal.line("get_shooting(), type(f)")
    terminal.wait_for('\ntrue    "function"')


@pytest.mark.parametrize(
    "endless", ["sleep(100000)", "pcall(function() while true do end end)", "while true do end"]
)
def test_ctrl_c_ends_what_runs_and_nothing_else(terminal: Terminal, endless: str) -> None:
    enter(terminal, "x = 41")
    terminal.line(f"print('runs') {endless}")
    terminal.wait_for("\nruns\n")
    terminal.type("\x03")
    terminal.wait_for("ERROR: interrupted\n")
    terminal.wait_prompt("lua> ")
    terminal.line("x + 1")
    terminal.wait_for("\n42\n")


def test_a_terminal_of_letters_alone(tmp_path: Path) -> None:
    with Terminal("-r", "--sim", home=tmp_path, term="dumb") as terminal:
        terminal.wait_prompt("con> ")
        start(terminal)
        enter(terminal, "function f()", "return 6 * 7 end", "f()")
        terminal.wait_for("\n...> return 6 * 7 end\nlua> f()\n42\n")
        terminal.type("\x04")
        terminal.wait_prompt("con 1> ")


def test_a_camera_that_goes_away_ends_the_session(tmp_path: Path) -> None:
    with simulated_camera() as (child, address, _), Terminal("-r", home=tmp_path) as terminal:
        terminal.wait_prompt("___> ")
        terminal.line(f"connect {address}")
        terminal.wait_prompt("con> ")
        start(terminal)
        enter(terminal, "x = 1")
        child.kill()
        child.wait()
        terminal.line("x")
        terminal.wait_for("ERROR: ", "reconnect")
        terminal.wait_prompt("___> ")


def test_help_and_quit(terminal: Terminal) -> None:
    enter(terminal, "help get_zoom")
    assert "Position of the zoom." in terminal.text
    terminal.line("quit")
    terminal.wait(lambda: re.search(r"\ncon \d+>$", asked(terminal)), "prompt")


def test_names_have_the_terminals_own_colour(terminal: Terminal) -> None:
    terminal.line("photos = 1 + #'a'")
    terminal.wait_prompt("lua> ")
    line = next(n for n, text in enumerate(terminal.lines) if text.startswith("lua> photos"))
    cells = terminal.screen.buffer[line]
    assert {cells[column].fg for column in range(5, 18)} == {"default", cells[14].fg}
    assert cells[5].fg == cells[12].fg == cells[16].fg == "default"
