"""A command without -e: `chdkshell ls A/`; --strict; and what -h says."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.shell_process import run

from chdkshell.cli import parse_options
from chdkshell.errors import UsageError
from chdkshell.shell import commands  # noqa: F401 - importing them declares them
from chdkshell.shell.aliases import Aliases
from chdkshell.shell.command import REGISTRY
from chdkshell.shell.segments import LineStep, line_of, steps

SIM = ("-r", "--sim")


def test_the_first_word_begins_the_command() -> None:
    options = parse_options(["--sim", "-e", "df", "ls", "-l", "--json", "-e", "x"])
    assert options.commands == ["df"]
    assert options.words == ["ls", "-l", "--json", "-e", "x"]
    assert not options.json
    with pytest.raises(UsageError, match="unknown argument ''"):
        parse_options([""])


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["ls", "A/", "--sim"], "--sim is an option of the program"),
        (["ls", "--device=sim:", "A/"], "--device=sim: is an option of the program"),
        (["df", "--json"], "--json is an option of the program"),
    ],
)
def test_options_of_the_program_behind_the_command_are_told(words: list[str], error: str) -> None:
    done = run("-r", *words)
    expected = f"chdkshell: {error}; it stands before the command\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", expected)


@pytest.mark.parametrize("words", [["exec", "print('--sim')", "--sim"], ["sh", "echo", "--json"]])
def test_they_may_be_text(words: list[str]) -> None:
    assert "option of the program" not in run("-r", *words).stderr


def test_its_words_stay_whole(tmp_path: Path) -> None:
    (tmp_path / "it is;here.txt").write_text("1")
    done = run(*SIM, "upload", "it is;here.txt", "A/ONE TWO.TXT", cwd=tmp_path)
    assert (done.stdout, done.stderr) == ("it is;here.txt->A/ONE TWO.TXT\n", "")


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["luar", 'return "a  b"'], 'luar return "a  b"'),
        (["luar", "return", "1"], "luar return 1"),
        (["=return 1", "-2"], "=return 1 -2"),
        (["df"], "df"),
        (["sh", "ls | wc"], "sh ls | wc"),
        (["alias", "x=ls -l"], "alias x=ls -l"),
        (["watch", "2", "luar return 1"], "watch 2 luar return 1"),
        (["watch", "2", "luar", "return '1'"], "watch 2 luar return '1'"),
    ],
)
def test_free_text_is_as_it_stands(words: list[str], line: str) -> None:
    assert line_of(words, REGISTRY) == line


@pytest.mark.parametrize(
    "words",
    [
        ["ls", ";", "|", ">", "a b", "it's", 'say "x"', "", "\\"],
        ["connect", "-h=1.2.3.4", "-p=5"],
        ["set", "trace=my file.txt"],
    ],
)
def test_no_sign_counts_and_no_word_is_split(words: list[str]) -> None:
    from chdkshell.shell.parse import split_words

    line = line_of(words, REGISTRY)
    assert list(steps(line, REGISTRY.speaking(False, Aliases()))) == [LineStep(line)]
    assert [word.text for word in split_words(line)] == words


def test_switches_are_the_commands() -> None:
    done = run("-r", "connect", "-h=127.0.0.1", "-p=1")
    assert "ip:127.0.0.1:1" in done.stderr
    assert done.returncode == 1


def test_a_line_in_one_word_is_told_apart() -> None:
    done = run("-r", "ls A/")
    assert (
        done.stderr == "chdkshell: 'ls A/' is no name of a command; a whole line comes after -e\n"
    )
    assert done.returncode == 2


def test_it_comes_after_those_of_e_and_reads_no_input() -> None:
    done = run("-r", "-e", "set keys", "set", "pager", stdin="nosuch\n")
    assert (done.stdout, done.stderr) == ("keys=emacs\npager=true\n", "")


def test_what_the_program_does_instead_stays() -> None:
    assert "port" in run("sim", "-h").stdout
    assert "stdio" in run("share", "-h").stdout
    assert "prefix" in run("install-completions", "-h").stdout


def test_with_chdkptps_ways_there_is_none() -> None:
    done = run("--chdkptp", "version")
    assert done.stderr.startswith("chdkshell: unknown argument 'version'")
    assert done.returncode == 2


def test_strict_ends_at_the_first_error(tmp_path: Path) -> None:
    lines = ("-e", "version", "-e", "nosuch", "-e", "version")
    assert run("-r", *lines).stdout.count("host:") == 2
    done = run("-r", "--strict", *lines)
    assert done.stdout.count("host:") == 1
    assert done.returncode == 1
    piped = run("-r", "--strict", stdin="version\nnosuch\nversion\n")
    assert (piped.stdout, piped.returncode) == (done.stdout, 1)


def test_h_says_what_the_program_is() -> None:
    first, *_ = run("-h").stdout.split("\n\n")
    assert "a shell for Canon PowerShot cameras that run CHDK" in first
    assert "usage: chdkshell [options] [COMMAND [word...]]" in run("--help").stdout
