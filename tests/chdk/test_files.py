"""Listing and changing what is on the card: on the simulated camera, and with lies."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from support.chdk_card import make_card
from support.chdk_replay import Answer, playing

import chdkshell
from chdkshell.camera import Camera
from chdkshell.chdk.card import listing
from chdkshell.chdk.card.cardanswers import Removed, RemoveOptions
from chdkshell.chdk.card.chdkcard import ChdkCard
from chdkshell.chdk.card.files import Files
from chdkshell.chdk.protocol import ChdkProtocol
from chdkshell.chdk.scripts import Scripts
from chdkshell.errors import (
    CardError,
    ChdkError,
    ChdkShellError,
)
from chdkshell.shell.advice import next_step


@pytest.fixture
def card(tmp_path: Path) -> Path:
    return make_card(tmp_path / "card")


@pytest.fixture
def cam(card: Path) -> Iterator[Camera]:
    with chdkshell.connect(f"sim:card={card}") as camera:
        yield camera


def test_listing(cam: Camera) -> None:
    assert sorted(cam.files.listdir()) == ["DCIM", "EMPTY", "NOTES.TXT"]
    assert cam.files.listdir("EMPTY/") == []
    assert cam.files.listdir("NOTES.TXT") == ["A/NOTES.TXT"]
    entries = {entry.name: entry for entry in cam.files.scandir("DCIM/100CANON")}
    assert set(entries) == {"IMG_0001.JPG", "EMPTY.BIN"}
    picture = entries["IMG_0001.JPG"]
    assert (picture.size, picture.is_file, picture.is_dir) == (2560, True, False)
    assert cam.files.scandir("NOTES.TXT")[0].path == "A/NOTES.TXT"
    with pytest.raises(CardError, match=r"A/NOPE: errno 0x") as error:
        cam.files.listdir("NOPE")
    assert error.value.path == "A/NOPE"


def test_a_directory_of_a_thousand_files(cam: Camera, card: Path) -> None:
    for number in range(1000):
        (card / "EMPTY" / f"F{number:04}.TXT").write_bytes(b"x" * (number % 7))
    names = sorted(cam.files.listdir("EMPTY"))
    assert names == [f"F{number:04}.TXT" for number in range(1000)]
    entries = sorted(cam.files.scandir("EMPTY"), key=lambda entry: entry.name)
    assert [entry.size for entry in entries] == [number % 7 for number in range(1000)]


def test_names_that_are_not_ascii(cam: Camera, tmp_path: Path) -> None:
    source = tmp_path / "ü ß 'n' [1].txt"
    source.write_text("grüße")
    cam.files.upload(source, "EMPTY/")
    assert cam.files.listdir("EMPTY") == ["ü ß 'n' [1].txt"]


def test_stat(cam: Camera) -> None:
    stat = cam.files.stat("notes.txt")
    assert (stat.size, stat.is_file, stat.is_dir) == (40, True, False)
    assert cam.files.stat("DCIM/").is_dir
    assert cam.files.stat("A/").is_dir
    assert not cam.files.exists("NOPE")
    assert cam.files.exists("NOTES.TXT")
    with pytest.raises(CardError, match=r"^A/NOPE: errno 0x") as error:
        cam.files.stat("NOPE")
    assert "`ls`" in next_step(error.value)


def test_making_directories(cam: Camera, card: Path) -> None:
    cam.files.mkdir("MADE/BY/HAND/")
    cam.files.mkdir("MADE")
    cam.files.mkdir("A/")
    assert (card / "MADE/BY/HAND").is_dir()
    with pytest.raises(CardError, match=r"A/NOTES\.TXT"):
        cam.files.mkdir("NOTES.TXT/X")
    with pytest.raises(CardError, match="path exists, not directory"):
        cam.files.mkdir("NOTES.TXT")


def tree(card: Path) -> None:
    (card / "T/a/b").mkdir(parents=True)
    for name in ("one", "a/two", "a/b/three"):
        (card / "T" / name).write_text(name)


def left(card: Path) -> list[str]:
    return sorted(path.relative_to(card / "T").as_posix() for path in (card / "T").rglob("*"))


def test_removing_a_tree(cam: Camera, card: Path) -> None:
    (card / "MADE/BY/HAND").mkdir(parents=True)
    seen: list[Removed] = []
    results = cam.files.remove_tree("MADE", on_removed=seen.append)
    assert [(r.path, r.ok, r.message) for r in results] == [
        ("A/MADE/BY/HAND", True, ""),
        ("A/MADE/BY", True, ""),
        ("A/MADE", True, ""),
    ]
    assert seen == results
    assert not (card / "MADE").exists()


def test_removing_several(cam: Camera, card: Path) -> None:
    results = cam.files.remove_tree(["NOTES.TXT", "EMPTY"])
    assert [r.path for r in results] == ["A/NOTES.TXT", "A/EMPTY"]
    with pytest.raises(CardError, match=r"^A/NOPE: errno") as error:
        cam.files.remove_tree(["NOPE"])
    assert error.value.path == "A/NOPE"


def test_pretending_to_remove(cam: Camera, card: Path) -> None:
    tree(card)
    results = cam.files.remove_tree("T", RemoveOptions(pretend=True))
    paths = [r.path for r in results]
    assert set(paths) == {"A/T", "A/T/one", "A/T/a", "A/T/a/two", "A/T/a/b", "A/T/a/b/three"}
    assert paths.index("A/T/a/b/three") < paths.index("A/T/a/b") < paths.index("A/T/a")
    assert paths[-1] == "A/T"
    assert len(left(card)) == 5


@pytest.mark.parametrize(
    ("options", "remaining"),
    [
        (RemoveOptions(keep_top=True), []),
        (RemoveOptions(keep_dirs=True), ["a", "a/b"]),
        (RemoveOptions(fmatch="/two$", keep_dirs=True), ["a", "a/b", "a/b/three", "one"]),
        (RemoveOptions(rmatch="^[Ta]$", keep_dirs=True), ["a", "a/b", "a/b/three"]),
        (RemoveOptions(dmatch="/b$"), ["a"]),
        (RemoveOptions(maxdepth=1, keep_dirs=True), ["a", "a/b", "a/b/three", "a/two"]),
        (
            RemoveOptions(fmatch="nothing", ignore_errors=True),
            ["a", "a/b", "a/b/three", "a/two", "one"],
        ),
    ],
)
def test_what_is_removed(
    cam: Camera, card: Path, options: RemoveOptions, remaining: list[str]
) -> None:
    tree(card)
    cam.files.remove_tree("T", options)
    assert left(card) == remaining


def test_a_failure_ends_the_removal(cam: Camera, card: Path) -> None:
    tree(card)
    with pytest.raises(CardError, match="A/T/a/b: errno") as error:
        cam.files.remove_tree("T", RemoveOptions(fmatch="one"))
    assert error.value.path == "A/T/a/b"
    assert {"a", "a/b", "a/b/three"} <= set(left(card))


def test_a_failure_that_is_ignored_is_reported(cam: Camera, card: Path) -> None:
    tree(card)
    options = RemoveOptions(fmatch="nothing", ignore_errors=True)
    results = cam.files.remove_tree("T", options)
    assert {r.path: r.ok for r in results} == {"A/T/a/b": False, "A/T/a": False, "A/T": False}
    assert all("errno" in r.message for r in results)


def test_the_card_itself_is_not_removed(cam: Camera, card: Path) -> None:
    results = cam.files.remove_tree("A/", RemoveOptions(whole_card=True))
    assert results[-1].path == "A/"
    assert results[-1].message == "skipped"
    assert card.is_dir()
    assert list(card.iterdir()) == []


# ---- answers that no camera should give ----


def lying(*values: tuple[int, bytes], messages: Sequence[bytes] = ()) -> Files:
    """Return files on a camera whose script returns `values`, as texts of tables or strings."""
    sent = [Answer((3, 5, 1, len(m)), m) for m in messages]
    sent += [Answer((2, subtype, 1, len(data)), data) for subtype, data in values]
    session, _ = playing(
        Answer((2, 9)),
        Answer((1, 0)),
        Answer((2,)),
        *sent,
        Answer((0, 0, 0, 0), b"\0"),
        Answer((0,)),
    )
    protocol = ChdkProtocol(session)
    return Files(ChdkCard(protocol, Scripts(protocol)))


def test_sizes_and_times_that_are_none() -> None:
    stat = lying((5, b"{size='big',mtime={},is_dir=1}")).stat("X")
    assert (stat.size, stat.mtime, stat.is_dir) == (0, 0, False)
    with pytest.raises(CardError, match="does not say why"):
        lying((1, b"\0\0\0\0")).stat("X")


def test_lists_that_are_none() -> None:
    yes = b"={{true}}"
    entries = lying(messages=[b"{'A/X',0,1,1,'x',5,7,256,}", yes]).scandir("X")
    assert [(e.name, e.path, e.size, e.attrib) for e in entries] == [("x", "A/X/x", 5, 32)]
    for name in (b"''", b"'..'", b"'a/b'"):
        with pytest.raises(CardError, match="no name of a file"):
            lying(messages=[b"{'A/X',0,1,1," + name + b",5,7,0}", yes]).scandir("X")
    for message in (b"{a=1}", b"{", b"5", b"{1,2,3,0}", b"{'x',{},7,0}", b"{'x',5,7,0,'y'}"):
        with pytest.raises(ChdkShellError):
            lying(messages=[message, yes]).listdir("X")


def test_a_list_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MAX_ITEMS", 3)
    with pytest.raises(ChdkError, match="more than 3 files"):
        lying(messages=[b"{'a',1,1,0,'b',1,1,0}", b"{'c',1,1,0,'d',1,1,0}"]).listdir("X")
