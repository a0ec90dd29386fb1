"""The measure of synchronised shots: how far apart the shutters of several cameras open.

Three ways in one run, over the same simulated cameras in other processes: a target on each
camera's own clock, as an interval (ours); the same with the clock as the quickest answer's middle
has it; and threads that all send a message as they leave a barrier. A log of the shutters is the
judge.
"""

from __future__ import annotations

import math
import os
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import bench_rig_work
from bench_children import PYTHON

import chdkshell
from chdkshell.camera import Camera
from chdkshell.rig.armed import ArmedCamera
from chdkshell.rig.clock import TICK_MS, TickClock
from chdkshell.rig.clockscript import QUESTIONS, measure_clocks, read_ticks
from chdkshell.rig.parallel import each_of
from chdkshell.rig.syncreport import SyncRequest
from chdkshell.rig.syncshot import synchronised_shoot
from chdkshell.rig.targets import CameraTarget

SHOTS = 20
RIGS = "9/3 24/4"
"""Cameras, and processes that have them."""

CAMERAS = """
import sys
from pathlib import Path
from chdkshell.sim.camera import SimCamera
from chdkshell.sim.individual import Individual, Spread
from chdkshell.sim.interfaces.ipserver import IpServer
from chdkshell.sim.pace import REAL
first, count, log = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
servers = []
for number in range(first, first + count):
    own = Individual(number, 50.0, 600.0, Spread(2, 5), shutter_log=log)
    servers.append(IpServer(SimCamera(individual=own, pace=REAL)))
    course = servers[-1].camera.state.clock._course
    clock = course.speed, course.since, course.ticks_then
    print(servers[-1].address, own.serial, *clock, flush=True)
sys.stdin.read()
for server in servers:
    server.close()
    server.camera.close()
"""

WAIT_FOR_WORD = """
press'shoot_half'
repeat sleep(10) until get_shooting()
write_usb_msg('ready')
repeat local word = read_usb_msg(1000) until word
press'shoot_full_only' sleep(100) release'shoot_full_only' release'shoot_half'
repeat sleep(10) until not get_shooting()
"""


@dataclass(frozen=True)
class RigCamera:
    """A simulated camera of another process, and its clock, which only the judge knows."""

    address: str
    speed: float
    since: float
    ticks_then: float

    def offset(self, moment: float) -> float:
        """Return the camera's clock less the host's in ms."""
        ticks = self.ticks_then + (moment - self.since) * 1000 * self.speed
        return ticks - moment * 1000


@contextmanager
def simulated_rig(count: int, processes: int, log: Path) -> Iterator[dict[str, RigCamera]]:
    """Run cameras with +-50 ppm clocks, steps of 10 ms, and 2 to 5 ms a transaction."""
    share = math.ceil(count / processes)
    children = [
        subprocess.Popen(
            [PYTHON, "-c", CAMERAS, str(first), str(min(share, count + 1 - first)), str(log)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for first in range(1, count + 1, share)
    ]
    try:
        cameras = {}
        for index in range(count):
            pipe = children[index // share].stdout
            assert pipe is not None
            address, serial, *numbers = pipe.readline().split()
            cameras[serial] = RigCamera(address, *map(float, numbers))
        yield cameras
    finally:
        for child in children:
            child.communicate("")


Cameras = dict[str, Camera]
Clocks = dict[str, TickClock]
Way = Callable[[Cameras, Clocks], None]


def rig() -> None:
    """Print the spreads of all ways, and how well the clocks are known.

    $RIG may name other rigs, such as 3/1 for three cameras in one process.
    """
    for text in os.environ.get("RIG", RIGS).split():
        count, _, processes = text.partition("/")
        _measure(int(count), int(processes))
        bench_rig_work.measure(simulated_rig, int(count), int(processes))


def _measure(count: int, processes: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with simulated_rig(count, processes, log) as sims:
            cameras = each_of(sims, lambda name, sim: chdkshell.connect(sim.address)).results
            each_of(cameras, lambda name, camera: camera.switch_mode(True))
            clocks: Clocks = {}
            start = time.monotonic()
            measure_clocks(cameras, clocks)
            print(f"{count} cameras in {processes} processes, {SHOTS} shots each way")
            _tell_errors(sims, clocks, time.monotonic() - start)
            for name, way in WAYS.items():
                _tell_spread(name, way, cameras, clocks, log)
            each_of(cameras, lambda name, camera: camera.close())


def _tell_errors(sims: dict[str, RigCamera], clocks: Clocks, seconds: float) -> None:
    known = {name: clock.measured[-1] for name, clock in clocks.items()}
    errors = [k.offset - sims[name].offset(k.at) for name, k in known.items()]
    widths = [2 * k.bound for k in known.values()]
    print(
        f"  clocks          {statistics.stdev(errors):6.2f} ms standard deviation of the error, "
        f"{statistics.mean(errors):+.2f} ms its mean; {min(widths):.1f} to {max(widths):.1f} ms "
        f"wide; {seconds:.1f} s"
    )


def _tell_spread(name: str, way: Way, cameras: Cameras, clocks: Clocks, log: Path) -> None:
    """Take the shots in one way, and print how far apart the log has them."""
    log.write_bytes(b"")
    way(cameras, clocks)
    shots: dict[str, list[float]] = {}
    for line in log.read_text().splitlines():
        moment, _, exposure = line.split()
        shots.setdefault(exposure, []).append(int(moment) / 1e6)
    whole = [times for times in shots.values() if len(times) == len(cameras)]
    spreads = sorted(max(times) - min(times) for times in whole)
    good = spreads[max(0, math.ceil(len(spreads) * 0.95) - 1)]
    print(
        f"  {name:<15} {statistics.median(spreads):6.1f} ms median, {good:6.1f} ms for 19 of 20, "
        f"{spreads[-1]:6.1f} ms at most; {len(whole)} of {SHOTS} whole"
    )


def _by_intervals(cameras: Cameras, clocks: Clocks) -> None:
    report = synchronised_shoot(cameras, SyncRequest(shots=SHOTS), clocks=clocks)
    for problem in report.problems:
        print(f"  {problem}")


def _by_middle(cameras: Cameras, clocks: Clocks) -> None:
    """A camera's tick came in the middle of the quickest of all answers; no loop after a tick."""
    for _ in range(SHOTS):
        armed = each_of(cameras, _armed).results
        middles = each_of(armed, lambda name, camera: _middle(camera)).results
        _fire(armed, middles, time.monotonic() + 0.5)


def _fire(armed: dict[str, ArmedCamera], middles: dict[str, float], moment: float) -> None:
    def aim(name: str, camera: ArmedCamera) -> None:
        tick = math.ceil((moment * 1000 + middles[name]) / TICK_MS) * TICK_MS
        camera.aim(CameraTarget(tick, 0.0, 0), 1.0)
        camera.release(1.0)

    each_of(armed, aim)
    each_of(armed, lambda name, camera: camera.end())


def _armed(name: str, camera: Camera) -> ArmedCamera:
    armed = ArmedCamera(name, camera, SyncRequest())
    armed.arm()
    return armed


def _middle(armed: ArmedCamera) -> float:
    scripts = armed.camera.scripts
    scripts.send("clock")
    readings = read_ticks(scripts, QUESTIONS)
    scripts.send("end")
    best = min(readings, key=lambda reading: reading.received - reading.sent)
    return best.tick - (best.sent + best.received) / 2 * 1000


def _by_barrier(cameras: Cameras, clocks: Clocks) -> None:
    barrier = threading.Barrier(len(cameras))

    def shoot(name: str, camera: Camera) -> None:
        camera.scripts.start(WAIT_FOR_WORD)
        while camera.scripts.read_message() is None:
            time.sleep(0.005)
        barrier.wait()
        camera.scripts.send("now")
        camera.scripts.wait()

    for _ in range(SHOTS):
        each_of(cameras, shoot)


WAYS: dict[str, Way] = {
    "by intervals": _by_intervals,
    "by the middle": _by_middle,
    "barrier": _by_barrier,
}
