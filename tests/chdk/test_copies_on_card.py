"""Copies that the camera makes on its card."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import chdkshell
from chdkshell.camera import Camera
from chdkshell.chdk.card import oncard
from chdkshell.errors import Cancelled, CardError, UsageError
from chdkshell.flow import CancelToken, Progress

DATA = bytes(range(256)) * 12_000


@pytest.fixture
def card(tmp_path: Path) -> Path:
    (tmp_path / "DCIM/100CANON").mkdir(parents=True)
    (tmp_path / "DCIM/100CANON/IMG_0001.JPG").write_bytes(DATA)
    (tmp_path / "DCIM/EMPTY").mkdir()
    (tmp_path / "NOTE.TXT").write_bytes(b"")
    return tmp_path


@pytest.fixture
def cam(card: Path) -> Iterator[Camera]:
    with chdkshell.connect(f"sim:card={card}") as camera:
        yield camera


class Counting(Progress):
    def __init__(self) -> None:
        self.total: int | None = None
        self.steps: list[int] = []

    def start(self, total: int | None) -> None:
        self.total = total

    def advance(self, count: int) -> None:
        self.steps.append(count)


def names(card: Path) -> list[str]:
    return sorted(str(path.relative_to(card)) for path in card.rglob("*") if path.is_file())


def test_a_file_with_its_time(cam: Camera, card: Path) -> None:
    before = cam.files.stat("DCIM/100CANON/IMG_0001.JPG")
    counting = Counting()
    assert cam.files.copy(before.path, "A/COPY.JPG", progress=counting) == "A/COPY.JPG"
    assert (card / "COPY.JPG").read_bytes() == DATA
    assert cam.files.stat("COPY.JPG").mtime == before.mtime
    assert sum(counting.steps) == counting.total == len(DATA)
    assert len(counting.steps) > 2, "the camera tells how far it is"


def test_into_a_folder_and_an_empty_one(cam: Camera, card: Path) -> None:
    assert cam.files.copy("NOTE.TXT", "DCIM") == "A/DCIM/NOTE.TXT"
    assert (card / "DCIM/NOTE.TXT").read_bytes() == b""


def test_a_folder_with_all_that_is_in_it(cam: Camera, card: Path) -> None:
    told: list[tuple[str, str]] = []
    assert cam.files.copy("DCIM", "A/PICS", lambda *pair: told.append(pair)) == "A/PICS"
    assert told == [("A/DCIM/100CANON/IMG_0001.JPG", "A/PICS/100CANON/IMG_0001.JPG")]
    assert (card / "PICS/100CANON/IMG_0001.JPG").read_bytes() == DATA
    assert (card / "PICS/EMPTY").is_dir()


@pytest.mark.parametrize(
    ("source", "target", "problem"),
    [
        ("NOTE.TXT", "DCIM/100CANON/IMG_0001.JPG", "there is a file of this name"),
        ("NOTE.TXT", "NO/SUCH.TXT", "A/NO/SUCH.TXT: errno"),
        ("NO.TXT", "X", "A/NO.TXT"),
    ],
)
def test_what_the_camera_refuses(
    cam: Camera, card: Path, source: str, target: str, problem: str
) -> None:
    before = names(card)
    with pytest.raises(CardError, match=problem):
        cam.files.copy(source, target)
    assert names(card) == before


@pytest.mark.parametrize("target", ["DCIM", "DCIM/100CANON", "dcim/100canon/X"])
def test_a_folder_goes_not_into_itself(cam: Camera, card: Path, target: str) -> None:
    with pytest.raises(UsageError, match="cannot be copied to"):
        cam.files.copy("DCIM", target)
    assert len(names(card)) == 2


def test_what_is_cancelled_leaves_nothing(
    cam: Camera, card: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oncard, "PART", 1 << 14)  # more messages than the camera's queue can hold
    cancel = CancelToken()

    class Cancelling(Counting):
        def advance(self, count: int) -> None:
            cancel.set()

    before = names(card)
    with pytest.raises(Cancelled):
        cam.files.copy("DCIM/100CANON/IMG_0001.JPG", "X", progress=Cancelling(), cancel=cancel)
    assert names(card) == before
    assert cam.lua("return 1") == 1
