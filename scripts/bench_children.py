"""What the measures share: children that are timed, a simulated camera, cards with files."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

MIB = 1 << 20
PYTHON = sys.executable


@dataclass(frozen=True)
class Run:
    """A finished child: what it printed, its wall time and the processor time that it used in
    seconds, its peak memory in bytes.
    """

    output: str
    seconds: float
    processor: float
    peak: int


def run(*command: str, environment: dict[str, str] | None = None, stderr: int | None = None) -> Run:
    """Run a child to its end. Raises if it fails."""
    start = time.perf_counter()
    child = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=stderr, text=True, env=environment
    )
    assert child.stdout is not None
    output = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - start
    child.stdout.close()
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{command} failed with status {child.returncode}")
    return Run(output, seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def python(code: str, *arguments: str) -> Run:
    """Run Python code in a child."""
    return run(PYTHON, "-c", code, *arguments)


class CameraProcess(NamedTuple):
    """A simulated camera in a process of its own."""

    address: str
    pid: int


@contextmanager
def camera_process(card: Path, *options: str) -> Iterator[CameraProcess]:
    """Run a simulated camera at the pace of a real one."""
    command = [PYTHON, "-m", "chdkshell", "sim", "--port", "0", "--card", str(card), *options]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    try:
        line = child.stdout.readline()
        address = re.search(r"ip:[\d.]+:\d+", line)
        if not address:
            raise SystemExit(f"the simulated camera said: {line!r}")
        yield CameraProcess(address[0], child.pid)
    finally:
        child.terminate()
        child.wait()
        child.stdout.close()


@contextmanager
def simulated_camera(card: Path, *options: str) -> Iterator[str]:
    """Run a simulated camera as quick as it can be; gives its address."""
    with camera_process(card, "--pace", "fast", *options) as camera:
        yield camera.address


def processor_seconds(pid: int) -> float:
    """Return the processor time that a process has used so far; 0 where there is no /proc."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


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


def report(name: str, ours: float, yardstick: float, unit: str, ratio: float, more: str) -> None:
    """Print one line of results."""
    print(f"{name:<22} {ours:9.1f} {unit:<5} {yardstick:9.1f} {unit:<5} {ratio:6.2f}  {more}")
