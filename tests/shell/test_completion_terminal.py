"""Completion in a real terminal: each kind of thing, typed and with Tab."""

# needs: POSIX

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.camera_process import simulated_camera
from support.terminal import Terminal


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """A prompt with a simulated camera, 80 by 24."""
    with Terminal("-r", "--sim", home=tmp_path) as terminal:
        terminal.wait_prompt("con> ")
        yield terminal


def test_completion_of_commands(terminal: Terminal) -> None:
    terminal.wait_toolbar()
    terminal.type("lv")
    terminal.wait_for("lvdumpimg", "Write live view frames as pictures.")
    terminal.type("d")
    terminal.wait_for("lvdump ")
    terminal.type("\t\t")
    terminal.wait_for("con> lvdump")
    terminal.drop_line()
    terminal.type("killsc\t")
    terminal.wait_for("con> killscript")


def test_completion_of_camera_paths(terminal: Terminal) -> None:
    terminal.wait_toolbar()
    terminal.type("ls A/DC")
    terminal.wait_for("A/DCIM/")
    terminal.type("\t")
    terminal.wait_for("con> ls A/DCIM/")
    terminal.type("\t")
    terminal.wait_for("100CANON/")


BUSY_COMPUTER = """
import sys, time
from chdkshell.__main__ import main
from chdkshell.shell.prompt.complete import ShellCompleter

quick = ShellCompleter.complete

def slow(self, text):
    offers = list(quick(self, text))
    if text.endswith("A/DCIM/") and not offers:
        while not self._view.listing("A/DCIM/"):
            time.sleep(0.01)
        time.sleep(0.3)
    return iter(offers)

ShellCompleter.complete = slow
sys.exit(main())
"""
"""The program, where a completion takes longer than the camera takes to list a folder."""


def test_a_listing_that_comes_while_a_completion_runs_is_offered(tmp_path: Path) -> None:
    command = [sys.executable, "-c", BUSY_COMPUTER, "-r", "--sim"]
    with Terminal(home=tmp_path, command=command) as terminal:
        terminal.wait_prompt("con> ")
        terminal.wait_toolbar()
        terminal.type("ls A/DCIM/")
        terminal.wait_for("A/DCIM/101CANON/")


def test_completion_of_local_paths(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "my script.lua").write_text("return 'from the file'")
    terminal.type("luar < my")
    terminal.wait(lambda: terminal.text.count("my script.lua") == 1)
    terminal.type("\t")
    terminal.wait_for('luar < "my script.lua"')
    terminal.type("\r")
    terminal.wait_for("return:'from the file'")


def test_completion_of_lua_with_its_signature(terminal: Terminal) -> None:
    terminal.type("luar x = get_eff_foc")
    terminal.wait_for("fl = get_eff_focal_length([zoom])")
    terminal.type("\t(")
    terminal.wait_for("since CHDK 1.7")


def test_completion_of_names_of_this_session(terminal: Terminal) -> None:
    terminal.line("luar my_shutter_time = 1")
    terminal.wait_prompt()
    terminal.type("luar return my_sh")
    terminal.wait(lambda: terminal.text.count("my_shutter_time") == 2)


def test_cameras_of_the_last_run_are_offered(tmp_path: Path) -> None:
    with (
        simulated_camera() as (_, address, _),
        Terminal("-r", "--device", address, home=tmp_path) as first,
    ):
        first.wait_prompt("con> ")
        first.type("\x04")
        assert first.wait_end() == 0
    with Terminal("-r", home=tmp_path) as second:
        second.wait_prompt("___> ")
        second.type("connect ip:1")
        second.wait_for(address, "Canon PowerShot SIM1, connected before")
