"""Rows that compare whole programs: ours, the C client, and what must be done anyhow, in turns.

Each turn runs them one after another, so that whatever else the machine does slows all alike, and
the ratio is that of the two runs of one turn. A first turn warms the file cache and is not counted.
"""

from __future__ import annotations

import os
import statistics
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench_children import MIB, PYTHON, CameraProcess, Run, processor_seconds, run

TURNS = 9

NOTABLE = 0.1
"""The share of a row that the simulated camera may need without being named."""

HEADINGS = (
    f"{'':<27} {'beside':<12} {'aim':>4} {'median':>6} {'min':>6} {'max':>6}"
    f" {'ours':>8} {'theirs':>8}  {'processor':>15}  {'memory':>9}"
)


@dataclass(frozen=True)
class Yardstick:
    """What a row is measured against, and the ratio of times that is aimed at, if any."""

    name: str
    aim: float | None
    command: tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """One piece of work: commands of the shell, which both clients know.

    Words in braces are replaced: `{out}` by the folder for what comes of it, which is emptied after
    each run, and `{root}` by the one that holds the card. `aim` is that for the time of ours
    divided by that of the C client. `prepare` is called before each run, and `check` after it,
    with the folder that holds `out` and `card`.
    """

    name: str
    lines: tuple[str, ...]
    aim: float | None = None
    needs_camera: bool = True
    others: tuple[Yardstick, ...] = ()
    turns: int = TURNS
    prepare: Callable[[Path], None] = lambda root: None
    check: Callable[[Path], None] = lambda root: None


@dataclass
class Times:
    """The runs of one program in a row."""

    runs: list[Run] = field(default_factory=list)

    def median(self) -> float:
        """Return the median of their wall times, in seconds."""
        return statistics.median(run.seconds for run in self.runs)

    def processor(self) -> float:
        """Return the median of their processor times, in seconds."""
        return statistics.median(run.processor for run in self.runs)

    def peak(self) -> float:
        """Return how much memory they needed at most, in MiB."""
        return max(run.peak for run in self.runs) / MIB


def yardsticks(row: Row) -> list[Yardstick]:
    """Return what a row is measured against: the C client, where $CHDKPTP names it, comes first."""
    client = os.environ.get("CHDKPTP")
    theirs = [Yardstick("chdkptp", row.aim, (client,))] if client else []
    return theirs + list(row.others)


def measure(row: Row, root: Path, camera: CameraProcess | None) -> None:
    """Take the times of a row, and print them."""
    beside = yardsticks(row)
    times = [Times() for _ in range(1 + len(beside))]
    busy = 0.0
    for turn in range(row.turns + 1):
        for at, command in enumerate([(*ours(),), *(other.command for other in beside)]):
            before = processor_seconds(camera.pid) if camera else 0.0
            done = _run_once(row, root, camera, command)
            if turn:
                times[at].runs.append(done)
                if camera and at == 0:
                    busy += processor_seconds(camera.pid) - before
    share = busy / sum(done.seconds for done in times[0].runs)
    _print(row, beside, times, share)


def ours() -> tuple[str, ...]:
    """Return the program, started as the script does that an installation makes."""
    return (PYTHON, "-c", "import sys; from chdkshell.__main__ import main; sys.exit(main())")


def _run_once(row: Row, root: Path, camera: CameraProcess | None, command: Sequence[str]) -> Run:
    out = root / "out"
    out.mkdir(exist_ok=True)
    row.prepare(root)
    words = {"{out}": str(out), "{root}": str(root)}
    if command == ours() or command[0] == os.environ.get("CHDKPTP"):
        host, _, port = camera.address.removeprefix("ip:").rpartition(":") if camera else ("",) * 3
        connect = [f"-c-h={host} -p={port}"] if row.needs_camera else []
        command = [*command, "-r", *connect, *(f"-e{line}" for line in row.lines)]
    for word, meant in words.items():
        command = [part.replace(word, meant) for part in command]
    done = run(*command, environment=_environment(), stderr=subprocess.DEVNULL)
    row.check(root)
    for path in sorted(out.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    return done


def _environment() -> dict[str, str]:
    client = os.environ.get("CHDKPTP")
    libraries = {"LUA_PATH": f"{Path(client).parent}/lua/?.lua;;"} if client else {}
    return {**libraries, **os.environ}


def _print(row: Row, beside: Sequence[Yardstick], times: Sequence[Times], share: float) -> None:
    mine = times[0]
    for other, its in zip(beside, times[1:], strict=True):
        ratios = sorted(a.seconds / b.seconds for a, b in zip(mine.runs, its.runs, strict=True))
        median = statistics.median(ratios)
        aim = "" if other.aim is None else f"{other.aim:.2f}"
        is_over = other.aim is not None and median > other.aim
        print(
            f"{row.name:<27} {other.name:<12} {aim:>4} {median:6.2f} {ratios[0]:6.2f}"
            f" {ratios[-1]:6.2f} {mine.median() * 1000:5.0f} ms {its.median() * 1000:5.0f} ms"
            f"  {mine.processor() * 1000:5.0f}/{its.processor() * 1000:5.0f} ms"
            f"  {mine.peak():3.0f}/{its.peak():3.0f} M"
            f"{'  over' if is_over else ''}",
            flush=True,
        )
    if share > NOTABLE:
        print(f"{'':<27} the simulated camera computes in {share:.0%} of our time", flush=True)
