"""`edit` of Lua: which editor, and what does not compile."""

# needs: POSIX

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.shooting_shell import ShootingShell, shooting_shell

from chdkshell.shell.prefs import OutputKind


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ShootingShell]:
    monkeypatch.delenv("VISUAL", raising=False)
    with shooting_shell(tmp_path / "card", OutputKind.RICH, record=False) as shell:
        yield shell


def use_editor(monkeypatch: pytest.MonkeyPatch, folder: Path, text: str) -> Path:
    """Have an editor write `text`, and return its path."""
    path = folder / "myeditor"
    path.write_text(f"#!/bin/sh\nprintf '{text}' > \"$1\"\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("EDITOR", str(path))
    return path


def test_the_editor_is_named(
    shell: ShootingShell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    editor = use_editor(monkeypatch, tmp_path, "return 1")
    ok, out, err = shell.try_("edit NEW.LUA")
    assert (ok, out) == (True, ["A/NEW.LUA: uploaded"])
    assert err == [f"A/NEW.LUA in {editor}"]
    assert (tmp_path / "card/NEW.LUA").read_text() == "return 1"


def test_what_does_not_compile_is_kept_and_not_uploaded(
    shell: ShootingShell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    use_editor(monkeypatch, tmp_path, r"x = 1\ny = = 2")
    said = shell.fail("edit NEW.LUA")
    assert "NEW.LUA:2: unexpected symbol near '='" in said
    assert "it was not uploaded" in said
    kept = re.search(r"what you wrote is in (\S+)", said.replace("\n", " "))
    assert kept
    assert Path(kept[1]).read_text() == "x = 1\ny = = 2"
    assert not (tmp_path / "card/NEW.LUA").exists()
    shell.run("set syntaxcheck=false")
    assert shell.try_("edit NEW.LUA")[0]


def test_other_files_may_hold_anything(
    shell: ShootingShell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    use_editor(monkeypatch, tmp_path, "y = = 2")
    assert shell.try_("edit NEW.TXT")[1] == ["A/NEW.TXT: uploaded"]
