"""The README's session is what a terminal shows, and what it names is there."""

# needs: POSIX

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import pytest
from support.shell_process import PROJECT
from support.terminal import Terminal

from chdkshell.shell import commands  # noqa: F401 - importing them declares them
from chdkshell.shell.command import REGISTRY
from chdkshell.shell.program import OPTIONS
from chdkshell.shell.settingsfolder import settings_folder

README = (PROJECT / "README.md").read_text("utf-8")

PROMPT = re.compile(r"^con(?: \d+)?> ")


def session() -> list[list[str]]:
    """Return the README's session: each line that is typed, and what is shown after it."""
    _, _, rest = README.partition("## A session\n\n```\n$ chdkshell --sim\n")
    steps: list[list[str]] = [[""]]
    for line in rest.partition("\n```\n")[0].split("\n"):
        if PROMPT.match(line):
            steps.append([PROMPT.sub("", line)])
        else:
            steps[-1].append(line)
    return steps


def unnumbered(line: str) -> str:
    """Return a line without the number of a script: the toolbar runs some, too."""
    return re.sub(r"^(con) \d+(?=>)|^\d+(:return:)", r"\1\2", line.rstrip())


def shows(terminal: Terminal, expected: list[str]) -> bool:
    """Whether the screen down to the cursor is as expected."""
    lines = terminal.lines[: terminal.screen.cursor.y + 1]
    return [*map(unnumbered, lines)] == [*map(unnumbered, expected)]


def test_the_session_is_what_a_terminal_shows(tmp_path: Path) -> None:
    steps = session()
    assert len(steps) > 7
    expected = list(steps[0][1:])
    with Terminal("-r", "--sim", home=tmp_path, size=(60, 92)) as terminal:
        terminal.wait_prompt("con> ")
        for typed, *after in steps[1:]:
            terminal.line(typed)
            expected += [f"con> {typed}", *after]
            terminal.wait(partial(shows, terminal, [*expected, "con>"]), f"after {typed}")


@pytest.mark.parametrize(
    "name", sorted(set(re.findall(r"`chdkshell (?!sim|share|install)([a-z]+)", README)))
)
def test_commands_that_are_named_are_there(name: str) -> None:
    assert REGISTRY.get(name)


def test_options_and_settings_that_are_named_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    names = {option.name for option in OPTIONS}
    assert {"--strict", "--json", "--lua", "--chdkptp", "--device", "-r", "-e", "-c"} <= names
    monkeypatch.delenv("CHDKSHELL_HOME", raising=False)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("HOME", "/home/me")
    monkeypatch.setattr("sys.platform", "linux")
    assert settings_folder() == "/home/me/.config/chdkshell"
    assert "`~/.config/chdkshell`" in README


@pytest.mark.parametrize(
    "words",
    [
        "externally-managed-environment",
        "python3 -m venv",
        "install-completions",
        "startup.chdkshell",
        "CHDKSHELL_HOME",
        "chdkptp's `!` is Lua",
        "| gphoto2 | miniPtp |",
    ],
)
def test_what_new_users_ask_for(words: str) -> None:
    assert words in README


@pytest.mark.parametrize("picture", re.findall(r"\]\((scripts/[^)]*)\)", README))
def test_pictures_are_there_and_have_a_line_of_their_own(picture: str) -> None:
    assert (PROJECT / picture).is_file()
    assert re.search(rf"^!\[[^\]]*\]\({re.escape(picture)}\)$", README, re.MULTILINE)
