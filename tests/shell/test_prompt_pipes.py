"""Without a terminal at both ends nothing of the prompt appears: no colour, no toolbar, no bar."""

# needs: POSIX

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.shell_process import program, run
from support.terminal import Terminal

WANTS_COLOUR: dict[str, Any] = {"TERM": "xterm-256color", "FORCE_COLOR": "1", "CLICOLOR_FORCE": "1"}
"""An environment in which programs like to colour."""

SESSION = (
    "nosuch\n"
    "luar write_usb_msg('x') sleep(700) return {a=1}, 'text'\n"
    "ls -l DCIM/101CANON\n"
    "luar return 1.5\n"
    "set keepalive\n"
)
PRINTED = (
    "1:user:'x'\n"
    "1:return:table:{a=1}\n"
    "1:return:'text'\n"
    "Sat Jul  4 09:30:00 2026      16353 IMG_0101.JPG\n"
    "keepalive=10\n"
)
COMPLAINED = "ERROR: unknown command 'nosuch'; `help` lists the commands\nERROR: "


def test_pipes_at_both_ends() -> None:
    done = run("-r", "--sim", stdin=SESSION, **WANTS_COLOUR)
    assert done.stdout == PRINTED
    assert done.stderr.startswith(COMPLAINED)
    assert "\x1b" not in done.stderr


def test_a_pipe_takes_what_a_person_typed(tmp_path: Path) -> None:
    """The prompt stands in the output, as it does where chdkptp is piped."""
    command = ["sh", "-c", '"$@" -r --sim > out.txt', "sh", *program()]
    with Terminal(home=tmp_path, command=command, **WANTS_COLOUR) as terminal:
        for line in SESSION.splitlines():
            terminal.type(f"{line}\r")
        terminal.type("\x04")
        assert terminal.wait_end() == 0
    text = (tmp_path / "out.txt").read_text()
    assert text == (
        "connected: Canon PowerShot SIM1, max packet size 0\n"
        "con> con> 1:user:'x'\n"
        "1:return:table:{a=1}\n"
        "1:return:'text'\n"
        "con 1> Sat Jul  4 09:30:00 2026      16353 IMG_0101.JPG\n"
        "con 2> con 2> keepalive=10\n"
        "con 2> \n"
    )


def test_lines_from_a_pipe_have_no_prompt(tmp_path: Path) -> None:
    command = ["sh", "-c", 'echo "luar return 7" | "$@" -r --sim', "sh", *program()]
    with Terminal(home=tmp_path, command=command, NO_COLOR="1") as terminal:
        assert terminal.wait_end() == 0
        assert terminal.text.strip() == "1:return:7"


@pytest.mark.parametrize("name", ["history", "cameras"])
def test_a_batch_leaves_no_history(tmp_path: Path, name: str) -> None:
    run("-r", "--sim", "-e", "version", CHDKSHELL_HOME=str(tmp_path))
    assert not (tmp_path / name).exists()
