"""Keys of the simulated camera: a script's and a hand's, in play mode, record mode and alt mode."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from time import monotonic, sleep

import pytest
from support.camera_process import simulated_camera
from support.sim_camera import CameraRunner, power_on

from chdkshell.camera import Camera
from chdkshell.chdk.constants import KEY_NAMES
from chdkshell.errors import UsageError
from chdkshell.sim.key_actions import ACTIONS, PLAY, RECORD
from chdkshell.sim.pace import FAST

SHUTTER_KEY_NAMES = {"shoot_half", "shoot_full", "shoot_full_only"}

HALF = "press('shoot_half') repeat sleep(10) until get_shooting() "
"""Waits until the camera has focused and measured."""


@pytest.fixture
def camera(tmp_path: Path) -> Iterator[CameraRunner]:
    runner = power_on(tmp_path / "card")
    yield runner
    runner.camera.close()


def until(seen: Callable[[], object]) -> None:
    deadline = monotonic() + 60
    while not seen():
        assert monotonic() < deadline
        sleep(0.005)


def started(camera: CameraRunner, source: str) -> None:
    """Start a script that says with a message that it runs."""
    camera.host.execute(f"write_usb_msg('runs') {source}".encode(), 0x700)
    until(lambda: camera.host.outbox)
    camera.host.read_message()


# ---- what scripts press -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("released", "still_down"),
    [
        ("shoot_full", set()),
        ("shoot_full_only", {"shoot_half"}),
        ("shoot_half", {"shoot_full_only"}),
    ],
)
def test_a_full_press_holds_both_switches(
    camera: CameraRunner, released: str, still_down: set[str]
) -> None:
    camera.state.recording = False
    started(camera, f"press('shoot_full') release('{released}') write_usb_msg('done') sleep(-1)")
    until(lambda: camera.host.outbox)
    assert camera.state.keys_held == still_down


def test_scripts_do_not_see_their_own_keys(camera: CameraRunner) -> None:
    code = "press('set') local d=is_pressed('set') release('set') click('left') "
    assert camera.values(code + "return d,is_key('left'),is_key('set')") == [False, False, False]


def test_scripts_see_keys_under_a_hand(camera: CameraRunner) -> None:
    camera.camera.hands.do("hold set")
    assert camera.values("return is_pressed('set'),is_pressed('remote'),is_pressed('no_key')") == [
        *(True, False, False)
    ]
    camera.camera.hands.do("release set")
    assert camera.values("return is_pressed('set')") == [False]


def test_waiting_for_a_click_ends_with_one(camera: CameraRunner) -> None:
    started(camera, "wait_click(0) return is_key('left'),is_key('no_key')")
    camera.camera.hands.do("press left 1")
    assert camera.host.wait_ended(60)
    assert [message.data[0] for message in camera.host.outbox] == [1, 0]


def test_a_click_before_the_wait_counts_once(camera: CameraRunner) -> None:
    started(camera, "read_usb_msg(-1) wait_click(-1) local a=is_key('up') wait_click(10) "
                    "return a,is_key('up'),is_key('no_key')")  # fmt: skip
    camera.camera.hands.do("press up 1")
    camera.host.write_message(b"go on")
    assert camera.host.wait_ended(60)
    assert [message.data[0] for message in camera.host.outbox] == [1, 0, 1]


def test_an_unknown_key_is_an_error(camera: CameraRunner) -> None:
    for name in ("press", "release", "click", "is_key", "is_pressed", "set_exit_key"):
        assert camera.error(f"{name}('knob')") == ":1: unknown key"


# ---- half presses -------------------------------------------------------------------------------


def test_a_half_press_reaches_the_hook_and_focuses(camera: CameraRunner) -> None:
    code = (
        "set_focus(1234) hook_preshoot.set(86400000) press('shoot_half') "
        "while not hook_preshoot.is_ready() do sleep(10) end "
        "local f,n=get_focus(),hook_preshoot.count() hook_preshoot.continue() "
        "release('shoot_half') return f,n,get_exp_count()"
    )
    assert camera.values(code) == [1234, 1, 0]


def test_a_half_press_applies_the_exposure(camera: CameraRunner) -> None:
    assert camera.values(f"set_tv96_direct(111) {HALF} return get_tv96()") == [111]


def test_the_hook_comes_once_for_a_half_and_a_full_press(camera: CameraRunner) -> None:
    code = f"{HALF} click('shoot_full') while get_exp_count()<1 do sleep(10) end sleep(200) "
    assert camera.values(code + "return hook_preshoot.count(),hook_shoot.count()") == [1, 1]


def test_a_half_press_that_ends_at_once_does_nothing(camera: CameraRunner) -> None:
    code = "click('shoot_half') sleep(100) return hook_preshoot.count(),get_focus_state()"
    camera.state.pace = replace(FAST, focus_ms=60_000)
    assert camera.values(code) == [0, 0]


def test_the_focus_state_is_a_property_too(camera: CameraRunner) -> None:
    code = f"local a=get_prop(18) {HALF} local b,c,d=get_prop(18),get_focus_state(),get_focus_ok() "
    assert camera.values(code + "release('shoot_half') return a,b,c,d,get_focus_state()") == [
        *(0, 1, 1, True, 0)
    ]


# ---- what each key does -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "seen", "expected"),
    [
        ("flash", "get_flash_mode()", [2, 0, 1, 2]),
        ("macro", "get_focus_mode()", [0, 4, 0, 4]),
        ("timer", "get_prop(226)", [0, 1, 2, 0]),
        ("display", "get_prop(105)", [0, 1, 0, 1]),
        ("zoom_in", "get_zoom()", [0, 1, 2, 3]),
        ("zoom_out", "get_zoom()", [0, 0, 0, 0]),
    ],
)
def test_keys_in_record_mode(
    camera: CameraRunner, key: str, seen: str, expected: list[object]
) -> None:
    code = f"local t={{{seen}}} for i=1,3 do click('{key}') t[#t+1]={seen} end return unpack(t)"
    assert camera.values(code) == expected


def test_the_zoom_goes_on_while_its_key_is_held(camera: CameraRunner) -> None:
    assert camera.values("press('zoom_in') sleep(1100) release('zoom_in') return get_zoom()") >= [5]


def test_a_click_is_short_however_late_it_is_over(camera: CameraRunner) -> None:
    clock = camera.state.clock
    look = camera.state.keyboard._look

    def late(at: int | None = None) -> None:
        clock.advance(2000)
        look(at)

    camera.state.keyboard._look = late  # type: ignore[method-assign]
    assert camera.values("click('zoom_in') return get_zoom()") == [1]
    camera.state.recording = False
    camera.camera.hands.do("press left 1")
    assert camera.state.shown.picture == 1


def test_a_menu_closes_with_a_half_press(camera: CameraRunner) -> None:
    camera.values("click('menu')")
    assert camera.state.shown.menu
    camera.values(HALF)
    assert not camera.state.shown.menu


def test_the_self_timer_holds_up_a_shot(camera: CameraRunner) -> None:
    code = "click('timer') click('timer') local t=get_tick_count() shoot() "
    assert camera.values(code + "return get_tick_count()-t>=2000,get_exp_count()") == [True, 1]


def test_keys_in_play_mode_choose_what_is_shown(camera: CameraRunner) -> None:
    for _ in range(3):
        camera.values("shoot()")
    camera.state.recording = False
    screen = camera.camera.screen
    shown = [screen.display_data(1)]
    for key in ("left", "left", "right", "zoom_in", "set", "zoom_out", "left"):
        camera.values(f"click('{key}')")
        shown.append(screen.display_data(1))
    newest, before, oldest, middle, enlarged, whole, index, other = shown
    assert len({newest, before, oldest, enlarged, index}) == 5
    assert (middle, whole) == (before, before)
    assert other != index
    camera.values("click('set')")
    assert screen.display_data(1) == oldest


def test_the_oldest_picture_is_followed_by_the_newest(camera: CameraRunner) -> None:
    camera.values("shoot() shoot()")
    camera.state.recording = False
    newest = camera.camera.screen.display_data(1)
    camera.values("click('left') click('left')")
    assert camera.camera.screen.display_data(1) == newest


def test_the_other_keys_do_nothing(camera: CameraRunner) -> None:
    for mode in (PLAY, RECORD):
        camera.state.recording = mode
        before = dict(camera.state.properties)
        shown = repr(camera.state.shown)
        for key in sorted(
            KEY_NAMES - ACTIONS[mode].keys() - {"shoot_half", "shoot_full", "shoot_full_only"}
        ):
            camera.values(f"click('{key}')")
        assert (dict(camera.state.properties), repr(camera.state.shown)) == (before, shown)


# ---- movies -------------------------------------------------------------------------------------


def test_a_movie_is_a_file_on_the_card(camera: CameraRunner) -> None:
    code = (
        "local r={get_video_recording()} click('video') sleep(3000) r[2]=get_video_recording() "
        "r[3]=select(2,get_mode()) click('video') r[4]=get_video_recording() sleep(1000) "
        "r[5]=get_movie_status() return unpack(r)"
    )
    assert camera.values(code) == [False, True, True, False, 1]
    assert camera.files == ["100___11/MVI_0001.AVI"]
    movie = (camera.root / "DCIM" / camera.files[0]).read_bytes()
    assert movie[:4] == b"RIFF"
    assert movie[8:12] == b"AVI "
    assert int.from_bytes(movie[4:8], "little") == len(movie) - 8
    assert movie.count(b"\xff\xd8\xff") == movie.count(b"00dc") // 2 >= 3, "one a second"
    assert camera.values("shoot() return get_exp_count()") == [2]


def test_a_movie_is_paused_resumed_and_stopped(camera: CameraRunner) -> None:
    code = (
        "local r={} click('video') for i,n in ipairs{9,1,2,3} do set_movie_status(n) "
        "r[i]=get_movie_status() end r[4]=r[4]~=4 return unpack(r)"
    )
    assert camera.values(code) == [4, 1, 4, True]


def test_no_picture_is_taken_during_a_movie(camera: CameraRunner) -> None:
    assert camera.values("click('video') local a=shoot() return a,get_exp_count()") == [2, 0]


def test_play_mode_ends_a_movie(camera: CameraRunner) -> None:
    camera.values("click('video') set_record(0) while get_mode() do sleep(10) end")
    assert camera.files == ["100___11/MVI_0001.AVI"]


# ---- alt mode and hands -------------------------------------------------------------------------


def test_a_script_runs_in_alt_mode(camera: CameraRunner) -> None:
    assert not camera.state.alt_mode
    assert camera.value("return get_alt_mode()") is True
    assert not camera.state.alt_mode
    camera.values("enter_alt()")
    assert camera.state.alt_mode
    assert camera.values("exit_alt() return get_alt_mode()") == [False]
    assert not camera.state.alt_mode


def test_without_alt_mode_the_camera_does_not_see_the_script(camera: CameraRunner) -> None:
    assert camera.values("exit_alt() click('flash') local s=shoot() return get_flash_mode(),s") == [
        *(2, 1)
    ]


def test_a_hand_takes_a_picture(camera: CameraRunner) -> None:
    camera.camera.hands.do("press shoot_full 200")
    until(lambda: camera.files)
    assert camera.files == ["100___11/IMG_0001.JPG"]


def test_in_alt_mode_a_hand_takes_none(camera: CameraRunner) -> None:
    camera.camera.hands.do("press print")
    assert camera.state.alt_mode
    camera.camera.hands.do("press shoot_full 200")
    camera.camera.hands.do("press print")
    assert not camera.state.alt_mode
    assert camera.state.shutter.finished(0)
    assert not camera.state.shutter.shooting
    assert camera.files == []


def test_a_full_press_ends_a_script(camera: CameraRunner) -> None:
    started(camera, "while true do sleep(10) end")
    camera.camera.hands.do("press set")
    camera.camera.hands.do("press shoot_half")
    assert camera.host.running
    camera.camera.hands.do("press shoot_full")
    assert camera.host.wait_ended(60)
    assert not camera.host.outbox
    assert camera.files == []
    assert list(camera.state.console) == ["*** INTERRUPTED ***"]


def test_a_script_names_another_key_that_ends_it(camera: CameraRunner) -> None:
    started(camera, "set_exit_key('menu') while true do end")
    camera.camera.hands.do("press shoot_full")
    assert camera.host.running
    camera.camera.hands.do("press menu")
    assert camera.host.wait_ended(60)
    started(camera, "while true do end")
    camera.camera.hands.do("press shoot_full")
    assert camera.host.wait_ended(60)


def test_a_script_may_name_no_key_to_end_it(camera: CameraRunner) -> None:
    started(camera, "set_exit_key('no_key') while true do end")
    for key in ("shoot_full", "menu", "set"):
        camera.camera.hands.do(f"press {key} 1")
    assert list(camera.state.console) == []
    assert camera.host.running


def test_an_ended_script_restores_what_it_changed(camera: CameraRunner) -> None:
    started(camera, "function restore() set_prop(226,7) end while true do end")
    camera.camera.hands.do("press shoot_full")
    assert camera.host.wait_ended(60)
    assert camera.state.prop(226) == 7


@pytest.mark.parametrize(
    ("restore", "said"),
    [("while true do end", "killed"), ("sleep(9)", "yield"), ("error('no')", "no")],
)
def test_restoring_must_not_wait(camera: CameraRunner, restore: str, said: str) -> None:
    started(camera, f"function restore() {restore} end while true do end")
    camera.camera.hands.do("press shoot_full")
    assert camera.host.wait_ended(60)
    assert said in camera.state.console[-1]
    assert camera.value("return 5") == 5


@pytest.mark.parametrize(
    "line", ["press", "press knob", "push set", "press set now", "press set 1 2", "hold set 10"]
)
def test_hands_refuse_other_lines(camera: CameraRunner, line: str) -> None:
    with pytest.raises(UsageError) as refused:
        camera.camera.hands.do(line)
    assert refused.value.detail


def test_keys_come_through_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "keys"
    with simulated_camera("--keys", str(pipe), "--card", str(tmp_path)) as (_, address, _card):
        assert pipe.is_fifo()
        with Camera(address) as camera:
            camera.scripts.start("wait_click(-1) return is_key('left')")
            for line in ("nonsense\n", "press left 10\n"):
                pipe.write_text(line)
            assert camera.scripts.wait().value is True
