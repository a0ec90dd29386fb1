"""Raw data in the raw hook of the simulated camera, and histograms of shots."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from support.sim_camera import CameraRunner, power_on

from chdkshell.sim.imaging.sensor import SENSORS

IN_HOOK = (
    "hook_raw.set(86400000) press('shoot_full') while not hook_raw.is_ready() do sleep(10) end "
    "local function f() {} end local r={{f()}} hook_raw.continue() release('shoot_full') "
    "while get_shooting() do sleep(10) end return unpack(r)"
)


@pytest.fixture
def camera(tmp_path: Path) -> Iterator[CameraRunner]:
    runner = power_on(tmp_path / "card")
    yield runner
    runner.camera.close()


def in_hook(camera: CameraRunner, code: str) -> list[object]:
    return camera.values(IN_HOOK.format(code))


def test_what_the_sensor_is(camera: CameraRunner) -> None:
    names = (
        "bits_per_pixel black_level white_level raw_width raw_height active_left active_top "
        "active_width active_height jpeg_left jpeg_top jpeg_width jpeg_height cfa raw_neutral"
    )
    code = ",".join(f"rawop.get_{name}()" for name in names.split())
    mosaic, jpeg = SENSORS[12].mosaic, SENSORS[12].jpeg
    assert camera.values("return " + code) == [
        *(12, 127, 4095, 4704, 3504, 60, 20, 4640, 3482),
        *(mosaic.active.left + jpeg.left, mosaic.active.top + jpeg.top),
        *(jpeg.width, jpeg.bottom - jpeg.top, 0x02010100, 722),
    ]
    places = "local o=rawop.get_cfa_offsets() return o.r.x,o.r.y,o.g1.x,o.g2.y,o.b.x,o.b.y"
    assert camera.values(places) == [0, 0, 1, 1, 1, 1]


@pytest.mark.parametrize(
    "call",
    [
        "rawop.get_pixel(1,1)",
        "rawop.set_pixel(1,1,1)",
        "rawop.get_pixels_rgbg(1,1)",
        "rawop.set_pixels_rgbg(1,1,1,1,1)",
        "rawop.fill_rect(1,1,1,1,1)",
        "rawop.meter(1,1,1,1,1,1)",
        "rawop.create_histogram():update(1,1,1,1,1,1)",
    ],
)
def test_outside_the_hook_there_are_no_data(camera: CameraRunner, call: str) -> None:
    assert camera.error(call) == ":1: raw data not available"


def test_pixels_are_those_of_the_file(camera: CameraRunner) -> None:
    code = (
        "return rawop.get_pixel(2000,1000),rawop.meter(2000,1000,10,10,2,2),"
        "rawop.get_pixels_rgbg(2001,1001)"
    )
    pixel, mean, red, green, blue, other = in_hook(camera, "set_raw(1) " + code)
    assert pixel == red
    packed = np.fromfile(camera.root / "DCIM/100___11/CRW_0001.CRW", "<u2").reshape(3504, -1)
    bits = np.unpackbits(packed.astype(">u2").view(np.uint8), axis=1).reshape(3504, 4704, 12)
    values = bits[1000:1020, 2000:2020] @ (1 << np.arange(11, -1, -1))
    assert mean == int(values[::2, ::2].sum()) // 100
    assert [red, green, blue, other] == [values[0, 0], values[0, 1], values[1, 1], values[1, 0]]


def test_what_a_script_draws_is_in_the_file(camera: CameraRunner) -> None:
    code = (
        "set_raw(1) rawop.fill_rect(0,0,4,2,4095) rawop.set_pixel(1,0,0xABC) "
        "rawop.set_pixels_rgbg(8,0,1,2,3) rawop.fill_rect(9000,0,1,1,1) "
        "return rawop.get_pixel(0,0),rawop.get_pixel(1,0),rawop.get_pixels_rgbg(9,1)"
    )
    assert in_hook(camera, code) == [4095, 0xABC, 1, 2, 3, 2]
    row = (camera.root / "DCIM/100___11/CRW_0001.CRW").read_bytes()[:6]
    assert row[1::-1] + row[3:1:-1] + row[5:3:-1] == bytes.fromhex("fffabcffffff")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("return rawop.get_pixel(4704,0),rawop.get_pixel(-1,0)", []),
        ("return rawop.meter(0,0,5000,1,1,1)", []),
        ("return rawop.meter(0,0,4704,3504,1,1)", []),
        ("return rawop.meter(0,0,0,1,1,1)", []),
        ("return rawop.get_pixels_rgbg(4704,0)", []),
        ("return rawop.get_pixel(0,0)", [127]),
    ],
)
def test_what_lies_outside(camera: CameraRunner, code: str, expected: list[object]) -> None:
    assert [value for value in in_hook(camera, code) if value is not None] == expected


def test_values_and_ev(camera: CameraRunner) -> None:
    code = (
        "return rawop.raw_to_ev(rawop.get_raw_neutral()),rawop.raw_to_ev(1317),"
        "rawop.ev_to_raw(0),rawop.ev_to_raw(96),rawop.ev_to_raw(1000,1000),rawop.raw_to_ev(0)"
    )
    assert camera.values(code) == [0, 96, 722, 1317, 1317, -885]


def test_a_histogram_of_a_region(camera: CameraRunner) -> None:
    code = (
        "rawop.fill_rect(100,100,10,10,2048) local h=rawop.create_histogram() "
        "h:update(100,100,20,10,1,1,1) local a,b=h:range(1,1),h:range(1,1,'count') "
        "h:update(100,100,10,10,3,3) "
        "return type(h),a>=500,b>=100,h:total_pixels(),h:bits(),h:range(2048,2048),"
        "h:range(0,4095,100)"
    )
    assert in_hook(camera, code) == ["userdata", True, True, 16, 12, 1000, 100]


@pytest.mark.parametrize(
    ("call", "text"),
    [
        ("h:range(0,1)", "no data"),
        ("h:bits()", "no data"),
        ("h:update(0,0,1,1,1,1,13)", "invalid bit depth"),
        ("h:update(0,0,1,1,0,1)", "invalid update area"),
        ("h:update(0,0,1,1,1,1) h:range(2,1)", "invalid range"),
        ("h:update(0,0,1,1,1,1) h:range(0,1,'x')", "invalid format"),
        ("h:update(0,0,1,1,1,1) h:free() h:range(0,1)", "no data"),
        ("h.bits(5)", "bad argument #1 to 'bits' (rawop.histo_meta expected, got number)"),
        ("h:update('x')", "bad argument #1 to 'update' (number expected, got string)"),
    ],
)
def test_histograms_refuse(camera: CameraRunner, call: str, text: str) -> None:
    code = f"local ok,e=pcall(function() local h=rawop.create_histogram() {call} end) return e"
    assert in_hook(camera, code) == [f":1: {text}"]


def test_the_histogram_of_a_shot(camera: CameraRunner) -> None:
    code = (
        "local a=get_histo_range(0,1023) shot_histo_enable(1) local b=get_histo_range(0,9) shoot() "
        "local dark,bright=get_histo_range(0,511),get_histo_range(512,1023) "
        "shot_histo_write_to_file() "
        "return a,b,get_histo_range(0,1023),math.abs(dark+bright-100)<2,dark>bright"
    )
    assert camera.values(code) == [-1, 0, 100, True, True]
    assert (camera.root / "DCIM/100___11/HST_0001.DAT").stat().st_size == 2048
    assert camera.values("return get_histo_range(0,1023)") == [-1]
