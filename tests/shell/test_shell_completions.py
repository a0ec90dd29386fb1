"""Completion for the host's shells and the man page: put in place by the program, tried in each."""

# needs: POSIX

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pexpect
import pytest
from support.shell_process import PROJECT, run
from support.timeouts import TIMEOUT

from chdkshell.shell import commands  # noqa: F401 - importing them declares them
from chdkshell.shell.command import REGISTRY

Peer = Callable[[str], str]

FILES = PROJECT / "chdkshell/shell/data/completions"

LINES = (
    ("killsc", "-e killsc", "killscript"),
    ("switch", '-e "download -nol', "download -nolua"),
    ("switch of shoot", '-e "shoot -qui', "shoot -quiet"),
    ("short name", "-e 'd -nol", "d -nolua"),
    ("second -e", "-e ls -e killsc", "killscript"),
    ("file", "-e 'upload not", "upload notes.txt"),
    ("command alone", "killsc", "killscript"),
    ("switch alone", "--sim download -nol", "-nolua"),
    ("switch after a value", "--device sim: d -nol", "-nolua"),
    ("file alone", "upload not", "notes.txt"),
    ("help alone", "help killsc", "killscript"),
    ("option", "--dev", "--device"),
    ("device", "--device u", "usb:"),
    ("file of an option", "--trace not", "notes.txt"),
    ("verb", "inst", "install-completions"),
    ("verb's option", "sim --ser", "--serial"),
    ("verb's value", "sim --screen yuv8c", "yuv8c"),
    ("verb's folder", "sim --card ca", "card"),
    ("another verb's option", "install-completions --un", "--uninstall"),
)
"""What is tried, the command line as typed up to Tab, and what its last word becomes."""

FISH_LOADS = "source ~/.config/fish/completions/chdkshell.fish"
"""It does so by itself where the program is in PATH."""

each_line = pytest.mark.parametrize(
    ("typed", "becomes"), [line[1:] for line in LINES], ids=[line[0] for line in LINES]
)


def install(home: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run `chdkshell install-completions` as the user whose home folder is `home`."""
    return run("install-completions", *options, HOME=str(home))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder with the completions installed, and a file and a folder to complete."""
    folder = tmp_path_factory.mktemp("home")
    done = install(folder)
    assert (done.returncode, done.stdout.count(": written\n")) == (0, 5), done.stderr
    (folder / "notes.txt").write_text("")
    (folder / "card").mkdir()
    return folder


def split(typed: str) -> list[str]:
    """Split a line as bash does where the last word's quotation is open."""
    quote = next((mark for mark in "\"'" if mark in typed), "")
    if not quote:
        return typed.split(" ")
    before, _, last = typed.partition(quote)
    return [*before.split(), quote + last]


@each_line
def test_bash(home: Path, typed: str, becomes: str) -> None:
    script = (
        "source ~/.local/share/bash-completion/completions/chdkshell;"
        'COMP_WORDS=(chdkshell "$@"); COMP_CWORD=$#; _chdkshell; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    assert answers(home, ["bash", "-c", script, "bash", *split(typed)]) == [becomes]


SHOOT = {f"-{param.name}" for param in REGISTRY.find("shoot").switches}
"""What can follow `chdkshell -e "shoot -`."""


def test_bash_offers_all_switches(home: Path) -> None:
    script = (
        "source ~/.local/share/bash-completion/completions/chdkshell;"
        'COMP_WORDS=(chdkshell "$@"); COMP_CWORD=$#; _chdkshell; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    for typed, before in (('-e "shoot -', "shoot "), ("--sim shoot -", "")):
        given = answers(home, ["bash", "-c", script, "bash", *split(typed)])
        assert {line.removeprefix(before).rstrip("=") for line in given} == SHOOT


def test_fish_offers_all_switches(home: Path, peer: Peer) -> None:
    for typed, before in (('-e \\"shoot -', "shoot "), ("--sim shoot -", "")):
        found = answers(
            home, [peer("fish"), "-c", f'{FISH_LOADS}; complete -C "chdkshell {typed}"']
        )
        given = {line.partition("\t")[0].removeprefix(before) for line in found}
        assert {name.rstrip("=") for name in given} == {name.rstrip("=") for name in SHOOT}


def test_bash_registers_it_and_knows_values_after_an_equals_sign(home: Path) -> None:
    script = (
        "source ~/.local/share/bash-completion/completions/chdkshell; complete -p chdkshell;"
        "COMP_WORDS=(chdkshell --device = i); COMP_CWORD=3; _chdkshell; echo ${COMPREPLY[@]};"
        "COMP_WORDS=(chdkshell -rno); COMP_CWORD=1; _chdkshell; echo ${COMPREPLY[@]}"
    )
    assert answers(home, ["bash", "-c", script]) == [
        "complete -F _chdkshell chdkshell",
        "ip:",
        "-rnotes.txt",
    ]


@each_line
def test_fish(home: Path, peer: Peer, typed: str, becomes: str) -> None:
    line = typed.replace('"', '\\"')
    script = f'{FISH_LOADS}; complete -C "chdkshell {line}"'
    given = [line.partition("\t")[0] for line in answers(home, [peer("fish"), "-c", script])]
    assert [name.removesuffix("/") for name in given] == [becomes]


def test_fish_says_what_a_command_does(home: Path, peer: Peer) -> None:
    tried = 'complete -C "chdkshell -e kills"; complete -C "chdkshell -e \'sync -pre"'
    script = f"{FISH_LOADS}; {tried}"
    assert answers(home, [peer("fish"), "-c", script]) == [
        "killscript\tEnd the script that runs on the camera.",
        "sync -pretend\tShow what would be done, and do nothing.",
    ]


def answers(home: Path, command: list[str]) -> list[str]:
    """Return the lines that a shell prints in the home folder `home`."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("XDG_")}
    done = subprocess.run(
        command,
        env={**env, "HOME": str(home), "LC_ALL": "C.UTF-8"},
        cwd=home,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def zsh(home: Path) -> Iterator[pexpect.spawn[str]]:
    """A zsh that completes, and prints the last word of what it would run."""
    (home / ".zshrc").write_text(
        "fpath=(~/.local/share/zsh/site-functions $fpath)\nautoload -U compinit\ncompinit -u\n"
        "chdkshell() { print -r -- \"gives <$argv[-1]>\"; }\nPS1='ready> '\nunsetopt ZLE_RPROMPT\n"
    )
    env = {**os.environ, "HOME": str(home), "ZDOTDIR": str(home), "TERM": "dumb"}
    child = pexpect.spawn(
        "zsh",
        ["-i"],
        env=env,
        cwd=str(home),
        encoding="utf-8",
        timeout=TIMEOUT,
        dimensions=(24, 200),
    )
    child.expect_exact("ready> ")
    yield child
    child.close(force=True)


@each_line
def test_zsh(peer: Peer, request: pytest.FixtureRequest, typed: str, becomes: str) -> None:
    peer("zsh")
    child = request.getfixturevalue("zsh")
    child.send(f"chdkshell {typed}\t\r")
    child.expect(r"gives <(.*?)/?>\r")
    assert child.match[1].rstrip() == becomes
    child.expect_exact("ready> ")


def test_man_shows_the_page(home: Path, peer: Peer) -> None:
    page = str(home / ".local/share/man/man1/chdkshell.1")
    done = subprocess.run(
        [peer("man"), "--warnings", "-l", page],
        env={**os.environ, "LC_ALL": "C.UTF-8", "MANWIDTH": "200"},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stderr == ""
    for words in (
        "chdkshell - shell for Canon cameras that run CHDK",
        "install-completions",
        "killscript [-noflush] [-force]",
        "-device",
        "help get_tv96",
    ):
        assert words in done.stdout, words


def test_uninstalling_removes_what_was_written_and_nothing_else(tmp_path: Path) -> None:
    pretended = install(tmp_path, "--pretend")
    assert not list(tmp_path.iterdir())
    written = install(tmp_path)
    names = {line.partition(": ")[0] for line in written.stdout.splitlines()}
    assert names == {line.partition(": ")[0] for line in pretended.stdout.splitlines()}
    assert names == {str(path) for path in tmp_path.rglob("*") if path.is_file()}

    foreign = tmp_path / ".config/fish/completions/chdkshell.fish"
    foreign.write_text("complete -c chdkshell -a mine\n")
    done = install(tmp_path, "--uninstall")
    assert done.returncode == 1
    assert (
        done.stderr
        == f"ERROR: {foreign} is not by chdkshell, and stays as it is; move it away first\n"
    )
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [foreign]
    assert install(tmp_path).returncode == 1
    assert foreign.read_text() == "complete -c chdkshell -a mine\n"


def test_for_all_users(tmp_path: Path) -> None:
    done = install(tmp_path / "home", "--prefix", str(tmp_path / "usr"))
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.*")) == [
        "usr/share/chdkshell/chdkshell.ps1",
        "usr/share/fish/vendor_completions.d",
        "usr/share/fish/vendor_completions.d/chdkshell.fish",
        "usr/share/man/man1/chdkshell.1",
    ]
    again = install(tmp_path / "home", "--prefix", str(tmp_path / "usr"), "--uninstall")
    assert again.stdout.count(": removed\n") == 5


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / ".local").write_text("a file")
    done = install(tmp_path)
    assert done.returncode == 1
    assert done.stderr.count("ERROR: ") == 4
    assert "Traceback" not in done.stderr
    assert done.stdout == f"{tmp_path}/.config/fish/completions/chdkshell.fish: written\n"


@pytest.mark.parametrize(
    ("shell", "file"),
    [("bash", "chdkshell.bash"), ("zsh", "_chdkshell"), ("fish", "chdkshell.fish")],
)
def test_scripts_are_sound(peer: Peer, shell: str, file: str) -> None:
    assert subprocess.run([peer(shell), "-n", str(FILES / file)], check=False).returncode == 0
