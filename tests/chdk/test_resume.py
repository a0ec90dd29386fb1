"""Downloads that were broken off go on from where they had come to."""

from __future__ import annotations

import errno
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.cut_link import Bench, content

import chdkshell
from chdkshell.chdk import transfer
from chdkshell.chdk.card import chdkcard, fetching
from chdkshell.chdk.card.copyplan import plan
from chdkshell.chdk.card.targets import TreeTargets
from chdkshell.errors import Cancelled, HostFileError, ScriptRunningError
from chdkshell.flow import CancelToken, Progress
from chdkshell.shell.advice import next_step
from chdkshell.streams import Buffer, FileSink

MIB = 1 << 20
TIME = 1748779200  # 2025-06-01 12:00:00 UTC
MOVIE = random.Random(4).randbytes(5 * MIB // 2)
NAME = "DCIM/100CANON/MVI_0001.MOV"
SCRIPT_AND_NAME = 20_000
"""More bytes than a command sends and gets beside the file's."""


def put(card: Path, data: bytes = MOVIE, time: int = TIME) -> None:
    path = card / NAME
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    os.utime(path, (time, time))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path, lambda card, here: put(card))
    yield made
    made.camera.close()


COMMANDS = {
    f"download {NAME} out/MVI_0001.MOV": "out/MVI_0001.MOV",
    "mdl DCIM out": "out/100CANON/MVI_0001.MOV",
    "imdl -ddir=out": "out/100CANON/MVI_0001.MOV",
    "sync DCIM out": "out/100CANON/MVI_0001.MOV",
    "sync -delete A/DCIM out": "out/100CANON/MVI_0001.MOV",
}


@pytest.mark.parametrize("line", COMMANDS)
def test_the_same_command_goes_on(bench: Bench, line: str) -> None:
    target = COMMANDS[line]
    first, _ = bench.run(line, at=2 * MIB)
    assert first.was_cut
    left = content(bench.folder)
    assert left.keys() == {f"{target}.part", f"{target}.part.note"}
    kept = left[f"{target}.part"]
    assert MOVIE.startswith(kept)
    assert len(kept) > 2 * MIB - 2 * SCRIPT_AND_NAME
    assert first.stderr.splitlines()[-1].count("kept 2 of 2 MB; the next try goes on from") == 1
    again, traffic = bench.run(line)
    assert again.ok, again.stderr
    assert content(bench.folder) == {target: MOVIE}
    assert (bench.folder / target).stat().st_mtime == TIME
    assert traffic < len(MOVIE) - len(kept) + fetching.OVERLAP + 4 * SCRIPT_AND_NAME
    assert (bench.card / NAME).exists() is ("-delete" not in line)


@pytest.mark.parametrize("at", [*range(0, len(MOVIE), len(MOVIE) // 20), len(MOVIE)])
def test_a_link_that_breaks_again_and_again(bench: Bench, at: int) -> None:
    """Each try ends at a byte of its own; what is kept grows, or is not kept at all."""
    line = f"download {NAME} movie"
    sizes = []
    for turn in range(3):
        outcome, _ = bench.run(line, at=max(1, at - turn * 300_000))
        here = content(bench.folder)
        if not outcome.was_cut:
            break
        assert here.keys() in ({"movie.part", "movie.part.note"}, set())
        assert MOVIE.startswith(here.get("movie.part", b""))
        sizes.append(len(here.get("movie.part", b"")))
    assert sizes == sorted(sizes)
    assert all(size == 0 or size >= MIB for size in sizes)
    again, _ = bench.run(line)
    assert again.ok, again.stderr
    assert content(bench.folder) == {"movie": MOVIE}


def cut_off(bench: Bench) -> None:
    """Leave 2 MiB of the movie."""
    outcome, _ = bench.run(f"download {NAME} movie", at=2 * MIB)
    assert outcome.was_cut
    assert "movie.part" in content(bench.folder)


OTHER = random.Random(5).randbytes(len(MOVIE))


@pytest.mark.parametrize(
    ("data", "time"),
    [
        pytest.param(OTHER, TIME + 10, id="another time"),
        pytest.param(MOVIE + b"more", TIME, id="another size"),
        pytest.param(OTHER, TIME, id="other bytes"),
        pytest.param(b"short", TIME, id="a short one"),
    ],
)
def test_a_file_that_changed_starts_over(bench: Bench, data: bytes, time: int) -> None:
    cut_off(bench)
    put(bench.card, data, time)
    again, _ = bench.run(f"download {NAME} movie")
    assert again.ok, again.stderr
    assert content(bench.folder) == {"movie": data}


def test_without_lua_it_starts_over(bench: Bench) -> None:
    cut_off(bench)
    again, _ = bench.run(f"download -nolua {NAME} movie")
    assert again.ok, again.stderr
    assert content(bench.folder) == {"movie": MOVIE}


def test_where_no_note_can_be_written_nothing_is_kept(bench: Bench) -> None:
    def refuse(path: Path, data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transfer, "write_own", refuse)
        outcome, _ = bench.run(f"download {NAME} movie", at=2 * MIB)
    assert outcome.was_cut
    assert "kept" not in outcome.stderr
    assert not (bench.folder / "movie.part").exists()


def test_what_is_no_copy_of_it_starts_over(bench: Bench) -> None:
    cut_off(bench)
    part = bench.folder / "movie.part"
    part.write_bytes(part.read_bytes()[:-1] + b"\0")
    again, traffic = bench.run(f"download {NAME} movie")
    assert again.ok, again.stderr
    assert content(bench.folder) == {"movie": MOVIE}
    assert traffic > len(MOVIE)


@pytest.mark.parametrize("note", [None, b"", b"\xff" * 100_000])
def test_without_its_note_it_starts_over(bench: Bench, note: bytes | None) -> None:
    cut_off(bench)
    path = bench.folder / "movie.part.note"
    path.unlink()
    if note is not None:
        path.write_bytes(note)
    again, traffic = bench.run(f"download {NAME} movie")
    assert again.ok, again.stderr
    assert content(bench.folder) == {"movie": MOVIE}
    assert traffic > len(MOVIE)


def test_a_camera_with_little_memory_sends_shorter_messages(bench: Bench) -> None:
    cut_off(bench)
    bench.camera.scripts.heap_limit = 100_000
    again, traffic = bench.run(f"download {NAME} movie")
    assert again.ok, again.stderr
    assert content(bench.folder) == {"movie": MOVIE}
    assert traffic < MIB


def test_a_script_that_fails_starts_over(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    cut_off(bench)
    monkeypatch.setattr(chdkcard, "MESSAGE", "nil+1")
    again, traffic = bench.run(f"download {NAME} movie")
    assert again.ok, again.stderr
    assert content(bench.folder) == {"movie": MOVIE}
    assert traffic > len(MOVIE)


def test_a_file_that_is_gone_is_kept_here(bench: Bench) -> None:
    cut_off(bench)
    (bench.card / NAME).unlink()
    before = content(bench.folder)
    again, _ = bench.run(f"download {NAME} movie")
    assert not again.ok
    assert content(bench.folder) == before


class MessageBudget:
    """Lets so many bytes to the disk, and then says that it is full."""

    def __init__(self, room: int) -> None:
        self.room = room

    def sink(self, file: Any) -> FileSink:
        disk = self

        class Sink(FileSink):
            def write(self, data: Buffer) -> None:
                super().write(memoryview(data)[: max(0, disk.room)])
                disk.room -= len(data)
                if disk.room < 0:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        return Sink(file)


@pytest.fixture
def camera(bench: Bench) -> Iterator[chdkshell.Camera]:
    with chdkshell.connect(f"sim:card={bench.card}") as made:
        yield made


def test_a_full_disk(
    camera: chdkshell.Camera, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "movie"
    for room, kept in ((MIB - 1, None), (3 * MIB // 2, 3 * MIB // 2), (MIB // 2, 2 * MIB)):
        with monkeypatch.context() as patch:
            patch.setattr(fetching, "FileSink", MessageBudget(room).sink)
            with pytest.raises(HostFileError, match="No space left on device") as caught:
                camera.files.download(NAME, target)
        part = tmp_path / "movie.part"
        assert (part.stat().st_size if part.exists() else None) == kept
        assert (tmp_path / "movie.part.note").exists() is (kept is not None)
        assert ("goes on from there" in next_step(caught.value)) is (kept is not None)
    done = camera.files.download(NAME, target)
    assert (done.size, target.read_bytes()) == (len(MOVIE), MOVIE)
    assert not list(tmp_path.glob("movie.*"))


class Stopper(Progress):
    """Asks for the end when so many bytes have come, and adds up what it was told."""

    def __init__(self, token: CancelToken, at: int) -> None:
        self.count = 0
        self.total: int | None = None
        self._token = token
        self._at = at

    def start(self, total: int | None) -> None:
        self.total = total
        self.count = 0

    def advance(self, count: int) -> None:
        self.count += count
        if self.count >= self._at:
            self._token.set()


def test_ctrl_c_also_while_it_goes_on(camera: chdkshell.Camera, tmp_path: Path) -> None:
    target = tmp_path / "movie"
    kept = []
    for at in (MIB, MIB + 200_000, MIB + 400_000):
        token = CancelToken()
        with pytest.raises(Cancelled) as caught:
            camera.files.download(NAME, target, progress=Stopper(token, at), cancel=token)
        assert next_step(caught.value) == "kept 1 of 2 MB; the next try goes on from there"
        kept.append((tmp_path / "movie.part").stat().st_size)
        assert not target.exists()
    assert kept == sorted(kept)
    assert kept[0] >= MIB
    assert kept[-1] < len(MOVIE)
    meter = Stopper(CancelToken(), 1 << 40)
    camera.files.download(NAME, target, progress=meter)
    assert target.read_bytes() == MOVIE
    assert meter.count == meter.total == len(MOVIE)


def test_a_program_that_was_killed(camera: chdkshell.Camera, tmp_path: Path) -> None:
    """The note is there from the start on, so that what a killed program left is of use."""
    target = tmp_path / "movie"
    seen = []

    class Look(Progress):
        def advance(self, count: int) -> None:
            seen.append((tmp_path / "movie.part.note").read_bytes())

    camera.files.download(NAME, target, progress=Look())
    note = f"A/{NAME}\n{len(MOVIE)}\n".encode()
    assert all(text.startswith(note) for text in seen)
    target.unlink()
    (tmp_path / "movie.part.note").write_bytes(seen[0])
    (tmp_path / "movie.part").write_bytes(MOVIE[: MIB + 7])
    before = camera.session.bytes_read
    camera.files.download(NAME, target)
    assert target.read_bytes() == MOVIE
    assert camera.session.bytes_read - before < MIB * 8 // 5


def test_files_that_are_called_as_what_is_unfinished(
    camera: chdkshell.Camera, bench: Bench, tmp_path: Path
) -> None:
    names = ("MVI_0001.MOV", "MVI_0001.MOV.part", "MVI_0001.MOV.part.note", "X.part2")
    folder = (bench.card / NAME).parent
    for name in names[1:]:
        (folder / name).write_bytes(name.encode())
    found = camera.files.walk(NAME.rpartition("/")[0])
    copies = plan(found, TreeTargets(str(tmp_path / "out")))
    camera.files.download_copies(copies)
    wanted = {name: name.encode() for name in names[1:]} | {"MVI_0001.MOV": MOVIE}
    assert content(tmp_path / "out") == wanted


def test_a_script_that_runs_keeps_what_is_there(camera: chdkshell.Camera, tmp_path: Path) -> None:
    target = tmp_path / "movie"
    token = CancelToken()
    with pytest.raises(Cancelled):
        camera.files.download(NAME, target, progress=Stopper(token, MIB), cancel=token)
    camera.scripts.start("while true do sleep(10) end")
    with pytest.raises(ScriptRunningError):
        camera.files.download(NAME, target)
    assert (tmp_path / "movie.part").exists()
    camera.scripts.kill()
    assert camera.files.download(NAME, target).size == len(MOVIE)


def test_positions_that_32_bits_cannot_hold_start_over(tmp_path: Path) -> None:
    card = tmp_path / "card"
    card.mkdir()
    with (card / "HUGE.MOV").open("wb") as file:
        file.truncate((1 << 31) + 3 * MIB)
    part, note = tmp_path / "h.part", tmp_path / "h.part.note"
    with chdkshell.connect(f"sim:card={card}") as camera:
        token = CancelToken()
        with pytest.raises(Cancelled):
            camera.files.download(
                "HUGE.MOV", tmp_path / "h", progress=Stopper(token, MIB), cancel=token
            )
        first = note.read_bytes()
        with part.open("r+b") as file:
            file.truncate((1 << 31) + 2 * MIB)
        token = CancelToken()
        with pytest.raises(Cancelled):
            camera.files.download(
                "HUGE.MOV", tmp_path / "h", progress=Stopper(token, MIB), cancel=token
            )
        assert note.read_bytes() == first
        assert part.stat().st_size < 64 * MIB
