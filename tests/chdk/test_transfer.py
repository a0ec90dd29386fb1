"""Copying files to and from the card: whole, or not at all."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.chdk_card import make_card
from support.chdk_replay import GENERAL_ERROR, Answer, playing

import chdkshell
from chdkshell.camera import Camera
from chdkshell.chdk.cameratime import host_to_camera
from chdkshell.chdk.card import fetching, writer
from chdkshell.chdk.card.chdkcard import ChdkCard
from chdkshell.chdk.card.files import Files
from chdkshell.chdk.cardentry import CardEntry
from chdkshell.chdk.protocol import ChdkProtocol
from chdkshell.chdk.scripts import Scripts
from chdkshell.chdk.transfer import PartFile
from chdkshell.errors import (
    Cancelled,
    CardError,
    HostFileError,
    PtpError,
    ScriptRunningError,
    UsageError,
)
from chdkshell.flow import CancelToken, Progress
from chdkshell.shell.advice import next_step
from chdkshell.streams import FileSink, Source

SUMMER = 1748779200  # 2025-06-01 12:00:00 UTC


@pytest.fixture
def card(tmp_path: Path) -> Path:
    return make_card(tmp_path / "card")


@pytest.fixture
def cam(card: Path) -> Iterator[Camera]:
    with chdkshell.connect(f"sim:card={card}") as camera:
        yield camera


class Meter(Progress):
    def __init__(self) -> None:
        self.total: int | None = None
        self.count = 0

    def start(self, total: int | None) -> None:
        self.total = total

    def advance(self, count: int) -> None:
        self.count += count


@pytest.mark.skipif(os.name != "posix", reason="folders cannot be synced")
def test_file_and_name_are_on_the_disk_before_the_original_may_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[tuple[str, bool]] = []
    target = tmp_path / "copy"

    def fsync(descriptor: int) -> None:
        kind = "folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file"
        synced.append((kind, target.exists()))

    monkeypatch.setattr(os, "fsync", fsync)
    with PartFile(target) as part:
        part.file.write(b"x")
        part.finish(None, to_disk=True)
    assert synced == [("file", False), ("folder", True)]


def test_what_an_earlier_run_left_of_a_larger_file_goes(tmp_path: Path) -> None:
    (tmp_path / "N.TXT.part").write_bytes(b"a longer beginning")
    (tmp_path / "N.TXT.part.note").write_bytes(b"A/N.TXT\n5000000\n1\n")
    with PartFile(tmp_path / "N.TXT", original=CardEntry("A/N.TXT", 5, 2)) as part:
        assert not part.kept
        part.file.write(b"notes")
        part.finish(None)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"N.TXT": b"notes"}


def test_download(cam: Camera, card: Path, tmp_path: Path) -> None:
    os.utime(card / "NOTES.TXT", (SUMMER, SUMMER))
    meter = Meter()
    target = tmp_path / "out/deep/n.txt"
    done = cam.files.download("NOTES.TXT", target, progress=meter)
    assert (done.remote, done.local, done.size) == ("A/NOTES.TXT", target, 40)
    assert target.read_bytes() == (card / "NOTES.TXT").read_bytes()
    assert target.stat().st_mtime == SUMMER
    assert list(target.parent.iterdir()) == [target]
    assert meter.count == meter.total == 40


def test_download_targets(cam: Camera, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there").mkdir()
    assert cam.files.download("NOTES.TXT").local == Path("NOTES.TXT")
    assert cam.files.download("NOTES.TXT", "there").local == Path("there/NOTES.TXT")
    assert cam.files.download("NOTES.TXT", "new/").local == Path("new/NOTES.TXT")
    assert cam.files.download("DCIM/100CANON/EMPTY.BIN", "e").size == 0
    assert Path("e").read_bytes() == b""
    assert Path("new/NOTES.TXT").stat().st_size == 40


def test_download_without_lua(cam: Camera, tmp_path: Path) -> None:
    cam.scripts.start("while true do sleep(10) end")
    target = tmp_path / "x"
    assert cam.files.download("NOTES.TXT", target, check_first=False).size == 40
    with pytest.raises(ScriptRunningError):
        cam.files.download("NOTES.TXT", target)
    cam.scripts.kill()


def test_downloads_that_fail_leave_nothing_new(cam: Camera, tmp_path: Path) -> None:
    target = tmp_path / "x"
    target.write_bytes(b"precious")
    with pytest.raises(CardError, match="stat source A/NOPE failed: A/NOPE: errno 0x"):
        cam.files.download("NOPE", target)
    with pytest.raises(CardError, match="A/DCIM is not a file"):
        cam.files.download("DCIM", target)
    with pytest.raises(PtpError, match=r"^General Error: .*A/NOPE"):
        cam.files.download("NOPE", target, check_first=False)
    assert target.read_bytes() == b"precious"
    assert [p.name for p in tmp_path.iterdir() if p.name != "card"] == ["x"]


def test_a_download_that_is_cancelled_leaves_what_was_there(
    cam: Camera, card: Path, tmp_path: Path
) -> None:
    (card / "BIG.BIN").write_bytes(bytes(5 << 20))
    token = CancelToken()

    class Stopper(Progress):
        def advance(self, count: int) -> None:
            token.set()

    target = tmp_path / "x"
    target.write_bytes(b"precious")
    with pytest.raises(Cancelled):
        cam.files.download("BIG.BIN", target, progress=Stopper(), cancel=token)
    assert target.read_bytes() == b"precious"
    assert (tmp_path / "x.part").stat().st_size == 1 << 20  # see test_resume.py
    assert cam.files.download("NOTES.TXT", target).size == 40


def test_a_target_that_cannot_be_written(cam: Camera, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(HostFileError, match="cannot write"):
        cam.files.download("NOTES.TXT", tmp_path / "file/x")
    (tmp_path / "x").mkdir()
    with PartFile(tmp_path / "x") as part, pytest.raises(HostFileError, match="cannot write"):
        part.finish(None)


def test_a_disk_that_fills_up(cam: Camera, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(FileSink):
        def write(self, data: object) -> None:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(fetching, "FileSink", Full)
    with pytest.raises(HostFileError, match="No space left on device"):
        cam.files.download("NOTES.TXT", tmp_path / "x")
    monkeypatch.undo()
    assert [p.name for p in tmp_path.iterdir()] == ["card"]
    assert cam.lua("return 1") == 1


def test_upload(cam: Camera, card: Path, tmp_path: Path) -> None:
    source = tmp_path / "up.txt"
    source.write_bytes(b"some text")
    meter = Meter()
    targets = [None, "CHDK.TXT", "EMPTY", "EMPTY/", "A/", "DCIM/100CANON/N.TXT"]
    done = [cam.files.upload(source, target, progress=meter).remote for target in targets]
    assert done == [
        "A/up.txt",
        "A/CHDK.TXT",
        "A/EMPTY/up.txt",
        "A/EMPTY/up.txt",
        "A/up.txt",
        "A/DCIM/100CANON/N.TXT",
    ]
    for path in done:
        assert (card / path[2:]).read_bytes() == b"some text"
    assert meter.count > 6 * 9


def test_uploading_an_empty_file(cam: Camera, card: Path, tmp_path: Path) -> None:
    source = tmp_path / "zero.txt"
    source.write_bytes(b"")
    assert cam.files.upload(source).size == 0
    assert (card / "zero.txt").read_bytes() == b""


def test_an_upload_can_keep_the_time(cam: Camera, card: Path, tmp_path: Path) -> None:
    source = tmp_path / "up.txt"
    source.write_bytes(b"x")
    os.utime(source, (SUMMER, SUMMER))
    cam.files.upload(source, keep_time=True)
    assert (card / "up.txt").stat().st_mtime == SUMMER
    assert cam.files.stat("up.txt").mtime == host_to_camera(SUMMER)


def test_an_upload_of_which_the_camera_says_nothing_is_no_success(
    cam: Camera, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "batch", lambda message: [])
    source = tmp_path / "new.txt"
    source.write_bytes(b"new")
    with pytest.raises(CardError, match="of 1 files that were sent, the camera tells of 0"):
        cam.files.upload(source, "A/NEW.TXT")


def test_uploads_that_fail(cam: Camera, card: Path, tmp_path: Path) -> None:
    source = tmp_path / "up.txt"
    source.write_bytes(b"x")
    with pytest.raises(UsageError, match=r"^src is not a file: missing\.txt$"):
        cam.files.upload("missing.txt")
    with pytest.raises(UsageError, match=r"^src is not a file: ") as folder:
        cam.files.upload(tmp_path)
    assert next_step(folder.value) == "`mupload` and `mdownload` copy folders"
    with pytest.raises(PtpError, match=r"^General Error: .*A/NOPE/DEEP\.TXT"):
        cam.files.upload(source, "NOPE/DEEP.TXT")
    with pytest.raises(CardError, match="stat dest A/NOPE failed"):
        cam.files.upload(source, "NOPE/")
    with pytest.raises(CardError, match=r"not a directory: A/NOTES\.TXT"):
        cam.files.upload(source, "NOTES.TXT/")
    with pytest.raises(PtpError):
        cam.files.upload(source, "EMPTY", check_target=False)  # it is a directory, and stays
    assert (card / "EMPTY").is_dir()


def test_upload_without_lua(cam: Camera, card: Path, tmp_path: Path) -> None:
    source = tmp_path / "up.txt"
    source.write_bytes(b"x")
    cam.scripts.start("while true do sleep(10) end")
    assert cam.files.upload(source, "EMPTY/", check_target=False).remote == "A/EMPTY/up.txt"
    cam.scripts.kill()
    assert (card / "EMPTY/up.txt").read_bytes() == b"x"


def test_an_upload_that_is_cancelled_leaves_no_half_file(
    cam: Camera, card: Path, tmp_path: Path
) -> None:
    source = tmp_path / "big.bin"
    source.write_bytes(bytes(5 << 20))
    token = CancelToken()

    class Stopper(Progress):
        def advance(self, count: int) -> None:
            token.set()

    with pytest.raises(Cancelled):
        cam.files.upload(source, progress=Stopper(), cancel=token)
    assert not (card / "big.bin").exists()
    assert cam.files.upload(source).size == 5 << 20


def test_a_file_that_shrinks_while_it_is_sent(cam: Camera, card: Path, tmp_path: Path) -> None:
    source = tmp_path / "big.bin"
    source.write_bytes(bytes(3 << 20))

    class Shrinker(Progress):
        def start(self, total: int | None) -> None:
            os.truncate(source, 100)

    with pytest.raises(HostFileError, match="became shorter"):
        cam.files.upload(source, progress=Shrinker())
    assert not (card / "big.bin").exists()


def test_a_card_that_is_full_is_noticed(
    cam: Camera, card: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "up.txt"
    source.write_bytes(b"some text")
    send = cam.protocol.upload_file

    def half(path: bytes, source: Source, progress: Progress, cancel: CancelToken) -> None:
        send(path, source, progress, cancel)
        os.truncate(card / "CHSH0000.TMP", 3)

    monkeypatch.setattr(cam.protocol, "upload_file", half)
    with pytest.raises(CardError, match="3 of 9 bytes are on the card"):
        cam.files.upload(source)
    assert not (card / "up.txt").exists()


def test_a_file_that_is_too_large(cam: Camera, tmp_path: Path) -> None:
    source = tmp_path / "huge"
    with source.open("wb") as file:
        file.truncate(1 << 32)
    with pytest.raises(UsageError, match="less than 4 GiB"):
        cam.files.upload(source)


def downloading(*answers: Answer) -> Files:
    session, _ = playing(*answers)
    protocol = ChdkProtocol(session)
    return Files(ChdkCard(protocol, Scripts(protocol)))


def test_a_download_of_another_size_than_said(tmp_path: Path) -> None:
    files = downloading(Answer(), Answer((9,), b"1234"))
    with pytest.raises(CardError, match="A/X has 9 bytes, but the camera sent 4"):
        files.download("X", tmp_path / "x", check_first=False)
    assert list(tmp_path.iterdir()) == []


def test_a_failing_download_leaves_no_dummy_byte(tmp_path: Path) -> None:
    files = downloading(Answer(), Answer((), b"\0", GENERAL_ERROR))
    with pytest.raises(PtpError):
        files.download("X", tmp_path / "x", check_first=False)
    assert list(tmp_path.iterdir()) == []
