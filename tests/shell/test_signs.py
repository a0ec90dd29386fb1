"""Signs between commands, through the program: `;`, `|`, `>` and `>>`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from support.parity_cases import DATA, read_cases
from support.shell_process import check_bad_input, run

from chdkshell.shell import commands  # noqa: F401 - importing them declares them
from chdkshell.shell.aliases import Aliases
from chdkshell.shell.command import REGISTRY
from chdkshell.shell.language import SIGNS
from chdkshell.shell.segments import LineStep, steps

RAW = {
    *("lua", "luar", "repl", "exec", "putm", "#", "watch", "dngbatch", "set", "alias", "sh"),
}
"""Commands that take the rest of their line as it stands."""

PYTHON = f'"{sys.executable}" -c'

VERSION = "host:2.9 cam:not connected\n"

RECORDED = [
    block.command
    for session in sorted(DATA.glob("*.txt"))
    for blocks in read_cases(session.name).values()
    for block in blocks
    if block.kind == ">"
]


def split(line: str) -> list[LineStep]:
    return list(steps(line, REGISTRY))


def test_these_take_the_rest_of_their_line() -> None:
    assert {command.name for command in REGISTRY if command.takes_raw} == RAW


@pytest.mark.parametrize("line", sorted(set(RECORDED)))
def test_no_recorded_command_changes_its_meaning(line: str) -> None:
    assert split(line) == [LineStep(line)]


def test_the_recorded_sessions_are_there() -> None:
    assert len(RECORDED) > 150
    assert ";" in RECORDED


@pytest.mark.parametrize(
    "line", [example for command in REGISTRY for example in command.examples if command.takes_raw]
)
def test_signs_are_text_in_what_is_taken_as_it_stands(line: str) -> None:
    whole = f"{line} ; ls | sort > file"
    assert split(whole) == [LineStep(whole)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("ls ; df", [LineStep("ls "), LineStep(" df")]),
        ("ls ;", [LineStep("ls ")]),
        ("ls;", [LineStep("ls")]),
        (";", [LineStep(";")]),
        ("; ls", [LineStep("; ls")]),
        ("ls ;; df", [LineStep("ls ;; df")]),
        ("ls a;b", [LineStep("ls a;b")]),
        ("ls ';' \"|\" '>'", [LineStep("ls ';' \"|\" '>'")]),
        ("ls 'a ; b' ; df", [LineStep("ls 'a ; b' "), LineStep(" df")]),
        ('ls "a ; b', [LineStep('ls "a ; b')]),
        ("ls | sort ; head", [LineStep("ls ", pipe="sort ; head")]),
        ("ls > 'a b' ; df", [LineStep("ls ", file="a b"), LineStep(" df")]),
        ("ls >> a", [LineStep("ls ", file="a", adds=True)]),
        ("ls >a", [LineStep("ls >a")]),
        ("ls ; =return 1 ; 2", [LineStep("ls "), LineStep(" =return 1 ; 2")]),
        ("nosuch ; ls", [LineStep("nosuch "), LineStep(" ls")]),
    ],
)
def test_lines_are_split(line: str, expected: list[LineStep]) -> None:
    assert split(line) == expected


@pytest.mark.parametrize("sign", [sign.sign for sign in SIGNS if sign.is_new])
def test_with_chdkptps_ways_they_are_letters(tmp_path: Path, sign: str) -> None:
    line = f"set cli_time {sign} file"
    assert list(steps(line, REGISTRY.speaking(True, Aliases()))) == [LineStep(line)]
    done = run("--chdkptp", "-r", "-e", f"rmem 1 {sign} file", cwd=tmp_path)
    assert done.stderr.startswith("ERROR: ")
    assert not (tmp_path / "file").exists()


def test_a_command_runs_where_the_one_before_succeeded() -> None:
    done = run("-r", "-e", "version ; version", "-e", "nosuch ; version")
    assert done.stdout == VERSION * 2
    assert done.stderr.count("ERROR") == 1
    assert done.returncode == 1


def test_a_line_of_nothing_else_is_the_recorded_error() -> None:
    check_bad_input(run("-r", "-e", ";"), "bad input ';'")


def test_a_pipe_gets_plain_text() -> None:
    count = f"{PYTHON} 'import sys; print(sys.stdin.read().upper())'"
    done = run("-r", "-e", f"version | {count}")
    assert (done.stdout, done.stderr, done.returncode) == (VERSION.upper() + "\n", "", 0)


def test_a_pipe_gets_the_bytes_of_a_file() -> None:
    count = f"{PYTHON} 'import sys; print(len(sys.stdin.buffer.read()))'"
    path = "DCIM/100CANON/IMG_0001.JPG"
    done = run("-r", "--sim", "-e", f"cat {path} | {count}", "-e", f"download {path} - | {count}")
    assert done.stdout == "17117\n17117\n"


def test_a_program_that_reads_no_more_is_no_error() -> None:
    done = run("-r", "-e", f"help -v | {PYTHON} 'input()'", "-e", "version")
    assert (done.stdout, done.stderr, done.returncode) == (VERSION, "", 0)


def test_a_program_that_fails_is_one() -> None:
    done = run("-r", "-e", f"version | {PYTHON} 'exit(3)'")
    assert (done.stdout, done.returncode) == ("", 1)
    assert done.stderr.endswith("ended with status 3\n")


def test_a_file_is_made_and_added_to(tmp_path: Path) -> None:
    lines = ("version > it ; version >> it", "version >> new")
    done = run("-r", *(word for line in lines for word in ("-e", line)), cwd=tmp_path)
    assert (done.stdout, done.stderr) == ("", "")
    assert (tmp_path / "it").read_text() == VERSION * 2
    assert (tmp_path / "new").read_text() == VERSION


def test_a_file_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "it").write_text("mine")
    check_bad_input(run("-r", "-e", "help > it", cwd=tmp_path), "it is there", "`>>`")
    assert (tmp_path / "it").read_text() == "mine"


def test_a_command_that_fails_leaves_no_file(tmp_path: Path) -> None:
    check_bad_input(run("-r", "--sim", "-e", "ls NOPE > it", cwd=tmp_path), "A/NOPE")
    assert list(tmp_path.iterdir()) == []


def test_json_goes_where_the_text_would(tmp_path: Path) -> None:
    done = run("-r", "--json", "-e", "version > it", "-e", "nosuch > it", cwd=tmp_path)
    assert json.loads((tmp_path / "it").read_text())["ok"] is True
    assert json.loads(done.stdout)["ok"] is False


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("help >", "one name"),
        ("help > ''", "one name"),
        ("help > a b", "one name"),
        ("help > a | sort", "one name"),
        ("help > .", "folder"),
        ("help > -", "standard output"),
        ("help > no\0such", ""),
        ("help |", "command of this computer"),
    ],
)
def test_signs_that_say_nothing(tmp_path: Path, line: str, word: str) -> None:
    done = run("-r", stdin=f"{line}\n", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("ERROR: ")
    assert word in done.stderr
    assert "bug" not in done.stderr
    assert list(tmp_path.iterdir()) == []
