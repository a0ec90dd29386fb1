"""`rig scan` and `rig trigger`: shots of several cameras at a key, pages in order, none lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.rig_shell import RigShell, rig_shell

from chdkshell.rig.rig import Rig
from chdkshell.rig.syncreport import SyncReport
from chdkshell.shell.many.scanning import INCOMING


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is pressed, one after the other; then the input ends."""
    pressed: list[str] = []

    def piped() -> str | None:
        return pressed.pop(0) + "\n" if pressed else None

    monkeypatch.setattr("chdkshell.shell.shots.rsint._piped", piped)
    return pressed


def ready(shell: RigShell) -> None:
    shell.run("rig name 1 left ; rig name 2 right ; @all rec")


def pages(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_pages_go_on_and_the_last_are_taken_once_more(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, keys: list[str]
) -> None:
    with rig_shell(monkeypatch, 2) as shell:
        ready(shell)
        keys += ["", "", "r", "x", "q", ""]
        out, err = shell.try_(f"rig scan {tmp_path}/book")
        assert [line for line in out if "book" in line] == [
            f"{tmp_path}/book/{page:04d}.JPG" for page in (1, 2, 3, 4, 3, 4)
        ]
        assert err[-1] == "pages 3 and 4 are taken once more"
        before = pages(tmp_path / "book")
        assert sorted(before) == [f"{page:04d}.JPG" for page in (1, 2, 3, 4)]
        keys[:] = ["", "r"]
        shell.run(f"rig scan {tmp_path}/book")
        after = pages(tmp_path / "book")
        assert sorted(after) == [f"{page:04d}.JPG" for page in (1, 2, 3, 4, 5, 6)]
        assert {name: after[name] for name in before} == before


def test_the_first_page_and_other_names(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, keys: list[str]
) -> None:
    with rig_shell(monkeypatch, 2) as shell:
        ready(shell)
        keys += ["r", "", "q"]
        names = "-d=p${page}_${camera}${ext}"
        _, err = shell.try_(f"rig scan {tmp_path} -left=right -right=left -page=11 {names}")
        assert "WARNING: there is no page to take once more" in err
        assert sorted(pages(tmp_path)) == ["p0011_right.JPG", "p0012_left.JPG"]
        assert "has no ${page}" in shell.fail(f"rig scan {tmp_path} -d=x")[0]
        assert "the same camera" in shell.fail(f"rig scan {tmp_path} -right=1")[0]


def test_a_page_that_does_not_come_is_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, keys: list[str]
) -> None:
    with rig_shell(monkeypatch, 2) as shell:
        shell.run("rig name 1 left ; rig name 2 right ; @1 rec")
        keys += ["", "q"]
        _, err = shell.try_(f"rig scan {tmp_path}/book")
        assert any(line.startswith("WARNING: pages 1 and 2: ") for line in err)
        assert pages(tmp_path / "book") == {}
        shell.run("@2 rec")
        keys[:] = ["", "q"]
        shell.run(f"rig scan {tmp_path}/book")
        assert sorted(pages(tmp_path / "book")) == ["0001.JPG", "0002.JPG"]


def test_what_came_alone_before_takes_no_name_away(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, keys: list[str]
) -> None:
    alone = tmp_path / "book" / INCOMING / "0001.JPG"
    alone.parent.mkdir(parents=True)
    alone.write_bytes(b"alone")
    with rig_shell(monkeypatch, 2) as shell:
        ready(shell)
        keys += ["", "q"]
        shell.run(f"rig scan {tmp_path}/book")
        found = {path.name for path in (tmp_path / "book").iterdir()}
        assert found == {INCOMING, "0001.JPG", "0002.JPG"}
        assert alone.read_bytes() == b"alone"


def test_pages_that_came_are_placed_though_it_is_broken_off(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, keys: list[str]
) -> None:
    with rig_shell(monkeypatch, 2) as shell:
        ready(shell)
        keys += ["", ""]
        shoot = Rig.shoot

        def broken_off(rig: Rig, *words: Any, **named: Any) -> SyncReport:
            report = shoot(rig, *words, **named)
            shell.context.cancel.set()
            return report

        monkeypatch.setattr(Rig, "shoot", broken_off)
        shell.try_(f"rig scan {tmp_path}/book")
        assert sorted(pages(tmp_path / "book")) == ["0001.JPG", "0002.JPG"]


def test_a_key_that_fires_all(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, keys: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with rig_shell(monkeypatch, 2) as shell:
        ready(shell)
        keys += ["b", "", "q"]
        out, _ = shell.try_("rig trigger -key=b -dl=${camera}.jpg")
        assert out[-2:] == ["left.jpg", "right.jpg"]
        assert sorted(pages(tmp_path)) == ["left.jpg", "right.jpg"]
        assert "the same names" in shell.fail("rig trigger -dl=x")[0]
        keys[:] = [""]
        out, _ = shell.try_("rig trigger")
        assert [line.partition(":")[0] for line in out[-2:]] == ["left", "right"]
        assert len(shell.rig.members[0].left_on_card) == 1
