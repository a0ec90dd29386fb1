"""Commands about files, what is there before each and what has to be there after it."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from support.cut_link import Bench, Outcome, content

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
    for path in root.rglob("*"):  # folders, too, once all is in them
        os.utime(path, (TIME, TIME))


@dataclass(frozen=True)
class Case:
    """A command, what is there before it, and what is to be there after it.

    `is_done_at_once`: where the job is done, the same command finds nothing to do, and says so.

    `moved` are files of the card (or here, where the command uploads) that it deletes, by where
    their content has to be before that. `removed` are those that it deletes outright, `makes` is a
    folder that it makes on the card. Without `chdk` the camera has files by standard PTP alone.
    """

    line: str
    card: Tree = field(default_factory=lambda: joined(PICTURES, OTHERS))
    here: Tree = field(default_factory=lambda: dict(SCRIPTS))
    card_after: Tree | None = None
    here_after: Tree | None = None
    moved: dict[str, str] = field(default_factory=dict)
    removed: tuple[str, ...] = ()
    makes: str = ""
    uploads: bool = False
    is_done_at_once: bool = False
    chdk: bool = True

    @property
    def only_looks(self) -> bool:
        """Whether the command changes nothing."""
        return self.card_after is None and self.here_after is None and not self.makes

    @property
    def copies(self) -> bool:
        """Whether the command copies many files, and so counts them."""
        return self.line.startswith(("mdl", "mup", "imdl", "sync"))


def below(folder: str, tree: Tree, cut: str = "") -> Tree:
    return {f"{folder}{name.removeprefix(cut)}": data for name, data in tree.items()}


def joined(*trees: Tree) -> Tree:
    return {name: data for tree in trees for name, data in tree.items()}


def without(tree: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: data for name, data in tree.items() if name not in names}


CARD = joined(PICTURES, OTHERS)
OLD = b"an older one"
IN_POCKET = below("pics/", PICTURES, "DCIM/")
OLD_POCKET = dict.fromkeys(IN_POCKET, OLD)
TO_POCKET = {name: f"pics/{name.removeprefix('DCIM/')}" for name in PICTURES}
UP_CARD = below("UP/", SCRIPTS, "up/")
OLD_CARD = {"UP/a.lua": OLD}
TO_CARD = {name: f"UP/{name.removeprefix('up/')}" for name in SCRIPTS}
WITH_POCKET = joined(SCRIPTS, IN_POCKET)
WITH_UP = joined(CARD, UP_CARD)

FIRST, SECOND = list(PICTURES)[:2]
HERE_BEFORE = {TO_POCKET[FIRST]: PICTURES[FIRST], TO_POCKET[SECOND]: PICTURES[SECOND]}
"""Pictures that were here before: a command that deletes what it copied has to leave these."""
KEPT_ON_CARD = joined(OTHERS, {name: PICTURES[name] for name in (FIRST, SECOND)})
NEW_ON_CARD = {name: TO_POCKET[name] for name in list(PICTURES)[2:]}

EDITED = b"a note, and more"

CASES = {
    "mdl": Case("mdl -overwrite=old DCIM pics", here_after=WITH_POCKET),
    "mdl over others": Case(
        "mdl -overwrite=y DCIM pics", here=joined(SCRIPTS, OLD_POCKET), here_after=WITH_POCKET
    ),
    "mup": Case("mup up UP", card_after=WITH_UP, uploads=True),
    "mup over others": Case(
        "mup up UP", card=joined(CARD, OLD_CARD), card_after=WITH_UP, uploads=True
    ),
    "imdl": Case("imdl -ddir=pics", here_after=WITH_POCKET),
    "imdl over others": Case(
        "imdl -ddir=pics -overwrite=y", here=joined(SCRIPTS, OLD_POCKET), here_after=WITH_POCKET
    ),
    "imdl -rm": Case(
        "imdl -ddir=pics -overwrite=old -rm",
        here_after=WITH_POCKET,
        card_after=OTHERS,
        moved=TO_POCKET,
    ),
    "imdl -rm beside others": Case(
        "imdl -ddir=pics -rm",
        here=joined(SCRIPTS, HERE_BEFORE),
        here_after=WITH_POCKET,
        card_after=KEPT_ON_CARD,
        moved=NEW_ON_CARD,
    ),
    "imrm": Case("imrm", card_after=OTHERS, removed=tuple(PICTURES)),
    "imrm of some": Case(
        "imrm -imax=2", card_after=without(CARD, FIRST, SECOND), removed=(FIRST, SECOND)
    ),
    "rm": Case("rm DCIM", card_after=OTHERS, removed=tuple(PICTURES), is_done_at_once=True),
    "rm of some": Case(
        "rm -fmatch=000[12]%.JPG$ -nodirs DCIM",
        card_after=without(CARD, FIRST, SECOND),
        removed=(FIRST, SECOND),
    ),
    "sync": Case("sync DCIM pics", here_after=WITH_POCKET),
    "sync -delete": Case(
        "sync -delete A/DCIM pics", here_after=WITH_POCKET, card_after=OTHERS, moved=TO_POCKET
    ),
    "sync -delete beside others": Case(
        "sync -delete A/DCIM pics",
        here=joined(SCRIPTS, HERE_BEFORE),
        here_after=WITH_POCKET,
        card_after=KEPT_ON_CARD,
        moved=NEW_ON_CARD,
    ),
    "sync up": Case("sync up A/UP", card_after=WITH_UP, uploads=True),
    "sync up -delete": Case(
        "sync -delete up A/UP", card_after=WITH_UP, here_after={}, moved=TO_CARD, uploads=True
    ),
    "sync up -delete beside others": Case(
        "sync -delete up A/UP",
        card=joined(CARD, {"UP/a.lua": SCRIPTS["up/a.lua"]}),
        card_after=WITH_UP,
        here_after={"up/a.lua": SCRIPTS["up/a.lua"]},
        moved=without(TO_CARD, "up/a.lua"),
        uploads=True,
    ),
    "download": Case(
        "download DCIM/101CANON/IMG_0003.JPG three.jpg",
        here_after=joined(SCRIPTS, {"three.jpg": PICTURES["DCIM/101CANON/IMG_0003.JPG"]}),
    ),
    "download over another": Case(
        "download DCIM/101CANON/IMG_0003.JPG three.jpg",
        here=joined(SCRIPTS, {"three.jpg": OLD}),
        here_after=joined(SCRIPTS, {"three.jpg": PICTURES["DCIM/101CANON/IMG_0003.JPG"]}),
    ),
    "upload": Case(
        "upload up/sub/c.lua CHDK/",
        card_after=joined(CARD, {"CHDK/c.lua": SCRIPTS["up/sub/c.lua"]}),
        uploads=True,
    ),
    "upload over another": Case(
        "upload up/sub/c.lua CHDK/NOTE.TXT",
        card_after=joined(CARD, {"CHDK/NOTE.TXT": SCRIPTS["up/sub/c.lua"]}),
        uploads=True,
    ),
    "edit": Case(
        "edit CHDK/NOTE.TXT",
        card_after=joined(CARD, {"CHDK/NOTE.TXT": EDITED}),
        uploads=True,
        is_done_at_once=True,
    ),
    "mkdir": Case("mkdir MADE/BY/HAND", makes="MADE/BY/HAND"),
    "mv": Case(
        "mv KEEP.TXT CHDK",
        card_after=joined(without(CARD, "KEEP.TXT"), {"CHDK/KEEP.TXT": b"keep me"}),
        moved={"KEEP.TXT": "CHDK/KEEP.TXT"},
        is_done_at_once=True,
    ),
    "mv of a folder": Case(
        "mv CHDK DOCS",
        card_after=joined(without(CARD, "CHDK/NOTE.TXT"), {"DOCS/NOTE.TXT": b"a note"}),
        moved={"CHDK/NOTE.TXT": "DOCS/NOTE.TXT"},
        is_done_at_once=True,
    ),
    "cp": Case(
        "cp KEEP.TXT CHDK",
        card_after=joined(CARD, {"CHDK/KEEP.TXT": b"keep me"}),
        is_done_at_once=True,
    ),
    "cd": Case("cd A/CHDK"),
    "imls": Case("imls"),
    "ls": Case("ls"),
    "ls -l": Case("ls -l DCIM/100CANON DCIM/101CANON"),
    "find": Case("find -glob=*.JPG"),
    "tree": Case("tree"),
    "du": Case("du"),
    "df": Case("df"),
    "cat": Case("cat CHDK/NOTE.TXT KEEP.TXT"),
    "mdl -pretend": Case("mdl -pretend DCIM pics"),
    "sync up -pretend": Case("sync -pretend -delete up A/UP"),
}


NEEDS_CHDK = (*("edit", "mv of a folder", "mup over others", "upload over another"),)
"""Standard PTP gives no other name to what is on the card, and replaces nothing."""

WITHOUT_CHDK = {
    f"{name}, no CHDK": replace(case, chdk=False)
    for name, case in CASES.items()
    if name not in NEEDS_CHDK
}


def is_temporary(name: str) -> bool:
    return re.search(r"/?CHSH\d{2,}\.TMP$", name) is not None


def whole_at_target(case: Case, bench: Bench) -> set[str]:
    """Return those of `case.moved` that are whole where they go to."""
    there = {**content(bench.folder), **content(bench.card)}
    before = case.here if case.uploads else case.card
    return {name for name, target in case.moved.items() if there.get(target) == before[name]}


def check_in_between(
    case: Case, bench: Bench, link_held: bool = False, killed: bool = False
) -> None:
    """No file under its name is wrong, and nothing is gone that is not elsewhere.

    Where the link broke, an upload's temporary file may be left on the card, and nothing else. A
    program that was killed may have left a part of a download, too.
    """
    card, here = content(bench.card), content(bench.folder)
    if killed:
        here = {name: data for name, data in here.items() if ".part" not in name}
    final_card = case.card if case.card_after is None else case.card_after
    final_here = case.here if case.here_after is None else case.here_after
    for name, data in card.items():
        if is_temporary(name):
            assert case.uploads, f"{name} was left on the card"
            assert not link_held, f"{name} was left on the card"
            continue
        assert data in (case.card.get(name), final_card.get(name)), f"{name} on the card is wrong"
    for name, data in here.items():
        assert data in (case.here.get(name), final_here.get(name)), f"{name} here is wrong"
    for name in case.card.keys() - card.keys() - set(case.removed):
        assert name in whole_at_target(case, bench), f"{name} is lost"
    for name in case.here.keys() - here.keys():
        assert name in whole_at_target(case, bench), f"{name} is lost"


def check_at_end(case: Case, bench: Bench, brought: set[str] | None = None) -> None:
    """All is as it has to be; only what an earlier run has `brought` may still be at its source."""
    card, here = content(bench.card), content(bench.folder)
    left = brought or set()
    wanted_card = case.card if case.card_after is None else case.card_after
    wanted_here = case.here if case.here_after is None else case.here_after
    source, wanted = (here, wanted_here) if case.uploads else (card, wanted_card)
    before = case.here if case.uploads else case.card
    for name in (source.keys() - wanted.keys()) & left:
        assert source.pop(name) == before[name], f"{name} is not what it was"
    assert card == wanted_card, f"on the card: {difference(card, wanted_card)}"
    assert here == wanted_here, f"here: {difference(here, wanted_here)}"
    assert not case.makes or (bench.card / case.makes).is_dir(), f"there is no {case.makes}"
    late = [name for name in here if (bench.folder / name).stat().st_mtime != TIME]
    assert not late, f"{late} here have another time"
    if case.copies:
        late = [name for name in card if (bench.card / name).stat().st_mtime != TIME]
        assert not late, f"{late} on the card have another time"


def difference(found: Tree, wanted: Tree) -> str:
    """Return what is too much, what is missing, and what is different."""
    other = [name for name in found.keys() & wanted.keys() if found[name] != wanted[name]]
    more, less = found.keys() - wanted.keys(), wanted.keys() - found.keys()
    return f"too much {sorted(more)}, missing {sorted(less)}, different {sorted(other)}"


def check_message(outcome: Outcome, case: Case, *words: str) -> None:
    """The last line says what happened, and what is done and what is not."""
    assert not outcome.ok
    last = outcome.stderr.splitlines()[-1]
    assert last.startswith("ERROR: "), outcome.stderr
    for word in words:
        assert word in last, outcome.stderr
    told = copied(outcome)
    counts = re.search(r"(\d+) of (\d+) files (are done|did not arrive)", last)
    assert counts or not told or not case.copies, outcome.stderr
    if counts and counts[3] == "did not arrive":
        assert int(counts[1]) + len(told) == int(counts[2]), outcome.stderr
    elif counts and case.copies:
        assert int(counts[1]) == len(told), outcome.stderr
        if counts[1] != counts[2]:
            named = re.search(r"not done: (.+?)(?: and \d+ more)?;", last)
            assert named, outcome.stderr
            names = {name.removeprefix("A/") for name in named[1].split(", ")}
            assert names <= {**case.here, **case.card}.keys(), outcome.stderr
            assert not names & {name.removeprefix("A/") for name in told}, outcome.stderr


def copied(outcome: Outcome) -> set[str]:
    """Return the sources that a command said it was done with."""
    lines = outcome.stdout.splitlines()
    return {line.partition("->")[0] for line in lines if "->" in line}


def deleted(outcome: Outcome) -> set[str]:
    """Return the sources that a command said it deleted."""
    lines = outcome.stdout.splitlines()
    names = {line.removeprefix("delete ") for line in lines if line.startswith("delete ")}
    return {name.removeprefix("A/") for name in names}


def check_told(outcome: Outcome, case: Case, bench: Bench, link_held: bool = True) -> None:
    """Each source of a move is told to be copied, deleted or kept just where it is so.

    Where the link broke, the camera may have done more than it could tell.
    """
    if not case.copies or not case.moved:
        return
    source = content(bench.folder if case.uploads else bench.card)
    arrived = whole_at_target(case, bench)
    kept = set(re.findall(r"^WARNING: kept (?:A/)?([^:]+): ", outcome.stderr, re.MULTILINE))
    for name in case.moved:
        is_told = (name if case.uploads else f"A/{name}") in copied(outcome)
        assert is_told <= (name in arrived), f"{name} did not arrive"
        assert is_told or name not in arrived or not link_held, f"{name} arrived"
        if is_told:
            assert (name in deleted(outcome)) != (name in kept), f"{name} is neither or both"
            assert (name in deleted(outcome)) <= (name not in source), f"{name} is still there"
            assert name in source or name in deleted(outcome) or not link_held, f"{name} is gone"


@contextmanager
def places() -> Iterator[Callable[[Case], Bench]]:
    """Give what makes the place for a case: in memory, since it is put back 200 times."""
    memory = Path("/dev/shm")
    made: list[Bench] = []
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as root:

        def make(case: Case) -> Bench:
            def fill(card: Path, here: Path) -> None:
                write(card, case.card)
                write(here, case.here)

            made.append(Bench(Path(root), fill, chdk=case.chdk))
            return made[-1]

        yield make
        for one in made:
            one.camera.close()
