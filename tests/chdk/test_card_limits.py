"""What a card can hold: times from 1980 to 2107, files of less than 4 GiB, names of FAT."""

from __future__ import annotations

import calendar
import os
from pathlib import Path
from typing import Any

import pytest
from support.desk import Desk

from chdkshell.chdk.cameratime import FIRST_TIME, LAST_TIME, card_time, host_to_camera
from chdkshell.chdk.constants import ChdkCommand
from chdkshell.chdk.protocol import ChdkProtocol
from chdkshell.lua.numbers import wrap
from chdkshell.ptp.codes import ResponseCode
from chdkshell.ptp.transaction import Request, Response
from chdkshell.sim.interfaces.transport import SimTransport

GIB = 1 << 30


@pytest.fixture
def card(tmp_path: Path) -> Path:
    folder = tmp_path / "card"
    (folder / "D").mkdir(parents=True)
    return folder


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def con(card: Path, here: Path) -> Desk:
    desk = Desk()
    assert desk.shell.connect(f"sim:card={card}")
    return desk


def stamp(year: int) -> int:
    return calendar.timegm((year, 7, 1, 12, 0, 0, 0, 0, 0))


def dated(path: Path, seconds: float, data: bytes = b"x") -> None:
    path.write_bytes(data)
    os.utime(path, (seconds, seconds))


@pytest.fixture(autouse=True)
def in_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


YEARS = (1980, 2000, 2037, 2038, 2039, 2070, 2105, 2106, 2107)


@pytest.mark.parametrize("seconds", [FIRST_TIME, LAST_TIME, *map(stamp, YEARS)])
def test_times_survive_the_32_bits_of_the_camera(seconds: int) -> None:
    assert card_time(wrap(seconds)) == seconds


def test_a_file_without_a_date_has_none() -> None:
    assert card_time(0) == 0


@pytest.mark.parametrize("year", YEARS)
def test_every_command_shows_the_time_and_keeps_it(
    con: Desk, card: Path, here: Path, year: int
) -> None:
    dated(card / "D/IMG_0001.JPG", stamp(year))
    assert f" {year} " in con.run("ls -l D")[0]
    assert f" {year} " in con.run("imls D")[0]
    con.run("d A/D/IMG_0001.JPG one")
    con.run("mdl -fmatch=JPG A/D two")
    con.run("imdl -ddir=three -d=${mdate,%Y}.jpg D")
    con.run("sync A/D four")
    for name in ("one", "two/IMG_0001.JPG", f"three/{year}.jpg", "four/IMG_0001.JPG"):
        assert (here / name).stat().st_mtime == stamp(year), name
    con.run("u -mtime one A/D/UP.JPG")
    con.run("mup two A/D")
    assert {(card / f"D/{n}").stat().st_mtime for n in ("UP.JPG", "IMG_0001.JPG")} == {stamp(year)}
    assert con.run("sync A/D four")[0].startswith("A/D/UP.JPG"), "the other is the same"
    assert con.run("sync -up four A/D") == []
    # a file that is deleted after its copy came is told by its time, too
    assert con.run("imdl -ddir=five -rm -fmatch=JPG D")
    assert list((card / "D").iterdir()) == []


ODD_TIMES = {"neg": -5e9, "start": 0.0, "y2200": 7.26e9, "y12000": 3.2e11, "far": 1e18}


def test_times_that_no_card_holds_become_the_nearest(
    con: Desk, card: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not each file system of this computer keeps such times: what it tells is made up here."""
    for name in ODD_TIMES:
        (here / name).write_bytes(b"x")
    told = _odd_stat(ODD_TIMES)
    monkeypatch.setattr(Path, "stat", lambda self, **more: told(self))
    fstat = os.fstat
    monkeypatch.setattr(os, "fstat", lambda fd: _Dated(fstat(fd), 3.2e11))
    con.run(f"mup {' '.join(ODD_TIMES)} A/UP")
    con.run("u -mtime y12000 A/ONE")
    assert con.run("sync -up . A/UP") == [], "all of them are the same"
    con.run("mup -overwrite=old . A/UP")
    monkeypatch.undo()
    years = {name: line.split()[4] for line in con.run("ls -l UP") for name in [line.split()[-1]]}
    assert years == {
        "neg": "1980", "start": "1980", "y2200": "2107", "y12000": "2107", "far": "2107"
    }  # fmt: skip
    assert " 2107 " in con.run("ls -l ONE")[0]


class _Dated:
    """What a file system says of a file, with another time."""

    def __init__(self, info: os.stat_result, mtime: float) -> None:
        self._info = info
        self.st_mtime = mtime

    def __getattr__(self, name: str) -> Any:
        return getattr(self._info, name)


def _odd_stat(times: dict[str, float]) -> Any:
    def stat(path: Path) -> Any:
        info = os.stat(path)  # noqa: PTH116
        return _Dated(info, times[path.name]) if path.name in times else info

    return stat


@pytest.mark.parametrize("time", [float("inf"), -1e300, 1e300, 2.0**60])
def test_no_time_is_a_bug(time: float) -> None:
    assert FIRST_TIME <= host_to_camera(time) <= LAST_TIME


def test_sizes_have_no_sign(con: Desk, card: Path) -> None:
    with (card / "D/BIG.MOV").open("wb") as file:
        file.truncate(3 * GIB)
    assert con.run("ls -l D")[0].split()[-2:] == [str(3 * GIB), "BIG.MOV"]
    assert con.run("imls -fmatch=BIG D")[0].split()[-2:] == [str(3 * GIB), "A/D/BIG.MOV"]
    assert con.run("tree -l D")[-1].endswith(f"({3 * GIB})")
    assert con.shell.context.camera.files.stat("A/D/BIG.MOV").size == 3 * GIB


# ---- files of 4 GiB ----

LINES = [
    "u big",
    "u -nolua big",
    "mup big A/UP",
    "mup . A/UP",
    "mup a.txt big A/UP",
    "sync -up . A/UP",
]


@pytest.mark.parametrize("size", [4 * GIB, 4 * GIB - 1, 5 * GIB])
@pytest.mark.parametrize("line", LINES)
def test_a_file_of_4_gib_is_refused_before_anything_is_sent(
    con: Desk, card: Path, here: Path, line: str, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "a.txt").write_bytes(b"small")
    with (here / "big").open("wb") as file:
        file.truncate(size)
    monkeypatch.setattr(ChdkProtocol, "upload_file", lambda *asked: pytest.fail("it was sent"))
    text = con.fail(line)
    assert f"big has {size} bytes" in text
    assert "less than 4 GiB" in text
    assert "nothing was transferred" in text
    assert [path.name for path in card.iterdir()] == ["D"]


# ---- refused uploads ----


def refuse_at_the_end(self: SimTransport, request: Request, *more: Any) -> Response:
    """Answer an upload with an error when all of it is on the card."""
    response = transact(self, request, *more)
    if request.params[:1] == (ChdkCommand.UPLOAD_FILE,):
        return response._replace(code=ResponseCode.GENERAL_ERROR, params=())
    return response


transact = SimTransport.transact


@pytest.mark.parametrize("line", ["u a.txt A/D/MINE.TXT", "mup a.txt A/D", "sync -up . A/D"])
def test_a_refused_upload_leaves_nothing_and_names_the_file(
    con: Desk, card: Path, here: Path, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "a.txt").write_bytes(b"small")
    monkeypatch.setattr(SimTransport, "transact", refuse_at_the_end)
    assert not con.shell.run(line)
    text = con.err.getvalue()
    assert "CHSH" not in text
    assert ("A/D/MINE.TXT" if line.startswith("u ") else "A/D/a.txt") in text
    assert list((card / "D").iterdir()) == []


def test_a_name_that_the_card_refuses_is_named(con: Desk, card: Path, here: Path) -> None:
    (here / "a.txt").write_bytes(b"small")
    assert con.fail("u a.txt A/D/a*b.txt").startswith("A/D/a*b.txt: ")
    assert list((card / "D").iterdir()) == []


def test_a_cancelled_upload_leaves_nothing(
    con: Desk, card: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "a.txt").write_bytes(bytes(3 << 20))
    context = con.shell.context

    def cancels(self: SimTransport, request: Request, source: Any = None, *more: Any) -> Any:
        if source is not None and (source.length or 0) > 1 << 20:
            context.cancel.set()
        return transact(self, request, source, *more)

    monkeypatch.setattr(SimTransport, "transact", cancels)
    assert not con.shell.run("u a.txt A/D/MINE.TXT")
    assert list((card / "D").iterdir()) == []


# ---- reboot ----


@pytest.mark.parametrize("line", ["reboot nosuch.bin", "reboot -norecon A/nosuch.bin", "reboot D"])
def test_no_reboot_without_its_file(con: Desk, line: str) -> None:
    assert "A/" in con.fail(line)
    assert con.shell.context.camera.is_connected, "it was not left"
    assert con.run("luar return 1")[-1].endswith(":return:1")
