"""The commands of standard PTP about files and folders, through the program."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from support.chdk_card import make_card
from support.shell_process import run


class Card:
    """A card of this computer in the simulated camera, and what the program says of it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.connect = f"connect sim:card={root}"
        make_card(root)

    def say(self, *lines: str) -> tuple[list[str], list[str], int]:
        words = [word for line in (self.connect, *lines) for word in ("-e", line)]
        done = run(*words, cwd=self.root.parent)
        out = [line for line in done.stdout.splitlines() if not line.startswith("connected: ")]
        return out, done.stderr.splitlines(), done.returncode

    def run(self, *lines: str) -> list[str]:
        out, err, status = self.say(*lines)
        assert status == 0, err
        return out


@pytest.fixture
def card(tmp_path: Path) -> Card:
    return Card(tmp_path / "card")


PICTURE = "DCIM/100CANON/IMG_0001.JPG"


def test_objects_are_listed_by_path_and_handle(card: Card) -> None:
    lines = card.run("ptp objects -tree")
    files = {str(p.relative_to(card.root)) for p in card.root.rglob("*")}
    listed = {line.split("\t")[4].rstrip("/").removeprefix("A/") for line in lines}
    assert listed == files
    (line,) = [line for line in lines if line.endswith("IMG_0001.JPG")]
    handle, kind, size, _, _ = line.split("\t")
    assert (kind, int(size)) == ("EXIF/JPEG", (card.root / PICTURE).stat().st_size)
    shown = card.run("ptp objects -tree", f"ptp object {handle}")
    assert f"path        A/{PICTURE}" in shown


def test_one_format_and_one_folder(card: Card) -> None:
    lines = card.run("ptp objects -tree -format=exif/jpeg")
    assert lines
    assert all(line.split("\t")[1] == "EXIF/JPEG" for line in lines)
    here = card.run("ptp objects dcim/100canon")
    assert len(here) == len(list((card.root / "DCIM/100CANON").iterdir()))


def test_json_has_objects(card: Card) -> None:
    done = run("--json", "-e", card.connect, "-e", f"ptp object {PICTURE}")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert answers[-1]["result"]["path"] == f"A/{PICTURE}"
    assert answers[-1]["result"]["format"] == "EXIF/JPEG"


def test_an_object_arrives_as_it_is(card: Card, tmp_path: Path) -> None:
    source = card.root / PICTURE
    (line,) = card.run(f"ptp get {PICTURE} {tmp_path}/here.jpg")
    assert re.fullmatch(rf"A/{PICTURE} \(0x\w+\)\t{source.stat().st_size}\t.*here.jpg", line)
    assert (tmp_path / "here.jpg").read_bytes() == source.read_bytes()
    assert abs((tmp_path / "here.jpg").stat().st_mtime - source.stat().st_mtime) <= 2


def test_a_part_of_an_object(card: Card, tmp_path: Path) -> None:
    card.run(f"ptp get {PICTURE} {tmp_path}/part -partial=10:20")
    assert (tmp_path / "part").read_bytes() == (card.root / PICTURE).read_bytes()[10:30]


LIST = "ptp objects -tree"
"""What gives the objects of a card the same handles in each run."""


def handle(card: Card, path: str) -> str:
    (line,) = (line for line in card.run(LIST) if line.endswith(f"\tA/{path}"))
    return line.split("\t")[0]


def test_several_objects_go_into_a_folder(card: Card, tmp_path: Path) -> None:
    (card.root / "A.TXT").write_bytes(b"a")
    (card.root / "B.TXT").write_bytes(b"bb")
    by_handle = handle(card, "A.TXT")
    lines = card.run(LIST, f"ptp get {by_handle} B.TXT {by_handle} {tmp_path}/new/")
    assert [Path(line).name for line in lines[-2:]] == ["A.TXT", "B.TXT"]
    assert lines[-3].startswith("0x")
    assert (tmp_path / "new/A.TXT").read_bytes() == b"a"
    assert (tmp_path / "new/B.TXT").read_bytes() == b"bb"


def test_the_last_word_may_be_an_object_too(card: Card, tmp_path: Path) -> None:
    (card.root / "A.TXT").write_bytes(b"a")
    (card.root / "B.TXT").write_bytes(b"bb")
    card.run("ptp get B.TXT A/A.TXT")
    assert (tmp_path / "A.TXT").read_bytes() == b"a"
    card.run(LIST, f"ptp get {PICTURE} {handle(card, 'B.TXT')} -partial=0:1")
    assert (tmp_path / "B.TXT").read_bytes() == b"b"
    assert (tmp_path / "IMG_0001.JPG").stat().st_size == 1


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("A/A.TXT A/B.TXT here", "several objects, and here is no folder; write here/ for"),
        ("A/A.TXT A/B.TXT -", "several objects cannot go to standard output"),
        ("A/A.TXT A/D/A.TXT", "A/A.TXT and A/D/A.TXT would both be A.TXT; copy them one"),
        ("A/B.TXT A/D/b.txt ./", "A/B.TXT and A/D/b.txt would both be b.txt; copy them one"),
    ],
)
def test_no_file_is_written_twice(card: Card, tmp_path: Path, words: str, problem: str) -> None:
    (card.root / "D").mkdir()
    for name in ("A.TXT", "B.TXT", "D/A.TXT", "D/b.txt"):
        (card.root / name).write_bytes(b"x")
    _, told, status = card.say(f"ptp get {words}")
    error = told[-1]
    assert status == 1
    assert error.startswith(f"ERROR: {problem}")
    assert [path.name for path in tmp_path.iterdir()] == ["card"]


def test_several_cameras_do_not_write_one_file(tmp_path: Path) -> None:
    line = f"@all ptp get {PICTURE} A/DCIM/100CANON/IMG_0002.JPG"
    done = run("--sim", "--count=2", "-e", line, cwd=tmp_path)
    assert "files of 1 and 2 would have the same names" in done.stderr
    assert not list(tmp_path.iterdir())
    run("--sim", "--count=2", "-e", f"{line} ${{camera}}/", cwd=tmp_path)
    assert sorted(path.name for path in tmp_path.glob("[12]/*")) == [
        *["IMG_0001.JPG"] * 2,
        *["IMG_0002.JPG"] * 2,
    ]


def test_large_objects_go_both_ways(card: Card, tmp_path: Path) -> None:
    data = bytes(range(256)) * 12_345
    (tmp_path / "big.bin").write_bytes(data)
    card.run(f"ptp send {tmp_path}/big.bin DCIM/100CANON", "ptp mkdir DCIM/NEW")
    assert (card.root / "DCIM/100CANON/big.bin").read_bytes() == data
    card.run("ptp mv DCIM/100CANON/big.bin DCIM/NEW", f"ptp get DCIM/NEW/big.bin {tmp_path}/back")
    assert (tmp_path / "back").read_bytes() == data
    assert not (card.root / "DCIM/100CANON/big.bin").exists()


def test_what_is_broken_off_goes_on_from_there(card: Card, tmp_path: Path) -> None:
    data = bytes(range(251)) * 20_000
    (card.root / "BIG.BIN").write_bytes(data)
    from chdkshell.camera import connect
    from chdkshell.chdk.transfer import PART
    from chdkshell.errors import Cancelled
    from chdkshell.flow import CancelToken, Progress
    from chdkshell.ptp.codes import OperationCode
    from chdkshell.standard.objecttree import ObjectTree
    from chdkshell.standard.transfer import get

    token = CancelToken()

    class Stops(Progress):
        done = 0

        def advance(self, count: int) -> None:
            self.done += count
            if self.done > 3_000_000:
                token.set()

    with connect(f"sim:card={card.root}") as camera:
        node = ObjectTree(camera.ptp).resolve("BIG.BIN")
        target = tmp_path / "big.bin"
        with pytest.raises(Cancelled):
            get(camera.ptp, node, target, progress=Stops(), cancel=token)
        kept = Path(f"{target}{PART}").stat().st_size
        assert kept >= 3_000_000
        before = camera.session.bytes_read
        get(camera.ptp, node, target)
        assert camera.session.bytes_read - before == len(data) - kept
        assert OperationCode.GET_PARTIAL_OBJECT in camera.info.operations_supported
    assert target.read_bytes() == data


def test_nothing_is_deleted_unasked(card: Card) -> None:
    for line, error in (
        (f"ptp rm {PICTURE}", "this would delete 1 file; give -y if that is meant"),
        ("ptp rm DCIM", "this would delete "),
        ("ptp rm A/ -y", "A/ is a storage; `ptp format` empties one"),
        ("ptp rm -y", "nothing to delete was named"),
        ("ptp rm '' -y", "an empty word is no path"),
        ("ptp format A/", "this would delete all that is on A/; give -y"),
        ("ptp format DCIM -y", "DCIM/ is no storage of the camera"),
    ):
        before = sorted(card.root.rglob("*"))
        out, err, status = card.say(line)
        assert (out, status != 0) == ([], True), line
        assert sorted(card.root.rglob("*")) == before
        if not line.startswith("ptp rm ''"):
            assert err[0].startswith(f"ERROR: {error}"), err


def test_what_is_meant_is_deleted(card: Card) -> None:
    card.run(f"ptp rm {PICTURE} -y")
    assert not (card.root / PICTURE).exists()
    card.run("ptp rm DCIM/100CANON -y")
    assert not (card.root / "DCIM/100CANON").exists()
    card.run("ptp format A/ -y")
    assert [p.name for p in card.root.rglob("*")] == ["DCIM"]


def test_protected_objects_stay(card: Card) -> None:
    lines = (f"ptp protect {PICTURE}", f"ptp rm {PICTURE} -y", f"ptp protect {PICTURE} off")
    _, err, status = card.say(*lines)
    assert status != 0 or any("ObjectWriteProtected" in line for line in err)
    assert (card.root / PICTURE).exists()


def test_a_thumbnail(card: Card, tmp_path: Path) -> None:
    lines = ("rec", "shoot", "ptp objects DCIM -tree -format=0x3801")
    (name,) = [
        line.split("\t")[4] for line in card.run(*lines) if line.count("\t") == 4 and "___" in line
    ]
    card.run(f"ptp thumb {name} {tmp_path}/small.jpg")
    assert (tmp_path / "small.jpg").read_bytes()[:2] == b"\xff\xd8"
    _, err, status = card.say(f"ptp thumb {PICTURE}")
    assert (status, err) == (
        1,
        ["ERROR: GetThumb: the camera answered NoThumbnailPresent (0x2010)"],
    )


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("ptp get NOPE", "A/NOPE is not on the camera"),
        ("ptp get Z/NOPE", "Z/ is no storage of the camera"),
        ("ptp get 0x7777", "GetObjectInfo: the camera answered InvalidObjectHandle"),
        ("ptp get DCIM", "A/DCIM is a folder"),
        (
            f"ptp get {PICTURE} x -partial=5",
            "'5' is no part of a file; -partial: write OFFSET",
        ),
        ("ptp send NOPE", "cannot read"),
        ("ptp mkdir NO/WHERE", "A/NO is not on the camera"),
        ("ptp mkdir DCIM", "A/DCIM is there"),
        (f"ptp mv {PICTURE} {PICTURE}", f"A/{PICTURE} is no folder"),
        ("ptp objects -format=nope", "there is no format 'nope'"),
    ],
)
def test_wrong_lines_are_one_line_of_error(card: Card, line: str, error: str) -> None:
    out, err, status = card.say(line)
    assert (out, status != 0, len(err)) == ([], True, 1), err
    assert err[0].startswith(f"ERROR: {error}")
