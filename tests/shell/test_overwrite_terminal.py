"""Questions about files that are there, at a terminal; and none where nobody can answer."""

# needs: POSIX

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.cut_link import content
from support.shell_process import run
from support.terminal import Terminal

SUMMER = 1748779200  # 2025-06-01 12:00:00 UTC

NEW = {name: f"new {name}".encode() for name in "ABCDE"}
OLD = {name: f"an older {name}".encode() for name in "ABCDE"}
QUESTION = "overwrite y / n / all / none / a (abort)?"


def write(folder: Path, files: dict[str, bytes]) -> None:
    folder.mkdir(parents=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
        os.utime(folder / name, (SUMMER, SUMMER))


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """A card with files, and others of their names here; both have files for the other side."""
    write(tmp_path / "card/DIR", NEW)
    write(tmp_path / "card/UP", OLD)
    write(tmp_path / "work/out", OLD)
    write(tmp_path / "work/up", NEW)
    return tmp_path / "card"


@pytest.fixture
def terminal(card: Path) -> Iterator[Terminal]:
    address = f"sim:card={card}"
    with Terminal("-r", "--device", address, home=card.parent / "work", TZ="UTC") as made:
        made.wait_prompt()
        yield made


def answer(terminal: Terminal, number: int, name: str, keys: str) -> None:
    """Wait for a question, which is the `number`-th and about a file, and answer it."""
    terminal.wait(lambda: terminal.raw.count(QUESTION) == number, f"question {number}")
    assert f"{name} 10 bytes" in terminal.raw.rpartition("existing: ")[2]
    terminal.type(keys)


COMMANDS = [
    ("mdl DIR out", "out/{}"),
    ("mdl -overwrite=ask DIR out", "out/{}"),
    ("imdl -fmatch=. -sort=name -d='out/${name}' DIR", "out/{}"),
    ("sync -overwrite=ask DIR out", "out/{}"),
    ("mup -overwrite=ask up UP", "A/UP/{}"),
    ("sync -overwrite=ask up A/UP", "A/UP/{}"),
]


def target(card: Path, shown: str) -> dict[str, bytes]:
    return content(card / "UP" if shown.startswith("A/") else card.parent / "work/out")


@pytest.mark.parametrize(("line", "shown"), COMMANDS)
def test_each_answer(terminal: Terminal, card: Path, line: str, shown: str) -> None:
    terminal.line(line)
    terminal.wait_for(
        f"existing: {shown.format('A')} 10 bytes modified Sun Jun  1 12:00:00 2025",
        "5 bytes modified Sun Jun  1 12:00:00 2025 (other size)",
    )
    answer(terminal, 1, "A", "y\r")
    answer(terminal, 2, "B", "n\r")
    answer(terminal, 3, "C", "x\r")
    answer(terminal, 4, "C", "all\r")
    terminal.wait_prompt()
    assert target(card, shown) == {**NEW, "B": OLD["B"]}
    terminal.line(line)
    answer(terminal, 5, "B", "none\r")
    terminal.wait_prompt()
    assert target(card, shown) == {**NEW, "B": OLD["B"]}


@pytest.mark.parametrize(
    ("line", "shown", "keys"),
    [
        (*COMMANDS[0], "a\r"),
        (*COMMANDS[0], "\x03"),
        (*COMMANDS[1], "\x04"),
        (*COMMANDS[2], "abort\r"),
        (*COMMANDS[4], "\r"),
        (*COMMANDS[5], "\x03"),
    ],
)
def test_stopping(terminal: Terminal, card: Path, line: str, shown: str, keys: str) -> None:
    """It names what is done and what is not, and the prompt goes on."""
    terminal.line(line)
    answer(terminal, 1, "A", "y\r")
    answer(terminal, 2, "B", keys)
    terminal.wait_for("ERROR: aborted by user; 1 of 5 files are done; not done: ")
    terminal.wait_prompt()
    assert target(card, shown) == {**OLD, "A": NEW["A"]}
    terminal.line("luar return 6*7")
    terminal.wait_for("return:42")


@pytest.mark.parametrize("line", [line for line, _ in COMMANDS])
@pytest.mark.parametrize("where", ["-e", "stdin"])
def test_nobody_can_answer(card: Path, line: str, where: str) -> None:
    before = content(card), content(card.parent / "work")
    arguments = ["-r", "--device", f"sim:card={card}"]
    batch = ["-e", line] if where == "-e" else []
    text = "" if where == "-e" else f"{line}\ny\nall\n"
    done = run(*arguments, *batch, stdin=text, cwd=card.parent / "work")
    assert QUESTION not in done.stdout + done.stderr
    assert "would be overwritten, and nobody can be asked; -overwrite=y overwrites" in done.stderr
    assert done.returncode == 1
    assert (content(card), content(card.parent / "work")) == before
