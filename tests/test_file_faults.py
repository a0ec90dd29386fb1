"""The link breaks, the disk or the card is full: at each of 200 points of each command.

After each, no file under a final name is wrong, nothing undelivered was deleted, the message says
what happened, and a second run completes.
"""

from __future__ import annotations

import errno
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cut_link import Bench, Outcome, content

from chdkshell.chdk.card import downloading, files
from chdkshell.streams import Buffer, FileSink

POINTS = 200
TIME = 1748779200  # 2025-06-01 12:00:00 UTC

PICTURES = {
    "DCIM/100CANON/IMG_0001.JPG": b"one" * 100,
    "DCIM/100CANON/IMG_0002.JPG": b"",
    "DCIM/101CANON/IMG_0003.JPG": b"three" * 300,
    "DCIM/101CANON/IMG_0004.JPG": b"four" * 40,
}
OTHERS = {"CHDK/NOTE.TXT": b"a note", "KEEP.TXT": b"keep me"}
SCRIPTS = {"up/a.lua": b"return 1" * 50, "up/sub/b.lua": b"", "up/sub/c.lua": b"c" * 700}

Tree = dict[str, bytes]


def write(root: Path, tree: Tree) -> None:
    for name, data in tree.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        os.utime(path, (TIME, TIME))


@dataclass(frozen=True)
class Case:
    """A command, what is there before it, and what is to be there after it.

    `is_done_at_once`: where the job is done, the same command finds nothing to do, and says so.

    `moved` are files of the card (or here, where the command uploads) that it deletes, by where
    their content has to be before that. `removed` are those that it deletes outright.
    """

    line: str
    card: Tree = field(default_factory=lambda: {**PICTURES, **OTHERS})
    here: Tree = field(default_factory=lambda: dict(SCRIPTS))
    card_after: Tree | None = None
    here_after: Tree | None = None
    moved: dict[str, str] = field(default_factory=dict)
    removed: tuple[str, ...] = ()
    uploads: bool = False
    is_done_at_once: bool = False

    @property
    def only_looks(self) -> bool:
        """Whether the command changes nothing."""
        return self.card_after is None and self.here_after is None and "mkdir" not in self.line


def below(folder: str, tree: Tree, cut: str = "") -> Tree:
    return {f"{folder}{name.removeprefix(cut)}": data for name, data in tree.items()}


def joined(*trees: Tree) -> Tree:
    return {name: data for tree in trees for name, data in tree.items()}


CARD = joined(PICTURES, OTHERS)
IN_POCKET = below("pics/", PICTURES, "DCIM/")
UP_CARD = below("UP/", SCRIPTS, "up/")
OLD_CARD = {"UP/a.lua": b"an older script"}

CASES = {
    "mdl": Case("mdl -overwrite=old DCIM pics", here_after=joined(SCRIPTS, IN_POCKET)),
    "mdl over others": Case(
        "mdl -overwrite=y DCIM pics",
        here=joined(SCRIPTS, dict.fromkeys(IN_POCKET, b"an older picture")),
        here_after=joined(SCRIPTS, IN_POCKET),
    ),
    "imdl": Case("imdl -ddir=pics -overwrite=old", here_after=joined(SCRIPTS, IN_POCKET)),
    "imdl -rm": Case(
        "imdl -ddir=pics -overwrite=old -rm",
        here_after=joined(SCRIPTS, IN_POCKET),
        card_after=dict(OTHERS),
        moved={name: f"pics/{name.removeprefix('DCIM/')}" for name in PICTURES},
    ),
    "imls": Case("imls"),
    "ls -l": Case("ls -l DCIM/100CANON"),
    "imrm": Case("imrm", card_after=dict(OTHERS), removed=tuple(PICTURES)),
    "rm": Case(
        "rm DCIM", card_after=dict(OTHERS), removed=tuple(PICTURES), is_done_at_once=True
    ),
    "mkdir": Case("mkdir MADE/BY/HAND"),
    "download": Case(
        "download DCIM/101CANON/IMG_0003.JPG three.jpg",
        here_after=joined(SCRIPTS, {"three.jpg": PICTURES["DCIM/101CANON/IMG_0003.JPG"]}),
    ),
    "upload": Case(
        "upload up/sub/c.lua CHDK/NOTE.TXT",
        card_after=joined(CARD, {"CHDK/NOTE.TXT": SCRIPTS["up/sub/c.lua"]}),
        uploads=True,
    ),
    "mup": Case("mup up UP", card_after=joined(CARD, UP_CARD), uploads=True),
    "mup over others": Case(
        "mup up UP",
        card=joined(CARD, OLD_CARD),
        card_after=joined(CARD, UP_CARD),
        uploads=True,
    ),
    "sync": Case("sync DCIM pics", here_after=joined(SCRIPTS, IN_POCKET)),
    "sync -delete": Case(
        "sync -delete A/DCIM pics",
        here_after=joined(SCRIPTS, IN_POCKET),
        card_after=dict(OTHERS),
        moved={name: f"pics/{name.removeprefix('DCIM/')}" for name in PICTURES},
    ),
    "sync up": Case("sync up A/UP", card_after=joined(CARD, UP_CARD), uploads=True),
    "sync up -delete": Case(
        "sync -delete up A/UP",
        card_after=joined(CARD, UP_CARD),
        here_after={},
        moved={name: f"UP/{name.removeprefix('up/')}" for name in SCRIPTS},
        uploads=True,
    ),
    "mv": Case(
        "mv KEEP.TXT CHDK",
        card_after=joined(PICTURES, {"CHDK/NOTE.TXT": b"a note", "CHDK/KEEP.TXT": b"keep me"}),
        is_done_at_once=True,
    ),
    "find": Case("find -glob=*.JPG"),
    "tree": Case("tree"),
    "du": Case("du"),
    "df": Case("df"),
    "cat": Case("cat CHDK/NOTE.TXT"),
}  # fmt: skip


def bench_for(case: Case, root: Path) -> Bench:
    def fill(card: Path, here: Path) -> None:
        write(card, case.card)
        write(here, case.here)

    return Bench(root, fill)


@pytest.fixture
def bench() -> Iterator[Callable[[Case], Bench]]:
    """Return what makes the place for a case: in memory, since it is put back 200 times."""
    memory = Path("/dev/shm")
    made: list[Bench] = []
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as root:

        def make(case: Case) -> Bench:
            made.append(bench_for(case, Path(root)))
            return made[-1]

        yield make
        for one in made:
            one.camera.close()


def points(total: int) -> list[int]:
    """Return 200 points over `total` bytes, or all there are."""
    return sorted({total * n // POINTS for n in range(POINTS)})


def is_temporary(name: str) -> bool:
    return re.search(r"/?CHSH\d{4}\.TMP$", name) is not None


def check_in_between(case: Case, bench: Bench) -> None:
    """No file under its name is wrong, and nothing is gone that is not elsewhere."""
    card, here = content(bench.card), content(bench.folder)
    final_card = case.card if case.card_after is None else case.card_after
    final_here = case.here if case.here_after is None else case.here_after
    for name, data in card.items():
        if is_temporary(name):
            assert case.uploads
            continue
        assert data in (case.card.get(name), final_card.get(name)), f"{name} on the card is wrong"
    for name, data in here.items():
        assert not name.endswith(".part"), f"{name} was left"
        assert data in (case.here.get(name), final_here.get(name)), f"{name} here is wrong"
    source, target = (here, card) if case.uploads else (card, here)
    before = case.here if case.uploads else case.card
    for name in before:
        if name not in source and name not in case.removed:
            if case.line.startswith("mv"):
                assert "CHDK/KEEP.TXT" in card
                continue
            assert target.get(case.moved[name]) == before[name], f"{name} is lost"
    other_before, other = (case.card, card) if case.uploads else (case.here, here)
    assert other_before.keys() <= other.keys(), "a file that was not meant is gone"


def check_at_end(case: Case, bench: Bench) -> None:
    """All is there; what was to be deleted may be left, where an earlier run brought it."""
    card, here = content(bench.card), content(bench.folder)
    wanted_card = case.card if case.card_after is None else case.card_after
    wanted_here = case.here if case.here_after is None else case.here_after
    assert not [name for name in card if is_temporary(name)]
    left = {name: case.here[name] if case.uploads else case.card[name] for name in case.moved}
    assert {**left, **card} == {**left, **wanted_card} or case.uploads
    assert wanted_card.items() <= card.items()
    assert wanted_here.items() <= here.items()
    assert card.keys() - wanted_card.keys() <= case.moved.keys()
    assert here.keys() - wanted_here.keys() <= case.moved.keys()
    for name in here:
        assert (bench.folder / name).stat().st_mtime == TIME


def check_message(outcome: Outcome, case: Case, *words: str) -> None:
    assert not outcome.ok
    assert outcome.status == 1
    last = outcome.stderr.splitlines()[-1]
    assert last.startswith("ERROR: "), outcome.stderr
    for word in words:
        assert word in last, outcome.stderr
    told = [line for line in outcome.stdout.splitlines() if "->" in line]
    counts = re.search(r"(\d+) of (\d+) files are done", last)
    if counts and not case.line.startswith("mv"):
        assert int(counts[1]) == len(told), outcome.stderr
        assert int(counts[1]) == int(counts[2]) or "not done: " in last


@pytest.mark.parametrize("name", CASES)
def test_the_link_breaks(bench: Callable[[Case], Bench], name: str) -> None:
    case = CASES[name]
    turn = bench(case)
    first, total = turn.run(case.line)
    assert first.ok, first.stderr
    check_at_end(case, turn)
    places = points(total)
    broken = 0
    for at in places:
        if not case.only_looks:
            turn.reset()
        outcome, _ = turn.run(case.line, at)
        turn.camera.scripts.wait_ended(5)
        broken += outcome.was_cut
        try:
            if outcome.was_cut:
                check_message(outcome, case, "the camera went away", "reconnect")
            else:  # this time fewer bytes went over the link: it depends on how long scripts take
                assert outcome.ok
                check_at_end(case, turn)
            if case.only_looks and at != places[-1]:
                continue
            check_in_between(case, turn)
            check_second_run(case, turn)
        except AssertionError as error:
            raise AssertionError(
                f"cut at byte {at} of {total}: {outcome.stdout}{outcome.stderr}"
            ) from error
    assert broken >= min(POINTS, total) * 9 // 10


def check_second_run(case: Case, turn: Bench) -> None:
    """The same command finishes the job; one whose job is done may say that nothing is there."""
    done = content(turn.card)
    if case.is_done_at_once and done == case.card_after:
        return
    again, _ = turn.run(case.line)
    assert again.ok, again.stderr
    check_at_end(case, turn)


class FullDisk:
    """Lets so many bytes of downloads through, and then says that the disk is full."""

    def __init__(self, room: int) -> None:
        self.room = room

    def sink(self, file: Any) -> FileSink:
        disk = self

        class Sink(FileSink):
            def write(self, data: Buffer) -> None:
                fits = memoryview(data)[: max(0, disk.room)]
                disk.room -= len(data)
                super().write(fits)
                if disk.room < 0:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        return Sink(file)


@pytest.mark.parametrize("name", ["mdl", "mdl over others", "imdl -rm", "sync -delete", "download"])
def test_the_disk_is_full(
    bench: Callable[[Case], Bench], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    case = CASES[name]
    turn = bench(case)
    for room in points(1956 if name != "download" else 1500):
        turn.reset()
        with monkeypatch.context() as patch:
            disk = FullDisk(room)
            patch.setattr(downloading, "FileSink", disk.sink)
            patch.setattr(files, "FileSink", disk.sink)
            outcome, _ = turn.run(case.line)
        check_in_between(case, turn)
        check_message(outcome, case, "No space left on device")
        again, _ = turn.run(case.line)
        assert again.ok, again.stderr
        check_at_end(case, turn)


@pytest.mark.parametrize("name", ["mup", "mup over others", "upload", "sync up -delete"])
def test_the_card_is_full(bench: Callable[[Case], Bench], name: str) -> None:
    case = CASES[name]
    turn = bench(case)
    used = sum(map(len, case.card.values()))
    for room in points(700 if name == "upload" else 1100):
        turn.reset()
        turn.camera.card.capacity = used + room
        outcome, _ = turn.run(case.line)
        turn.camera.card.capacity = None
        check_in_between(case, turn)
        check_message(outcome, case)
        assert "is it full?" in outcome.stderr or "errno 0x1C" in outcome.stderr
        again, _ = turn.run(case.line)
        assert again.ok, again.stderr
        check_at_end(case, turn)


@pytest.mark.parametrize("name", ["mup", "upload", "sync up -delete", "rm", "imrm", "mkdir", "mv"])
def test_the_card_is_read_only(bench: Callable[[Case], Bench], name: str) -> None:
    case = CASES[name]
    turn = bench(case)
    turn.camera.card.read_only = True
    outcome, _ = turn.run(case.line)
    assert content(turn.card) == case.card
    assert content(turn.folder) == case.here
    assert not outcome.ok
    assert outcome.status == 1
    assert outcome.stderr.splitlines()[-1].startswith("ERROR: ")
    assert "errno 0x1E" in outcome.stderr or "General Error" in outcome.stderr


def test_a_read_only_card_keeps_what_imdl_cannot_delete(bench: Callable[[Case], Bench]) -> None:
    case = CASES["imdl -rm"]
    turn = bench(case)
    turn.camera.card.read_only = True
    outcome, _ = turn.run(case.line)
    assert not outcome.ok
    assert content(turn.card) == case.card
    assert content(turn.folder) == case.here_after
    assert outcome.stderr.count("WARNING: kept A/DCIM") == len(PICTURES)
    assert "4 files arrived but were not deleted" in outcome.stderr
