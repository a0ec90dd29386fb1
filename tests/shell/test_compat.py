"""`--chdkptp`: as chdkptp where this program differs on purpose."""

# needs: POSIX

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest
from support.shell_process import PROJECT
from support.terminal import Terminal

from chdkshell.shell import compat

ESCAPE = re.compile(r"\x1b")


def called(name: str, folder: Path) -> list[str]:
    """Return a command that starts the program by another name, as a link to it does."""
    script = folder / name
    script.write_text("import sys; from chdkshell.cli import main; sys.exit(main())")
    return [sys.executable, str(script)]


@pytest.mark.parametrize("way", ["switch", "name", "environment"])
def test_the_output_is_plain_on_a_terminal_too(tmp_path: Path, way: str) -> None:
    lines = ["--sim", "-e", "list", "-e", "nosuch"]
    command = called("chdkptp" if way == "name" else "chdkshell", tmp_path)
    if way == "switch":
        lines.insert(0, "--chdkptp")
    setting: dict[str, Any] = {"CHDKSHELL_COMPAT": "1" if way == "environment" else "0"}
    with Terminal(*lines, home=tmp_path, command=command, **setting) as terminal:
        assert terminal.wait_end() == 1
    assert "ERROR: unknown command 'nosuch'" in terminal.text
    assert terminal.lines[0] == "*1:Canon PowerShot SIM1 b=sim d= v=0x0 p=0x0 s=SIM0001"
    assert not ESCAPE.search(terminal.raw)


def test_without_it_a_terminal_has_colours(tmp_path: Path) -> None:
    command = called("chdkshell", tmp_path)
    with Terminal("-e", "nosuch", home=tmp_path, command=command, CHDKSHELL_COMPAT="0") as terminal:
        terminal.wait_end()
    assert ESCAPE.search(terminal.raw)


@pytest.mark.parametrize(
    ("program", "as_chdkptp"),
    [
        ("/usr/bin/chdkptp", True),
        ("chdkptp.exe", True),
        ("./chdkptp.sh", True),
        ("/usr/bin/chdkshell", False),
        ("/opt/chdkptp/chdkshell", False),
        ("chdkptp2", False),
        ("", False),
    ],
)
def test_the_name_it_is_called_by(
    monkeypatch: pytest.MonkeyPatch, program: str, as_chdkptp: bool
) -> None:
    monkeypatch.delenv("CHDKSHELL_COMPAT", raising=False)
    assert compat.asked_for(program, switch=False) is as_chdkptp


@pytest.mark.parametrize(
    ("switches", "setting"), [(["--chdkptp"], "set cli_time"), ([], "set output=plain")]
)
def test_nothing_is_asked(tmp_path: Path, switches: list[str], setting: str) -> None:
    (tmp_path / "card/DIR").mkdir(parents=True)
    (tmp_path / "card/DIR/A").write_text("new")
    (tmp_path / "A").write_text("something else")
    address = f"sim:card={tmp_path / 'card'}"
    with Terminal(*switches, "-r", "--device", address, home=tmp_path) as terminal:
        terminal.wait_prompt()
        terminal.line(setting)
        terminal.wait_prompt()
        terminal.line("mdl DIR .")
        terminal.wait_for("ERROR: ")
        terminal.wait_prompt()
    assert "overwrite y / n" not in terminal.raw
    assert (tmp_path / "A").read_text() == "something else"
    assert bool(ESCAPE.search(terminal.raw)) is not bool(switches)


def test_the_readme_shows_every_difference() -> None:
    readme = (PROJECT / "README.md").read_text("utf-8")
    assert compat.markdown_table() in readme
    assert len({each.name for each in compat.DIFFERENCES}) == len(compat.DIFFERENCES)
