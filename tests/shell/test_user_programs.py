"""The editor and the pager as the user names them, on Windows too."""

# needs: POSIX

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from support.shooting_shell import ShootingShell, shooting_shell

from chdkshell.shell import programs
from chdkshell.shell.output import pager
from chdkshell.shell.userprograms import named_program, safe_name

CODE = "C:\\Users\\x y\\Microsoft VS Code\\bin\\code.CMD"
NOTEPAD_PP = "C:\\Program Files\\Notepad++\\notepad++.exe"
NOTEPAD, MORE = "C:\\Windows\\notepad.EXE", "C:\\Windows\\System32\\more.COM"
KNOWN = {
    "code": CODE,
    NOTEPAD_PP: NOTEPAD_PP,
    "notepad": NOTEPAD,
    "more": MORE,
    "C:\\bin\\less.exe": "C:\\bin\\less.exe",
}


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(shutil, "which", KNOWN.get)


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ShootingShell]:
    monkeypatch.delenv("VISUAL", raising=False)
    (tmp_path / "card").mkdir()
    for name in ("ONE.TXT", "a&calc %PATH%^.txt"):
        (tmp_path / "card" / name).write_text("one\n")
    with shooting_shell(tmp_path / "card") as made:
        yield made


# ---- what they are called ----


@pytest.mark.usefixtures("windows")
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("code --wait", [CODE, "--wait"]),
        ("code", [CODE]),
        (f'"{NOTEPAD_PP}" -multiInst -nosession', [NOTEPAD_PP, "-multiInst", "-nosession"]),
        (NOTEPAD_PP, [NOTEPAD_PP]),
        ('C:\\bin\\less.exe -P "a \\ b" -R', ["C:\\bin\\less.exe", "-P", "a \\ b", "-R"]),
        ("code it's", [CODE, "it's"]),
        ("nosuch", []),
        ('"code', []),
        (" ", []),
    ],
)
def test_commands_on_windows(text: str, words: list[str]) -> None:
    assert named_program(text) == words


def test_commands_elsewhere(tmp_path: Path) -> None:
    program = tmp_path / "my editor"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    for text in (f"'{program}' -x 'a b'", f'"{program}" -x a\\ b'):
        assert named_program(text) == [str(program), "-x", "a b"]
    assert named_program(str(program)) == [str(program)]
    assert named_program(f"{program} -x") == []
    assert named_program("'") == []


# ---- editors ----


class Editor:
    """Stands for the programs that are started: notes what each got, and writes to the file."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.words: list[str] = []
        self.env: dict[str, str] = {}
        self.text = ""
        monkeypatch.setattr(programs, "run", self._run)

    def _run(
        self, words: list[str], cwd: Path | None = None, env: dict[str, str] | None = None
    ) -> int:
        self.words, self.env = words, env or {}
        path = (cwd or Path()) / words[-1].removeprefix(".\\")
        self.text = path.read_text()
        path.write_text("two\n")
        return 0


@pytest.mark.usefixtures("windows")
@pytest.mark.parametrize("name", ["ONE.TXT", "a&calc %PATH%^.txt"])
def test_batch_files_see_no_name_that_cmd_reads_otherwise(
    shell: ShootingShell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    editor = Editor(monkeypatch)
    monkeypatch.setenv("EDITOR", "code --wait")
    shell.run(f'edit "{name}"')
    assert editor.words == [CODE, "--wait", f".\\{safe_name(name)}"]
    assert not set(editor.words[-1]) & set("&%^|<>!()\"' ")
    assert editor.env["NoDefaultCurrentDirectoryInExePath"] == "1"
    assert editor.env["PATH"] == os.environ["PATH"]
    assert editor.text == "one\n"
    assert (tmp_path / "card" / name).read_text() == "two\n"


@pytest.mark.usefixtures("windows")
def test_notepad_is_what_there_always_is(
    shell: ShootingShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor = Editor(monkeypatch)
    monkeypatch.delenv("EDITOR", raising=False)
    shell.run("edit ONE.TXT")
    assert editor.words[0] == NOTEPAD
    assert Path(editor.words[1]).name == "ONE.TXT"
    assert Path(editor.words[1]).is_absolute()


@pytest.mark.usefixtures("windows")
def test_an_editor_that_is_not_there(shell: ShootingShell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDITOR", "C:\\No such\\editor.exe")
    assert "there is no editor 'C:\\No such\\editor.exe'; set $EDITOR" in shell.fail("edit ONE.TXT")


@pytest.mark.skipif(os.name != "posix", reason="runs a shell script")
def test_an_editor_with_blanks_and_arguments(
    shell: ShootingShell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "my editor"
    program.write_text('#!/bin/sh\ntest "$1" = "a b" && echo two > "$2"\n')
    program.chmod(0o755)
    monkeypatch.setenv("EDITOR", f"'{program}' 'a b'")
    shell.run("edit ONE.TXT")
    assert (tmp_path / "card/ONE.TXT").read_text() == "two\n"


# ---- pagers ----


class Pagers:
    """Stands for the pagers that are started."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, code_page: int) -> None:
        self.words: list[str] = []
        self.options: dict[str, Any] = {}
        kernel = SimpleNamespace(GetConsoleOutputCP=lambda: code_page)
        monkeypatch.setattr(ctypes, "windll", SimpleNamespace(kernel32=kernel), raising=False)
        monkeypatch.setattr(subprocess, "run", self._run)

    def _run(self, words: list[str], **options: Any) -> None:
        self.words, self.options = words, options


@pytest.mark.usefixtures("windows")
@pytest.mark.parametrize(
    ("code_page", "encoding"), [(850, "cp850"), (65001, "cp65001"), (0, "cp65001")]
)
def test_more_is_what_there_always_is(
    monkeypatch: pytest.MonkeyPatch, code_page: int, encoding: str
) -> None:
    pagers = Pagers(monkeypatch, code_page)
    monkeypatch.delenv("PAGER", raising=False)
    monkeypatch.setattr(pager, "DEFAULT", "more")
    assert pager.page("é\n")
    assert pagers.words == [MORE]
    assert pagers.options["encoding"] == encoding
    assert "é".encode(encoding, pagers.options["errors"])


@pytest.mark.usefixtures("windows")
def test_other_pagers_get_utf_8(monkeypatch: pytest.MonkeyPatch) -> None:
    pagers = Pagers(monkeypatch, 850)
    monkeypatch.setenv("PAGER", "C:\\bin\\less.exe -R")
    assert pager.page("é\n")
    assert pagers.words == ["C:\\bin\\less.exe", "-R"]
    assert pagers.options["encoding"] == "utf-8"
    monkeypatch.setenv("PAGER", "nosuch")
    assert not pager.page("é\n")


def test_the_default_pager_is_the_systems() -> None:
    code = (
        "import sys; sys.platform = 'win32'; from chdkshell.shell.output import pager; "
        "print(pager.DEFAULT)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True
    )
    assert done.stdout == "more\n"
