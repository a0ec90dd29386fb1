"""The measures of many small files, beside the established client where it is there."""

from __future__ import annotations

import os
import statistics
from pathlib import Path

from bench_children import PYTHON, python, report, run, simulated_camera, small_files

SMALL_FILES = """
import sys, time, chdkshell
from chdkshell.chdk.card.targets import TreeTargets
from chdkshell.streams import BytesSink
address, target = sys.argv[1:]
with chdkshell.connect(address) as cam:
    start = time.perf_counter()
    copies = cam.trees.plan(["DCIM"], TreeTargets(target))
    cam.trees.download(copies)
    ours = time.perf_counter() - start
    start = time.perf_counter()
    for copy in copies:
        if not copy.item.is_dir:
            cam.protocol.download_file(copy.item.path.encode(), BytesSink())
    print(ours, time.perf_counter() - start)
"""


def mass_download() -> None:
    """1,000 files of 20 KB over PTP/IP, against the same transfers to memory (aim: 1.5 ms each).

    With the command of the established client in $CHDKPTP, its whole run is measured beside ours.
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
            _beside_established_client(Path(client), address, root)


def _beside_established_client(client: Path, address: str, root: Path) -> None:
    """Take the time of whole runs in turns, start and connection included."""
    port = address.rpartition(":")[2]
    settings = {"LUA_PATH": f"{client.parent}/lua/?.lua", **os.environ}
    ours, theirs = [], []
    for turn in range(6):
        line = f"mdl -overwrite=y DCIM {root / f'a{turn}'}"
        command = (PYTHON, "-m", "chdkshell", "-r", "--device", address, "-e", line)
        ours.append(run(*command).seconds)
        line = f"mdl -overwrite=y -batchsize=200 DCIM {root / f'b{turn}'}"
        connect = f"connect -h=127.0.0.1 -p={port}"
        command = (str(client), f"-e{connect}", f"-e{line}")
        theirs.append(run(*command, environment=settings).seconds)
        if len(list((root / f"b{turn}").rglob("*.JPG"))) != 1000:
            raise SystemExit("the established client did not download all files")
    a, b = statistics.median(ours[1:]) * 1000, statistics.median(theirs[1:]) * 1000
    ratio = statistics.median(mine / other for mine, other in zip(ours, theirs, strict=True))
    report("beside chdkptp", a, b, "ms", ratio, "whole runs, start and connection included")
