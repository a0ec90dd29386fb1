"""Pictures that were taken, over HTTP: listed, shown, fetched, deleted with a question."""

# needs: POSIX

from __future__ import annotations

import io
import tempfile
import threading
from pathlib import Path
from urllib.parse import quote

import pytest
from PIL import Image
from support.control_room import WAIT, Listener, ServedRoom

from chdkshell.chdk.cardentry import CardEntry
from chdkshell.errors import CardError
from chdkshell.page.gallery import CardGallery

PICTURES = "api/cameras/1/pictures"


@pytest.fixture
def taken(control_room: ServedRoom) -> list[str]:
    """Two pictures on the card, the newest first."""
    shots = [control_room.done("api/cameras/1/shoot")["files"][0] for _ in range(2)]
    for path in shots:
        assert control_room.ask(f"{PICTURES}/thumbnail?path={quote(path)}")[0] == 200
    return [*reversed(shots)]


def test_list_has_the_newest_first(control_room: ServedRoom, taken: list[str]) -> None:
    found = control_room.get(PICTURES)
    assert found["total"] == 2
    assert [picture["path"] for picture in found["pictures"]] == taken
    assert all(picture["size"] > 1000 for picture in found["pictures"])
    assert [p["path"] for p in control_room.get(f"{PICTURES}?start=1")["pictures"]] == taken[1:]


def test_pictures_are_shown(control_room: ServedRoom, taken: list[str], tmp_path: Path) -> None:
    for kind, longest in (("thumbnail", 200), ("preview", 1600)):
        code, headers, body = control_room.ask(f"{PICTURES}/{kind}?path={quote(taken[0])}")
        assert (code, headers["content-type"]) == (200, "image/jpeg")
        with Image.open(io.BytesIO(body)) as image:
            assert max(image.size) <= longest
    code, headers, body = control_room.ask(f"{PICTURES}/file?path={quote(taken[0])}")
    assert body == (tmp_path / "card" / taken[0].removeprefix("A/")).read_bytes()
    assert "attachment" in headers["content-disposition"]


@pytest.fixture
def copies(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder for temporary files."""
    folder = tmp_path / "copies"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def wait_empty(folder: Path) -> None:
    """Wait until a copy is deleted, which may be after its last byte was sent."""
    step = threading.Event()
    for _ in range(WAIT * 100):
        if not [*folder.iterdir()]:
            return
        step.wait(0.01)
    raise AssertionError("a copy is left")


@pytest.mark.parametrize("part", ["bytes=0-9", "bytes=99999999-", "bytes=x"])
def test_no_copy_of_a_picture_is_left(
    control_room: ServedRoom, taken: list[str], copies: Path, part: str
) -> None:
    assert control_room.ask(f"{PICTURES}/file?path={quote(taken[0])}", Range=part)[0] < 500
    wait_empty(copies)


def test_no_part_of_a_copy_is_left(
    control_room: ServedRoom, taken: list[str], copies: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a transfer that is broken off leaves one, for the next try to go on from there."""

    def broken_off(gallery: CardGallery, entry: CardEntry, target: Path) -> None:
        target.with_name(f"{target.name}.part").write_bytes(b"a part")
        raise CardError("broken off")

    monkeypatch.setattr(CardGallery, "_download", broken_off)
    for kind in ("file", "preview"):
        assert control_room.ask(f"{PICTURES}/{kind}?path={quote(taken[0])}")[0] >= 400
        assert not [*copies.iterdir()]


@pytest.mark.parametrize(
    "path",
    ["A/CHDK/../secret.txt", "../../etc/passwd", "A/", "", "A/DCIM", "secret.txt", "%00", "A/s%0a"],
)
@pytest.mark.parametrize("kind", ["thumbnail", "preview", "file"])
def test_only_pictures_of_the_list_are_given(
    control_room: ServedRoom, taken: list[str], tmp_path: Path, path: str, kind: str
) -> None:
    (tmp_path / "card/secret.txt").write_text("secret")
    (tmp_path / "secret.txt").write_text("secret")
    for place in (PICTURES, "api/folder"):
        assert control_room.ask(f"{place}/{kind}?path={path}")[0] in (400, 404)
    assert control_room.post("api/folder/delete", paths=[path], confirm=1)[0] in (400, 404)
    assert control_room.post(f"{PICTURES}/delete", paths=[path], confirm=1)[0] in (400, 404)
    assert (tmp_path / "secret.txt").exists()
    assert (tmp_path / "card/secret.txt").exists()


def test_download_goes_to_the_folder_and_replaces_nothing(
    control_room: ServedRoom, taken: list[str], tmp_path: Path
) -> None:
    first = control_room.done(f"{PICTURES}/download", paths=taken)["names"]
    again = control_room.done(f"{PICTURES}/download", paths=taken[:1])["names"]
    assert len({*first, *again}) == 3
    assert sorted(file.name for file in (tmp_path / "shots").iterdir()) == sorted([*first, *again])
    listed = control_room.get("api/folder")
    assert {picture["name"] for picture in listed["pictures"]} == {*first, *again}
    name = quote(first[0])
    assert control_room.ask(f"api/folder/thumbnail?path={name}")[0] == 200
    assert control_room.ask(f"api/folder/preview?path={name}")[0] == 200
    whole = control_room.ask(f"api/folder/file?path={name}")[2]
    assert whole == (tmp_path / "shots" / first[0]).read_bytes()


def test_a_transfer_is_told_until_its_end(control_room: ServedRoom, taken: list[str]) -> None:
    listener = Listener(control_room)
    control_room.done(f"{PICTURES}/download", paths=taken[:1])
    told = listener.next("transfer")[1]
    while told["done"] < told["size"]:
        told = listener.next("transfer")[1]
    listener.close()
    assert (told["camera"], told["path"], told["done"]) == (1, taken[0], told["size"])


def test_links_in_the_folder_are_not_followed(control_room: ServedRoom, tmp_path: Path) -> None:
    (tmp_path / "secret.jpg").write_text("secret")
    (tmp_path / "shots/link.jpg").symlink_to(tmp_path / "secret.jpg")
    assert control_room.get("api/folder")["total"] == 0
    assert control_room.ask("api/folder/file?path=link.jpg")[0] == 404


@pytest.mark.parametrize("place", ["card", "folder"])
def test_deleting_takes_the_number_of_files(
    control_room: ServedRoom, taken: list[str], tmp_path: Path, place: str
) -> None:
    path, paths = f"{PICTURES}/delete", taken
    if place == "folder":
        paths = control_room.done(f"{PICTURES}/download", paths=taken)["names"]
        path = "api/folder/delete"
    folder = tmp_path / ("card" if place == "card" else "shots")
    for confirm in (0, 1, 3):
        code, answer = control_room.post(path, paths=paths, confirm=confirm)
        assert (code, answer["error"]) == (409, "2 files would be deleted")
        assert answer["detail"] == "confirm=2 deletes them"
    assert len(list(folder.rglob("*.JPG"))) == 2
    control_room.done(path, paths=paths, confirm=2)
    assert not list(folder.rglob("*.JPG"))
    assert control_room.post(path, paths=[], confirm=0)[0] == 400


def test_a_card_that_was_never_used_has_no_pictures(control_room: ServedRoom) -> None:
    assert not (control_room.camera.files.exists("A/DCIM"))
    assert control_room.get(PICTURES) == {"pictures": [], "total": 0}
