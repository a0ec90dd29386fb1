"""Windows' console as if it were here: what it shows, its keys, its questions, and Git Bash."""

# needs: POSIX

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from support.fake_windows import environment_there, program
from support.fake_windows.system import BREAK
from support.terminal import Terminal
from support.timeouts import TIMEOUT

ARROW = "\u2190"
"""What such a console shows of an escape sequence that it does not take."""

PIPE = "\\msys-dd50a72ab4668b33-pty0-to-master"

SET_MODE = (
    "exec import ctypes, msvcrt; from ctypes import wintypes; "
    "ctypes.windll.kernel32.SetConsoleMode(wintypes.HANDLE(msvcrt.get_osfhandle({})), {})"
)
RESET, CTRL_C_IS_A_KEY = SET_MODE.format(1, 3), SET_MODE.format(0, 6)
"""What a program that the console was lent to may do."""


@contextmanager
def console(home: Path, *arguments: str, **settings: str) -> Iterator[Terminal]:
    """Run the program at a console, with a simulated camera."""
    env = environment_there(COLORTERM="truecolor", **settings)
    kept: dict[str, Any] = {
        k: v for k, v in env.items() if k.startswith(("PYTHON", "FAKE", "COLOR", "WT_"))
    }
    with Terminal("-r", "--sim", *arguments, home=home, command=program(), **kept) as terminal:
        yield terminal
        assert "Traceback" not in terminal.text


def end(terminal: Terminal) -> str:
    """Wait for the program's end; return all that it wrote."""
    terminal.wait(lambda: not terminal.feed(0.05), "end")
    return terminal.raw


def test_escape_sequences_are_switched_on(tmp_path: Path) -> None:
    with console(tmp_path, "-e", "ls nosuch", "-e", "help ls") as terminal:
        raw = end(terminal)
    assert "\x1b[31mERROR: \x1b[0m" in raw
    assert ARROW not in raw


@pytest.mark.slow
def test_and_again_after_a_program_that_had_the_console(tmp_path: Path) -> None:
    with console(tmp_path, "-e", RESET, "-e", "ls nosuch") as terminal:
        raw = end(terminal)
    assert "\x1b[31mERROR: \x1b[0m" in raw
    assert ARROW not in raw


def test_a_console_that_takes_none_gets_plain_text(tmp_path: Path) -> None:
    lines = ("ls -l DCIM", "ls nosuch", "help ls", "imls -thumbs", "live")
    commands = [word for line in lines for word in ("-e", line)]
    with console(tmp_path, *commands, FAKE_CONSOLE="legacy") as terminal:
        raw = end(terminal)
    assert ARROW not in raw
    assert "\x1b" not in raw
    assert "ERROR: " in raw
    assert "live needs a terminal; `lvdumpimg`" in raw.replace("\r\n", " ")


@pytest.mark.parametrize(
    "page", [pytest.param(page, marks=pytest.mark.slow) for page in ("", "437")] + ["1252"]
)
def test_live_and_its_keys(tmp_path: Path, page: str) -> None:
    settings = {"FAKE_RASTER": page} if page else {}
    with console(tmp_path, "-e", "live", **settings) as terminal:
        terminal.wait_for("fps")
        blocks = "\u2580" in terminal.text
        assert blocks == (page != "1252")
        assert blocks or any(cell.bg != "default" for cell in terminal.screen.buffer[5].values()), (
            "a picture of blanks"
        )
        terminal.child.send("\u00e0H")
        terminal.wait_for("clicked up")
        terminal.child.send("?")
        terminal.wait_for("take a picture")
        terminal.child.send("q")
        raw = end(terminal)
    assert raw.rindex("\x1b[?1049l") > raw.rindex("\x1b[?1049h")
    assert raw.rindex("\x1b[?25h") > raw.rindex("\x1b[?25l")
    assert "?" not in raw.replace("\x1b[?", "").replace("? ", "")[: raw.index("fps")]


@pytest.mark.slow
def test_live_holds_records_and_sets(tmp_path: Path) -> None:
    with console(tmp_path, "-e", "rec", "-e", "live") as terminal:
        terminal.wait_for("fps", "REC")
        terminal.child.send("e")
        terminal.wait_for("EV -0.3")
        terminal.child.send("H")
        terminal.wait_for("half  space shoots")
        terminal.child.send("v")
        terminal.wait(lambda: "recorded]" in terminal.text and "[0 " not in terminal.text)
        terminal.child.send("H")
        terminal.wait_for("released")
        terminal.child.send("g")
        terminal.wait_for("histogram: luma")
        terminal.child.send("\x03")
        end(terminal)
    assert not list(tmp_path.glob("*.part"))
    assert list(tmp_path.glob("chdk_*.lvdump"))


@pytest.mark.slow
def test_ctrl_c_leaves_live_as_a_signal(tmp_path: Path) -> None:
    with console(tmp_path, "-e", CTRL_C_IS_A_KEY, "-e", "live") as terminal:
        terminal.wait_for("fps")
        terminal.child.send("\x03")
        end(terminal)
        terminal.child.wait()
        assert terminal.child.exitstatus == 130


@pytest.mark.slow
def test_lines_in_live_are_typed_as_ever(tmp_path: Path) -> None:
    with console(tmp_path, "-e", "live") as terminal:
        terminal.wait_for("fps")
        terminal.child.send(":luar return 6*7\r")
        terminal.wait_for(":return:42", "any key")
        terminal.child.send(" ")
        terminal.wait_for("done: luar")
        terminal.child.send("q")
        end(terminal)


@pytest.mark.slow
def test_rsint_at_the_console(tmp_path: Path) -> None:
    with console(tmp_path, "-e", "rec", "-e", "rsint") as terminal:
        terminal.wait_prompt("rsint> ")
        terminal.child.send("exec a=1\r")
        terminal.wait_prompt("rsint> ")
        terminal.child.send("q\r")
        end(terminal)
        terminal.child.wait()
        assert terminal.child.exitstatus == 0


@pytest.mark.parametrize(
    ("answer", "is_left"),
    [
        pytest.param("y\r", False, marks=pytest.mark.slow),
        pytest.param("n\r", True, marks=pytest.mark.slow),
        ("\x03", True),
    ],
)
def test_questions(tmp_path: Path, answer: str, is_left: bool) -> None:
    card = tmp_path / "card"
    (card / "OLD").mkdir(parents=True)
    where = f"connect sim:card={card}"
    with console(tmp_path, "-e", where, "-e", "delete -all A/") as terminal:
        terminal.wait_for("[y/N]")
        terminal.child.send(answer)
        end(terminal)
    assert (card / "OLD").exists() == is_left


@pytest.mark.slow
def test_the_prompt_and_a_window_that_is_closed(tmp_path: Path) -> None:
    with console(tmp_path) as terminal:
        terminal.wait_prompt("con> ")
        terminal.line("luar return 6*7")
        terminal.wait_for(":return:42")
        terminal.wait_prompt("> ")
        terminal.child.kill(10)  # SIGUSR1
        end(terminal)
        terminal.child.wait()
        assert terminal.child.exitstatus == 128 + BREAK


def git_bash(home: Path, *arguments: str, given: str) -> subprocess.CompletedProcess[str]:
    """Run the program in a window that gives it pipes of its own."""
    return subprocess.run(
        [*program(), "-r", "--sim", *arguments],
        input=given,
        capture_output=True,
        encoding="utf-8",
        cwd=home,
        timeout=TIMEOUT,
        check=False,
        env=environment_there(
            MSYSTEM="MINGW64", FAKE_PIPE="\\msys-dd50a72ab4668b33-pty0-to-master"
        ),
    )


def test_git_bash_without_a_console_has_a_plain_prompt(tmp_path: Path) -> None:
    done = git_bash(tmp_path, given="luar return 6*7\ndelete -all A/\nn\nlive\nq\n")
    assert "winpty chdkshell" in done.stderr.splitlines()[0]
    assert "con> " in done.stdout
    assert ":return:42\n" in done.stdout
    assert "[y/N]" in done.stderr
    assert "live needs a terminal; `winpty chdkshell`" in done.stderr
    assert "\x1b" not in done.stdout + done.stderr


@pytest.mark.slow
def test_commands_of_the_line_get_no_such_hint(tmp_path: Path) -> None:
    done = git_bash(tmp_path, "-e", "luar return 6*7", given="")
    assert (done.stdout, done.stderr) == ("1:return:42\n", "")
