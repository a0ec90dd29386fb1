"""Files that other programs have open for a while, and disks that have caches of their own."""

# needs: POSIX

from __future__ import annotations

import ast
import fcntl
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.cut_link import content
from support.shooting_shell import ShootingShell, shooting_shell
from support.windows import ACCESS_DENIED, SHARING_VIOLATION, Held

from chdkshell import disk
from chdkshell.chdk.transfer import PartFile, host_error, sync_folder
from chdkshell.errors import HostFileError
from chdkshell.outlets import remove_own
from chdkshell.reasons import Reason
from chdkshell.sim.card import Card

NAME = "DCIM/100CANON/IMG_0001.JPG"


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Held:
    return Held(monkeypatch)


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ShootingShell]:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    path = tmp_path / "card" / NAME
    path.parent.mkdir(parents=True)
    path.write_bytes(b"picture" * 1000)
    (tmp_path / "card/DCIM/100CANON/MVI_0002.MOV").write_bytes(bytes(3_000_000))
    with shooting_shell(tmp_path / "card") as made:
        yield made


# ---- for a second ----


@pytest.mark.parametrize("number", [ACCESS_DENIED, SHARING_VIOLATION])
@pytest.mark.parametrize("line", [f"download {NAME} x.jpg", "mdl DCIM/100CANON .", "imdl", "rs x"])
def test_a_file_that_is_open_for_a_second_is_replaced_then(
    shell: ShootingShell, held: Held, number: int, line: str
) -> None:
    before = held.now
    held.hold(".part", 1.0, number)
    shell.run(line)
    assert held.errors
    assert 1.0 <= held.now - before < 2.0
    assert content(Path())
    assert not list(Path().rglob("*.part*"))


def test_sources_of_uploads_are_removed_then(shell: ShootingShell, held: Held) -> None:
    Path("up").mkdir()
    Path("up/A.LUA").write_bytes(b"return 1")
    held.hold("A.LUA", 1.0)
    shell.run("sync -delete up A/CHDK")
    assert held.errors
    assert not Path("up/A.LUA").exists()


def test_the_simulated_card_waits_too(shell: ShootingShell, held: Held, tmp_path: Path) -> None:
    held.hold("IMG_0001.JPG", 1.0)
    shell.run(f"rm {NAME}")
    assert held.errors
    assert not (tmp_path / "card" / NAME).exists()


def test_what_an_earlier_run_left_is_closed_before_it_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On Windows nothing that is open can be removed."""
    path = tmp_path / "x.part"
    path.write_bytes(b"left")
    real = os.close
    closed: list[int] = []

    def remove(name: str) -> None:
        assert closed, "it is open"
        Path(name).unlink()

    def close(descriptor: int) -> None:
        closed.append(descriptor)
        real(descriptor)

    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(os, "close", close)
    monkeypatch.setattr(disk, "remove", remove)
    assert remove_own(path)
    assert len(closed) == 1
    assert not path.exists()


def test_two_runs_do_not_write_one_file(
    tmp_path: Path, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is open has a name that cannot be changed: another run writes it."""
    (tmp_path / "x.part").write_bytes(b"by another run")
    monkeypatch.setattr(sys, "platform", "win32")
    held.hold("x.part", 100.0)
    with PartFile(tmp_path / "x") as part:
        part.file.write(b"mine")
        part.finish(None)
    assert content(tmp_path) == {"x": b"mine", "x.part": b"by another run"}
    assert not remove_own(tmp_path / "x.part")
    held.let_go()
    with PartFile(tmp_path / "y") as part:
        part.finish(None)
    assert remove_own(tmp_path / "x.part")


def test_nothing_in_the_package_goes_past_it() -> None:
    """What replaces, removes or renames a file does it by `disk`, which tries again."""
    package = Path(disk.__file__).parent
    found = [
        (path.relative_to(package).as_posix(), ast.unparse(node.func))
        for path in package.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if node.func.attr == "unlink"
        or ast.unparse(node.func) in ("os.replace", "os.rename", "os.remove")
    ]
    assert sorted(found) == [
        ("disk.py", "os.replace"),
        ("disk.py", "os.unlink"),
        ("outlets.py", "os.rename"),
    ]


# ---- for long ----


def test_the_first_error_is_told_after_two_seconds(held: Held, tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"")
    held.hold("x", 100.0, SHARING_VIOLATION, ACCESS_DENIED)
    before = held.now
    with pytest.raises(PermissionError, match="used by another process"):
        disk.remove(str(path))
    assert 2.0 <= held.now - before < 2.2
    assert path.exists()


def test_an_error_that_ends_the_tries_hides_none(tmp_path: Path, held: Held) -> None:
    """What the first try met is told, not what somebody did meanwhile."""
    path = tmp_path / "x"
    held.hold("x", 0.01)
    with pytest.raises(PermissionError, match="used by another process"):
        disk.remove(str(path))


def test_other_errors_are_told_at_once(tmp_path: Path, held: Held) -> None:
    before = held.now
    with pytest.raises(FileNotFoundError):
        disk.replace(str(tmp_path / "none"), str(tmp_path / "x"))
    assert held.now == before


def test_folders_in_the_way_are_told_at_once(tmp_path: Path, held: Held) -> None:
    (tmp_path / "x").mkdir()
    held.hold("x", 100.0, ACCESS_DENIED)
    before = held.now
    with pytest.raises(PermissionError):
        disk.replace(str(tmp_path / "x.part"), str(tmp_path / "x"))
    assert held.now == before


@pytest.mark.parametrize("name", [NAME, "DCIM/100CANON/MVI_0002.MOV"])
def test_what_came_stays_and_is_named(
    shell: ShootingShell, held: Held, tmp_path: Path, name: str
) -> None:
    target = Path(name).name
    Path(target).write_bytes(b"open in a viewer")
    held.hold(target, 100.0)
    said = shell.fail(f"download -overwrite=y {name}")
    assert f"cannot write {target}: The process cannot access the file" in said
    assert "close what may have it open" in said
    assert f"all of it is in {target}.part" in said
    whole = (tmp_path / "card" / name).read_bytes()
    assert Path(f"{target}.part").read_bytes() == whole
    assert Path(target).read_bytes() == b"open in a viewer"
    held.let_go()
    read = shell.camera.session.bytes_read
    shell.run(f"download -overwrite=y {name}")
    assert content(Path()) == {target: whole}
    if len(whole) > 1 << 20:
        assert shell.camera.session.bytes_read - read < 200_000, "it went on with what was there"


def test_the_others_of_many_arrive(shell: ShootingShell, held: Held, tmp_path: Path) -> None:
    held.hold("IMG_0001.JPG", 100.0)
    before = content(tmp_path / "card")
    said = shell.fail("sync -delete A/DCIM .")
    assert "1 of 2 files did not arrive" in said
    assert "all of it is in 100CANON/IMG_0001.JPG.part" in said
    assert set(content(Path())) == {"100CANON/IMG_0001.JPG.part", "100CANON/MVI_0002.MOV"}
    assert NAME in before
    assert NAME in content(tmp_path / "card"), "what has no name here is not deleted"


def test_a_picture_that_is_only_here_is_not_tidied_up(shell: ShootingShell, held: Held) -> None:
    held.hold(".part", 100.0)
    said = shell.fail("rs x")
    held.let_go()
    assert "all of it is in x.jpg.part" in said
    assert set(content(Path())) == {"x.jpg.part"}
    shell.run("rs y")
    assert set(content(Path())) == {"x.jpg.part", "y.jpg"}


def test_an_unfinished_file_that_cannot_be_removed_is_named(held: Held, tmp_path: Path) -> None:
    held.hold(".part", 100.0)
    with pytest.raises(HostFileError, match="broken") as raised, PartFile(tmp_path / "x") as part:
        part.file.write(b"half")
        raise HostFileError("the disk is broken")
    assert raised.value.notes == (f"{tmp_path / 'x.part'} could not be removed",)


def test_the_reason_tells_held_files_from_others(tmp_path: Path, held: Held) -> None:
    held.hold("x", 100.0)
    with pytest.raises(OSError) as raised:
        os.unlink(tmp_path / "x")  # noqa: PTH108 - what the program calls
    assert host_error("write", tmp_path, raised.value).reason is Reason.FILE_HELD
    assert host_error("write", tmp_path, OSError(28, "full")).reason is Reason.HOST_FILE


# ---- macOS: what the drive has in its cache is not safe yet ----


class FullSyncs:
    """The F_FULLFSYNC of a Mac: `done` names what was flushed to the platter."""

    NUMBER = 51

    def __init__(self, monkeypatch: pytest.MonkeyPatch, works: bool = True) -> None:
        self.done: list[str] = []
        self.plain: list[str] = []
        self._works = works
        real = fcntl.fcntl

        def call(descriptor: int, command: int, *rest: int) -> int:
            if command != self.NUMBER:
                return int(real(descriptor, command, *rest))
            if not self._works:
                raise OSError(45, "Operation not supported")
            self.done.append(name(descriptor))
            return 0

        monkeypatch.setattr(sys, "platform", "darwin")
        monkeypatch.setattr(fcntl, "F_FULLFSYNC", self.NUMBER, raising=False)
        monkeypatch.setattr(fcntl, "fcntl", call)
        monkeypatch.setattr(os, "fsync", lambda descriptor: self.plain.append(name(descriptor)))


def name(descriptor: int) -> str:
    kind = "/" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else ""
    return Path(f"/proc/self/fd/{descriptor}").readlink().name + kind


linux_only = pytest.mark.skipif(
    not Path("/proc/self/fd").is_dir(), reason="names of open files are read in /proc"
)


@linux_only
@pytest.mark.parametrize("line", ["sync -delete A/DCIM .", "imdl -rm", "shoot -dl -rm"])
def test_before_anything_is_deleted_the_drive_has_written_it(
    shell: ShootingShell, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    syncs = FullSyncs(monkeypatch)
    deleted: dict[str, list[str]] = {}
    real = Card.remove

    def remove(card: Card, path: str) -> None:
        deleted[path] = list(syncs.done)
        real(card, path)

    monkeypatch.setattr(Card, "remove", remove)
    shell.run(line)
    assert deleted
    for path, before in deleted.items():
        (copy,) = Path().resolve().rglob(path.rpartition("/")[2])
        assert f"{copy.name}.part" in before
        assert f"{copy.parent.name}/" in before
    assert syncs.plain == []


@linux_only
def test_disks_without_it_get_a_plain_fsync(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    syncs = FullSyncs(monkeypatch, works=False)
    with PartFile(tmp_path / "x") as part:
        part.finish(None, to_disk=True)
    assert syncs.plain == ["x.part", f"{tmp_path.name}/"]


@linux_only
def test_nothing_waits_where_nothing_is_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    syncs = FullSyncs(monkeypatch)
    with PartFile(tmp_path / "x") as part:
        part.finish(None)
    assert (syncs.done, syncs.plain) == ([], [])
    sync_folder(tmp_path)
    assert syncs.done == [f"{tmp_path.name}/"]
