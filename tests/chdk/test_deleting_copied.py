"""A file is deleted when its copy is safe: whole on the disk, flushed, and whole as a picture."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from support.cut_link import content
from support.shooting_shell import ShootingShell, shooting_shell

from chdkshell.chdk.imaging.whole import picture_problem
from chdkshell.sim.card import Card
from chdkshell.sim.imaging import pictures

PICTURES = {f"DCIM/100CANON/IMG_{n:04d}.JPG": bytes([n]) * 5000 for n in (1, 2, 3)}
MOVES = ("imdl -rm", "sync -delete A/DCIM pics", "sync -delete DCIM new/er/pics")
SHOOTS = ("shoot -dl -rm", "shoot -dng -dl=pics/ -rm", "shoot -dl=new/pics/ -rm -shots=2")
VERIFIED = ("imdl -rm -verify", "sync -verify -delete A/DCIM pics", "shoot -dl -rm -verify")


WITHOUT_CHDK = [(line, False) for line in MOVES]
COPIED = [*((line, True) for line in MOVES + SHOOTS), *WITHOUT_CHDK]
READ_TWICE = [*((line, True) for line in VERIFIED), *((line, False) for line in VERIFIED[:2])]
"""Lines, and whether the camera runs CHDK: without it, it takes no pictures."""

copied = pytest.mark.parametrize(("line", "chdk"), COPIED, indirect=["chdk"])
read_twice = pytest.mark.parametrize(("line", "chdk"), READ_TWICE, indirect=["chdk"])


@pytest.fixture
def chdk(request: pytest.FixtureRequest) -> bool:
    """Whether the camera runs CHDK."""
    return getattr(request, "param", True)


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chdk: bool) -> Iterator[ShootingShell]:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    for name, data in PICTURES.items():
        (tmp_path / "card" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "card" / name).write_bytes(data)
    with shooting_shell(tmp_path / "card", record=chdk, chdk=chdk) as made:
        yield made


def on_card(tmp_path: Path) -> dict[str, bytes]:
    return {n: data for n, data in content(tmp_path / "card").items() if n.startswith("DCIM")}


def here(tmp_path: Path) -> dict[str, bytes]:
    return content(tmp_path / "here")


def losing_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the disk lose the last byte of each file when it is flushed."""
    real = os.fsync

    def fsync(descriptor: int) -> None:
        real(descriptor)
        info = os.fstat(descriptor)
        if stat.S_ISREG(info.st_mode):
            os.ftruncate(descriptor, info.st_size - 1)

    monkeypatch.setattr(os, "fsync", fsync)


@copied
def test_a_disk_that_does_not_have_all(
    shell: ShootingShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    losing_disk(monkeypatch)
    said = shell.fail(line)
    assert "on the disk" in said
    assert PICTURES.items() <= on_card(tmp_path).items()
    assert len(on_card(tmp_path)) >= len(PICTURES) + line.startswith("shoot")
    assert here(tmp_path) == {}


@copied
def test_what_is_deleted_was_flushed_with_its_folders(
    shell: ShootingShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    """The files, the folders that they are in, and those that new ones of these are in."""
    flushed: set[str] = set()
    removed: list[tuple[str, set[str]]] = []
    real_fsync, real_remove = os.fsync, Card.remove
    old = {tmp_path / "here", tmp_path / "here/pics"}
    (tmp_path / "here/pics").mkdir()

    def fsync(descriptor: int) -> None:
        real_fsync(descriptor)
        flushed.add(str(Path(f"/proc/self/fd/{descriptor}").readlink()).removesuffix(".part"))

    def remove(card: Card, path: str) -> None:
        removed.append((path, set(flushed)))
        real_remove(card, path)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(Card, "remove", remove)
    shell.run(line)
    assert len(removed) >= 1
    for path, before in removed:
        (copy,) = (tmp_path / "here").rglob(path.rpartition("/")[2])
        new = [f for f in copy.parents if f.is_relative_to(tmp_path / "here") and f not in old]
        wanted = {copy, copy.parent, *(folder.parent for folder in new)}
        assert {str(part) for part in wanted} <= before, path


@read_twice
def test_verify_reads_a_second_time(
    shell: ShootingShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    """A card or a cable that gives other bytes each time: nothing is taken for a copy."""
    real, reads = Card.open, dict.fromkeys(PICTURES, 0)

    def open_(card: Card, path: str, mode: str = "r") -> BinaryIO:
        name = path.removeprefix("A/")
        if mode == "r" and name.startswith("DCIM"):
            reads[name] = reads.get(name, 0) + 1
            place = tmp_path / "card" / name
            info, data = place.stat(), place.read_bytes()
            place.write_bytes(data[:100] + bytes([reads[name]]) + data[101:])
            os.utime(place, ns=(info.st_atime_ns, info.st_mtime_ns))
        return real(card, path, mode)

    monkeypatch.setattr(Card, "open", open_)
    before = set(on_card(tmp_path))
    assert "was read a second time, and differs" in shell.fail(line)
    assert before <= set(on_card(tmp_path))
    assert here(tmp_path) == {}
    assert max(reads.values()) >= 2
    shell.run(line.replace(" -verify", "").replace("sync", "sync -overwrite=y"))
    assert len(here(tmp_path)) >= 1


@read_twice
def test_verified_copies_are_made(shell: ShootingShell, tmp_path: Path, line: str) -> None:
    shell.run(line)
    assert len(here(tmp_path)) == (1 if line.startswith("shoot") else 3)
    assert on_card(tmp_path) == (PICTURES if line.startswith("shoot") else {})


@pytest.mark.parametrize("spoils", [True, False])
def test_verify_of_what_goes_up(
    shell: ShootingShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoils: bool
) -> None:
    (tmp_path / "here/up").mkdir()
    (tmp_path / "here/up/a.lua").write_bytes(b"return 1")
    real = Card.rename

    def rename(card: Card, old: str, new: str) -> None:
        real(card, old, new)
        if spoils:
            (tmp_path / "card/UP/a.lua").write_bytes(b"return 2")

    monkeypatch.setattr(Card, "rename", rename)
    ok, _, err = shell.try_("sync -delete -verify up A/UP")
    assert ok is not spoils
    assert ("read a second time" in "\n".join(err)) is spoils
    assert (tmp_path / "here/up/a.lua").exists() is spoils


def test_a_copy_that_is_gone_again(
    shell: ShootingShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was copied is looked at once more before its source is deleted."""
    from chdkshell.chdk.card.copying import CopyOptions, FileCopied
    from chdkshell.chdk.card.copyplan import Copy
    from chdkshell.chdk.card.targets import ImageTargets
    from chdkshell.errors import IncompleteError

    files, targets = shell.camera.files, ImageTargets("${name}", ".")
    copies = [Copy(entry, targets.target(entry)) for entry in files.images()]
    (gone, cut, _) = copies

    def on_event(event: object) -> None:
        if isinstance(event, FileCopied) and event.source == gone.item.path:
            gone.target.unlink()
        if isinstance(event, FileCopied) and event.source == cut.item.path:
            cut.target.write_bytes(b"")

    with pytest.raises(IncompleteError, match="2 files arrived but were not deleted"):
        files.download_copies(copies, options=CopyOptions(remove=True), on_event=on_event)
    assert on_card(tmp_path) == dict(list(PICTURES.items())[:2])


# ---- pictures that are whole by their own structure ----


@pytest.mark.parametrize("rest", ["-dl", "-dl -rm", "-dl -rm -shots=3", "-dl -verify"])
def test_a_full_card(shell: ShootingShell, tmp_path: Path, rest: str) -> None:
    """On a full card the camera leaves the beginning of a DNG, and takes it for a file."""
    used = sum(map(len, on_card(tmp_path).values()))
    shell.sim.card.capacity = used + 147_456
    said = shell.fail(f"shoot -dng {rest}")
    assert "CRW_0001.DNG is not whole on the card: it ends after " in said
    assert "; it was left there; is the card full?" in said
    assert "Traceback" not in said
    assert here(tmp_path) == {}
    assert [name for name in on_card(tmp_path) if name.endswith("CRW_0001.DNG")]


@pytest.mark.parametrize(("kind", "line"), [("jpg", "rcapture"), ("cr2", "rcapture -craw")])
def test_a_capture_that_ends_too_early(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, line: str
) -> None:
    """Nobody else has it: what came is kept, but under no picture's name."""
    name = "jpeg" if kind == "jpg" else "canon_raw"
    real = getattr(pictures, name)
    monkeypatch.setattr(pictures, name, lambda *given: real(*given)[:-900])
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with shooting_shell(tmp_path / "card", craw=kind == "cr2") as shell:
        said = shell.fail(line)
    assert f"IMG_0001.{kind} is incomplete: it ends after" in said
    assert f"what came is in IMG_0001.{kind}.damaged; take the shot again" in said
    assert list(here(tmp_path)) == [f"IMG_0001.{kind}.damaged"]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Pictures as a camera makes them."""
    folder = tmp_path_factory.mktemp("whole")
    before = Path.cwd()
    os.chdir(folder)
    try:
        with shooting_shell(folder / "card", craw=True) as shell:
            shell.run("shoot -dng -cfmt=BOTH")
    finally:
        os.chdir(before)
    return {
        Path(n).suffix: data
        for n, data in content(folder / "card").items()
        if "IMG_" in n or "CRW_" in n
    }


@pytest.mark.parametrize("suffix", [".JPG", ".CR2", ".DNG"])
def test_the_structure_of_pictures(tmp_path: Path, whole: dict[str, bytes], suffix: str) -> None:
    file, data = tmp_path / "picture", whole[suffix]
    for good in (data, data + bytes(512)):
        file.write_bytes(good)
        assert picture_problem(file) == ""
    points = {2, 3, 4, 8, 9, 20, 100, 147_456 % len(data), len(data) // 2, len(data) - 1}
    for point in sorted(points):
        file.write_bytes(data[:point])
        says_its_kind = point >= (2 if suffix == ".JPG" else 4)
        assert bool(picture_problem(file)) is says_its_kind, point


@pytest.mark.parametrize("data", [b"", b"\xff", b"abc", b"RIFF....AVI ", b"II*", bytes(5000)])
def test_of_other_files_nothing_is_known(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "file").write_bytes(data)
    assert picture_problem(tmp_path / "file") == ""


def test_odd_pictures_have_a_problem_or_none(tmp_path: Path, whole: dict[str, bytes]) -> None:
    """Whatever stands in them: no error of ours, and no end of reading."""
    import random

    draw = random.Random(7)
    file = tmp_path / "picture"
    for data in whole.values():
        for _ in range(60):
            changed: Any = bytearray(data[: draw.choice([300, 5000, len(data)])])
            for _ in range(draw.randrange(1, 8)):
                changed[draw.randrange(4, min(len(changed), 600))] = draw.choice([0, 255, 1, 128])
            file.write_bytes(changed)
            assert isinstance(picture_problem(file), str)
