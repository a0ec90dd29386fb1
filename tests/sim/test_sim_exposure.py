"""The simulated camera's exposure: what it chooses, what scripts make of it, and how pictures look.

Expected numbers are APEX by hand: Bv + Sv = Tv + Av, in 96ths. The scene's Bv is 453; 1/64 s is
576, f/2.8 is 288, marketed ISO 100 is 480 and 411 on the sensor: 453 + 411 = 576 + 288.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image
from support.sim_scripts import Runner, simulated

from chdkshell.sim.imaging import pictures
from chdkshell.sim.properties import Prop
from chdkshell.sim.shot import Shot

MEASURE = (
    "press('shoot_half') while not get_shooting() do sleep(10) end release('shoot_half') "
    "return get_bv96(),get_sv96(),get_tv96(),get_av96()"
)

READY = "while get_shooting() do sleep(10) end"
"""Waits until the shots are over that were begun."""


@pytest.fixture
def camera(tmp_path: Path) -> Iterator[Runner]:
    with simulated(tmp_path) as runner:
        runner.state.recording = True
        yield runner
        runner.state.shutter.close()


def shots_of(camera: Runner, code: str) -> list[Shot]:
    """Run a script, and return the shots that it takes."""
    shots: list[Shot] = []
    camera.state.on_shoot = shots.append
    camera.values(code)
    return shots


def exposures(camera: Runner, code: str) -> list[tuple[int, int, int]]:
    """Run a script, and return the shutter speed, aperture and sensitivity of its shots."""
    return [(shot.tv96, shot.av96, shot.sv96) for shot in shots_of(camera, code)]


# ---- what the camera chooses --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("set_capture_mode(2)", [453, 411, 576, 288]),
        ("set_capture_mode(1)", [453, 411, 576, 288]),
        # marketed ISO 400 is two stops more: they go to shutter and iris in halves
        ("set_iso_mode(4)", [453, 603, 672, 384]),
        # one stop brighter, one darker: darker is spare light, for shutter and iris
        ("set_ev(96)", [453, 507, 576, 288]),
        ("set_ev(-96)", [453, 411, 624, 336]),
        # Tv: 1/128 s at an iris that cannot open further takes a stop more of sensitivity
        ("set_capture_mode(3) set_user_tv96(672)", [453, 507, 672, 288]),
        ("set_capture_mode(3) set_user_tv96(480)", [453, 411, 480, 384]),
        ("set_capture_mode(3) set_user_tv96(672) set_iso_mode(2)", [453, 411, 672, 288]),
        # Av: f/4 takes a stop more, from the shutter where the sensitivity is set
        ("set_capture_mode(4) set_user_av96(384)", [453, 507, 576, 384]),
        ("set_capture_mode(4) set_user_av96(384) set_iso_mode(2)", [453, 411, 480, 384]),
        ("set_capture_mode(5) set_user_tv96(480) set_user_av96(480)", [453, 411, 480, 480]),
    ],
)
def test_the_camera_chooses_by_apex(camera: Runner, setting: str, expected: list[int]) -> None:
    assert camera.values(f"{setting} {MEASURE}") == expected


@pytest.mark.parametrize(
    ("brightness", "expected"),
    [
        (453 - 192, (576, 288, 603)),  # two stops darker: marketed ISO 400
        (453 - 480, (384, 288, 699)),  # five: ISO 800, and a time of 1/16 s
        (453 - 1200, (0, 288, 699)),  # far too dark
        (453 + 96, (624, 336, 411)),
        (453 + 960, (1056, 576, 411)),  # far too bright
    ],
)
def test_the_camera_meets_the_brightness_of_the_scene(
    camera: Runner, brightness: int, expected: tuple[int, int, int]
) -> None:
    camera.state.bv96 = brightness
    (shot,) = shots_of(camera, "shoot()")
    assert (shot.tv96, shot.av96, shot.sv96) == expected
    missing = brightness + expected[2] - expected[0] - expected[1]
    assert pictures.exposure_gain(shot) == pytest.approx(2 ** (missing / 96))


def test_locked_exposure_stays(camera: Runner) -> None:
    camera.values(MEASURE)
    camera.state.bv96 += 192
    assert camera.values(f"set_aelock(1) {MEASURE}") == [453, 411, 576, 288]
    assert camera.values(f"set_aelock(0) {MEASURE}") == [645, 411, 672, 384]


# ---- what scripts set ---------------------------------------------------------------------------


def test_an_override_holds_for_one_shot(camera: Runner) -> None:
    code = "set_tv96_direct(700) set_av96_direct(300) set_sv96(500) shoot() shoot()"
    assert exposures(camera, code) == [(700, 300, 500), (576, 288, 411)]


@pytest.mark.parametrize(
    ("setting", "expected", "stops"),
    [
        ("set_tv96_direct(480)", (480, 288, 411), 1),
        ("set_tv96_direct(773)", (773, 288, 411), -197 / 96),
        ("set_tv96(773)", (768, 288, 411), -2),  # Canon's own speeds are a third of a stop apart
        ("set_sv96(315)", (576, 288, 315), -1),
        ("set_iso_real(100)", (576, 288, 480), 69 / 96),
        ("set_av96_direct(391)", (576, 391, 411), -103 / 96),
        ("set_av96(391)", (576, 384, 411), -1),
        ("set_av96_direct(9999)", (576, 576, 411), -3),
        ("set_nd_filter(1)", (576, 288, 411), -3),
        ("set_tv96_direct(480) set_av96_direct(384)", (480, 384, 411), 0),
    ],
)
def test_what_is_overridden_is_not_made_up_for(
    camera: Runner, setting: str, expected: tuple[int, int, int], stops: float
) -> None:
    (shot,) = shots_of(camera, f"{setting} shoot()")
    assert (shot.tv96, shot.av96, shot.sv96) == expected
    assert pictures.exposure_gain(shot) == pytest.approx(2**stops)


ND_AT_SHOT = (
    "{0} hook_shoot.set(86400000) press('shoot_full') "
    "while not hook_shoot.is_ready() do sleep(10) end {1} "
    "local a=get_nd_current_ev96() hook_shoot.continue() release('shoot_full') "
    "while get_shooting() do sleep(10) end return a"
)


@pytest.mark.parametrize(
    ("before", "at_shot", "expected"),
    [
        ("", "", 0),
        ("set_nd_filter(1)", "", 288),
        ("", "set_nd_filter(1)", 288),
        ("set_nd_filter(1)", "set_nd_filter(2)", 0),
    ],
)
def test_the_filter_is_there_when_the_shot_is_taken(
    camera: Runner, before: str, at_shot: str, expected: int
) -> None:
    code = ND_AT_SHOT.format(before, at_shot)
    assert camera.values(code + ",get_nd_current_ev96()") == [expected, expected]
    assert camera.state.last_shot is not None
    assert camera.state.last_shot.nd == (expected > 0)
    assert camera.values(ND_AT_SHOT.format("", "")) == [0]


def test_values_change_when_the_shot_is_taken(camera: Runner) -> None:
    code = (
        "set_tv96_direct(700) set_sv96(500) local a,b=get_tv96(),get_sv96() shoot() "
        "return a,b,get_tv96(),get_sv96(),get_iso_market(),get_current_delta_sv96()"
    )
    assert camera.values(code) == [576, 411, 700, 500, 190, 89]


def test_in_a_shot_values_change_at_once(camera: Runner) -> None:
    code = (
        "press('shoot_half') while not get_shooting() do sleep(10) end "
        "local function shot() local n=hook_raw.count() click('shoot_full_only') "
        "while hook_raw.count()==n do sleep(10) end end "
        "set_tv96_direct(700) local tv=get_tv96() shot() set_tv96_direct(650) shot() shot() "
        f"release('shoot_half') {READY} return tv"
    )
    assert [tv for tv, _, _ in exposures(camera, code)] == [700, 650, 576]


def test_a_hook_sets_each_shot_of_a_series(camera: Runner) -> None:
    code = (
        "set_prop(102,1) hook_preshoot.set(86400000) press('shoot_full') "
        "for i=1,3 do while not hook_preshoot.is_ready() do sleep(10) end "
        "set_tv96_direct(600+i) if i==3 then release('shoot_full') end "
        f"hook_preshoot.continue() end while hook_raw.count()<3 do sleep(10) end {READY}"
    )
    assert [tv for tv, _, _ in exposures(camera, code)] == [601, 602, 603]


def test_in_play_mode_nothing_is_overridden(camera: Runner) -> None:
    camera.state.recording = False
    code = "set_tv96_direct(700) switch_mode_usb(1) while not get_mode() do sleep(10) end shoot()"
    assert exposures(camera, code) == [(576, 288, 411)]


# ---- pictures -----------------------------------------------------------------------------------


def grey_of(camera: Runner, code: str) -> float:
    """Take a picture, and return the light that the chart's grey of 0.19 comes out as."""
    (shot,) = shots_of(camera, code)
    with Image.open(io.BytesIO(pictures.jpeg(camera.state, shot))) as image:
        pixels = np.asarray(image, np.float64)
    x = round((0.03 + (0.36 - 0.03) * 3.5 / 6) * 640)
    y = round((0.67 + (0.96 - 0.67) * 3.5 / 4) * 480)
    return float((pixels[y - 3 : y + 4, x - 3 : x + 4].mean() / 255) ** 2.2)


@pytest.mark.parametrize(
    ("setting", "light"),
    [
        ("", 0.19),
        ("set_iso_mode(4)", 0.19),
        ("set_capture_mode(3) set_user_tv96(480)", 0.19),
        ("set_ev(-96)", 0.095),
        ("set_tv96_direct(480)", 0.38),
        ("set_sv96(315)", 0.095),
        ("set_av96_direct(384)", 0.095),
    ],
)
def test_pictures_are_as_bright_as_they_were_exposed(
    camera: Runner, setting: str, light: float
) -> None:
    assert grey_of(camera, f"{setting} shoot()") == pytest.approx(light, rel=0.04)


def test_a_dark_scene_gives_the_same_picture_until_the_camera_s_range_ends(camera: Runner) -> None:
    camera.state.bv96 -= 480
    assert grey_of(camera, "shoot()") == pytest.approx(0.19, rel=0.04)
    camera.state.bv96 = 453 - 1152  # 12 stops, of which 9 are in reach: 3 of ISO, 6 of time
    assert grey_of(camera, "shoot()") == pytest.approx(0.19 / 8, rel=0.15)


@pytest.mark.parametrize(
    ("given", "set_to"), [(0, 0), (2, 100), (49, 0), (50, 80), (90, 100), (149, 100), (9999, 1600)]
)
def test_the_iso_menu_takes_numbers_and_iso_values(camera: Runner, given: int, set_to: int) -> None:
    camera.values(f"set_iso_mode({given})")
    assert camera.state.prop(Prop.ISO_MODE) == set_to
    assert camera.values("return get_iso_mode()") == [MENU.index(set_to)]


MENU = (0, 80, 100, 200, 400, 800, 1600)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("set_user_tv96(100) return get_user_tv96(),get_user_tv_id()", [96, 3]),
        ("set_user_tv96(112) return get_user_tv96()", [128]),  # halfway: the shorter time
        ("set_user_tv96(-9999) return get_user_tv96(),get_user_tv_id()", [-384, -12]),
        ("set_user_tv96(9999) return get_user_tv96(),get_user_tv_id()", [1056, 33]),
        ("set_user_tv_by_id(5) set_user_tv_by_id(99) return get_user_tv96()", [160]),
        ("set_user_tv_by_id(33) set_user_tv_by_id_rel(1) return get_user_tv_id()", [33]),
        ("set_user_tv_by_id(33) set_user_tv_by_id_rel(-2) return get_user_tv_id()", [31]),
        ("set_user_av96(400) return get_user_av96(),get_user_av_id()", [416, 13]),
        ("set_user_av96(0) set_user_av_by_id(-99) return get_user_av96()", [288]),
        ("set_user_av_by_id(18) set_user_av_by_id_rel(1) return get_user_av_id()", [18]),
        ("set_prop(267,100) return get_user_tv96(),get_user_tv_id()", [100, 3]),
    ],
)  # fmt: skip
def test_what_the_user_sets_is_in_steps(camera: Runner, code: str, expected: list[int]) -> None:
    assert camera.values(code) == expected


@pytest.mark.parametrize(
    "change",
    [
        "set_user_tv96(96)",
        "set_user_tv_by_id(3)",
        "set_user_tv_by_id_rel(1)",
        "set_user_av96(384)",
        "set_user_av_by_id(12)",
        "set_user_av_by_id_rel(1)",
        "set_capture_mode(5)",
        "set_capture_mode_canon(1)",
    ],
)
def test_play_mode_ignores_what_the_user_sets(camera: Runner, change: str) -> None:
    camera.state.recording = False
    look = "get_user_tv96(),get_user_av96(),(select(3,get_mode()))"
    before = camera.values(f"return {look}")
    assert camera.values(f"{change} return {look}") == before


def test_the_mode_that_play_mode_refuses(camera: Runner) -> None:
    assert camera.values("return set_capture_mode(5),set_capture_mode(99)") == [True, False]
    camera.state.recording = False
    assert camera.values("return set_capture_mode(5)") == [False]


def test_what_is_no_time_and_no_sensitivity(camera: Runner) -> None:
    code = "return usec_to_tv96(0),usec_to_tv96(-1),seconds_to_tv96(0,5),seconds_to_tv96(1,0)"
    assert camera.values(code) == [-10000, -10000, -10000, 0]
    assert exposures(camera, "set_iso_real(0) set_iso_real(-5) shoot()") == [(576, 288, 411)]


@pytest.mark.parametrize("tv96", [-3000, -32768])
def test_an_exposure_without_end_has_one(camera: Runner, tv96: int) -> None:
    """It lasts for as many microseconds as the firmware's numbers can tell: 36 minutes."""
    camera.state.clock.speed = 1e5
    (shot,) = shots_of(camera, f"set_tv96_direct({tv96}) shoot()")
    with Image.open(io.BytesIO(pictures.jpeg(camera.state, shot))) as image:
        details = image.getexif().get_ifd(ExifTags.IFD.Exif)
    assert details[ExifTags.Base.ExposureTime] == pytest.approx(2147.483647)
