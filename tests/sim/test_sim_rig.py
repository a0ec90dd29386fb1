"""Several simulated cameras: clocks, links and shutters of their own, in one process and more."""

# needs: POSIX
from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Condition

import pytest
from support.camera_process import RigCamera, simulated_rig
from support.shell_process import run

from chdkshell.camera import Camera
from chdkshell.errors import TransportError, UsageError
from chdkshell.sim.camera import SimCamera
from chdkshell.sim.edge import Edge
from chdkshell.sim.individual import Delay, Individual, Spread
from chdkshell.sim.interfaces.transport import open_transport
from chdkshell.sim.shutter import REMOTE_MS

WAIT_FOR_EDGE = b"""usb_force_active(1) usb_sync_wait(1) local t=get_tick_count()
shoot() return get_tick_count()-t"""


@contextmanager
def connected(cameras: list[RigCamera]) -> Iterator[list[Camera]]:
    with ExitStack() as stack:
        yield [stack.enter_context(Camera(camera.address)) for camera in cameras]


def logged(path: Path) -> list[tuple[int, str, int]]:
    """The lines of a shutter log."""
    lines = [line.split() for line in path.read_text().splitlines()]
    return [(int(moment), camera, int(number)) for moment, camera, number in lines]


# ---- the clock ----------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_clock_is_off_by_no_more_than_its_drift_and_always_the_same(number: int) -> None:
    one = Individual(number, drift=50, uptime=600)
    clock, same = one.clock(), Individual(number, drift=50, uptime=600).clock()
    assert 0 < abs(clock.speed - 1) <= 50e-6
    assert clock.speed == same.speed
    assert abs(clock.exact_ticks() - same.exact_ticks()) < 1000
    assert 1000 <= clock.ticks() < 700_000


def test_numbers_have_other_clocks() -> None:
    clocks = [Individual(number, drift=50, uptime=600).clock() for number in range(1, 25)]
    assert len({clock.speed for clock in clocks}) == 24
    assert max(c.ticks() for c in clocks) - min(c.ticks() for c in clocks) > 60_000


def test_ticks_sleeps_and_the_shutter_run_on_one_clock(tmp_path: Path) -> None:
    """At half speed: a sleep, the ticks of a shot and the shutter's lag are all twice as long."""
    log = tmp_path / "shutter.log"
    lag = Individual(shutter_lag=Spread(200, 200), shutter_log=log)
    camera = SimCamera(individual=lag)
    clock = camera.state.clock
    clock.speed = 0.5
    camera.state.recording = True
    before, ticks = time.perf_counter_ns(), clock.exact_ticks()
    camera.scripts.execute(b"sleep(100) shoot()")
    assert camera.scripts.wait_ended(60)
    ((opened, serial, number),) = logged(log)
    assert camera.state.last_shot is not None
    assert serial == "SIM0001"
    assert number == camera.state.exposure_count == camera.state.last_shot.number
    shown = (camera.state.last_shot.ticks - ticks) * 2e6
    assert opened - before == pytest.approx(shown, abs=10e6)
    assert opened - before >= 2 * (100 + 200) * 1e6
    camera.close()


# ---- link and shutter ---------------------------------------------------------------------------


def test_each_way_takes_half_of_the_latency(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    with Camera("sim:serial=LATE,latency=20:50") as camera:
        slept.clear()
        camera.protocol.script_status()
    there, back, *_ = slept
    assert there != back
    assert all(0.01 <= way <= 0.025 for way in (there, back))


def test_a_delay_differs_from_time_to_time() -> None:
    delay = Delay(Spread(2, 5), 1)
    drawn = [delay.draw() for _ in range(50)]
    assert all(2 <= ms <= 5 for ms in drawn)
    assert len(set(drawn)) == 50


@pytest.mark.parametrize(
    "rest",
    ["number=0", "number=x", "latency=5:2", "latency=-1", "shutter-lag=a", "drift=", "uptime=1s"],
)
def test_what_no_camera_can_be(rest: str) -> None:
    with pytest.raises(UsageError):
        open_transport(f"sim:{rest}")


# ---- the edge -----------------------------------------------------------------------------------


def test_an_edge_opens_all_shutters_that_wait_for_it(tmp_path: Path) -> None:
    cameras = [SimCamera(individual=Individual(number)) for number in (1, 2, 3)]
    begun = [waiting_for_an_edge(camera) for camera in cameras]
    assert all(waits.wait(30) for waits in begun)
    assert [camera.state.exposure_count for camera in cameras] == [101] * 3
    Edge([camera.state for camera in cameras])()
    for camera in cameras:
        assert camera.scripts.wait_ended(60)
        (took,) = camera.scripts.outbox
        assert int.from_bytes(took.data, "little") < 10_000, "it gave up waiting"
        assert camera.state.exposure_count == 102
        assert camera.state.usb.powered
        camera.close()


def waiting_for_an_edge(camera: SimCamera) -> threading.Event:
    """Let a camera wait for the edge; the event says that it does."""
    waits, pause = threading.Event(), camera.state.clock.pause

    def noted(ticks: float, changed: Condition, stopped: Callable[[], bool]) -> None:
        if ticks == REMOTE_MS:
            waits.set()
        pause(ticks, changed, stopped)

    camera.state.clock.pause = noted  # type: ignore[method-assign]
    camera.state.recording = True
    camera.scripts.execute(WAIT_FOR_EDGE)
    return waits


def test_what_is_written_to_the_pipe_is_the_edge_in_all_processes(tmp_path: Path) -> None:
    log, pipe = tmp_path / "shutter.log", tmp_path / "edge"
    options = ("--processes", "2", "--shutter-log", str(log), "--edge", str(pipe))
    with simulated_rig(3, *options) as (_, rig), connected(rig) as cameras:
        assert [camera.serial for camera in rig] == ["SIM0001", "SIM0002", "SIM0003"]
        assert len({camera.process for camera in rig}) == 2
        code = "switch_mode_usb(1) repeat sleep(10) until get_mode() write_usb_msg('here') "
        scripts = [camera.lua(code + WAIT_FOR_EDGE.decode(), wait=False) for camera in cameras]
        for script in scripts:
            while not script.messages():
                time.sleep(0.01)
        edge = os.open(pipe, os.O_WRONLY)
        while not all(script.done for script in scripts):
            os.write(edge, b"now\n")
            time.sleep(0.05)
        os.close(edge)
        for script in scripts:
            assert isinstance(script.result, int)
            assert script.result < 10_000, "it gave up waiting"
        assert {(serial, number) for _, serial, number in logged(log)} == {
            (camera.serial, 102) for camera in rig
        }


# ---- processes ----------------------------------------------------------------------------------


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_the_processes_end_with_the_first(end: signal.Signals) -> None:
    with simulated_rig(2, "--processes", "2") as (child, rig):
        child.send_signal(end)
        assert child.wait(60) == (-9 if end is signal.SIGKILL else 0)
        for camera in rig:
            while is_there(camera.process):
                time.sleep(0.01)
            assert not camera.card.exists()


def is_there(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_one_process_may_die_alone() -> None:
    with simulated_rig(2, "--processes", "2") as (_, rig), connected(rig) as cameras:
        os.kill(rig[0].process, signal.SIGKILL)
        with pytest.raises(TransportError):
            cameras[0].lua("return 1")
        assert cameras[1].lua("return 1") == 1


def test_cards_serials_and_numbers_are_as_asked_for(tmp_path: Path) -> None:
    options = ("--card", str(tmp_path), "--serial", "PI", "--first", "7")
    with simulated_rig(2, *options) as (_, rig):
        assert [(camera.serial, camera.card) for camera in rig] == [
            ("PI7", tmp_path / "PI7"),
            ("PI8", tmp_path / "PI8"),
        ]
        assert (tmp_path / "PI8/CHDK/LUALIB").is_dir()


@pytest.mark.parametrize("options", [("--processes", "2"), ()])
@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("--latency=5:2", "'5:2' ends before it begins; write the shorter time first: 2:5"),
        ("--model=x", "there is no model 'x'; 'chdkshell sim --model list' names them"),
        ("--keys=x", "--keys presses the keys of one camera; leave out --count and --first"),
    ],
)
def test_what_does_not_start_says_why_once(
    options: tuple[str, ...], wrong: str, told: str, tmp_path: Path
) -> None:
    done = run("sim", "--port", "0", "--count", "2", wrong, *options, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"ERROR: {told}\n")


# ---- in this process ----------------------------------------------------------------------------


def test_sim_connects_several_cameras() -> None:
    done = run("-r", "--sim", "--count=3", "-e", "list", "-e", "luar return 1")
    assert done.returncode == 0, done.stderr
    listed = done.stdout.splitlines()
    assert [line[0] for line in listed[:3]] == ["*", "+", "+"], listed
    assert [f"SIM000{n}" in line for n, line in enumerate(listed[:3], 1)] == [True] * 3, listed


@pytest.mark.parametrize("options", [("--count=3",), ("--sim", "--count=0"), ("--sim", "--count")])
def test_count_goes_with_sim(options: tuple[str, ...]) -> None:
    done = run(*options, "-e", "help quit")
    assert done.returncode == 2
    assert "--count" in done.stderr or "number of cameras" in done.stderr
