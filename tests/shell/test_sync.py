"""Two trees brought together: what differs is copied, and only that."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.cut_link import Bench, content

SUMMER = 1748779200  # 2025-06-01 12:00:00 UTC


def write(root: Path, tree: dict[str, bytes], time: int = SUMMER) -> None:
    for name, data in tree.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        os.utime(path, (time, time))


CARD = {"DCIM/1/A.JPG": b"a", "DCIM/1/B.JPG": b"bb", "DCIM/2/C.MOV": b"ccc"}
HERE = {"src/x.lua": b"x", "src/deep/y.lua": b"yy"}


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    def fill(card: Path, here: Path) -> None:
        write(card, CARD)
        write(here, HERE)

    made = Bench(tmp_path, fill)
    yield made
    made.camera.close()


def copied(bench: Bench, line: str) -> list[str]:
    """Run a sync; return the targets of what it copied."""
    outcome, _ = bench.run(line)
    assert outcome.ok, outcome.stderr
    lines = outcome.stdout.splitlines()
    kept = {line.removeprefix("skip existing: ") for line in lines if line.startswith("skip")}
    targets = [line.partition("->")[2] for line in lines if "->" in line]
    return [target for target in targets if target not in kept]


def test_only_what_differs(bench: Bench) -> None:
    assert copied(bench, "sync DCIM pics") == [
        "pics/1/A.JPG", "pics/1/B.JPG", "pics/2/C.MOV"
    ]  # fmt: skip
    assert (bench.folder / "pics/2/C.MOV").stat().st_mtime == SUMMER
    assert copied(bench, "sync DCIM pics") == []
    write(bench.card, {"DCIM/1/A.JPG": b"A"}, SUMMER + 10)
    write(bench.card, {"DCIM/1/B.JPG": b"bigger"})
    write(bench.card, {"DCIM/3/NEW.JPG": b"new"})
    assert copied(bench, "sync -pretend A/DCIM pics") == [
        "pics/1/A.JPG", "pics/1/B.JPG", "pics/3/NEW.JPG"
    ]  # fmt: skip
    assert not (bench.folder / "pics/3").exists()
    assert len(copied(bench, "sync A/DCIM pics")) == 3
    assert content(bench.folder / "pics") == content(bench.card / "DCIM")


def test_what_was_changed_later_is_kept(bench: Bench) -> None:
    write(bench.folder, {"pics/1/A.JPG": b"edited"}, SUMMER + 100)
    assert "pics/1/A.JPG" not in copied(bench, "sync DCIM pics")
    assert (bench.folder / "pics/1/A.JPG").read_bytes() == b"edited"
    assert copied(bench, "sync -overwrite=y DCIM pics") == ["pics/1/A.JPG"]


def test_selection(bench: Bench) -> None:
    assert copied(bench, "sync -glob=*.mov DCIM pics") == ["pics/2/C.MOV"]
    assert copied(bench, "sync -fmatch=/1/A DCIM pics") == ["pics/1/A.JPG"]


def test_deleting_what_was_copied(bench: Bench) -> None:
    write(bench.folder, {"pics/1/A.JPG": b"a"})
    outcome, _ = bench.run("sync -delete DCIM pics")
    assert outcome.ok
    assert content(bench.card) == {"DCIM/1/A.JPG": b"a"}
    assert outcome.stderr == (
        "WARNING: kept A/DCIM/1/A.JPG: the same file was there before this run\n"
        "copied 2 files, 5 bytes; deleted at the source 2\n"
    )
    assert content(bench.folder / "pics") == {
        name.removeprefix("DCIM/"): data for name, data in CARD.items()
    }


def test_to_the_card(bench: Bench) -> None:
    assert sorted(copied(bench, "sync src A/UP")) == ["A/UP/deep/y.lua", "A/UP/x.lua"]
    assert (bench.card / "UP/x.lua").stat().st_mtime == SUMMER
    assert copied(bench, "sync -up src UP") == []
    write(bench.folder, {"src/x.lua": b"new"}, SUMMER + 60)
    write(bench.card, {"UP/deep/y.lua": b"changed on the card"}, SUMMER + 60)
    assert copied(bench, "sync src A/UP") == ["A/UP/x.lua"]
    assert copied(bench, "sync -overwrite=y src A/UP") == ["A/UP/deep/y.lua"]


def test_deleting_what_was_copied_to_the_card(bench: Bench) -> None:
    write(bench.card, {"UP/x.lua": b"x"})
    outcome, _ = bench.run("sync -delete src A/UP")
    assert outcome.ok
    assert sorted(content(bench.folder)) == ["src/x.lua"]
    assert "kept src/x.lua" in outcome.stderr
    assert content(bench.card / "UP") == {"x.lua": b"x", "deep/y.lua": b"yy"}


def test_what_is_no_folder(bench: Bench) -> None:
    for line, words in (
        ("sync NOPE pics", "A/NOPE: errno 0x"),
        ("sync nosuch A/UP", "not a folder: nosuch"),
        ("sync DCIM", "missing target"),
        ("sync A/DCIM a/COPY", "A/DCIM and a/COPY are both on the card; "),
    ):
        outcome, _ = bench.run(line)
        assert not outcome.ok
        assert words in outcome.stderr
