"""The simulated card: the firmware's view of a host folder, and no way out of it."""

# needs: POSIX

from __future__ import annotations

import errno
import os
import sys
import time
from calendar import timegm
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chdkshell.sim.card import Card, CardFailure, path_bytes, path_text
from chdkshell.sim.fresh_card import TAKEN, fill_card

NOV_1 = 1761991200
"""2025-11-01 10:00:00 on a clock, as seconds since 1970 as if it showed UTC."""

links = pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")


@pytest.fixture
def card(tmp_path: Path) -> Card:
    """A card with a few entries in a folder whose neighbour is a secret."""
    root = tmp_path / "card"
    (root / "DCIM" / "100CANON").mkdir(parents=True)
    (root / "DCIM" / "100CANON" / "IMG_0001.JPG").write_bytes(b"picture")
    (root / "NOTES.TXT").write_bytes(b"notes")
    (tmp_path / "secret.txt").write_bytes(b"secret")
    return Card(root)


def fails(number: int, call: object, *args: object) -> None:
    """Check that a call fails with errno `number` and names its path."""
    assert callable(call)
    with pytest.raises(CardFailure) as caught:
        call(*args)
    assert caught.value.errno == number
    assert caught.value.path == args[0]


def read(card: Card, path: str) -> bytes:
    with card.open(path) as file:
        return file.read()


def write(card: Card, path: str, data: bytes, mode: str = "w") -> None:
    with card.open(path, mode) as file:
        file.write(data)


def test_paths_in_any_case(card: Card) -> None:
    for path in ("A/DCIM/100CANON/IMG_0001.JPG", "a/dcim/100Canon//img_0001.jpg", "A//./NOTES.TXT"):
        assert read(card, path) in (b"picture", b"notes")
    write(card, "A/notes.txt", b"new")
    assert card.listdir("A") == ["DCIM", "NOTES.TXT"]
    assert read(card, "A/NOTES.TXT") == b"new"


def test_the_same_name_wins_where_two_differ_in_case_only(card: Card) -> None:
    (card.root / "notes.txt").write_bytes(b"lower")
    if len(list(card.root.iterdir())) == 2:
        pytest.skip("the host's file system knows no case")
    assert read(card, "A/notes.txt") == b"lower"
    assert read(card, "A/NOTES.TXT") == b"notes"
    assert read(card, "A/Notes.Txt") == b"notes"


def test_listing(card: Card) -> None:
    (card.root / "EMPTY").mkdir()
    assert card.listdir("A/") == ["DCIM", "EMPTY", "NOTES.TXT"]
    assert card.listdir("A/", all=True) == ["DCIM", "EMPTY", "NOTES.TXT"]
    assert card.listdir("A/EMPTY") == []
    assert card.listdir("A/EMPTY/", all=True) == [".", ".."]
    fails(errno.ENOENT, card.listdir, "A/NOPE")
    fails(errno.ENOTDIR, card.listdir, "A/NOTES.TXT")


def test_stat(card: Card) -> None:
    info = card.stat("A/NOTES.TXT")
    assert (info.size, info.is_dir, info.is_file, info.attrib) == (5, False, True, 0x20)
    info = card.stat("A/DCIM")
    assert (info.size, info.is_dir, info.is_file, info.attrib) == (0, True, False, 0x10)
    assert card.stat("A/").is_dir
    fails(errno.ENOENT, card.stat, "A/NOTES.TXT/X")
    fails(errno.ENOENT, card.stat, "B/NOTES.TXT")
    fails(errno.ENOENT, card.stat, "NOTES.TXT")
    fails(errno.ENOENT, card.stat, "")


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kathmandu"])
def test_times_are_the_local_clock_in_steps_of_two_seconds(
    card: Card, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not hasattr(time, "tzset"):
        pytest.skip("the zone of a process cannot be set on this system")
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        moment = time.mktime((2025, 11, 1, 10, 0, 1, 0, 0, -1))
        os.utime(card.root / "NOTES.TXT", (moment, moment + 3))
        assert card.stat("A/NOTES.TXT").mtime == NOV_1 + 4
        assert card.stat("A/NOTES.TXT").atime == NOV_1
        card.utime("A/NOTES.TXT", NOV_1 + 7, NOV_1 + 1)
        assert card.stat("A/NOTES.TXT").mtime == NOV_1 + 6
        assert card.stat("A/NOTES.TXT").atime == NOV_1
        host = (card.root / "NOTES.TXT").stat().st_mtime
        assert time.localtime(host)[:6] == (2025, 11, 1, 10, 0, 6)
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("clock", [-(1 << 40), -1, 0, 1 << 31, (1 << 32) - 1, 1 << 62])
def test_times_that_fat_does_not_have(card: Card, clock: int) -> None:
    card.utime("A/NOTES.TXT", clock, clock)
    first, last = (1980, 1, 1, 0, 0, 0), (2107, 12, 31, 23, 59, 59)
    assert timegm(first) <= card.stat("A/NOTES.TXT").mtime <= timegm(last)


def test_folders(card: Card) -> None:
    card.mkdir("A/NEW")
    fails(errno.EEXIST, card.mkdir, "A/new")
    fails(errno.ENOENT, card.mkdir, "A/NOPE/NEW")
    fails(errno.EEXIST, card.mkdir, "A/")
    write(card, "A/NEW/F", b"")
    assert isinstance(_error(card.remove, "A/NEW"), CardFailure)
    card.remove("A/NEW/F")
    card.remove("A/NEW")
    fails(errno.ENOENT, card.remove, "A/NEW")
    fails(errno.EACCES, card.remove, "A/")
    assert card.root.is_dir()


def _error(call: object, *args: object) -> BaseException:
    assert callable(call)
    with pytest.raises(CardFailure) as caught:
        call(*args)
    return caught.value


def test_modes_of_open(card: Card) -> None:
    write(card, "A/F", b"one")
    write(card, "A/F", b"two", "ab")
    assert read(card, "A/F") == b"onetwo"
    with card.open("A/F", "r+b") as file:
        file.write(b"ONE")
        file.seek(0)
        assert file.read() == b"ONEtwo"
    with card.open("A/F", "w+") as file:
        assert file.read() == b""
    fails(errno.ENOENT, card.open, "A/NOPE")
    fails(errno.ENOENT, card.open, "A/NOPE/F", "w")
    fails(errno.EISDIR, card.open, "A/DCIM")
    fails(errno.EISDIR, card.open, "A/DCIM", "w")
    fails(errno.EISDIR, card.open, "A/", "w")
    fails(errno.EINVAL, card.open, "A/F", "x")
    fails(errno.ENOTDIR, card.open, "A/NOTES.TXT/F", "w")


def test_renaming(card: Card) -> None:
    card.rename("A/notes.txt", "A/DCIM/N.TXT")
    assert read(card, "A/DCIM/N.TXT") == b"notes"
    card.rename("A/DCIM/N.TXT", "A/DCIM/n.txt")
    assert card.listdir("A/DCIM") == ["100CANON", "n.txt"]
    fails(errno.ENOENT, card.rename, "A/NOPE", "A/X")
    with pytest.raises(CardFailure):
        card.rename("A/DCIM/n.txt", "A/DCIM/100canon")
    with pytest.raises(CardFailure):
        card.rename("A/", "A/X")
    with pytest.raises(CardFailure):
        card.rename("A/DCIM/n.txt", "A/../out.txt")
    assert not (card.root.parent / "out.txt").exists()


def test_attributes(card: Card) -> None:
    card.set_attributes("A/NOTES.TXT", 0x21)
    assert card.stat("A/notes.txt").attrib == 0x21
    fails(errno.EACCES, card.open, "A/NOTES.TXT", "w")
    fails(errno.EACCES, card.remove, "A/NOTES.TXT")
    assert read(card, "A/NOTES.TXT") == b"notes"
    card.set_attributes("A/NOTES.TXT", 0x20)
    card.remove("A/NOTES.TXT")
    write(card, "A/NOTES.TXT", b"")
    assert card.stat("A/NOTES.TXT").attrib == 0x20


def test_space(card: Card) -> None:
    assert 0 < card.free_bytes <= card.total_bytes <= 32 << 30


def test_names_survive_the_way_through_bytes() -> None:
    for data in (b"A/X", "A/Ä".encode(), b"A/\xff\xfe"):
        assert path_bytes(path_text(data)) == data
    assert path_text(b"A/X\0junk") == "A/X"


# ---- nothing outside the card -------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "A/../secret.txt",
        "A/DCIM/../../secret.txt",
        "A/DCIM/100CANON/../../../secret.txt",
        "../secret.txt",
        "A/..",
        "A/..\\secret.txt",
        "/etc/passwd",
        "A//etc/passwd",
        "C:/secret.txt",
        "A:/secret.txt",
        "B/secret.txt",
        "A/\0/../secret.txt",
    ],
)
def test_paths_that_lead_outside(card: Card, path: str) -> None:
    for call in (card.open, card.stat, card.listdir, card.remove):
        with pytest.raises(CardFailure):
            call(path)
    with pytest.raises(CardFailure):
        card.open(path, "w")
    assert (card.root.parent / "secret.txt").read_bytes() == b"secret"


@pytest.mark.parametrize(
    "name",
    ["a:b", "a\\b", 'a"b', "a*", "a?", "<", ">", "a|b", "a\n", "\x01", "NUL", "con.txt", "x."],
)
def test_names_that_fat_does_not_have(card: Card, name: str) -> None:
    fails(errno.EINVAL, card.open, f"A/{name}", "w")
    fails(errno.EINVAL, card.mkdir, f"A/{name}")
    fails(errno.ENOENT, card.stat, f"A/{name}")


@links
def test_links_are_not_on_the_card(card: Card) -> None:
    outside = card.root.parent
    (card.root / "LINK").symlink_to(outside)
    (card.root / "LINK.TXT").symlink_to(outside / "secret.txt")
    (card.root / "DANGLING").symlink_to(outside / "created.txt")
    assert card.listdir("A") == ["DCIM", "NOTES.TXT"]
    for path in ("A/LINK.TXT", "A/LINK", "A/LINK/secret.txt", "A/link.txt"):
        with pytest.raises(CardFailure):
            card.open(path)
        with pytest.raises(CardFailure):
            card.stat(path)
    for path in ("A/LINK.TXT", "A/LINK/new", "A/DANGLING", "A/LINK"):
        with pytest.raises(CardFailure):
            card.open(path, "w")
    with pytest.raises(CardFailure):
        card.remove("A/LINK")
    with pytest.raises(CardFailure):
        card.rename("A/NOTES.TXT", "A/LINK/x")
    assert sorted(p.name for p in outside.iterdir()) == ["card", "secret.txt"]
    assert (outside / "secret.txt").read_bytes() == b"secret"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in folders on this system")
def test_pipes_are_not_on_the_card(card: Card) -> None:
    os.mkfifo(card.root / "PIPE")
    fails(errno.ENOENT, card.open, "A/PIPE")
    fails(errno.EACCES, card.open, "A/PIPE", "w")


@links
def test_a_card_that_is_reached_by_a_link(card: Card) -> None:
    link = card.root.parent / "link"
    link.symlink_to(card.root)
    assert read(Card(link), "A/NOTES.TXT") == b"notes"


PARTS = st.sampled_from(
    ["A", "..", ".", "", "DCIM", "LINK", "LINK.TXT", "secret.txt", "card", "\\", "..\\", "C:", "\0",
     "etc", "passwd", "NOTES.TXT", "~"]
) | st.text(max_size=6)  # fmt: skip


@links
@given(st.lists(PARTS, max_size=7).map("/".join) | st.text(max_size=12))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_path_at_all_leads_outside(card: Card, path: str) -> None:
    outside = card.root.parent
    if not (card.root / "LINK").is_symlink():
        (card.root / "LINK").symlink_to(outside)
        (card.root / "LINK.TXT").symlink_to(outside / "secret.txt")
    for full in (path, "A/" + path):
        for change in (_overwrite, Card.mkdir, Card.remove, _move):
            try:
                change(card, full)
            except CardFailure:
                continue
        try:
            assert read(card, full) != b"secret"
        except CardFailure:
            continue
    assert sorted(p.name for p in outside.iterdir()) == ["card", "secret.txt"]
    assert (outside / "secret.txt").read_bytes() == b"secret"


def _overwrite(card: Card, path: str) -> None:
    write(card, path, b"overwritten")


def _move(card: Card, path: str) -> None:
    write(card, "A/MOVED", b"moved")
    card.rename("A/MOVED", path)


# ---- a fresh card -------------------------------------------------------------------------------


def test_a_fresh_card_holds_pictures_and_scripts(tmp_path: Path) -> None:
    from PIL import Image

    fill_card(tmp_path)
    card = Card(tmp_path)
    pictures = [
        f"A/DCIM/{d}/{f}" for d in card.listdir("A/DCIM") for f in card.listdir(f"A/DCIM/{d}")
    ]
    assert sorted(pictures) == sorted("A/" + name for name in TAKEN)
    for path in pictures:
        with card.open(path) as file, Image.open(file) as image:
            image.load()
            assert image.format == "JPEG"
            assert len(image.convert("RGB").getcolors(1 << 20) or []) > 100
            exif = image.getexif()
            assert exif[0x010F] == "Canon"
            taken = exif.get_ifd(0x8769)[0x9003]
        clock = time.strftime("%Y:%m:%d %H:%M:%S", time.gmtime(card.stat(path).mtime))
        assert clock == taken
    scripts = card.listdir("A/CHDK/SCRIPTS")
    assert scripts
    for name in scripts:
        assert b"@title" in read(card, f"A/CHDK/SCRIPTS/{name}")
    assert card.stat("A/CHDK/CCHDK4.CFG").is_file
