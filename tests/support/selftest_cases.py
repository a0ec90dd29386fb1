"""Cameras that are tried by selftest, and quick times for tests of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chdkshell.camera import Camera
from chdkshell.selftest import files, messages, timing
from chdkshell.selftest.catalogue import chosen
from chdkshell.selftest.outcomes import CheckResult, Outcome
from chdkshell.selftest.running import Selftest
from chdkshell.sim.camera import SimCamera
from chdkshell.sim.interfaces.ipserver import IpServer

OLD = {"killing scripts"}
"""What a camera before protocol 2.6 does not have; remote capture needs 2.5."""

CAPTURES = {"JPEG capture", "DNG header capture", "raw capture", "Canon raw capture"}


def hurry(patch: pytest.MonkeyPatch) -> None:
    """Have checks take less time than on a real camera; scripts may wake as late as they do."""
    patch.setattr(messages, "COUNT", 60)
    patch.setattr(files, "LARGE", 100_000)
    patch.setattr(timing, "RATE_SECONDS", 0.3)
    patch.setattr(timing, "SLEEPS_MS", (10, 50))
    patch.setattr(timing, "SLEEP_LATE_MS", 10_000)


def tree(folder: Path) -> dict[str, tuple[bytes, float] | None]:
    """Return what is in a folder: content and time of each file, None for a folder."""
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime)
        if path.is_file()
        else None
        for path in folder.rglob("*")
    }


@contextmanager
def served(sim: SimCamera) -> Iterator[Camera]:
    """Give a connection over PTP/IP to a simulated camera."""
    with IpServer(sim) as server, Camera(server.address) as camera:
        yield camera


def run(sim: SimCamera, shoot: bool = False, sizes: bool = False) -> list[CheckResult]:
    """Run the checks over PTP/IP, and see that the card is as it was."""
    before = tree(sim.card.root)
    with served(sim) as camera:
        test = Selftest(camera, chosen(shoot, sizes))
        results = test.run()
        assert test.left == []
        assert test.ended_early == ""
    assert tree(sim.card.root) == before
    return results


def by_outcome(results: list[CheckResult], outcome: Outcome) -> set[str]:
    """Return the names of the checks that ended so."""
    return {result.check for result in results if result.outcome is outcome}


def absent_on(key: str, shoot: bool) -> set[str]:
    """Return the checks that are not for a model of the table."""
    absent = {"live opacity"}
    if key == "A540":
        absent |= OLD | (CAPTURES if shoot else set())
    if shoot and key not in ("SX50HS", "G7X"):
        absent.add("Canon raw capture")
    return absent
