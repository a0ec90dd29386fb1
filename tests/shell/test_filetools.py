"""cat, edit, mv, df, du, tree, find, ls of several folders, and copies of single files."""

# needs: POSIX

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.cut_link import Bench, content
from support.shell_process import run

SUMMER = 1748779200  # 2025-06-01 12:00:00 UTC

CARD = {
    "ONE.TXT": b"one\n",
    "BIN.DAT": bytes(range(256)) * 2000,
    "DIR/A.LUA": b"return 1",
    "DIR/SUB/B.LUA": b"return 22",
    "EMPTY.TXT": b"",
}


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    def fill(card: Path, here: Path) -> None:
        for name, data in CARD.items():
            path = card / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            os.utime(path, (SUMMER, SUMMER))
        here.mkdir(parents=True)

    made = Bench(tmp_path, fill)
    yield made
    made.camera.close()


def ran(bench: Bench, line: str) -> list[str]:
    outcome, _ = bench.run(line)
    assert outcome.ok, outcome.stderr
    return outcome.stdout.splitlines()


def failed(bench: Bench, line: str) -> str:
    outcome, _ = bench.run(line)
    assert not outcome.ok
    return outcome.stderr


def test_several_folders(bench: Bench) -> None:
    assert ran(bench, "ls DIR DIR/SUB") == ["A/DIR:", "A.LUA", "SUB/", "A/DIR/SUB:", "B.LUA"]
    assert ran(bench, "ls -l DIR DIR/SUB")[0] == "A/DIR:"


def test_find(bench: Bench) -> None:
    assert sorted(ran(bench, "find DIR")) == [
        "A/DIR/", "A/DIR/A.LUA", "A/DIR/SUB/", "A/DIR/SUB/B.LUA"
    ]  # fmt: skip
    assert sorted(ran(bench, "find -glob=*.lua")) == ["A/DIR/A.LUA", "A/DIR/SUB/B.LUA"]
    assert ran(bench, "find -dmatch=SUB") == ["A/DIR/SUB/"]
    assert sorted(ran(bench, "find -nodirs -maxdepth=1")) == [
        "A/BIN.DAT", "A/EMPTY.TXT", "A/ONE.TXT"
    ]  # fmt: skip
    assert "errno" in failed(bench, "find NOPE")


def test_tree(bench: Bench) -> None:
    assert ran(bench, "tree") == [
        "A/",
        "|-- BIN.DAT",
        "|-- DIR/",
        "|   |-- A.LUA",
        "|   `-- SUB/",
        "|       `-- B.LUA",
        "|-- EMPTY.TXT",
        "`-- ONE.TXT",
    ]
    assert ran(bench, "tree -l -maxdepth=1 DIR") == ["A/DIR", "|-- A.LUA (8)", "`-- SUB/"]


def test_du(bench: Bench) -> None:
    lines = [line.split() for line in ran(bench, "du")]
    assert lines == [["9", "A/DIR/SUB"], ["17", "A/DIR"], ["512021", "A/"]]
    assert [line.split() for line in ran(bench, "du -s DIR ONE.TXT")] == [
        ["17", "A/DIR"], ["4", "A/ONE.TXT"]
    ]  # fmt: skip


def test_df(bench: Bench) -> None:
    bench.camera.card.capacity = 1 << 20
    lines = [line.split() for line in ran(bench, "df")]
    assert lines[0] == ["size", "1048576", "1.0", "MiB"]
    assert lines[2][:2] == ["free", str((1048576 - 512021) // 1024 * 1024)]


def test_mv(bench: Bench) -> None:
    assert ran(bench, "mv ONE.TXT DIR") == ["A/ONE.TXT->A/DIR/ONE.TXT"]
    assert ran(bench, "mv DIR/ONE.TXT two.txt") == ["A/DIR/ONE.TXT->A/two.txt"]
    assert ran(bench, "mv two.txt TWO.TXT") == ["A/two.txt->A/TWO.TXT"]
    assert len(ran(bench, "mv TWO.TXT EMPTY.TXT DIR/SUB")) == 2
    assert ran(bench, "mv DIR/SUB MOVED") == ["A/DIR/SUB->A/MOVED"]
    assert sorted(content(bench.card)) == [
        "BIN.DAT", "DIR/A.LUA", "MOVED/B.LUA", "MOVED/EMPTY.TXT", "MOVED/TWO.TXT"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("mv ONE.TXT EMPTY.TXT", "A/EMPTY.TXT: there is a file of this name"),
        ("mv NOPE X", "A/NOPE: errno 0x2; no such file or folder; `ls` shows what is on the card"),
        ("mv DIR DIR/SUB", "cannot be moved into itself"),
        ("mv ONE.TXT EMPTY.TXT BIN.DAT", "not a directory: A/BIN.DAT"),
        ("mv ONE.TXT", "expected source(s) and destination"),
    ],
)
def test_moves_that_are_refused(bench: Bench, line: str, words: str) -> None:
    assert words in failed(bench, line)
    assert content(bench.card) == CARD


def test_cat(bench: Bench) -> None:
    assert ran(bench, "cat ONE.TXT DIR/A.LUA EMPTY.TXT") == ["one", "return 1"]
    assert "A/NOPE" in failed(bench, "cat NOPE")
    assert "A/DIR is not a file" in failed(bench, "cat DIR")


def test_cat_gives_a_pipe_the_bytes(bench: Bench, tmp_path: Path) -> None:
    import subprocess

    from support.shell_process import environment, program

    done = subprocess.run(
        [*program(), "-r", "--device", f"sim:card={bench.card}", "-e", "cat BIN.DAT"],
        env=environment(),
        capture_output=True,
        check=True,
    )
    assert done.stdout == CARD["BIN.DAT"]
    shown = run("-r", "--json", "--device", f"sim:card={bench.card}", "-e", "cat ONE.TXT")
    assert json.loads(shown.stdout)["result"] == [{"path": "A/ONE.TXT", "size": 4, "data": "one\n"}]


def editor(folder: Path, script: str) -> str:
    path = folder / "editor"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_edit(bench: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", editor(tmp_path, 'echo two >> "$1"'))
    assert ran(bench, "edit ONE.TXT") == ["A/ONE.TXT: uploaded"]
    assert (bench.card / "ONE.TXT").read_bytes() == b"one\ntwo\n"
    assert ran(bench, "edit NEW.TXT") == ["A/NEW.TXT: uploaded"]
    assert (bench.card / "NEW.TXT").read_bytes() == b"two\n"
    monkeypatch.setenv("EDITOR", "true")
    assert ran(bench, "edit ONE.TXT") == ["A/ONE.TXT: not changed"]
    assert "A/DIR is not a file" in failed(bench, "edit DIR")
    monkeypatch.setenv("EDITOR", "false")
    assert "nothing was uploaded" in failed(bench, "edit ONE.TXT")
    monkeypatch.setenv("EDITOR", "/nonexistent/editor")
    assert "set $EDITOR" in failed(bench, "edit ONE.TXT")


def test_an_edit_that_cannot_be_uploaded_is_kept(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setenv("EDITOR", editor(tmp_path, 'echo two >> "$1"'))
    bench.camera.card.read_only = True
    error = failed(bench, "edit ONE.TXT")
    kept = Path(error.strip().rpartition("what you wrote is in ")[2])
    assert kept.read_bytes() == b"one\ntwo\n"
    assert (bench.card / "ONE.TXT").read_bytes() == b"one\n"


# ---- single files ----


def test_download_and_what_is_there(bench: Bench) -> None:
    assert ran(bench, "d ONE.TXT x") == ["A/ONE.TXT->x"]
    assert (bench.folder / "x").stat().st_mtime == SUMMER
    assert ran(bench, "d -overwrite=n BIN.DAT x") == ["A/BIN.DAT->x", "skip existing: x"]
    assert ran(bench, "d -overwrite=old BIN.DAT x")[-1] == "skip existing: x"
    assert "-overwrite=y overwrites" in failed(bench, "d -overwrite=ask BIN.DAT x")
    assert ran(bench, "d -nomtime BIN.DAT x") == ["A/BIN.DAT->x"]
    assert (bench.folder / "x").stat().st_mtime > SUMMER + 1000
    assert "cannot compare" in failed(bench, "d -nolua -overwrite=old ONE.TXT x")


def test_upload_and_what_is_there(bench: Bench) -> None:
    source = bench.folder / "up"
    source.write_bytes(b"from here")
    os.utime(source, (SUMMER - 100, SUMMER - 100))
    assert ran(bench, "u -overwrite=n up ONE.TXT")[-1] == "skip existing: A/ONE.TXT"
    assert ran(bench, "u -overwrite=old up ONE.TXT")[-1] == "skip existing: A/ONE.TXT"
    assert "nobody can be asked" in failed(bench, "u -overwrite=ask up ONE.TXT")
    assert ran(bench, "u -mtime up ONE.TXT") == ["up->A/ONE.TXT"]
    assert (bench.card / "ONE.TXT").stat().st_mtime == SUMMER - 100
    assert (bench.card / "ONE.TXT").read_bytes() == b"from here"


def test_rm_by_glob(bench: Bench) -> None:
    ran(bench, "rm -glob=*.lua -nodirs DIR")
    assert sorted(content(bench.card)) == ["BIN.DAT", "EMPTY.TXT", "ONE.TXT"]


def test_rm_in_a_directory_of_more_names_than_the_heap_holds(bench: Bench) -> None:
    """It is read in portions, which leave out none of the files and take none twice."""
    crowd = bench.card / "CROWD"
    crowd.mkdir()
    for number in range(4000):
        (crowd / f"F{number:07}.LOG").touch()
    bench.camera.scripts.heap_limit = 190_000
    listed, _ = bench.run("luar return #os.listdir'A/CROWD'")
    assert "not enough memory" in listed.stderr
    outcome, _ = bench.run("rm -nodirs -fmatch=[02468]%.LOG CROWD CROWD")
    assert outcome.ok, outcome.stderr
    odd = {f"F{number:07}.LOG" for number in range(1, 4000, 2)}
    assert content(crowd).keys() == odd
    assert outcome.stdout.count(": OK") == 2000
    for switch, left in (("-pretend", odd), ("", set())):
        outcome, _ = bench.run(f"rm {switch} CROWD")
        assert outcome.ok, outcome.stderr
        assert outcome.stdout.count(".LOG: OK") == 2000
        assert content(crowd).keys() == left
    assert not crowd.exists()


def test_rm_that_fails_says_what_was_deleted(bench: Bench) -> None:
    error = failed(bench, "rm -glob=A.LUA DIR")
    assert "A/DIR/SUB: errno" in error
    assert "deleted before that: A/DIR/A.LUA" in error
