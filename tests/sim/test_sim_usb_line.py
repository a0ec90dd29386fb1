"""The USB line of the simulated camera as a remote: 5 V that shots wait for, or that are forced."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Condition

import pytest
from support.shooting_shell import shooting_shell
from support.sim_scripts import Runner, simulated

SHOOT = "local t=get_tick_count() shoot() return get_tick_count()-t"


@pytest.fixture
def camera(tmp_path: Path) -> Iterator[Runner]:
    with simulated(tmp_path, speed=20) as runner:
        runner.state.recording = True
        yield runner
        runner.state.shutter.close()


def without_a_wait(camera: Runner, code: str) -> bool:
    """Whether a shot takes less time than that of a wait, by a clock that a busy host may hold."""
    camera.state.clock.speed = 1
    return milliseconds(camera, code) < 10_000


def milliseconds(camera: Runner, code: str) -> int:
    value = camera.value(code)
    assert isinstance(value, int)
    return value


def test_a_shot_waits_for_the_remote_and_gives_up_after_ten_seconds(camera: Runner) -> None:
    assert milliseconds(camera, f"usb_sync_wait(1) {SHOOT}") >= 10_000
    assert without_a_wait(camera, SHOOT), "it was for one shot"


def test_waiting_is_called_off(camera: Runner) -> None:
    assert without_a_wait(camera, f"usb_sync_wait(true) usb_sync_wait(false) {SHOOT}")


def test_without_power_on_the_line_nothing_is_waited_for(camera: Runner) -> None:
    camera.state.power_usb(False)
    assert without_a_wait(camera, f"usb_sync_wait(1) {SHOOT}")


def test_a_shot_goes_on_when_the_power_goes(camera: Runner) -> None:
    camera.state.clock.speed = 1
    waits = threading.Event()
    pause = camera.state.clock.pause

    def noted(ticks: float, changed: Condition, stopped: Callable[[], bool]) -> None:
        if ticks == 10_000:
            waits.set()
        pause(ticks, changed, stopped)

    camera.state.clock.pause = noted  # type: ignore[method-assign]
    camera.host.execute(f"usb_sync_wait(1) {SHOOT}".encode())
    assert waits.wait(60)
    assert camera.state.exposure_count == 0
    camera.state.power_usb(False)
    assert camera.host.wait_ended(60)
    assert camera.state.exposure_count == 1


def test_the_camera_leaves_the_bus_with_the_power_unless_it_is_forced(tmp_path: Path) -> None:
    with shooting_shell(tmp_path / "card") as shell:
        assert shell.run("luar return usb_force_active(1)")[0].endswith(":return:true")
        shell.sim.state.power_usb(False)
        shell.run("luar return 1")
        shell.sim.state.power_usb(True)
        shell.run("luar usb_force_active(0)")
        shell.sim.state.power_usb(False)
        shell.fail("luar return 1")


@pytest.mark.parametrize("name", ["usb_force_active", "usb_sync_wait", "force_analog_av"])
def test_arguments_are_checked(camera: Runner, name: str) -> None:
    text = f":1: bad argument #1 to '{name}' (number expected, got no value)"
    assert camera.error(f"{name}()") == text


def test_there_is_no_socket_for_analog_video(camera: Runner) -> None:
    assert camera.values("return force_analog_av(1),force_analog_av(0)") == [False, False]
    assert "boolean" in camera.error("force_analog_av(true)")
