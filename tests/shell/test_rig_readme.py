"""The README's session with several cameras: its lines work, and say what it shows."""

# needs: POSIX

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.shell_process import PROJECT, run
from support.terminal import Terminal

SECTION = (PROJECT / "README.md").read_text("utf-8").partition("### Several cameras\n")[2]


def plain(line: str) -> str:
    """Return a line without what differs from run to run, and at a terminal."""
    line = re.sub(
        r"\b\d+(?=:return:)", "N", re.sub(" +", " ", line)
    )  # scripts of the toolbar count
    return re.sub(r"[+-]?\d+\.\d", "N", line)


def test_the_session_with_several_cameras(tmp_path: Path) -> None:
    session = SECTION.split("```\n")[1].splitlines()
    assert session[0] == "$ chdkshell --sim --count=3"
    lines = [line.removeprefix("con> ") for line in session if line.startswith("con> ")]
    arguments = [word for line in lines for word in ("-e", line)]
    done = run("-r", "--sim", "--count=3", *arguments, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    said = [plain(line) for line in (done.stdout + done.stderr).splitlines()]
    for shown in session[1:]:
        assert shown.startswith("con> ") or plain(shown) in said, shown
    assert (tmp_path / "my.rig").is_file()
    names = sorted(path.name for path in (tmp_path / "shots").iterdir())
    assert names == [f"{camera}_IMG_0102.JPG" for camera in ("3", "left", "right")]


@pytest.mark.slow
def test_so_does_it_at_the_prompt(tmp_path: Path) -> None:
    session = SECTION.split("```\n")[1].splitlines()
    with Terminal("-r", "--sim", "--count=3", home=tmp_path, size=(60, 100)) as terminal:
        for line in session[1:]:
            if line.startswith("con> "):
                terminal.wait_prompt()
                terminal.line(line.removeprefix("con> "))
        terminal.wait_prompt()
        shown = [re.sub(r"^con \d+>", "con>", plain(line)) for line in terminal.lines]
    for line in session[1:]:
        assert plain(line) in shown, (line, terminal.text)


def test_the_recipes_name_commands_that_there_are() -> None:
    recipes = "".join(SECTION.partition("\n### ")[0].split("```\n")[3::2])
    names = set(re.findall(r"-e '(rig [a-z]+)", recipes))
    assert names == {"rig connect", "rig name", "rig save", "rig load", "rig scan", "rig collect"}
    for name in names:
        assert run("help", name).returncode == 0
