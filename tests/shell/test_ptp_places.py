"""Where the commands of standard PTP put things, and what is no object: through the program."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.chdk_card import make_card
from support.shell_process import run

LONG = "x" * 255


@pytest.fixture
def root(tmp_path: Path) -> Path:
    make_card(tmp_path / "card")
    (tmp_path / "up.txt").write_bytes(b"hello")
    return tmp_path


def errors(root: Path, *lines: str) -> list[str]:
    words = [word for line in lines for word in ("-e", line)]
    done = run("-e", f"connect sim:card={root / 'card'}", *words, cwd=root)
    return [line.removeprefix("ERROR: ") for line in done.stderr.splitlines()]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("ptp mkdir A/", "A/ is a storage, not a new folder"),
        ("ptp mkdir X", "X/ is a storage, not a new folder"),
        ("ptp mkdir DCIM", "A/DCIM is there"),
        ("ptp mkdir dcim/100canon", "A/DCIM/100CANON is there"),
        ("ptp send up.txt X/", "X/ is no storage of the camera; `ptp storages` lists them"),
        (f"ptp send up.txt A/{LONG}", "the text is too long; PTP's strings have up to 254"),
        (
            "ptp send up.txt -storage=0x00020001",
            "0x00020001 is no storage of the camera; `ptp storages` lists",
        ),
        (
            "ptp send up.txt B/ -storage=0x00010001",
            "B/ is not on the storage 0x00010001, which is A/; leave -storage or the drive",
        ),
        (f"ptp mkdir DCIM/{LONG}", "the text is too long; PTP's strings have up to 254"),
        ("ptp thumb A/", "A/ is a storage; `ptp storages` shows it"),
        ("ptp mv A/ DCIM", "A/ is a storage; `ptp storages` shows it"),
        ("ptp protect A/", "A/ is a storage; `ptp storages` shows it"),
        ("ptp format / -y", "/ is no storage of the camera"),
        ("ptp get DCIM/100CANON/IMG_0001.JPG -partial=0x100000000:5", "'0x100000000:5' goes too"),
        (
            "ptp get DCIM/100CANON/IMG_0001.JPG -partial=0x10000000:5",
            "A/DCIM/100CANON/IMG_0001.JPG has 2560 bytes, and no part from 268435456 on",
        ),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_sent(
    root: Path, line: str, problem: str
) -> None:
    before = sorted((root / "card").rglob("*"))
    (error,) = errors(root, line)
    assert error.startswith(problem)
    assert sorted((root / "card").rglob("*")) == before


def test_a_file_goes_to_the_storage_that_is_named(root: Path) -> None:
    said = errors(
        *(root, "ptp send up.txt", "ptp send up.txt DCIM -storage=0x00010001"),
        "ptp send up.txt A/DCIM/TWO.TXT -storage=65537",
    )
    assert said == []
    for place in ("up.txt", "DCIM/up.txt", "DCIM/TWO.TXT"):
        assert (root / "card" / place).read_bytes() == b"hello"


@pytest.mark.parametrize("name", ["A", "a/", "0x00010001", "65537"])
def test_a_storage_is_named_by_its_letter_or_its_id(root: Path, name: str) -> None:
    """Each of the two stands in `ptp storages`."""
    said = errors(
        *(root, f"ptp send up.txt DCIM -storage={name}", f"ptp objects -storage={name}"),
        f"ptp format {name}",
    )
    assert said == ["this would delete all that is on A/; give -y if that is meant"]
    assert (root / "card/DCIM/up.txt").read_bytes() == b"hello"


@pytest.mark.parametrize("name", ["B", "0x7", "7", "DCIM"])
@pytest.mark.parametrize("line", ["ptp format {} -y", "ptp objects -storage={}"])
def test_a_storage_that_is_not_there(root: Path, line: str, name: str) -> None:
    (error,) = errors(root, line.format(name))
    shown = {"0x7": "0x00000007", "7": "0x00000007"}.get(name, f"{name}/")
    assert error == f"{shown} is no storage of the camera; `ptp storages` lists them"


def test_nobody_is_told_to_delete_a_folder_that_is_there(root: Path) -> None:
    assert errors(root, "ptp mkdir DCIM") == ["A/DCIM is there"]


@pytest.mark.parametrize("word", ["0x36", "A/DCIM/100CANON/IMG_0002.JPG"])
def test_a_second_object_is_no_file_for_a_thumbnail(root: Path, word: str) -> None:
    (error,) = errors(root, f"ptp thumb DCIM/100CANON/IMG_0001.JPG {word}")
    assert error.startswith(f"'{word}' is an object, and one thumbnail is copied at a time; ./")
    assert not (root / word).exists()


def test_what_is_there_is_not_written_over(root: Path) -> None:
    said = errors(
        root, "ptp send up.txt DCIM", "ptp send up.txt DCIM", "ptp send up.txt DCIM/UP.TXT"
    )
    assert said == ["A/DCIM/up.txt is there; `ptp rm` deletes it"] * 2


def test_the_description_of_a_property_has_its_fields() -> None:
    done = run("--sim", "-e", "ptp raw 0x1014 0xD045")
    assert done.stdout.splitlines()[1:] == [
        "code       0xD045",
        "data_type  UINT16",
        "writable   True",
        "default    4",
        "value      4",
        "allowed    1, 2, 3, 4, 5, 6, 7",
    ]
