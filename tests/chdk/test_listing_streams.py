"""Listings that show rows while the camera is still at work, in the order they end up in."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.cut_link import Bench

from chdkshell.camera import connect
from chdkshell.chdk.card.images import PathOrder, lie_apart, list_by_path
from chdkshell.chdk.card.selection import Selection
from chdkshell.chdk.cardentry import CardEntry
from chdkshell.errors import CardError
from chdkshell.flow import Progress
from chdkshell.shell.card.branches import TreeRows, Usages
from chdkshell.shell.card.counting import counting

# names that sort otherwise with a "/" behind them than without
FOLDERS = ["100", "100-A", "100.B", "100CANON", "101_0602", "CANONMSC", "ü"]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    def fill(card: Path, here: Path) -> None:
        for folder in ["", *FOLDERS, "100/SUB", "101_0602/A", "101_0602/Z"]:
            path = card / "DCIM" / folder
            path.mkdir(parents=True, exist_ok=True)
            for number in range(3):
                (path / f"IMG_{number:04}.JPG").write_bytes(b"x" * (number + 1))
        (card / "DCIM/101_0602/M.TXT").write_bytes(b"text")
        (card / "DCIM/EMPTY").mkdir()

    made = Bench(tmp_path, fill)
    yield made
    made.camera.close()


def ran(bench: Bench, line: str) -> list[str]:
    outcome, _ = bench.run(line)
    assert outcome.ok, outcome.stderr
    return outcome.stdout.splitlines()


def paths(bench: Bench, switches: str) -> list[str]:
    return [line[36:] for line in ran(bench, f"imls -sort=path {switches}")]


def on_card(bench: Bench, *tops: str) -> list[str]:
    """The pictures two levels below folders of the card, by the host's own walk."""
    found = []
    for top in tops:
        start = bench.card / top
        for path in start.rglob("IMG_*.JPG"):
            if len(path.relative_to(start).parts) <= 2:
                found.append(f"A/{path.relative_to(bench.card)}")
    return sorted(found, key=os.fsencode)


def test_pictures_by_their_paths(bench: Bench) -> None:
    expected = on_card(bench, "DCIM")
    assert len(expected) == 24
    assert paths(bench, "") == expected
    assert paths(bench, "-batchsize=1") == expected
    assert paths(bench, "-r -batchsize=2") == expected[::-1]


def test_paths_in_any_order_and_in_one_another(bench: Bench) -> None:
    for folders in ("DCIM/101_0602 DCIM/100.B DCIM/CANONMSC", "DCIM/101_0602 DCIM/100 DCIM/100-A"):
        expected = on_card(bench, *folders.split())
        assert paths(bench, f"-batchsize=1 {folders}") == expected
        assert paths(bench, f"-r -batchsize=1 {folders}") == expected[::-1]
    twice = on_card(bench, "DCIM", "DCIM/100CANON")
    assert paths(bench, "-batchsize=1 DCIM DCIM/100CANON") == twice
    one = "DCIM/100/IMG_0001.JPG"
    assert paths(bench, f"{one} DCIM/100-A") == [*on_card(bench, "DCIM/100-A"), f"A/{one}"]


def test_rows_come_before_the_last_folder_is_read(bench: Bench) -> None:
    log: list[str] = []
    with connect(f"sim:card={bench.card}") as camera:
        list_by_path(
            camera.files.card,
            lambda items: log.extend(item.path for item in items),
            selection=Selection(fmatch="%.JPG$", maxdepth=2, batch_size=1),
            on_count=lambda count, place: log.append(place),
        )
    assert log.index("A/DCIM/100-A/IMG_0000.JPG") < log.index("A/DCIM/100")
    assert log.index("A/DCIM/100CANON/IMG_0002.JPG") < log.index("A/DCIM/101_0602")


@pytest.mark.parametrize(
    ("tops", "apart"),
    [
        (["A/DCIM"], True),
        (["A/DCIM/100", "A/DCIM/101"], True),
        (["A/DCIM/100-A", "A/DCIM/100"], False),
        (["A/DCIM/100", "A/DCIM"], False),
        (["A/", "A/X"], False),
        (["A/X", "A/X"], False),
    ],
)
def test_which_paths_lie_apart(tops: list[str], apart: bool) -> None:
    assert lie_apart(tops) is apart


def test_a_picture_waits_for_what_may_come_before_it() -> None:
    out: list[str] = []

    def receive(items: Sequence[CardEntry]) -> None:
        out.extend(item.name for item in items)

    def item(path: str) -> CardEntry:
        return CardEntry(path, 1, top="A/D", depth=path.count("/") - 1)

    order = PathOrder(receive, reverse=False)
    order.add([item("A/D/Z.JPG"), item("A/D/2.JPG"), item("A/D/1.JPG")])
    order.reading(3, "A/D/3")
    assert out == ["1.JPG", "2.JPG"]
    order.add([item("A/D/3/B.JPG"), item("A/D/3/A.JPG")])
    order.reading(5, "A/D/4")
    assert out[2:] == ["A.JPG", "B.JPG"]
    order.finish()
    assert out[4:] == ["Z.JPG"]


# ---- trees ----


def drawn(folder: Path, before: str = "") -> Iterator[str]:
    """Draw what is in a folder: the whole of it at once, as a tree is defined."""
    names = sorted(
        (path.name + "/" if path.is_dir() else path.name for path in folder.iterdir()),
        key=os.fsencode,
    )
    for name in names:
        is_last = name == names[-1]
        yield f"{before}{'`-- ' if is_last else '|-- '}{name}"
        if name.endswith("/"):
            yield from drawn(folder / name, before + ("    " if is_last else "|   "))


def test_a_tree_is_what_it_would_be_at_once(bench: Bench) -> None:
    assert ran(bench, "tree") == ["A/", *drawn(bench.card)]
    assert ran(bench, "tree DCIM/101_0602") == [
        "A/DCIM/101_0602",
        *drawn(bench.card / "DCIM/101_0602"),
    ]


NAMES = st.text("01-/.~A", min_size=1, max_size=2).filter(lambda name: "/" not in name)
TREES: Any = st.recursive(st.none(), lambda below: st.dictionaries(NAMES, below, max_size=4))


def told(tree: Any, path: str, depth: int = 0, is_last: bool = True) -> Iterator[CardEntry]:
    """Tell a tree as the camera does: a folder, its files in any order, then the folders in it."""
    yield CardEntry(path, is_dir=True, top="A/T", depth=depth, is_last=is_last)
    for name in sorted(tree, reverse=True):
        if tree[name] is None:
            yield CardEntry(f"{path}/{name}", 1, top="A/T", depth=depth + 1)
    folders = sorted(name + "/" for name in tree if tree[name] is not None)
    for name in folders:
        below = tree[name[:-1]]
        yield from told(below, path + "/" + name[:-1], depth + 1, name == folders[-1])


def lines(tree: Any, before: str = "") -> Iterator[tuple[str, str]]:
    shown = sorted(name if below is None else name + "/" for name, below in tree.items())
    for name in shown:
        is_last = name == shown[-1]
        yield before + ("`-- " if is_last else "|-- "), name.rstrip("/")
        if name.endswith("/"):
            yield from lines(tree[name[:-1]], before + ("    " if is_last else "|   "))


@given(TREES.filter(lambda tree: tree is not None), st.integers(1, 5))
def test_any_tree_in_any_parts(tree: Any, size: int) -> None:
    items = list(told(tree, "A/T"))
    made = TreeRows()
    rows = [row for at in range(0, len(items), size) for row in made.rows(items[at : at + size])]
    rows += made.rest()
    assert [(row.before, row.item.name) for row in rows] == [("", "T"), *lines(tree)]


def test_a_trees_rows_come_before_its_end() -> None:
    items = list(told({"1": {"X": None}, "2": {"Y": None}, "0": None, "9": None}, "A/T"))
    made = TreeRows()
    seen = [[row.item.name for row in made.rows([item])] for item in items]
    assert seen == [["T"], [], [], ["0", "1"], [], ["X", "2"], []]
    assert [row.item.name for row in made.rest()] == ["Y", "9"]


def test_what_folders_hold(bench: Bench) -> None:
    sums: dict[str, int] = {}
    for folder, _, files in os.walk(bench.card, topdown=False):
        size = sum((Path(folder) / name).stat().st_size for name in files)
        inner = [Path(folder) / name for name in Path(folder).iterdir()]
        sums[folder] = size + sum(sums[str(path)] for path in inner if path.is_dir())
    rows = [line.split() for line in ran(bench, "du")]
    assert {str(bench.card / name[2:]): int(size) for size, name in rows} == sums
    assert [name for _, name in rows][:4] == [
        "A/DCIM/100-A", "A/DCIM/100.B", "A/DCIM/100/SUB", "A/DCIM/100"
    ]  # fmt: skip
    assert rows[-1][1] == "A/"


def test_sums_come_when_a_folder_is_whole() -> None:
    usages = Usages()
    items = list(told({"1": {"X": None}, "2": {"Y": None}}, "A/T"))
    seen = [[(u.path, u.files, top) for u, top in usages.known([item])] for item in items]
    assert seen == [[], [], [], [("A/T/1", 1, False)], []]
    assert [(u.path, u.files, top) for u, top in usages.rest()] == [
        ("A/T/2", 1, False), ("A/T", 2, True)
    ]  # fmt: skip


@pytest.mark.parametrize("is_dir", [True, False])
def test_what_comes_before_its_folder_is_refused(is_dir: bool) -> None:
    top = CardEntry("A/T", is_dir=True, top="A/T")
    stray = CardEntry("A/T/X/Y", is_dir=is_dir, top="A/T", depth=2)
    with pytest.raises(CardError, match="before the directory it is in"):
        list(TreeRows().rows([top, stray]))
    with pytest.raises(CardError, match="before the directory it is in"):
        list(Usages().known([top, stray]))


# ---- before the first row ----


def test_the_count_so_far() -> None:
    notes: list[str] = []

    class Notes(Progress):
        def describe(self, text: str) -> None:
            notes.append(text)

    @contextmanager
    def progress(title: str) -> Iterator[Progress]:
        notes.append(title)
        yield Notes()

    context: Any = SimpleNamespace(progress=progress)
    with counting(context, "pictures") as reading:
        reading(1234, "A/DCIM/112\x1bCANON")
    assert notes == ["no pictures yet", "1,234 pictures so far, reading A/DCIM/112\\x1bCANON"]
