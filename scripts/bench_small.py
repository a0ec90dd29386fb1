"""The measures of many small files, beside chdkptp where it is there."""

from __future__ import annotations

import os
import statistics
from pathlib import Path

from bench_children import PYTHON, python, report, run, simulated_camera, small_files

TURNS = 11
"""Runs beside chdkptp, of which the first warms the file cache."""

SMALL_FILES = """
import sys, time, chdkshell
from chdkshell.chdk.card.copyplan import plan
from chdkshell.chdk.card.targets import TreeTargets
from chdkshell.streams import BytesSink
address, target = sys.argv[1:]
with chdkshell.connect(address) as cam:
    start = time.perf_counter()
    copies = plan(cam.files.walk("DCIM"), TreeTargets(target))
    cam.files.download_copies(copies)
    ours = time.perf_counter() - start
    start = time.perf_counter()
    for copy in copies:
        if not copy.item.is_dir:
            cam.protocol.download_file(copy.item.path.encode(), BytesSink())
    print(ours, time.perf_counter() - start)
"""


def mass_download() -> None:
    """1,000 files of 20 KB over PTP/IP, against the same transfers to memory (aim: 1.5 ms each).

    With the command of chdkptp in $CHDKPTP, its whole runs are measured beside ours.
    """
    with small_files(1, 1000, 20 << 10) as root, simulated_camera(root / "card") as address:
        ours, bare = [], []
        for turn in range(4):
            target = root / f"out{turn}"
            output = python(SMALL_FILES, address, str(target)).output
            if turn:  # the first round warms the file cache
                ours.append(float(output.split()[0]))
                bare.append(float(output.split()[1]))
        a, b = statistics.median(ours), statistics.median(bare)
        report("1,000 x 20 KB", a * 1000, b * 1000, "ms", a / b, "aim: under 1.5 ms a file")
        if client := os.environ.get("CHDKPTP"):
            _beside_chdkptp(Path(client), address, root)


def _beside_chdkptp(client: Path, address: str, root: Path) -> None:
    """Take the time of whole runs in turns, start and connection included.

    chdkptp is measured as it is, and with batches as large as ours.
    """
    settings = {"LUA_PATH": f"{client.parent}/lua/?.lua", **os.environ}
    ours = (PYTHON, "-m", "chdkshell", "-r", "--device", address)
    theirs = (str(client), f"-econnect -h=127.0.0.1 -p={address.rpartition(':')[2]}")
    commands = [
        (*ours, "-emdl -overwrite=y DCIM {}"),
        (*theirs, "-emdl -overwrite=y DCIM {}"),
        (*theirs, "-emdl -overwrite=y -batchsize=200 DCIM {}"),
    ]

    def seconds(command: tuple[str, ...], target: Path) -> float:
        *start, line = command
        taken = run(*start, line.format(target), environment=settings).seconds
        if len(list(target.rglob("*.JPG"))) != 1000:
            raise SystemExit(f"{command[0]} did not download all files")
        return taken

    runs = [
        [seconds(command, root / f"{turn}-{at}") for at, command in enumerate(commands)]
        for turn in range(TURNS)
    ][1:]
    for at, name in ((1, "beside chdkptp"), (2, "with -batchsize=200")):
        mine, other = (statistics.median(times[column] for times in runs) for column in (0, at))
        ratio = statistics.median(times[0] / times[at] for times in runs)
        report(name, mine * 1000, other * 1000, "ms", ratio, "whole runs, start included")
