"""The measure of a rig at work: connected, set, five shots, and all pictures fetched.

The yardstick is one camera of the same kind, with the same shots, in the same run.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from chdkshell.chdk.shooting.cardpictures import CardShotSettings
from chdkshell.chdk.shooting.exposure import Exposure
from chdkshell.rig.rig import Rig
from chdkshell.rig.syncreport import SyncRequest

SHOTS = 5
SETTINGS = CardShotSettings(Exposure.of(shutter=1 / 250, distance=1500))


class Addressed(Protocol):
    """A simulated camera of another process."""

    @property
    def address(self) -> str:
        """Where it is."""


Simulated = Callable[[int, int, Path], AbstractContextManager[Mapping[str, Addressed]]]


def measure(simulated: Simulated, count: int, processes: int) -> None:
    """Print the time of the rig as a multiple of one camera's, and what memory grew by."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        with simulated(1, 1, place / "one.log") as sims:
            one = _work((sim.address for sim in sims.values()), place / "one")
        with simulated(count, processes, place / "all.log") as sims:
            addresses = [sim.address for sim in sims.values()]
            whole = _work(addresses, place / "all")
            before = _peak_mib()
            again = _work(addresses, place / "again")
            grown = _peak_mib() - before
    print(
        f"  {SHOTS} shots, fetched  {whole:5.1f} s, one camera {one:5.1f} s: "
        f"{whole / one:.2f} times; once more {again:5.1f} s, with {grown:.1f} MiB more memory"
    )


def _work(addresses: Iterable[str], folder: Path) -> float:
    """Connect, take the shots with an exposure that is set, and fetch them. Return the seconds."""
    start = time.monotonic()
    with Rig.connect(addresses) as rig:
        switched = rig.each(lambda camera: camera.switch_mode(True))
        report = rig.shoot(SyncRequest(SETTINGS, shots=SHOTS))
        fetched = rig.collect(f"{folder}/${{camera}}_${{name}}")
    seconds = time.monotonic() - start
    problems = [*switched.errors.values(), *report.problems, *fetched.errors.values()]
    count, wanted = len(list(folder.glob("*"))), SHOTS * len(fetched)
    if problems or count != wanted:
        print(f"  {count} of {wanted} pictures: {'; '.join(map(str, problems))}")
    return seconds


def _peak_mib() -> float:
    """Return the most memory that this process has had in MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2 ** (20 if sys.platform == "darwin" else 10)
