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
def simulated_camera(card: Path, *options: str) -> Iterator[str]:
    """Run a simulated camera in a process of its own; gives its address."""
    child = subprocess.Popen(
        [PYTHON, "-m", "chdkshell", "sim", "--port", "0", "--card", str(card), *options],
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

LISTING = """
import sys, time, chdkshell
with chdkshell.connect(sys.argv[1]) as cam:
    first, found = [], []
    def take(items):
        first or first.append(time.perf_counter())
        found.extend(items)
    start = time.perf_counter()
    cam.trees.find(["DCIM"], take=take)
    whole = time.perf_counter() - start
    assert sum(not item.is_dir for item in found) == 10_000
    start_2 = time.perf_counter()
    for _ in range(500):
        cam.protocol.script_status()
    print(whole, first[0] - start, time.perf_counter() - start_2)
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
from chdkshell.chdk.imaging.liveview import Frame
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
from chdkshell.chdk.imaging.liveview import Frame
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


@contextmanager
def small_files(folders: int, files: int, size: int) -> Iterator[Path]:
    """A temporary card with `files` pictures of `size` bytes in each of `folders` folders."""
    with tempfile.TemporaryDirectory() as root:
        for folder in range(100, 100 + folders):
            path = Path(root) / "card" / "DCIM" / f"{folder}CANON"
            path.mkdir(parents=True)
            for number in range(files):
                (path / f"IMG_{number:04}.JPG").write_bytes(os.urandom(size))
        yield Path(root)


def mass_download() -> None:
    """1,000 files of 20 KB over PTP/IP, against the same transfers to memory (aim: 1.5 ms each).

    With the folder of the established client in $CHDKPTP, its whole run is measured beside ours.
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
    port = address.rpartition(":")[2]
    ours, theirs = [], []
    for turn in range(4):
        line = f"mdl -overwrite=y DCIM {root / f'a{turn}'}"
        command = (PYTHON, "-m", "chdkshell", "-r", "--device", address, "-e", line)
        ours.append(run(*command).seconds)
        line = f"mdl -overwrite=y -batchsize=200 DCIM {root / f'b{turn}'}"
        settings = {"LUA_PATH": f"{client}/lua/?.lua"}
        connect = f"connect -h=127.0.0.1 -p={port}"
        command = (str(client / "chdkptp"), f"-e{connect}", f"-e{line}")
        theirs.append(run(*command, environment=settings).seconds)
        if len(list((root / f"b{turn}").rglob("*.JPG"))) != 1000:
            raise SystemExit("the established client did not download all files")
    a, b = statistics.median(ours[1:]) * 1000, statistics.median(theirs[1:]) * 1000
    report("beside chdkptp", a, b, "ms", a / b, "whole runs, start and connection included")


def huge_download() -> None:
    """One file of 2 GB over PTP/IP against a plain socket copy (aim: under 64 MiB of memory)."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "card").mkdir()
        with (root / "card" / "HUGE.MOV").open("wb") as file:
            file.truncate(2 << 30)
        with simulated_camera(root / "card") as address:
            target = root / "huge.mov"
            done = python(TRANSFER, address, "download", "A/HUGE.MOV", str(target))
            size = target.stat().st_size
            target.unlink()
            copy = python(SOCKET_COPY, str(root / "card" / "HUGE.MOV"), str(target))
        if size != 2 << 30:
            raise SystemExit(f"the file of 2 GB has {size} bytes")
    a, b = (2048 / float(run_.output) for run_ in (done, copy))
    more = f"of a plain socket copy's rate; peak memory {done.peak / MIB:.0f} MiB"
    report("1 x 2 GiB", a, b, "MiB/s", a / b, more)


def listing() -> None:
    """10,000 files in 100 folders from a camera with 500 KB for Lua, against 500 transactions."""
    with (
        small_files(100, 100, 10) as root,
        simulated_camera(root / "card", "--lua-heap", "500K") as address,
    ):
        rounds = [python(LISTING, address).output.split() for _ in range(3)]
    whole, first, bare = (
        statistics.median(float(words[n]) * 1000 for words in rounds) for n in range(3)
    )
    report("10,000 files listed", whole, bare, "ms", whole / bare, f"first row: {first:.0f} ms")


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


def prompt() -> None:
    """From a key to the screen: at rest, beside a download, and with a slow camera (aim: 50 ms)."""
    from bench_prompt import busy_download, key_times, worst

    with (
        folder_with("BIG.BIN", 100 * MIB) as root,
        folder_with("X", 1) as card,
        simulated_camera(root) as busy,
        simulated_camera(card) as address,
    ):
        at_rest = worst(key_times(address, 0))
        download = busy_download(busy, root / "out")
        try:
            beside = worst(key_times(address, 0))
        finally:
            download.kill()
            download.wait()
        slow = worst(key_times(address, 2.0))
    for name, times in (("at rest", at_rest), ("beside a download", beside), ("2 s camera", slow)):
        more = f"median {times[0]:.1f} ms, 99 of 100 keys within ours; aim: 50 ms"
        report(f"key, {name}", times[1], 50, "ms", times[1] / 50, more)


MEASURES: dict[str, Callable[[], None]] = {
    "capture": capture,
    "start-up": start_up,
    "download": download,
    "upload": upload,
    "usb": usb_download,
    "files": mass_download,
    "huge": huge_download,
    "listing": listing,
    "lua": lua_calls,
    "decode": decode,
    "live": live,
    "prompt": prompt,
}


def main() -> None:
    """Take the measures that the command line names, or all."""
    # an installed package is compiled: a checkout has to be allowed to keep what it compiles
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    names = sys.argv[1:] or list(MEASURES)
    unknown = [name for name in names if name not in MEASURES]
    if unknown:
        raise SystemExit(f"no measure {unknown[0]}; there are: {', '.join(MEASURES)}")
    print(f"{'':<22} {'ours':>9} {'':<5} {'yardstick':>9} {'':<5} {'ratio':>6}")
    for name in names:
        MEASURES[name]()


if __name__ == "__main__":
    main()
