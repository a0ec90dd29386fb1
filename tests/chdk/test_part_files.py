"""Files that are not whole yet: no other file is written, and only our own are gone on with."""

# needs: POSIX

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.cut_link import Bench, content
from support.shooting_shell import ShootingShell, shooting_shell

from chdkshell.chdk.cardentry import CardEntry
from chdkshell.chdk.transfer import PartFile
from chdkshell.errors import CameraTimeoutError, DisconnectedError, FramingError
from chdkshell.sim.interfaces.transport import SimTransport

MIB = 1 << 20
TIME = 1748779200  # 2025-06-01 12:00:00 UTC
MOVIE = random.Random(4).randbytes(5 * MIB // 2)
NAME = "DCIM/100CANON/MVI_0001.MOV"


def put(card: Path) -> None:
    path = card / NAME
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(MOVIE)
    os.utime(path, (TIME, TIME))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path, lambda card, here: put(card))
    yield made
    made.camera.close()


def right_note(bench: Bench) -> bytes:
    """Return the note that a download of the movie leaves beside its unfinished file."""
    bench.run(f"download {NAME} cut", at=2 * MIB)
    (bench.folder / "cut.part").unlink()
    note = bench.folder / "cut.part.note"
    try:
        return note.read_bytes()
    finally:
        note.unlink()


LINES = {
    f"download {NAME} MVI_0001.MOV": "MVI_0001.MOV",
    f"download -nolua {NAME} MVI_0001.MOV": "MVI_0001.MOV",
    "mdl DCIM .": "100CANON/MVI_0001.MOV",
    "imdl": "100CANON/MVI_0001.MOV",
    "sync A/DCIM .": "100CANON/MVI_0001.MOV",
    "rmem -f=memory 0x1000 64": "memory",
    "lvdump -quiet -count=1 dump": "dump",
    "lvdumpimg -quiet -vp=frame.ppm": "frame.ppm",
}


@pytest.mark.parametrize("kind", ["symlink", "note", "hardlink", "dangling"])
@pytest.mark.parametrize("line", LINES)
def test_a_planted_file_is_not_written(bench: Bench, line: str, kind: str) -> None:
    right = right_note(bench)
    victim, part = bench.folder / "victim", bench.folder / f"{LINES[line]}.part"
    part.parent.mkdir(exist_ok=True)
    victim.write_bytes(b"precious" + bytes(2 * MIB))
    before = victim.read_bytes()
    note = part.with_name(part.name + ".note")
    if kind in ("symlink", "note"):
        # as if an earlier run had been cut off: the note is right, the part is a link
        part.symlink_to(victim)
        note.write_bytes(right)
    elif kind == "hardlink":
        part.hardlink_to(victim)
        note.write_bytes(right)
    else:
        part.symlink_to(bench.folder / "made")
    if kind == "note":
        part.unlink()
        note.unlink()
        note.symlink_to(victim)
    outcome, _ = bench.run(line)
    assert outcome.ok, outcome.stderr
    assert victim.read_bytes() == before
    assert not (bench.folder / "made").exists()
    arrived = (bench.folder / LINES[line]).read_bytes()
    assert arrived == MOVIE if "MOV" in LINES[line] else arrived


@pytest.mark.parametrize("planted", ["other note", "linked note", "second name", "too long"])
def test_only_what_is_ours_is_gone_on_with(bench: Bench, planted: str) -> None:
    """Bytes that are not the movie's stand there: had they been kept, they would be in it."""
    right = right_note(bench)
    part, note = bench.folder / "movie.part", bench.folder / "movie.part.note"
    part.write_bytes(b"\0" * (MIB + 100) + MOVIE[MIB + 100 : 2 * MIB])
    note.write_bytes(right)
    if planted == "other note":
        note.write_bytes(right.replace(b"MVI", b"MWI"))
    elif planted == "linked note":
        note.rename(bench.folder / "note")
        note.symlink_to("note")
    elif planted == "second name":
        (bench.folder / "second").hardlink_to(part)
    else:
        part.write_bytes(bytes(len(MOVIE) + 1))
    outcome, _ = bench.run(f"download {NAME} movie")
    assert outcome.ok, outcome.stderr
    assert content(bench.folder)["movie"] == MOVIE


def test_a_file_that_another_run_writes_is_left_to_it(bench: Bench) -> None:
    with PartFile(bench.folder / "movie", original=CardEntry("A/X", 8, 0)) as other:
        other.file.write(b"half")
        other.file.flush()
        outcome, _ = bench.run(f"download {NAME} movie")
        assert outcome.ok, outcome.stderr
        assert (bench.folder / "movie").read_bytes() == MOVIE
        other.file.write(b"half")
        other.finish(None)
    assert content(bench.folder) == {"movie": b"halfhalf"}, "the last one, whole"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_another_users_file_is_left(bench: Bench) -> None:
    part = bench.folder / "movie.part"
    part.write_bytes(b"not yours")
    os.chown(part, 12345, 12345)
    outcome, _ = bench.run(f"download {NAME} movie")
    assert outcome.ok, outcome.stderr
    assert content(bench.folder) == {"movie": MOVIE, "movie.part": b"not yours"}


# ---- what came when the peer broke the rules ----


def write_until(folder: Path, size: int, error: BaseException) -> None:
    original = CardEntry("A/X", 4 * MIB, TIME)
    with pytest.raises(type(error)), PartFile(folder / "x", original=original) as part:
        part.file.write(b"x" * (size - part.kept))
        raise error


def caused(error: BaseException, by: BaseException) -> BaseException:
    error.__cause__ = by
    return error


FRAMING = [
    FramingError("wrong length"),
    caused(DisconnectedError("gone"), FramingError("wrong length")),
    caused(CameraTimeoutError("silent"), caused(OSError(5, "x"), FramingError("wrong length"))),
]


@pytest.mark.parametrize("error", FRAMING)
def test_after_a_framing_error_only_what_was_there_before_is_kept(
    tmp_path: Path, error: BaseException
) -> None:
    write_until(tmp_path, 2 * MIB, error)
    assert list(tmp_path.iterdir()) == []
    write_until(tmp_path, 2 * MIB, DisconnectedError("gone"))
    write_until(tmp_path, 3 * MIB, error)
    assert (tmp_path / "x.part").stat().st_size == 2 * MIB


# ---- shots ----


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ShootingShell]:
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    with shooting_shell(tmp_path / "card") as shell:
        yield shell


def cut_in_the_dng(shell: ShootingShell, monkeypatch: pytest.MonkeyPatch, line: str) -> str:
    """Run a line that shoots, cancel it after 3 MB of a file; return what it says."""
    from chdkshell.streams import FileSink

    write = FileSink.write

    def cancels(self: FileSink, data: bytes) -> None:
        write(self, data)
        if self.count > 3_000_000:
            shell.context.cancel.set()

    with monkeypatch.context() as patch:
        patch.setattr(FileSink, "write", cancels)
        return shell.fail(line)


def count(shell: ShootingShell) -> int:
    return int(shell.run("luar get_exp_count()")[-1].rpartition(":")[2])


@pytest.mark.parametrize("switches", ["-dl", "-dl -rm", "-dl=shots/${name}", "-dl=sh_${basename}"])
def test_a_shot_that_was_cut_off_is_named(
    shell: ShootingShell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, switches: str
) -> None:
    said = cut_in_the_dng(shell, monkeypatch, f"shoot -dng {switches}")
    assert "the next try" not in said
    commands = [part for part in said.split("`") if part.startswith("download ")]
    assert len(commands) == 2, "the DNG and the JPEG are still to come"
    kept = next(Path().rglob("*.part"))
    assert kept.stat().st_size > 3_000_000
    for command in commands:
        _, remote, local = command.split()
        assert f"{remote} is still on the card" in said
        assert not Path(local).exists()
        shell.run(command)
        assert (
            Path(local).read_bytes() == (tmp_path / "card" / remote.removeprefix("A/")).read_bytes()
        )
    assert not list(Path().rglob("*.part*"))


def test_the_named_command_goes_on(shell: ShootingShell, monkeypatch: pytest.MonkeyPatch) -> None:
    said = cut_in_the_dng(shell, monkeypatch, "shoot -dng -dl")
    kept = next(Path().glob("*.part")).stat().st_size
    before = shell.camera.session.bytes_read
    command = next(part for part in said.split("`") if part.startswith("download "))
    shell.run(command)
    whole = Path(command.split()[-1]).stat().st_size
    assert shell.camera.session.bytes_read - before < whole - kept + 200_000


def test_an_abandoned_part_is_tidied_by_the_next_run(
    shell: ShootingShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_in_the_dng(shell, monkeypatch, "shoot -dng -dl")
    assert len(list(Path().glob("*.part*"))) == 2
    # what a download is to go on with, and files of others, stay
    others = {
        "movie.part": bytes(MIB),
        "movie.part.note": b"A/X\n9\n9\n\n",
        "my.part": b"x",
        "b.part.note": b"shot\n",
    }
    for name, data in others.items():
        Path(name).write_bytes(data)
    shell.run("shoot -dl")
    assert {path.name for path in Path().glob("*.part*")} == others.keys()


def test_a_link_that_breaks_for_good_is_told_the_same_way(
    shell: ShootingShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chdkshell.chdk.shooting import series
    from chdkshell.streams import FileSink

    def breaks(self: FileSink, data: bytes) -> None:
        raise DisconnectedError("the camera went away")

    monkeypatch.setattr(series, "RECONNECT_SECONDS", 0.0)
    monkeypatch.setattr(FileSink, "write", breaks)
    monkeypatch.setattr(SimTransport, "reset", breaks, raising=False)
    said = shell.fail("shoot -dl")
    assert "is still on the card: `download A/DCIM/" in said
