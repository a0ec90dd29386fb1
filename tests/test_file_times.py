"""Times of files: the camera's local clock, in three time zones, winter and summer."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from cut_link import Bench

from chdkshell.chdk.cameratime import camera_to_host, host_to_camera

ZONES = ["Europe/Berlin", "America/St_Johns", "Asia/Kolkata"]
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
