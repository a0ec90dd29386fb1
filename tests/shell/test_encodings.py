"""Terminals and files that do not have all characters: nothing fails, and what adorns is ASCII."""

# needs: POSIX

from __future__ import annotations

import io
import subprocess
from pathlib import Path
from typing import TextIO

import pytest
from support.fake_windows.lines import fill, lines
from support.shell_process import environment, program
from support.small_dng import make_dng
from support.terminal import Terminal
from support.timeouts import TIMEOUT

from chdkshell.shell.output.progress import Bar
from chdkshell.shell.terminal.adornments import plainer

ENCODINGS = ("cp1252", "cp437")


def screen(encoding: str) -> TextIO:
    """Return a terminal with the characters of one encoding."""
    return io.TextIOWrapper(io.BytesIO(), encoding=encoding)


def run(folder: Path, encoding: str, given: list[str]) -> str:
    """Run lines with the streams in an encoding; return what they print."""
    fill(folder)
    done = subprocess.run(
        [*program(), "-r", "--sim"],
        input="\n".join(given).encode(encoding),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=folder,
        env=environment(PYTHONIOENCODING=encoding, EDITOR="true"),
        timeout=TIMEOUT,
        check=False,
    )
    out = done.stdout.decode(encoding, "replace")
    assert "Traceback" not in out
    assert "this is a bug" not in out
    return out


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_all_lines(tmp_path: Path, encoding: str) -> None:
    run(tmp_path, encoding, [line for _, line in lines()])


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_names_that_the_encoding_lacks_are_told_apart(tmp_path: Path, encoding: str) -> None:
    for name in ("\u4e2d.TXT", "\u4e3d.TXT", "\u00e9.TXT"):
        (tmp_path / name).write_text("x\n", encoding="utf-8")
    out = run(tmp_path, encoding, ["mupload . A/NEW", "ls A/NEW", "help", "nosuch"])
    assert "\\u4e2d.TXT" in out
    assert "\\u4e3d.TXT" in out
    assert "ERROR: " in out


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_tables_and_bars_at_a_terminal(tmp_path: Path, encoding: str) -> None:
    make_dng(tmp_path / "ONE.DNG")
    given = ("ls -l DCIM", "tree DCIM", "help ls", "dngload ONE.DNG", "dnghist", "imls -thumbs")
    commands = [word for line in given for word in ("-e", line)]
    with Terminal(
        *("-r", "--sim", *commands), home=tmp_path, size=(60, 100), PYTHONIOENCODING=encoding
    ) as terminal:
        terminal.wait(lambda: not terminal.feed(0.05), "end")
    assert "IMG_0001.JPG" in terminal.raw
    assert "\\u" not in terminal.raw
    assert ("\u2580" in terminal.raw) is False


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("total", [None, 100])
@pytest.mark.parametrize("title", ["a title", "a long title " * 20])
def test_progress(encoding: str, total: int | None, title: str) -> None:
    with Bar(title, screen(encoding), delay=3600) as bar:
        if total is not None:
            bar.start(total)
            bar.advance(50)
        bar._line(bar._new_bars()).encode(encoding)
    with Bar("a title", screen("utf-8"), delay=3600) as bar:
        assert not bar._line(bar._new_bars()).isascii()


def test_what_stands_for_what_is_missing() -> None:
    assert plainer("\u2588\u258c\u258f\u2026\u00e9", screen("ascii")) == "## ~\u00e9"
    assert plainer("\u2588\u258c\u258f\u2026", screen("cp437")) == "\u2588\u258c ~"
    assert plainer("\u2588\u258f\u2026", screen("utf-8")) == "\u2588\u258f\u2026"
