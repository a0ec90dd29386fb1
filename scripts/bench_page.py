"""The measures of `serve`: from a click to the shutter, from a control to a frame that shows it,
frames for several viewers, memory.

The simulated camera has a real one's pace. The program and its viewers are processes of their own.
"""

from __future__ import annotations

import http.client
import io
import json
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from bench_children import MIB, report
from numpy.typing import NDArray
from PIL import Image

SHOTS = 10
VIEWERS = 4
FPS = 15.0
LIMIT_MS = 150.0
"""What a click may take until the shutter opens, beside the camera's own lag."""

CONTROLS = 10
FRAMES = 2.0
"""After how many frames what a control has changed is to be seen."""

FEW, MANY = 1000, 10_000
"""Frames after which the memory is looked at."""


@contextmanager
def camera_with_log() -> Iterator[tuple[str, Path]]:
    """Start a simulated camera; give its address, and the log of its shutter."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "shutter.log"
        camera = subprocess.Popen(
            [sys.executable, "-m", "chdkshell", "sim", "--port", "0", "--shutter-log", str(log)],
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        assert camera.stdout
        address = re.search(r"ip:\S+?:\d+", camera.stdout.readline())
        assert address
        try:
            yield address[0], log
        finally:
            camera.terminate()
            camera.wait()


@contextmanager
def served(address: str, *options: str) -> Iterator[tuple[int, int]]:
    """Start `serve` with a camera in record mode; give its port and its process."""
    program = subprocess.Popen(
        [
            *(sys.executable, "-m", "chdkshell", "-r", "--device", address),
            *("-e", "rec", "-e", f"serve -port=0 {' '.join(options)}"),
        ],
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        assert program.stdout
        line = ""
        while "http://" not in line:
            line = program.stdout.readline()
            assert line, "serve ended"
        found = re.search(r":(\d+)/", line)
        assert found
        yield int(found[1]), program.pid
    finally:
        program.terminate()
        program.wait()


def page() -> None:
    """Measure what the page's users notice."""
    with camera_with_log() as (address, log):
        own = _own_lag(address, log)
        with served(address, f"-fps={FPS:g}") as (port, _):
            _click_to_shutter(port, log, own)
            _control_to_frame(port)
            _viewers(port)
        with served(address, "-fps=1000") as (port, pid):
            _memory(port, pid)


def _own_lag(address: str, log: Path) -> float:
    """Return the camera's own lag, from a script that shoots to the shutter, in ms."""
    import chdkshell

    lags = []
    with chdkshell.connect(address) as camera:
        camera.mode = "record"
        for number in range(SHOTS):
            begun = time.monotonic_ns()
            camera.lua("shoot()")
            lags.append((_opened(log, number + 1) - begun) / 1e6)
    return statistics.median(lags)


def _opened(log: Path, count: int) -> int:
    """Return when the shutter opened last, as one of so many times."""
    lines = log.read_text().splitlines()
    assert len(lines) == count
    return int(lines[-1].split()[0])


def _click_to_shutter(port: int, log: Path, own: float) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/api/session")
    token = json.loads(connection.getresponse().read())["token"]
    headers = {"X-Chdkshell-Token": token}
    viewer = threading.Thread(target=_watch, args=(port, 10**9), daemon=True)
    viewer.start()
    lags = []
    for number in range(SHOTS):
        begun = time.monotonic_ns()
        connection.request("POST", "/api/cameras/1/shoot", b"{}", headers)
        connection.getresponse().read()
        lags.append((_opened(log, SHOTS + number + 1) - begun) / 1e6)
    median = statistics.median(lags) - own
    more = f"beside {own:.0f} ms of its own"
    report("click to shutter", median, LIMIT_MS, "ms", median / LIMIT_MS, more)


def _control_to_frame(port: int) -> None:
    """Zoom in and out, and count the frames from the click to the first that shows it."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/api/session")
    headers = {"X-Chdkshell-Token": json.loads(connection.getresponse().read())["token"]}
    seen: list[tuple[float, NDArray[np.int16]]] = []
    threading.Thread(target=_look, args=(port, seen), daemon=True).start()
    counts = []
    for number in range(CONTROLS):
        _await(seen, len(seen) + 10)  # what moves by itself is known then
        usual = max(_change(seen, at) for at in range(len(seen) - 8, len(seen)))
        begun, before = time.monotonic(), len(seen)
        body = json.dumps({"zoom": 0 if number % 2 else 6}).encode()
        connection.request("POST", "/api/cameras/1/settings", body, headers)
        connection.getresponse().read()
        while _change(seen, before) < 2 * usual or seen[before][0] < begun:
            before += 1
            _await(seen, before + 1)
        counts.append(sum(begun <= at for at, _ in seen[: before + 1]))
    median = statistics.median(counts)
    more = f"{min(counts)} to {max(counts)}"
    report("control to frame", median, FRAMES, "frames", median / FRAMES, more)


def _await(seen: list[tuple[float, NDArray[np.int16]]], count: int) -> None:
    while len(seen) < count:
        time.sleep(0.005)


def _change(seen: list[tuple[float, NDArray[np.int16]]], at: int) -> float:
    """Return how much a frame differs from the one before."""
    _await(seen, at + 1)
    return float(abs(seen[at][1] - seen[at - 1][1]).mean())


def _look(port: int, seen: list[tuple[float, NDArray[np.int16]]]) -> None:
    """Keep the frames of the stream as they come, small and grey."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/stream")
    answer = connection.getresponse()
    while line := answer.readline():
        if line.lower().startswith(b"content-length"):
            answer.readline()
            data = answer.read(int(line.split()[1]))
            now = time.monotonic()
            grey = Image.open(io.BytesIO(data)).convert("L").resize((64, 48))
            seen.append((now, np.asarray(grey, np.int16)))


def _watch(port: int, frames: int, rates: list[float] | None = None) -> None:
    """Read frames of the stream."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/stream")
    answer = connection.getresponse()
    begun, seen = time.monotonic(), 0
    while seen < frames:
        line = answer.readline()
        if not line:
            return
        if line.lower().startswith(b"content-length"):
            size = int(line.split()[1])
            answer.readline()
            answer.read(size)
            seen += 1
    if rates is not None:
        rates.append(seen / (time.monotonic() - begun))
    connection.close()


def _viewers(port: int) -> None:
    rates: list[float] = []
    threads = [threading.Thread(target=_watch, args=(port, 150, rates)) for _ in range(VIEWERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report(f"{VIEWERS} viewers", min(rates), FPS, "fps", min(rates) / FPS, "the slowest")


def _memory(port: int, pid: int) -> None:
    _watch(port, FEW)
    before = _resident(pid)
    _watch(port, MANY - FEW)
    after = _resident(pid)
    report(
        "memory", after / MIB, before / MIB, "MiB", after / before, f"after {MANY} and {FEW} frames"
    )


def _resident(pid: int) -> int:
    """Return the bytes of memory that a process has."""
    text = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", text)
    assert found
    return int(found[1]) * 1024
