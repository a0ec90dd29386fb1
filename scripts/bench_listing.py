"""Listings of a full card as a user meets them: when the first row appears, and when the last."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

COMMANDS = (
    "ls -l DCIM",
    "ls -l DCIM/100CANON",
    "find DCIM",
    "tree",
    "du",
    "imls -sort=path",
    "imls",
    "imls -sort=size",
)
"""What is measured; the last two can show nothing before the last picture is known."""


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


@contextmanager
def pictures(card: Path, folders: int = 100, files: int = 100) -> Iterator[Path]:
    """Fill a card with small pictures in many folders."""
    for folder in range(100, 100 + folders):
        path = card / "DCIM" / f"{folder}CANON"
        path.mkdir(parents=True)
        for number in range(files):
            (path / f"IMG_{number:04}.JPG").write_bytes(b"picture")
    yield card
