"""The measures of large files: rates against a plain copy, and memory."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from bench_children import (
    MIB,
    PYTHON,
    SOCKET_COPY,
    folder_with,
    python,
    report,
    run,
    simulated_camera,
)

BIG = 256 * MIB
HUGE = 2048 * MIB

TRANSFER = """
import sys, time, chdkshell
from pathlib import Path
address, verb, source, target = sys.argv[1:]
with chdkshell.connect(address) as cam:
    start = time.perf_counter()
    if verb == "download":
        cam.files.download(source, Path(target))
    else:
        cam.files.upload(Path(source), target)
    print(time.perf_counter() - start)
"""


def _transfer(verb: str) -> None:
    with folder_with("BIG.BIN", BIG) as root, simulated_camera(root) as address:
        rates, plain, peak = [], [], 0
        for turn in range(5):
            if verb == "download":
                ends = ("A/BIG.BIN", str(root / "out" / "big.bin"))
            else:
                ends = (str(root / "BIG.BIN"), "A/OUT/UP.BIN")
            done = python(TRANSFER, address, verb, *ends)
            copy = python(SOCKET_COPY, str(root / "BIG.BIN"), str(root / "out" / "copy.bin"))
            for leftover in (root / "out").iterdir():
                if leftover.stat().st_size != BIG:
                    raise SystemExit(f"{verb}: {leftover.name} has a wrong size")
                leftover.unlink()
            if turn:  # the first round warms the file cache
                rates.append(BIG / float(done.output) / MIB)
                plain.append(BIG / float(copy.output) / MIB)
                peak = max(peak, done.peak)
        a, b = statistics.median(rates), statistics.median(plain)
        more = f"of a plain socket copy's rate; peak memory {peak / MIB:.0f} MiB"
        report(f"{verb} 256 MiB, TCP", a, b, "MiB/s", a / b, more)


def download() -> None:
    """Download of 256 MiB over PTP/IP against a plain socket copy (aim: 0.6, under 64 MiB)."""
    _transfer("download")


def upload() -> None:
    """Upload of 256 MiB over PTP/IP against a plain socket copy."""
    _transfer("upload")


def usb_download() -> None:
    """Download of 256 MiB over USB against bare reads by pyusb (aim: 0.8, under 64 MiB)."""
    from bench_usb import BARE_READS, camera_on_usb

    with folder_with("BIG.BIN", BIG) as root, camera_on_usb(root) as environment:
        rates, bare, peak = [], [], 0
        target = root / "out" / "big.bin"
        for turn in range(5):
            command = (PYTHON, "-c", TRANSFER, "usb:", "download", "A/BIG.BIN", str(target))
            done = run(*command, environment=environment)
            sizes = [target.stat().st_size]
            bare_reads = (PYTHON, "-c", BARE_READS, str(BIG), str(target))
            copy = run(*bare_reads, environment=environment)
            sizes.append(target.stat().st_size)
            target.unlink()
            if sizes != [BIG, BIG]:
                raise SystemExit(f"usb: wrong sizes {sizes}")
            if turn:  # the first round warms the file cache
                rates.append(BIG / float(done.output) / MIB)
                bare.append(BIG / float(copy.output) / MIB)
                peak = max(peak, done.peak)
        a, b = statistics.median(rates), statistics.median(bare)
        more = f"of a bare pyusb loop's rate; peak memory {peak / MIB:.0f} MiB"
        report("download 256 MiB, USB", a, b, "MiB/s", a / b, more)


def huge_download() -> None:
    """One file of 2 GB over PTP/IP against a plain socket copy (aim: under 64 MiB of memory).

    In turns as the others: what comes first pays for memory that the system has not touched yet.
    """
    rates, plain, peak = [], [], 0
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "card").mkdir()
        source, target = root / "card" / "HUGE.MOV", root / "huge.mov"
        with source.open("wb") as file:
            file.truncate(HUGE)
        with simulated_camera(root / "card") as address:
            for turn in range(3):
                done = python(TRANSFER, address, "download", "A/HUGE.MOV", str(target))
                if target.stat().st_size != HUGE:
                    raise SystemExit(f"the file of 2 GB has {target.stat().st_size} bytes")
                target.unlink()
                copy = python(SOCKET_COPY, str(source), str(target))
                target.unlink()
                if turn:
                    rates.append(HUGE / float(done.output) / MIB)
                    plain.append(HUGE / float(copy.output) / MIB)
                    peak = max(peak, done.peak)
    a, b = statistics.median(rates), statistics.median(plain)
    more = f"of a plain socket copy's rate; peak memory {peak / MIB:.0f} MiB"
    report("1 x 2 GiB", a, b, "MiB/s", a / b, more)
