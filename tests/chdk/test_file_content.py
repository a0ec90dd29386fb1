"""Files of the card as bytes and as trees: the calls of `camera.files` that need no shell."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.cut_link import content

from chdkshell.camera import Camera, connect
from chdkshell.chdk.cardentry import CardEntry
from chdkshell.chdk.protocol import ChdkProtocol
from chdkshell.errors import CardError, PtpError, UsageError

NOTE = bytes(range(256)) * 3
CARD = {
    "NOTE.BIN": NOTE,
    "EMPTY.BIN": b"",
    "D/ONE.JPG": b"1",
    "D/E/two.jpg": b"22",
    "D/X.TXT": b"x",
}


@pytest.fixture
def cam(tmp_path: Path) -> Iterator[Camera]:
    card = tmp_path / "card"
    for name, data in CARD.items():
        (card / name).parent.mkdir(parents=True, exist_ok=True)
        (card / name).write_bytes(data)
    with connect(f"sim:card={card}") as camera:
        yield camera


def test_read(cam: Camera) -> None:
    assert cam.files.read("NOTE.BIN") == NOTE
    assert cam.files.read("A/EMPTY.BIN") == b""
    assert cam.files.read("NOTE.BIN", limit=len(NOTE)) == NOTE


def test_what_is_not_read(cam: Camera) -> None:
    with pytest.raises(CardError, match=r"A/NOTE\.BIN has 768 bytes, and at most 767 are read"):
        cam.files.read("NOTE.BIN", limit=767)
    with pytest.raises(CardError, match="A/D is not a file"):
        cam.files.read("D")
    with pytest.raises(CardError, match="stat source A/NOPE failed"):
        cam.files.read("NOPE")
    assert cam.files.read("NOTE.BIN") == NOTE


def test_a_file_that_grows_while_it_is_read(
    cam: Camera, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What comes is not what the camera said it has: that is no content to give back."""
    download = ChdkProtocol.download_file

    def grow(self: ChdkProtocol, *rest: object) -> int:
        (tmp_path / "card/NOTE.BIN").write_bytes(NOTE + b"more")
        return download(self, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(ChdkProtocol, "download_file", grow)
    with pytest.raises(CardError, match=r"A/NOTE\.BIN: 772 bytes came, 768 were listed"):
        cam.files.read("NOTE.BIN")


@pytest.mark.parametrize("data", [b"", b"short", NOTE * 1000])
def test_write(cam: Camera, tmp_path: Path, data: bytes) -> None:
    for path in ("NEW.BIN", "D/NEW.BIN", "NOTE.BIN"):
        cam.files.write(path, data)
        assert cam.files.read(path) == data
    written = {"NEW.BIN": data, "D/NEW.BIN": data, "NOTE.BIN": data}
    assert content(tmp_path / "card") == CARD | written


def test_what_is_not_written(cam: Camera, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="A/D/ is a folder"):
        cam.files.write("D/", b"x")
    with pytest.raises(UsageError, match="A/ is a folder"):
        cam.files.write("A/", b"x")
    with pytest.raises(CardError, match="not a file: A/D"):
        cam.files.write("D", b"x")
    with pytest.raises(PtpError):
        cam.files.write("NOPE/X", b"x")
    assert content(tmp_path / "card") == CARD


def test_a_write_that_the_card_did_not_take(
    cam: Camera, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The firmware says that all is well on a full card, too: the size tells."""
    upload = ChdkProtocol.upload_file

    def cut(self: ChdkProtocol, path: bytes, *rest: object) -> None:
        upload(self, path, *rest)  # type: ignore[arg-type]
        name = path.decode().removeprefix("A/")
        (tmp_path / "card" / name).write_bytes(b"half")

    monkeypatch.setattr(ChdkProtocol, "upload_file", cut)
    with pytest.raises(CardError, match=r"A/NOTE\.BIN: 4 of 5 bytes are on the card"):
        cam.files.write("NOTE.BIN", b"whole")
    assert content(tmp_path / "card") == CARD


def test_one_record_whoever_tells_of_it(cam: Camera) -> None:
    by_stat = cam.files.stat("D/ONE.JPG")
    (listed,) = [entry for entry in cam.files.scandir("D") if entry.name == "ONE.JPG"]
    (walked,) = [entry for entry in cam.files.walk("D") if entry.name == "ONE.JPG"]
    for entry in (by_stat, listed, walked):
        assert (entry.path, entry.size, entry.mtime) == ("A/D/ONE.JPG", 1, by_stat.mtime)
        assert entry.is_file
        assert not entry.is_dir
    assert by_stat.attrib == listed.attrib == walked.attrib != 0
    folders = [cam.files.stat("D"), *cam.files.scandir(), *cam.files.walk("D")]
    attributes = [entry.attrib for entry in folders if entry.path == "A/D"]
    assert attributes == [folders[0].attrib] * 3 != [0] * 3
    assert (listed.top, listed.depth) == (walked.top, walked.depth) == ("A/D", 1)
    (itself,) = cam.files.scandir("D/ONE.JPG")
    assert (itself.path, itself.depth) == ("A/D/ONE.JPG", 0)


def test_a_volume_label_is_neither_file_nor_directory() -> None:
    label = CardEntry("A/CANON_DC", attrib=0x08)
    assert (label.is_file, label.is_dir) == (False, False)


def test_find(cam: Camera) -> None:
    assert [entry.path for entry in cam.files.find("*.JPG")] == ["A/D/ONE.JPG", "A/D/E/two.jpg"]
    assert [entry.path for entry in cam.files.find("T*", ["D/E", "NOTE.BIN"])] == ["A/D/E/two.jpg"]


def test_trees_both_ways(cam: Camera, tmp_path: Path) -> None:
    cam.files.download_tree("D", str(tmp_path / "here"))
    assert content(tmp_path / "here") == {
        name.removeprefix("D/"): data for name, data in CARD.items() if name.startswith("D/")
    }
    cam.files.upload_tree(str(tmp_path / "here/E"), "NEW/DIR")
    assert cam.files.read("NEW/DIR/two.jpg") == b"22"


def test_sync_both_ways(cam: Camera, tmp_path: Path) -> None:
    here = tmp_path / "here"
    assert len(cam.files.sync("D", str(here)).copied) == 3
    assert cam.files.sync("D", str(here)).copied == []
    (here / "mine.lua").write_bytes(b"return 1")
    report = cam.files.sync("D", str(here), up=True)
    assert [copied.target for copied in report.copied] == ["A/D/mine.lua"]
    assert cam.files.read("D/mine.lua") == b"return 1"
