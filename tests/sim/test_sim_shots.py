"""Shots of the simulated camera: hooks, series, numbers and folders, and captures that end early.

What is expected follows modules/script_shoot_hook.c and core/remotecap.c of CHDK, and the DCF
standard for names.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from support.sim_camera import CameraRunner, power_on

from chdkshell.chdk.constants import CaptureData
from chdkshell.sim.clock import Clock
from chdkshell.sim.shutter import Shutter
from chdkshell.streams import Source

SERIES = "set_prop(102,1) "
"""Sets continuous drive (PROPCASE_DRIVE_MODE)."""

READY = "while get_shooting() do sleep(10) end "
"""Waits until the shots are over that were begun."""


@pytest.fixture
def camera(tmp_path: Path) -> Iterator[CameraRunner]:
    runner = power_on(tmp_path / "card")
    yield runner
    runner.camera.close()


# ---- hooks --------------------------------------------------------------------------------------


@pytest.mark.parametrize("hook", ["hook_preshoot", "hook_shoot", "hook_raw"])
def test_a_hook_lets_go_when_its_time_is_over(camera: CameraRunner, hook: str) -> None:
    code = (
        f"{hook}.set(700) local t=get_tick_count() shoot() "
        f"return get_tick_count()-t>=700,{hook}.count(),{hook}.is_ready()"
    )
    assert camera.values(code) == [True, 1, False]


def test_going_on_before_the_hook_is_reached_does_nothing(camera: CameraRunner) -> None:
    code = (
        "hook_shoot.set(700) hook_shoot.continue() local t=get_tick_count() shoot() "
        "return get_tick_count()-t>=700"
    )
    assert camera.value(code) is True


def test_a_hook_without_a_time_counts_and_holds_nothing_up(camera: CameraRunner) -> None:
    assert camera.values("shoot() shoot() return hook_raw.count(),hook_raw.is_ready()") == [
        2,
        False,
    ]


def test_a_killed_script_holds_no_shot_up(camera: CameraRunner) -> None:
    camera.host.execute(b"hook_shoot.set(86400000) press('shoot_full') sleep(-1)")
    hook = camera.state.shutter.hook_shoot
    while not hook.active:
        time.sleep(0.001)
    camera.host.kill()
    assert camera.values("shoot() return hook_shoot.count()") == [1]


def test_a_click_takes_a_shot_however_late_the_task_begins(
    camera: CameraRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    work, may_begin = Shutter._work, threading.Event()

    def work_later(shutter: Shutter) -> None:
        may_begin.wait()
        work(shutter)

    monkeypatch.setattr(Shutter, "_work", work_later)
    camera.values("click('shoot_full')")
    may_begin.set()
    assert camera.values("repeat sleep(10) until get_exp_count()==1 return get_exp_count()") == [1]


# ---- series -------------------------------------------------------------------------------------


def test_a_series_goes_on_until_the_key_is_released(camera: CameraRunner) -> None:
    """The fourth shot is held up until the key is up: no other can have begun by then."""
    code = (
        SERIES + "hook_raw.set(86400000) press('shoot_full') for number=1,4 do "
        "repeat sleep(10) until hook_raw.is_ready() "
        "if number==4 then release('shoot_full') end hook_raw.continue() end "
        f"{READY} return hook_raw.count(),get_exp_count()"
    )
    assert camera.values(code) == [4, 4]
    assert camera.files == [f"100___11/IMG_{number:04d}.JPG" for number in range(1, 5)]


def test_without_continuous_drive_a_held_key_takes_one(camera: CameraRunner) -> None:
    camera.values(
        "press('shoot_full') while hook_raw.count()<1 do sleep(10) end sleep(1500) "
        f"release('shoot_full') {READY}"
    )
    assert camera.files == ["100___11/IMG_0001.JPG"]


def test_a_series_ends_with_record_mode(camera: CameraRunner) -> None:
    code = (
        SERIES + "press('shoot_full') while hook_raw.count()<2 do sleep(10) end "
        "set_record(false) for i=1,20 do local n=hook_raw.count() sleep(3000) "
        "if hook_raw.count()==n then return 'ended' end end"
    )
    assert camera.value(code) == "ended"


# ---- numbers and folders ------------------------------------------------------------------------


def put(card: Path, *names: str) -> None:
    for name in names:
        (card / "DCIM" / name).parent.mkdir(parents=True, exist_ok=True)
        (card / "DCIM" / name).touch()


def test_all_files_of_a_shot_roll_over(tmp_path: Path) -> None:
    put(tmp_path, "100___11/IMG_9998.JPG")
    runner = power_on(tmp_path)
    numbers = runner.values("set_raw(1) shoot() shoot() return get_exp_count(),get_image_dir()")
    runner.camera.close()
    assert numbers == [1, "A/DCIM/101___11"]
    assert runner.files == [
        "100___11/CRW_9999.CRW",
        "100___11/IMG_9998.JPG",
        "100___11/IMG_9999.JPG",
        "101___11/CRW_0001.CRW",
        "101___11/IMG_0001.JPG",
    ]


def test_a_series_rolls_over(tmp_path: Path) -> None:
    put(tmp_path, "100___11/IMG_9998.JPG")
    runner = power_on(tmp_path)
    runner.values(
        SERIES + "press('shoot_full') while hook_raw.count()<3 do sleep(10) end "
        f"release('shoot_full') {READY}"
    )
    runner.camera.close()
    assert runner.files[1:4] == [
        "100___11/IMG_9999.JPG",
        "101___11/IMG_0001.JPG",
        "101___11/IMG_0002.JPG",
    ]


def test_a_remote_capture_rolls_over_too(tmp_path: Path) -> None:
    put(tmp_path, "100___11/IMG_9999.JPG")
    runner = power_on(tmp_path)
    code = "set_usb_capture_timeout(100) init_usb_capture(1) shoot() return get_exp_count()"
    assert runner.value(code) == 1
    assert runner.value("shoot() return get_image_dir()") == "A/DCIM/101___11"
    runner.camera.close()
    assert runner.files == ["100___11/IMG_9999.JPG", "101___11/IMG_0002.JPG"]


@pytest.mark.parametrize(
    ("names", "count", "folder"),
    [
        ((), 0, "100___11"),
        (("100___11/IMG_0007.JPG", "100___11/CRW_0008.DNG"), 8, "100___11"),
        (("100___11/IMG_9999.JPG", "101___11/IMG_0003.JPG"), 3, "101___11"),
        (("100___11/IMG_0005.JPG", "101___11/IMG_0002.JPG"), 5, "101___11"),
        (("100___11/holiday.jpg", "MISC/IMG_0009.JPG"), 0, "100___11"),
        # another camera's
        (("100CANON/IMG_0201.JPG", "102___11/IMG_0301.JPG"), 0, "100___11"),
    ],
)
def test_the_camera_goes_on_from_its_own_pictures(
    tmp_path: Path, names: tuple[str, ...], count: int, folder: str
) -> None:
    put(tmp_path, *names)
    runner = power_on(tmp_path)
    found = runner.values("return get_exp_count(),get_image_dir()")
    runner.camera.close()
    assert found == [count, f"A/DCIM/{folder}"]


# ---- captures that end early --------------------------------------------------------------------


def test_data_that_nobody_fetches_end_the_capture(camera: CameraRunner) -> None:
    camera.state.clock.speed = 0.5  # the time that it takes is not this computer's
    code = (
        "set_usb_capture_timeout(600) init_usb_capture(1) local t=get_tick_count() shoot() "
        "t=get_tick_count()-t shoot() return t>=600 and t<30000,get_usb_capture_target()"
    )
    assert camera.values(code) == [True, 0]
    assert camera.files == ["100___11/IMG_0002.JPG"]  # the first shot is lost, on a camera too


def test_the_rest_of_the_shot_is_not_offered_then(camera: CameraRunner) -> None:
    capture, offered = camera.state.capture, list[int]()
    offer = capture.offer

    def noted(bit: int, image_number: int, pieces: Sequence[Source], clock: Clock) -> None:
        offered.append(int(bit))
        offer(bit, image_number, pieces, clock)

    capture.offer = noted  # type: ignore[method-assign]
    camera.values("set_usb_capture_timeout(600) init_usb_capture(7) shoot()")
    assert offered == [CaptureData.DNG_HEADER]


def test_a_script_calls_a_capture_off(camera: CameraRunner) -> None:
    capture = camera.state.capture
    camera.host.execute(b"set_usb_capture_timeout(86400000) init_usb_capture(1) "
                        b"press('shoot_full') read_usb_msg(-1) "
                        b"init_usb_capture(0) release('shoot_full') shoot()")  # fmt: skip
    while not (capture.target and capture.is_ready()[0] & 1):
        time.sleep(0.001)
    camera.host.write_message(b"enough")
    assert camera.host.wait_ended(60)
    assert camera.files == ["100___11/IMG_0002.JPG"]


@pytest.mark.parametrize("lines", ["-1,1", "3504,1", "0,3505", "100,3405", "0,-1"])
def test_lines_that_the_sensor_does_not_have_end_a_capture(
    camera: CameraRunner, lines: str
) -> None:
    code = f"init_usb_capture(1) return init_usb_capture(2,{lines}),get_usb_capture_target()"
    assert camera.values(code) == [False, 0]
