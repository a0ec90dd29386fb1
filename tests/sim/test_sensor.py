"""The simulated sensor and the DNG headers it comes with, against the recorded ones."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from support.capture_replay import recorded_dng_header

from chdkshell.chdk.imaging.rawimage import unpack
from chdkshell.sim.imaging.dng_header import ShotDetails, dng_header
from chdkshell.sim.imaging.sensor import SENSORS

RECORDED_SHOT = ShotDetails(
    tv=672,
    av=320,
    iso=111,
    date="2026:11:21 08:09:13",
    hundredths=9,
    white_balance=(0, 0, 0),
    model="Canon PowerShot REFCAM",
    software="1.7.0 ver. 1.7.0-refcam",
    artist="refcam",
)


def test_the_header_is_the_recorded_one_byte_for_byte() -> None:
    assert len(recorded_dng_header()) == 1360
    assert dng_header(SENSORS[12], RECORDED_SHOT) == recorded_dng_header()


@pytest.mark.parametrize(("bits", "size"), [(10, 10341600), (12, 24724224), (14, 26483688)])
def test_frames_have_the_size_of_the_sensor(bits: int, size: int) -> None:
    sensor = SENSORS[bits]
    assert sensor.raw_size == size
    assert len(sensor.expose(np.zeros((2, 2, 3)), lines=3)) == 3 * sensor.row_bytes


def test_a_frame_is_the_same_in_parts() -> None:
    sensor = SENSORS[12]
    light = np.random.default_rng(7).random((30, 40, 3))
    part = sensor.expose(light, first_line=1490, lines=50)
    whole = sensor.expose(light)
    assert whole[1490 * 7056 : 1540 * 7056] == part
    assert len(part) == 352800


@pytest.mark.parametrize("bits", [10, 12, 14])
def test_light_makes_the_sensor_s_values(bits: int) -> None:
    sensor = SENSORS[bits]
    mosaic = sensor.mosaic
    rows = unpack(sensor.expose(np.ones((2, 2, 3)), lines=200), mosaic.width, bits)
    assert rows[: mosaic.active.top].max() == mosaic.black
    assert rows[:, : mosaic.active.left].max() == mosaic.black
    lit = rows[mosaic.active.top :, mosaic.active.left : mosaic.active.right]
    assert lit.max() == mosaic.white
    # White answers in the ratio that the header's white balance undoes.
    red, green = int(lit[0, 0]) - mosaic.black, int(lit[0, 1]) - mosaic.black
    gains = sensor.white_balance
    assert red * gains[0] == pytest.approx(green * gains[1], rel=0.005)
    darker = unpack(sensor.expose(np.ones((2, 2, 3)), 0.25, lines=200), mosaic.width, bits)
    assert darker.max() - mosaic.black == pytest.approx((mosaic.white - mosaic.black) / 4, abs=1)


def test_dead_pixels_read_zero() -> None:
    sensor = SENSORS[12]
    row, column = sensor.dead_pixels[0]
    rows = unpack(sensor.expose(np.ones((1, 1, 3)), first_line=row, lines=1), 4704, 12)
    assert np.flatnonzero(rows[0] == 0).tolist() == [column]


def test_what_a_header_says_of_a_shot() -> None:
    shot = ShotDetails(
        tv=-96, av=480, iso=400, date="2025:01:02 03:04:05", hundredths=50, white_balance=(1, 2, 3)
    )
    header = dng_header(SENSORS[14], shot)
    assert b"2025:01:02 03:04:05\0" in header
    assert struct.pack("<6I", 1000, 1, 1000, 2, 1000, 3) in header
    assert struct.pack("<II", 2_000_000, 1_000_000) in header  # two seconds
    assert struct.pack("<II", 56, 10) in header  # f/5.6
    assert struct.pack("<HHII", 0x102, 3, 1, 14) in header
    assert len(header) % 4 == 0
