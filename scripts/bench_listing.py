"""Listings of a full card as a user meets them: when the first row appears, and when the last."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from typing import NamedTuple

from bench_children import report, simulated_camera, small_files

COMMANDS = (
    "ls -l DCIM/100CANON",
    "find DCIM",
    "tree",
    "du",
    "imls -sort=path",
    "imls",
)
"""What is measured. The last one can show nothing before the last picture is known."""


class Shown(NamedTuple):
    """When rows came, in seconds since the start of the program, and how many."""

    first: float
    last: float
    rows: int


def shown(address: str, line: str) -> Shown:
    """Run one command in a program of its own, and watch its output."""
    command = [sys.executable, "-m", "chdkshell", "-r", "--device", address, "-e", line]
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        first, rows = 0.0, 0
        while data := os.read(child.stdout.fileno(), 1 << 16):
            first = first or time.perf_counter() - start
            rows += data.count(b"\n")
        last = time.perf_counter() - start
    if child.returncode or not rows:
        raise SystemExit(f"{line}: status {child.returncode}, {rows} rows")
    return Shown(first, last, rows)


def rows() -> None:
    """First and last row of 10,000 files in 100 folders from a camera with 500 KB for Lua."""
    with (
        small_files(100, 100, 10) as root,
        simulated_camera(root / "card", "--lua-heap", "500K") as address,
    ):
        for line in COMMANDS:
            rounds = [shown(address, line) for _ in range(3)]
            first, last = (statistics.median(r[n] * 1000 for r in rounds) for n in (0, 1))
            more = f"first row beside last of {rounds[0].rows}, start and connection included"
            report(line, first, last, "ms", first / last, more)
