"""Times of files: the camera's local clock, north and south of the equator, all year."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from support.cut_link import Bench

from chdkshell.chdk.cameratime import camera_to_host, host_to_camera

ZONES = ["Europe/Berlin", "America/St_Johns", "Asia/Kolkata", "Australia/Sydney"]
CLOCKS = [(2025, 1, 15, 12, 0, 0), (2025, 7, 15, 12, 0, 2), (2025, 3, 30, 0, 59, 58),
          (2025, 3, 30, 12, 0, 0), (2025, 10, 26, 12, 0, 0)]  # fmt: skip


@pytest.fixture(params=ZONES)
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Let this process be in a time zone."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("clock", CLOCKS)
def test_conversion(zone: str, clock: tuple[int, int, int, int, int, int]) -> None:
    camera = int(datetime(*clock, tzinfo=ZoneInfo("UTC")).timestamp())
    host = datetime(*clock, tzinfo=ZoneInfo(zone)).timestamp()
    assert camera_to_host(camera) == host
    assert host_to_camera(host) == camera


EDGES = {
    "Europe/Berlin": [  # 2025-03-30 02:00 becomes 03:00, 2025-10-26 03:00 becomes 02:00
        ((2025, 3, 30, 1, 59, 58), 1743296398), ((2025, 3, 30, 3, 0, 0), 1743296400),
        ((2025, 10, 26, 1, 59, 58), 1761436798), ((2025, 10, 26, 3, 0, 0), 1761444000),
    ],
    "America/St_Johns": [
        ((2025, 3, 9, 1, 59, 58), 1741498198), ((2025, 3, 9, 3, 0, 0), 1741498200),
        ((2025, 11, 2, 0, 59, 58), 1762054198), ((2025, 11, 2, 2, 0, 0), 1762061400),
    ],
    "Australia/Sydney": [
        ((2025, 4, 6, 1, 59, 58), 1743865198), ((2025, 4, 6, 3, 0, 0), 1743872400),
        ((2025, 10, 5, 1, 59, 58), 1759593598), ((2025, 10, 5, 3, 0, 0), 1759593600),
    ],
    "Asia/Kolkata": [((2025, 3, 30, 2, 30, 0), 1743282000)],
}  # fmt: skip
"""What the camera's clock shows before and after each change, and the time by GNU date."""


def test_the_changes_of_daylight_saving(zone: str) -> None:
    for clock, host in EDGES[zone]:
        camera = int(datetime(*clock, tzinfo=ZoneInfo("UTC")).timestamp())
        assert camera_to_host(camera) == host
        assert host_to_camera(host) == camera


def test_an_hour_that_comes_twice_is_no_difference(zone: str, tmp_path: Path) -> None:
    """Every quarter of an hour around each change: what was copied stays copied, both ways."""
    moments = {
        f"F{host // 900 % 10**6}.TXT": float(host)
        for _, change in EDGES[zone]
        for host in range(change - 7200, change + 7201, 900)
    }

    def fill(card: Path, here: Path) -> None:
        for folder in (card / "DIR", here / "src"):
            folder.mkdir(parents=True)
            for name, moment in moments.items():
                (folder / name).write_bytes(b"x")
                os.utime(folder / name, (moment, moment))

    bench = Bench(tmp_path, fill)
    for first in ("sync src A/UP", "sync A/DIR down"):
        outcome, _ = bench.run(first)
        assert outcome.ok, outcome.stderr
        assert outcome.stdout.count("->") == len(moments)
    for again in (
        "sync src A/UP",
        "sync A/UP src",
        "sync A/DIR down",
        "sync down A/DIR",
        "mdl -overwrite=ask DIR down",
        "mdl -overwrite=old DIR down",
        "mup -overwrite=ask src UP",
        "mup -overwrite=old src UP",
    ):
        outcome, _ = bench.run(again)
        assert outcome.ok, (again, outcome.stderr)
        copied = outcome.stdout.count("->") - outcome.stdout.count("skip existing: ")
        assert copied == 0, f"{again}: {outcome.stdout}"
    bench.camera.close()


def test_what_the_commands_do(zone: str, tmp_path: Path) -> None:
    """The clock that a file shows on the camera is the one that it shows here, winter or summer."""
    moments = {
        f"IMG_{number:04}.JPG": datetime(*clock, tzinfo=ZoneInfo(zone)).timestamp()
        for number, clock in enumerate(CLOCKS)
    }

    def fill(card: Path, here: Path) -> None:
        for root, below in ((card, "DCIM/100CANON"), (here, "src")):
            (root / below).mkdir(parents=True)
            for name, moment in moments.items():
                (root / below / name).write_bytes(b"x")
                os.utime(root / below / name, (moment, moment))

    bench = Bench(tmp_path, fill)
    listed, _ = bench.run("imls")
    shown = [datetime(*clock).strftime("%H:%M:%S %Y") for clock in sorted(CLOCKS)]
    assert [" ".join(line.split()[3:5]) for line in listed.stdout.splitlines()] == shown
    for line, folder in (
        ("mdl DCIM out", bench.folder / "out/100CANON"),
        ("imdl -ddir=im", bench.folder / "im/100CANON"),
        ("sync DCIM sy", bench.folder / "sy/100CANON"),
        ("mup src UP", bench.card / "UP"),
        ("sync src A/SY", bench.card / "SY"),
    ):
        outcome, _ = bench.run(line)
        assert outcome.ok, outcome.stderr
        assert {path.name: path.stat().st_mtime for path in folder.iterdir()} == moments
    for line in ("sync DCIM out", "mdl -overwrite=old DCIM out", "sync src A/UP"):
        outcome, _ = bench.run(line)
        assert outcome.stdout.count("->") == outcome.stdout.count("skip existing")
    named, _ = bench.run("imdl -d='${mdate,%Y%m%d-%H%M%S}' -imax=0")
    assert named.stdout.startswith("A/DCIM/100CANON/IMG_0000.JPG->20250115-120000")
    bench.camera.close()
