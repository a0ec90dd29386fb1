"""The simulated camera's own share of what its clients wait for, against a bare echo in Python.

The client is a plain socket with packets made beforehand, so that nearly all that is measured is
the camera: its processor time, and the time that passes, in microseconds for a transaction.
"""

from __future__ import annotations

import re
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from bench_children import MIB, PYTHON, camera_process, report, run

ROUNDS = 9
"""How often each transaction and its echo are measured, in turns. The least of each counts."""

ECHO = """
import socket, sys
answer = bytes(int(sys.argv[1]))
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
peer, _ = server.accept()
peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
buffer = memoryview(bytearray(1 << 16))
while peer.recv_into(buffer):
    peer.sendall(answer)
"""

RIG = """
import resource, sys, threading
from chdkshell.sim.camera import SimCamera
from chdkshell.sim.interfaces.ipserver import IpServer
cameras = [SimCamera() for _ in range(int(sys.argv[1]))]
servers = [IpServer(camera) for camera in cameras]
def shoot(camera):
    camera.scripts.execute(b"switch_mode_usb(1) sleep(300) shoot()")
    camera.scripts.wait_ended()
    camera.screen.display_data(13)
threads = [threading.Thread(target=shoot, args=(camera,)) for camera in cameras]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert all(camera.state.shots == 1 for camera in cameras)
for opened in servers + cameras: opened.close()
"""

CHDK, OPEN_SESSION = 0x9999, 0x1002
_INIT_COMMAND, _INIT_EVENT, _REQUEST, _RESPONSE, _START_DATA, _END_DATA = 1, 3, 6, 7, 9, 12


class Cost(NamedTuple):
    """What one exchange takes of the server's processor and of the clock, in microseconds."""

    processor: float
    wall: float


def _packet(kind: int, form: str, *values: object) -> bytes:
    payload = struct.pack(f"<{form}", *values)
    return struct.pack("<II", 8 + len(payload), kind) + payload


def _request(*params: int, code: int = CHDK, data: bytes | None = None) -> bytes:
    """Return an operation with its data phase."""
    phase = 1 if data is None else 2
    request = _packet(_REQUEST, f"IHI{len(params)}I", phase, code, 7, *params)
    if data is None:
        return request
    return (
        request
        + _packet(_START_DATA, "IQ", 7, len(data))
        + _packet(_END_DATA, f"I{len(data)}s", 7, data)
    )


STATUS = _request(8)
RECORD = _request(7, 0, data=b"switch_mode_usb(1)")

TRANSACTIONS = {
    "status": (STATUS, 2000),
    "1 MB of memory": (_request(1, 0x1000, MIB, 0), 100),
    "display, play mode": (_request(12, 13), 100),
    "display, record mode": (_request(12, 13), 100),
}


@contextmanager
def _session(port: int) -> Iterator[socket.socket]:
    """Open a session, and give its command connection."""
    place = "127.0.0.1", port
    with socket.create_connection(place) as command, socket.create_connection(place) as event:
        command.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        command.sendall(_packet(_INIT_COMMAND, "16s2sI", b"bench", b"", 0x10000))
        event.sendall(_packet(_INIT_EVENT, "4s", command.recv(4096)[8:12]))
        event.recv(4096)
        _ask(command, _request(1, code=OPEN_SESSION))
        yield command


def _ask(link: socket.socket, request: bytes) -> bytes:
    """Return all that a request is answered with."""
    link.sendall(request)
    received, at, kind = b"", 0, 0
    while kind != _RESPONSE:
        while len(received) < at + 8:
            received += link.recv(MIB)
        length, kind = struct.unpack_from("<II", received, at)
        at += length
    return received


@contextmanager
def _echo(count: int) -> Iterator[tuple[socket.socket, int]]:
    """Run a server that answers whatever comes with `count` bytes."""
    child = subprocess.Popen([PYTHON, "-c", ECHO, str(count)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    with socket.create_connection(("127.0.0.1", int(child.stdout.readline()))) as link:
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield link, child.pid
    child.wait()
    child.stdout.close()


def _measured(link: socket.socket, process: int, request: bytes, count: int, times: int) -> Cost:
    """Ask `times` times and take `count` bytes of answer each time."""
    assert sys.platform == "linux"
    clock = ~process << 3 | 2  # what clock_getcpuclockid gives
    buffer = bytearray(count)
    used, start = time.clock_gettime(clock), time.perf_counter()
    for _ in range(times):
        link.sendall(request)
        left = count
        while left:
            left -= link.recv_into(buffer, left)
    wall, used = time.perf_counter() - start, time.clock_gettime(clock) - used
    return Cost(used / times * 1e6, wall / times * 1e6)


def responder() -> None:
    """A few transactions of a client that costs nothing, against an echo of as many bytes."""
    if sys.platform != "linux":
        print("the processor time of another process is measured on Linux alone")
        return
    with (
        tempfile.TemporaryDirectory() as card,
        camera_process(Path(card)) as camera,
        _session(int(re.findall(r"\d+", camera.address)[-1])) as link,
    ):
        for name, (request, times) in TRANSACTIONS.items():
            if "record" in name:
                _ask(link, RECORD)
                time.sleep(1)
            size = len(_ask(link, request))
            ours, bare = [], []
            with _echo(size) as (echo, echo_process):
                for _ in range(ROUNDS):
                    ours.append(_measured(link, camera.pid, request, size, times))
                    bare.append(_measured(echo, echo_process, request, size, times))
            _report(name, ours, bare)


def _report(name: str, ours: list[Cost], bare: list[Cost]) -> None:
    a, b = min(cost.processor for cost in ours), min(cost.processor for cost in bare)
    wall, bare_wall = min(cost.wall for cost in ours), min(cost.wall for cost in bare)
    more = (
        f"of processor time; {wall:.0f} and {bare_wall:.0f} us pass, {wall / bare_wall:.1f} times"
    )
    report(name, a, b, "us", a / b, more)


def cameras() -> None:
    """The memory of 24 cameras of one process with a picture each, against that of one."""
    one, many = (run(PYTHON, "-c", RIG, count).peak / MIB for count in ("1", "24"))
    report("24 cameras, 24 shots", many, one, "MB", many / one, "beside one camera; aim: 600 MB")
