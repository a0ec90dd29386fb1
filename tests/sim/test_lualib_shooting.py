"""Modules in LUALIB for raw data, hooks and drawings, as scripts call them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.sim_camera import CameraRunner, power_on

PATIENT = "require'hookutil'.wait_ready_defaults.timeout=86400000 "
"""Has hooks be waited for as long as it takes."""

SHOOT = (
    f"{PATIENT} require'rawoplib' hook_raw.set(86400000) press('shoot_full') "
    "hook_raw.wait_ready() local X,Y=101,201 local p=rawop.get_pixel "
    "local function quad(x,y) return p(x,y),p(x+1,y),p(x,y+1),p(x+1,y+1) end "
)
"""The sensor's quads are red, green above green, blue, and begin at even numbers."""

DONE = "hook_raw.continue() release('shoot_full') return unpack(r)"


@pytest.fixture
def camera(tmp_path: Path) -> Iterator[CameraRunner]:
    runner = power_on(tmp_path)
    yield runner
    runner.camera.close()


# ---- rawoplib -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("rawop.fill_rect_rgbg(X,Y,5,5,11,22,33,44) {quad(100,200)}", [11, 22, 44, 33]),
        ("rawop.fill_rect_rgbg(X,Y,5,5,11,22,33) {quad(102,202)}", [11, 22, 22, 33]),
        (
            "rawop.fill_rect_rgbg(X,Y,20,20,1,1,1,1) rawop.rect_rgbg(X,Y,20,20,2,5,6,7,8) "
            "{quad(100,200)} {quad(118,218)} {quad(102,202)} {quad(120,200)}",
            [5, 6, 8, 7, 5, 6, 8, 7, 1, 1, 1, 1, None],
        ),
        (
            "rawop.fill_rect(X,Y,20,20,1) rawop.rect(X,Y,20,20,3,9) "
            "{p(X,Y),p(X+2,Y+2),p(X+3,Y+3),p(X+19,Y+19),p(X+16,Y+16)}",
            [9, 9, 1, 9, 1],
        ),
        ("rawop.fill_rect(X,Y,9,9,1) rawop.rect(X,Y,9,9,5,9) {p(X,Y)}", [1]),
        (
            "rawop.fill_rect_rgbg(X,Y,40,40,10,20,30,40) "
            "{rawop.meter_rgbg(X,Y,5,5,2,2)} {rawop.meter_rgb(X,Y,5,5,4,4)}",
            [10, 20, 30, 40, 10, 20, 30],
        ),
        ("{rawop.meter_rgb(X,Y,5,5,3,2)} {rawop.meter_rgbg(X,Y,5,5,2,1)}", []),
        ("{rawop.raw_to_ev96(rawop.get_raw_neutral())} {rawop.ev96_to_raw(0)}", None),
    ],
)
def test_rawoplib(camera: CameraRunner, code: str, expected: list[object] | None) -> None:
    """A part in braces is a list of values."""
    collected = code.replace("{", "add(").replace("}", ")")
    head = "local r={} local function add(...) for _,v in ipairs{...} do r[#r+1]=v end end "
    found = camera.values(SHOOT + head + collected + " " + DONE)
    if expected is None:
        expected = [0, *camera.values("return rawop.get_raw_neutral()")]
    count = expected.index(None) if None in expected else len(expected)
    assert found[:count] == expected[:count]
    assert len(found) >= len(expected)


# ---- hookutil -----------------------------------------------------------------------------------


def test_a_hook_is_waited_for(camera: CameraRunner) -> None:
    code = (
        f"{PATIENT} hook_shoot.set(86400000) hook_preshoot.set(86400000) press('shoot_full') "
        "local a=hook_preshoot.wait_ready() hook_preshoot.continue() "
        "local b=hook_shoot.wait_ready{timeout=86400001} hook_shoot.continue() "
        "release('shoot_full') return a,b"
    )
    assert camera.values(code) == [True, True]


def test_a_hook_that_is_not_reached(camera: CameraRunner) -> None:
    code = (
        "require'hookutil' hook_shoot.set(86400000) "
        "return hook_shoot.wait_ready{timeout=30,timeout_error=false}"
    )
    assert camera.values(code) == [False]
    assert camera.state.shutter.hook_shoot.timeout == 0
    code = "require'hookutil'.wait_ready_defaults.timeout=30 hook_raw.wait_ready()"
    assert camera.error(code) == ":1: hook_raw wait_ready timeout"


@pytest.mark.parametrize(
    ("options", "noise_reduction", "expected"),
    [
        ("raw_adj_tv=true,raw_adj_dfs=true", 0, 4000),
        ("raw_adj_tv=true,raw_adj_dfs=true", 1, 2000),
        ("raw_adj_tv=true", 0, 2000),
        ("", 0, 0),
    ],
)
def test_the_raw_hook_waits_for_the_exposure(
    camera: CameraRunner, options: str, noise_reduction: int, expected: int
) -> None:
    code = (
        f"set_raw_nr({noise_reduction}) get_tv96=function() return -96 end "
        f"return require'hookutil'.raw_timeout_tv_adjust{{{options}}}"
    )
    assert camera.values(code) == [expected]


# ---- drawings -----------------------------------------------------------------------------------

SPIES = (
    "require'drawings' local r={} for _,name in ipairs{'pixel','line','rect','rect_filled',"
    "'ellipse','ellipse_filled','string','clear'} do _G['draw_'..name]=function(...) "
    "r[#r+1]=table.concat({name,...},' ') end end "
)
"""Note what is drawn."""

ALL_KINDS = (
    "draw.add('pixel',1,2,'red') draw.add('line',1,2,3,4,'blue') draw.add('rect',1,2,3,4,'green',2)"
    "draw.add('rectf',1,2,3,4,'red','white',3) draw.add('elps',50,60,10,20,'yellow') "
    "draw.add('elpsf',50,60,10,20,300) draw.add('string',10,20,'text','white','black',2,3) "
)
DRAWN = [
    *("pixel 1 2 259", "line 1 2 3 4 265", "rect 1 2 3 4 262 2", "rect_filled 1 2 3 4 259 258 3"),
    *("ellipse 50 60 10 20 271", "ellipse_filled 50 60 10 20 300", "string 10 20 text 258 257 2 3"),
]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("draw.overdraw()", DRAWN),
        ("draw.redraw()", ["clear", *DRAWN]),
        ("draw.clear() draw.overdraw()", ["clear"]),
        ("draw.remove(2) draw.remove(7) draw.remove(99) draw.overdraw()", [DRAWN[0], *DRAWN[2:6]]),
        (
            "draw.replace(2,'pixel',5,6,'white') draw.overdraw()",
            [DRAWN[0], "pixel 5 6 258", *DRAWN[2:]],
        ),
    ],
)
def test_drawings_are_kept(camera: CameraRunner, code: str, expected: list[str]) -> None:
    assert camera.values(f"{SPIES}{ALL_KINDS}{code} return unpack(r)") == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("draw.add('pixel',1,2,3),draw.add('line',1,2,3,4,5),draw.add('what',1)", [1, 2, False]),
        ("draw.make_color('magenta'),draw.make_color(7),draw.make_color('none')", [275, 7, "none"]),
        ("draw.colors[2],draw.colors_map.trans,#draw.colors", ["black", 256, 20]),
        ("draw.unpack_cnf_colors(draw.pack_cnf_colors('red',257))", [259, 257]),
        ("draw.pack_cnf_colors('white','black')", [257 << 16 | 258]),
        ("draw.add('pixel',1,2,'red'),unpack(draw.get_params(1))", [1, "pixel", 1, 2, 259]),
        ("draw.add('pixel',1,2,3),draw.remove(1),#draw.get_params(1)", [1, None, 0]),
    ],
)
def test_drawings_and_colours(camera: CameraRunner, code: str, expected: list[object]) -> None:
    assert camera.values(f"require'drawings' return {code}") == expected


def test_drawings_come_to_the_screen(camera: CameraRunner) -> None:
    camera.host.execute(
        f"require'drawings' {ALL_KINDS} draw.overdraw() write_usb_msg('drawn') "
        "read_usb_msg(-1)".encode(),
        0x600,
    )
    assert camera.host.wait_news(60)
    assert [shape.kind for shape in camera.state.shown.shapes][-1] == "text"
    assert len(camera.state.shown.shapes) == len(DRAWN)
    camera.host.kill()
