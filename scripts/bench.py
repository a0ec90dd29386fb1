"""Benchmarks: ratios against yardsticks that are measured in the same run, alternating with it.

Absolute times depend on the machine, so each line gives ours, the yardstick's, and the ratio.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

MIB = 1 << 20
BIG = 256 * MIB
PYTHON = sys.executable


@dataclass(frozen=True)
class Run:
    """A finished child: what it printed, its wall time in seconds, its peak memory in bytes."""

    output: str
    seconds: float
    peak: int


def run(*command: str, environment: dict[str, str] | None = None) -> Run:
    """Run a child to its end. Raises if it fails."""
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    assert child.stdout is not None
    output = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - start
    child.stdout.close()
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{command} failed with status {child.returncode}")
    return Run(output, seconds, usage.ru_maxrss * 1024)


def python(code: str, *arguments: str) -> Run:
    """Run Python code in a child."""
    return run(PYTHON, "-c", code, *arguments)


@contextmanager
def simulated_camera(card: Path) -> Iterator[str]:
    """Run a simulated camera in a process of its own; gives its address."""
    child = subprocess.Popen(
        [PYTHON, "-m", "chdkshell", "sim", "--port", "0", "--card", str(card)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    try:
        line = child.stdout.readline()
        address = re.search(r"ip:[\d.]+:\d+", line)
        if not address:
            raise SystemExit(f"the simulated camera said: {line!r}")
        yield address[0]
    finally:
        child.terminate()
        child.wait()
        child.stdout.close()


@contextmanager
def folder_with(name: str, size: int) -> Iterator[Path]:
    """A temporary folder that holds a file of `size` bytes and an empty folder `out`."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "out").mkdir()
        block = bytes(range(256)) * 4096
        with (root / name).open("wb") as file:
            for start in range(0, size, len(block)):
                file.write(block[: size - start])
        yield root


SOCKET_COPY = """
import socket, subprocess, sys, time
source, target = sys.argv[1:]
SEND = '''
import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
with open(sys.argv[2], "rb") as f:
    while data := f.read(1 << 20):
        s.sendall(data)
'''
server = socket.create_server(("127.0.0.1", 0))
sender = subprocess.Popen([sys.executable, "-c", SEND, str(server.getsockname()[1]), source])
peer, _ = server.accept()
start = time.perf_counter()
buffer = memoryview(bytearray(1 << 20))
with open(target, "wb") as f:
    while n := peer.recv_into(buffer):
        f.write(buffer[:n])
print(time.perf_counter() - start)
sender.wait()
"""

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

LUA_CALLS = """
import sys, time, chdkshell
with chdkshell.connect(sys.argv[1]) as cam:
    cam.lua("return 1")
    start = time.perf_counter()
    for _ in range(100):
        assert cam.lua("return 1") == 1
    ours = time.perf_counter() - start
    start = time.perf_counter()
    for _ in range(400):
        cam.protocol.script_status()
    print(ours, time.perf_counter() - start)
"""


DECODING = """
import time
from chdkshell.chdk.constants import DisplayData
from chdkshell.chdk.liveview import Frame
from chdkshell.sim.screen import Screen
from chdkshell.sim.state import CameraState
import numpy as np
data = Screen(CameraState()).display_data(DisplayData.VIEWPORT)
frame = Frame.parse(data)
assert frame.viewport_rgb().shape == (240, 720, 3)
plane = np.zeros(240 * 720, np.int16)
def rate(call, times):
    best = 0.0
    for _ in range(5):
        start = time.perf_counter()
        for _ in range(times):
            call()
        best = max(best, times / (time.perf_counter() - start))
    return best
def yardstick():
    # the least that decoding has to do for each of three channels: an addition and the clipping
    for _ in range(3):
        np.clip(plane + plane, 0, 255).astype(np.uint8)
print(rate(lambda: Frame.parse(data).viewport_rgb(), 200), rate(yardstick, 200))
"""

LIVE_FRAMES = """
import sys, time, chdkshell
from chdkshell.chdk.constants import DisplayData
from chdkshell.chdk.liveview import Frame
def rate(call, times):
    start = time.perf_counter()
    for _ in range(times):
        call()
    return times / (time.perf_counter() - start)
with chdkshell.connect(sys.argv[1]) as cam:
    fetch = lambda: cam.protocol.get_display_data(DisplayData.VIEWPORT)
    show = lambda: Frame.parse(fetch()).viewport_rgb()
    show()
    rates = [(rate(show, 200), rate(fetch, 200)) for _ in range(5)]
print(*(sorted(column)[2] for column in zip(*rates)))
"""


def report(name: str, ours: float, yardstick: float, unit: str, ratio: float, more: str) -> None:
    """Print one line of results."""
    print(f"{name:<22} {ours:9.1f} {unit:<5} {yardstick:9.1f} {unit:<5} {ratio:6.2f}  {more}")


def start_up() -> None:
    """`chdkshell -e "help quit"` against `python -c pass`."""
    ours, bare = [], []
    for _ in range(15):
        ours.append(run(PYTHON, "-m", "chdkshell", "-r", "-e", "help quit").seconds)
        bare.append(python("pass").seconds)
    a, b = statistics.median(ours) * 1000, statistics.median(bare) * 1000
    report("start-up", a, b, "ms", a / b, "aim: under 3 times `python -c pass`")


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
            command = (PYTHON, "-c", BARE_READS, str(BIG), str(target))
            copy = run(*command, environment=environment)
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


def lua_calls() -> None:
    """`luar return 1` a hundred times, against four bare transactions each."""
    with folder_with("X", 1) as root, simulated_camera(root) as address:
        ours, bare = (float(word) * 1000 for word in python(LUA_CALLS, address).output.split())
        more = f"of four bare transactions each; {ours / 100:.2f} ms a call"
        report("luar return 1, 100 x", ours, bare, "ms", ours / bare, more)


def decode() -> None:
    """A 720x240 YUV8 frame to RGB, against three additions with clipping (aim: 800 a second)."""
    ours, bare = (float(word) for word in python(DECODING).output.split())
    more = "of three additions with clipping in numpy; aim: 800 frames/s"
    report("decode 720x240 YUV8", ours, bare, "fps", ours / bare, more)


def live() -> None:
    """Fetch and decode over TCP, against fetching alone."""
    with folder_with("X", 1) as root, simulated_camera(root) as address:
        ours, bare = (float(word) for word in python(LIVE_FRAMES, address).output.split())
    more = "of fetching without decoding, over TCP from a process of its own"
    report("live view 720x240", ours, bare, "fps", ours / bare, more)


def capture() -> None:
    """A 25 MB frame to a DNG file over TCP, against a plain socket copy (aim: under 128 MiB)."""
    from bench_capture import DNG_SHOTS

    frame = 24_724_224
    with folder_with("FRAME.BIN", frame) as root, simulated_camera(root) as address:
        done = python(DNG_SHOTS, address, str(root / "out"))
        copies = []
        for _ in range(4):
            copy = python(SOCKET_COPY, str(root / "FRAME.BIN"), str(root / "out" / "copy.bin"))
            copies.append(frame / float(copy.output) / MIB)
        rates = [float(word) / MIB for word in done.output.split()]
        a, b = statistics.median(rates[1:]), statistics.median(copies[1:])
        more = f"of a plain socket copy's rate; peak memory {done.peak / MIB:.0f} MiB"
        report("rcapture 25 MB DNG", a, b, "MiB/s", a / b, more)


MEASURES: dict[str, Callable[[], None]] = {
    "capture": capture,
    "start-up": start_up,
    "download": download,
    "upload": upload,
    "usb": usb_download,
    "lua": lua_calls,
    "decode": decode,
    "live": live,
}


def main() -> None:
    """Take the measures that the command line names, or all."""
    names = sys.argv[1:] or list(MEASURES)
    unknown = [name for name in names if name not in MEASURES]
    if unknown:
        raise SystemExit(f"no measure {unknown[0]}; there are: {', '.join(MEASURES)}")
    print(f"{'':<22} {'ours':>9} {'':<5} {'yardstick':>9} {'':<5} {'ratio':>6}")
    for name in names:
        MEASURES[name]()


if __name__ == "__main__":
    main()
