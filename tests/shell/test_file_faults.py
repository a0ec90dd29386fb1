"""The link breaks, the disk or the card is full: at each of 200 points of each command.

After each, no file under a final name is wrong, nothing undelivered was deleted, the message says
what happened, and a second run completes.
"""

# needs: POSIX

from __future__ import annotations

import errno
import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from support.cut_link import Bench, content
from support.file_cases import (
    CASES,
    EDITED,
    TIME,
    WITHOUT_CHDK,
    Case,
    check_at_end,
    check_in_between,
    check_message,
    check_told,
    places,
    whole_at_target,
)

from chdkshell.ptp.codes import OperationCode
from chdkshell.streams import Buffer, FileSink

ALL = CASES | WITHOUT_CHDK
ENDS = ("", ", no CHDK")
"""What the names of cases with CHDK end in, and those without."""

at_points = pytest.mark.parametrize("count", [10, pytest.param(200, marks=pytest.mark.slow)])
"""At how many points something fails: few that tell, or all over it."""

Place = Callable[[Case], Bench]


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Place]:
    """Return what makes the place for a case, with an editor that adds to a file."""
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\nprintf ", and more" >> "$1"\n')
    editor.chmod(0o755)
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", str(editor))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with places() as make:
        yield make


def points(total: int, count: int) -> list[int]:
    """Return `count` points over `total` bytes, or all there are."""
    return sorted({total * n // count for n in range(count)})


def check_second_run(case: Case, turn: Bench) -> None:
    """The same command finishes the job; one whose job is done may say that nothing is there."""
    brought = whole_at_target(case, turn)
    if case.is_done_at_once and content(turn.card) == case.card_after:
        return
    again, _ = turn.run(case.line)
    assert again.ok, again.stderr
    check_at_end(case, turn, brought)


def check_edit(error: str, folder: Path) -> None:
    """What was written is where the error says it is; a copy without changes is not left."""
    left = list(folder.glob("chdkshell-edit-*/NOTE.TXT"))
    named = [Path(error.strip().rpartition("what you wrote is in ")[2])] * ("wrote" in error)
    assert left == named
    for path in left:
        assert path.read_bytes() == EDITED
        path.unlink()
        path.parent.rmdir()
    assert not list(folder.glob("chdkshell-edit-*"))


@at_points
@pytest.mark.parametrize("name", ALL)
def test_the_link_breaks(place: Place, tmp_path: Path, name: str, count: int) -> None:
    case = ALL[name]
    turn = place(case)
    first, total = turn.run(case.line)
    assert first.ok, first.stderr
    check_at_end(case, turn)
    check_told(first, case, turn)
    broken = 0
    for at in points(total, count):
        if not case.only_looks:
            turn.reset()
        outcome, _ = turn.run(case.line, at)
        turn.camera.scripts.wait_ended(60)
        broken += outcome.was_cut
        try:
            if outcome.was_cut:
                assert outcome.status == 1
                check_message(outcome, case, "the camera went away", "reconnect")
            else:  # this time fewer bytes went over the link: it depends on how long scripts take
                assert outcome.ok
                check_at_end(case, turn)
            check_in_between(case, turn)
            check_told(outcome, case, turn, link_held=not outcome.was_cut)
            check_edit(outcome.stderr, tmp_path)
            check_second_run(case, turn)
        except AssertionError as error:
            raise AssertionError(
                f"cut at byte {at} of {total}: {outcome.stdout}{outcome.stderr}"
            ) from error
    assert broken >= min(count, total) * 4 // 5


# ---- this computer ----


class FullDisk:
    """Lets so many bytes of downloads through, and then says that the disk is full."""

    def __init__(self, room: int) -> None:
        self.room = room

    def write(self, sink: Any, data: Buffer) -> None:
        fits = memoryview(data)[: max(0, self.room)]
        self.room -= len(data)
        sink._file.write(fits)
        if self.room < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


DOWNLOADS = [name for name, case in ALL.items() if case.here_after and not case.uploads]


def room_needed(case: Case) -> int:
    """Return how many bytes a command writes here."""
    assert case.here_after
    return sum(len(d) for n, d in case.here_after.items() if case.here.get(n) != d)


@at_points
@pytest.mark.parametrize("name", DOWNLOADS)
def test_the_disk_is_full(
    place: Place, monkeypatch: pytest.MonkeyPatch, name: str, count: int
) -> None:
    case = ALL[name]
    turn = place(case)
    for room in points(room_needed(case), count):
        turn.reset()
        with monkeypatch.context() as patch:
            disk = FullDisk(room)
            patch.setattr(FileSink, "write", lambda sink, data: disk.write(sink, data))  # noqa: B023
            outcome, _ = turn.run(case.line)
        assert outcome.status == 1
        check_in_between(case, turn, link_held=True)
        check_message(outcome, case, "No space left on device")
        assert outcome.stderr.count("No space left") == 1, "the first one ends the run"
        check_told(outcome, case, turn)
        check_second_run(case, turn)


def test_the_disk_is_full_for_what_is_to_be_edited(
    place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    case = CASES["edit"]
    turn = place(case)
    for room in range(len(case.card["CHDK/NOTE.TXT"])):
        with monkeypatch.context() as patch:
            disk = FullDisk(room)
            patch.setattr(FileSink, "write", lambda sink, data: disk.write(sink, data))  # noqa: B023
            outcome, _ = turn.run(case.line)
        assert outcome.status == 1
        check_message(outcome, case, "No space left on device")
        assert content(turn.card) == case.card
        check_edit(outcome.stderr, tmp_path)
    check_second_run(case, turn)


@contextmanager
def file_limit(size: int) -> Iterator[None]:
    """Have the system refuse to write more than `size` bytes to a file, at whatever call."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("name", DOWNLOADS)
def test_the_disk_takes_only_small_files(place: Place, name: str) -> None:
    """A file that is written late, when it is closed, is no better than one written at once."""
    case = ALL[name]
    turn = place(case)
    assert case.here_after
    largest = max(len(data) for data in case.here_after.values())
    for size in [at for at in points(largest, 20) if at]:
        turn.reset()
        with file_limit(size):
            outcome, _ = turn.run(case.line)
        assert outcome.status == 1
        check_in_between(case, turn, link_held=True)
        check_message(outcome, case, "File too large")
        check_told(outcome, case, turn)
        check_second_run(case, turn)


def test_a_folder_that_cannot_be_made(place: Place) -> None:
    case = CASES["imdl -rm"]
    turn = place(case)
    (turn.folder / "pics").mkdir()
    (turn.folder / "pics/100CANON").write_bytes(b"a file of this name")
    outcome, _ = turn.run(case.line)
    assert "2 of 4 files did not arrive: A/DCIM/100CANON/IMG_0001.JPG" in outcome.stderr
    assert outcome.status == 1
    assert (turn.folder / "pics/100CANON").read_bytes() == b"a file of this name"
    assert content(turn.card) == {
        name: data for name, data in case.card.items() if not name.startswith("DCIM/101")
    }


# ---- the card ----

UPLOADS = [name for name, case in ALL.items() if case.uploads and not case.only_looks]


@at_points
@pytest.mark.parametrize("name", UPLOADS)
def test_the_card_is_full(place: Place, tmp_path: Path, name: str, count: int) -> None:
    case = ALL[name]
    turn = place(case)
    used = sum(map(len, case.card.values()))
    assert case.card_after
    needed = sum(len(d) for n, d in case.card_after.items() if case.card.get(n) != d)
    for room in points(needed, count):
        turn.reset()
        turn.camera.card.capacity = used + room
        outcome, _ = turn.run(case.line)
        turn.camera.card.capacity = None
        check_in_between(case, turn, link_held=True)
        check_message(outcome, case)
        check_told(outcome, case, turn)
        if not case.chdk:
            assert "the camera answered StoreFull" in outcome.stderr
        elif "errno 0x1C" not in outcome.stderr:
            assert "bytes are on the card" in outcome.stderr
            assert "make room on the card" in outcome.stderr.splitlines()[-1]
        assert outcome.status == 1
        check_edit(outcome.stderr, tmp_path)
        check_second_run(case, turn)


@pytest.mark.parametrize(
    "name",
    ["mkdir", "mv", "mv of a folder", "rm", "imrm"]
    + [f"{name}, no CHDK" for name in ("mkdir", "mv", "rm", "imrm")],
)
def test_what_needs_no_room_for_a_file(place: Place, name: str) -> None:
    """A folder takes room on the card; another name, and removing, take none."""
    case = ALL[name]
    turn = place(case)
    turn.camera.card.capacity = sum(map(len, case.card.values()))
    outcome, _ = turn.run(case.line)
    check_in_between(case, turn, link_held=True)
    if case.makes:
        check_message(outcome, case, "errno 0x1C" if case.chdk else "StoreFull")
        assert not any((turn.card / "MADE").glob("*"))
        turn.camera.card.capacity = None
        outcome, _ = turn.run(case.line)
    assert outcome.ok, outcome.stderr
    check_at_end(case, turn)


CHANGING = [name for name, case in ALL.items() if case.card_after or case.makes]


@pytest.mark.parametrize("name", CHANGING)
def test_the_card_is_read_only(place: Place, tmp_path: Path, name: str) -> None:
    case = ALL[name]
    turn = place(case)
    turn.camera.card.read_only = True
    said = ("errno 0x1E", "General Error") if case.chdk else ("StoreReadOnly",)
    outcome, _ = turn.run(case.line)
    assert content(turn.card) == case.card
    check_in_between(case, turn, link_held=True)
    assert not outcome.ok
    assert outcome.status == 1
    last = outcome.stderr.splitlines()[-1]
    assert last.startswith("ERROR: ")
    check_told(outcome, case, turn)
    check_edit(outcome.stderr, tmp_path)
    if not case.uploads and case.here_after:  # all arrives, and the card keeps it
        assert content(turn.folder) == case.here_after
        assert f"{len(case.moved)} files arrived but were not deleted" in last
        assert outcome.stderr.count(said[0]) == len(case.moved)
    else:
        assert content(turn.folder) == case.here
        assert any(word in outcome.stderr for word in said)
    turn.camera.card.read_only = False
    check_second_run(case, turn)


# ---- files that change meanwhile ----


@pytest.mark.parametrize(
    "name", [f"{n}{end}" for n in ("imdl -rm", "sync -delete", "sync up -delete") for end in ENDS]
)
@pytest.mark.parametrize("data", [b"other content, " * 9, b""])
@pytest.mark.parametrize("count", [20, pytest.param(100, marks=pytest.mark.slow)])
def test_a_file_changes_meanwhile(place: Place, name: str, data: bytes, count: int) -> None:
    """What a program or the camera writes while a command runs is not taken for what was copied.

    Standard PTP deletes what a handle means, whatever has become of it since it was asked for.
    """
    case = ALL[name]
    blind = () if case.chdk else (OperationCode.GET_OBJECT_INFO, OperationCode.DELETE_OBJECT)
    turn = place(case)
    _, total = turn.run(case.line)
    side, other = (turn.folder, turn.card) if case.uploads else (turn.card, turn.folder)
    for number, at in enumerate(points(total, count)):
        turn.reset()
        changed = list(case.moved)[number % len(case.moved)]

        done: list[Path] = []

        def change(path: Path = side / changed, done: list[Path] = done) -> None:
            # not while the camera looks at the file, and not made anew where it was just deleted
            if turn.cut.operation in blind:
                return
            turn.camera.scripts.wait_ended(1)
            with suppress(FileNotFoundError), path.open("r+b") as file:
                file.truncate()
                file.write(data)
                file.flush()
                os.utime(file.fileno(), (TIME + 100, TIME + 100))
                done.append(path)

        outcome, _ = turn.run(case.line, then=[(at, change)])
        left, there = content(side), content(other)
        for source, target in case.moved.items():
            before = case.here[source] if case.uploads else case.card[source]
            is_changed = source == changed and bool(done)
            assert source in left or there[target] == (data if is_changed else before), source
            assert there.get(target, before) in ((before, data) if is_changed else (before,))
        if changed in left and done and there.get(case.moved[changed]) != data:
            assert not outcome.ok or f"kept {changed}" in outcome.stderr.replace("A/", "")
