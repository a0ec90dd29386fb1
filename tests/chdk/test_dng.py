"""DNG files: putting them together, and reading them. test_dng_peers.py has other programs."""

from __future__ import annotations

import io
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from support.capture_replay import recorded_dng_header

from chdkshell.chdk.imaging.dng import DngFile, read_header
from chdkshell.chdk.imaging.dngwriter import DngWriter
from chdkshell.chdk.imaging.rawimage import Area, Mosaic, pack, patch_bad_pixels, unpack
from chdkshell.errors import DngError, UsageError
from chdkshell.sim.imaging.dng_header import ShotDetails, dng_header
from chdkshell.sim.imaging.sensor import Sensor

RECORDED = recorded_dng_header()

SMALL = Sensor(
    Mosaic(320, 240, 12, Area(4, 8, 236, 312), black=127, white=4095),
    Area(0, 0, 232, 304),
    dead_pixels=((50, 60), (51, 61), (63, 100), (64, 100), (65, 101), (129, 3), (200, 200)),
)


def shot(sensor: Sensor) -> ShotDetails:
    return ShotDetails(
        tv=672,
        av=320,
        iso=111,
        date="2025:11:21 08:09:13",
        hundredths=9,
        white_balance=sensor.white_balance,
    )


def colour_chart() -> NDArray[np.float64]:
    """Return 4 x 6 patches of linear light between 0.05 and 0.8."""
    patches = np.random.default_rng(3).uniform(0.05, 0.8, (4, 6, 3))
    patches[3] = np.linspace(0.05, 0.8, 6)[:, None]
    return patches


def make_dng(
    sensor: Sensor, light: NDArray[np.float64], first: int = 0, lines: int = 0, bad: int | None = 0
) -> bytes:
    file = io.BytesIO()
    writer = DngWriter(
        file,
        read_header(dng_header(sensor, shot(sensor))),
        first_line=first,
        lines=lines,
        bad_pixels=bad,
    )
    raw = sensor.expose(light, first_line=first, lines=lines)
    writer.begin(len(raw))
    for start in range(0, len(raw), 99_991):
        writer.write(raw[start : start + 99_991])
    writer.finish()
    return file.getvalue()


# ---- reading headers ----


def test_the_recorded_header() -> None:
    layout = read_header(RECORDED).layout
    assert layout.mosaic == Mosaic(
        4704, 3504, 12, Area(20, 60, 3502, 4700), (0, 1, 1, 2), 127, 4095
    )
    assert layout.thumbnail == (128, 96)
    assert (layout.thumbnail_offset, layout.raw_offset) == (1360, 38224)
    assert layout.raw_size == 24724224
    assert layout.neutral == (1.0, 1.0, 1.0)  # it was recorded where no white balance was known


def changed(offset: int, value: int) -> bytes:
    """Return the recorded header with another 32-bit number at `offset`."""
    return RECORDED[:offset] + struct.pack("<I", value) + RECORDED[offset + 4 :]


RAW_IFD = 422
"""Where the recorded header's directory of the raw frame starts; entries are 12 bytes from 2 on."""


def entry(index: int) -> int:
    """Return the offset of the value of an entry of that directory."""
    return RAW_IFD + 2 + 12 * index + 8


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (b"", "not a DNG file"),
        (RECORDED[:200], "DNG"),
        (b"\xff\xd8\xff\xe0" + bytes(1000), "not a DNG file"),
        (RECORDED + bytes(4), "1364 bytes"),
        (RECORDED[:-4], "1356 bytes"),
        (bytes(1 << 21), "2097152 bytes"),
        (changed(entry(1), 4705), "4705"),
        (changed(entry(1), 0x7FFFFFF8), "2147483640x3504"),
        (changed(entry(2), 0), "4704x0"),
        (changed(entry(3), 16), "16 bits"),
        (changed(entry(4), 7), "compressed"),
        (changed(entry(5), 2), "another kind"),
        (changed(entry(6), 5), "raw data at 5"),
        (changed(entry(9), 24724223), "size does not fit"),
        (changed(entry(15), 0x02020202), "Bayer"),
        (changed(entry(16), 4095), "black is 4095"),
        (changed(entry(17), 65535), "white 65535"),
        (changed(1230, 4000), "active area"),
    ],
)
def test_headers_that_are_refused(header: bytes, message: str) -> None:
    with pytest.raises(DngError) as caught:
        read_header(header)
    assert message in str(caught.value)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1245), st.integers(0, 255)), min_size=1, max_size=4))
def test_damaged_headers_are_understood_or_refused(changes: list[tuple[int, int]]) -> None:
    damaged = bytearray(RECORDED)
    for offset, value in changes:
        damaged[offset] = value
    try:
        layout = read_header(bytes(damaged)).layout
    except DngError:
        return
    assert layout.raw_size == layout.mosaic.width * layout.mosaic.height * 12 // 8


# ---- putting files together ----


def test_the_parts_of_a_file() -> None:
    header = dng_header(SMALL, shot(SMALL))
    light = colour_chart()
    file = make_dng(SMALL, light, bad=None)
    raw = SMALL.expose(light)
    assert file[: len(header)] == header
    assert len(file) == len(header) + 36864 + len(raw) == len(header) + 36864 + 320 * 240 * 3 // 2
    data = file[len(header) + 36864 :]
    assert data[:6] == bytes([raw[1], raw[0], raw[3], raw[2], raw[5], raw[4]])
    assert unpack(data, 320, 12, ">").tolist() == unpack(raw, 320, 12).tolist()


def test_files_of_the_recorded_sensor_have_the_recorded_size() -> None:
    file = io.BytesIO()
    writer = DngWriter(file, read_header(RECORDED), first_line=100, lines=50)
    assert writer.expected == 352800
    writer.write(bytes(352800))
    writer.finish()
    assert len(file.getvalue()) == 24762448


def test_a_sub_image_is_padded_with_white() -> None:
    file = make_dng(SMALL, colour_chart(), first=101, lines=30, bad=None)
    rows = unpack(file[-320 * 240 * 3 // 2 :], 320, 12, ">")
    whole = unpack(SMALL.expose(colour_chart()), 320, 12)
    assert (rows[:101] == 4095).all()
    assert (rows[131:] == 4095).all()
    assert (rows[101:131] == whole[101:131]).all()


@pytest.mark.parametrize(("first", "lines"), [(0, 0), (0, 64), (50, 15), (63, 67), (199, 2)])
def test_bad_pixels_are_patched_as_in_one_piece(first: int, lines: int) -> None:
    file = io.BytesIO()
    writer = DngWriter(
        file,
        read_header(dng_header(SMALL, shot(SMALL))),
        first_line=first,
        lines=lines,
        bad_pixels=0,
    )
    raw = SMALL.expose(colour_chart(), first_line=first, lines=lines)
    for start in range(0, len(raw), 1234):
        writer.write(raw[start : start + 1234])
    writer.finish()
    expected, count = patch_bad_pixels(unpack(raw, 320, 12), SMALL.mosaic, 0, first)
    rows = unpack(file.getvalue()[-320 * 240 * 3 // 2 :], 320, 12, ">")
    assert (rows[first : first + len(expected)] == expected).all()
    assert writer.patched == count > 0


def test_all_but_pixels_outside_the_active_area_are_patched() -> None:
    file = make_dng(SMALL, colour_chart(), bad=0)
    rows = unpack(file[-320 * 240 * 3 // 2 :], 320, 12, ">")
    assert np.argwhere(rows == 0).tolist() == [[129, 3]]


@pytest.mark.parametrize(("first", "lines"), [(-1, 2), (0, 241), (240, 0), (239, 2), (0, -1)])
def test_lines_that_the_frame_does_not_have(first: int, lines: int) -> None:
    with pytest.raises(UsageError, match="the frame has 240 lines"):
        DngWriter(
            io.BytesIO(), read_header(dng_header(SMALL, shot(SMALL))), first_line=first, lines=lines
        )


def test_too_much_and_too_little_raw_data() -> None:
    def writer() -> DngWriter:
        return DngWriter(io.BytesIO(), read_header(dng_header(SMALL, shot(SMALL))), lines=10)

    with pytest.raises(DngError, match="4801 bytes of raw data instead of 4800"):
        writer().begin(4801)
    with pytest.raises(DngError, match="instead of 4800"):
        writer().write(bytes(4801))
    short = writer()
    short.write(bytes(4799))
    with pytest.raises(DngError, match="4799"):
        short.finish()


def test_the_thumbnail_shows_the_scene() -> None:
    light = colour_chart()
    file = make_dng(SMALL, light)
    start = len(file) - 320 * 240 * 3 // 2 - 36864
    thumbnail = np.frombuffer(file[start : start + 36864], np.uint8).reshape(96, 128, 3)
    # No colour matrix here: greys come out as they are, colours less bright than they should.
    for column in range(6):
        patch = thumbnail[84, 128 * column // 6 + 10]
        assert patch == pytest.approx([light[3, column, 0] ** (1 / 2.2) * 255] * 3, abs=3)


def test_a_big_frame_needs_little_memory(tmp_path: Path) -> None:
    chunk = bytes(1 << 20)
    DngWriter(io.BytesIO(), read_header(RECORDED), lines=1)  # the parser's modules are loaded here
    with (tmp_path / "big.dng").open("wb") as file:
        tracemalloc.start()
        writer = DngWriter(file, read_header(RECORDED), bad_pixels=None)
        left = writer.expected
        while left:
            writer.write(chunk[:left])
            left -= min(left, len(chunk))
        writer.finish()
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert (tmp_path / "big.dng").stat().st_size == 24762448
    assert peak < 16 << 20


# ---- reading files ----


def test_a_file_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "a.dng"
    path.write_bytes(make_dng(SMALL, colour_chart(), bad=None))
    with DngFile(path) as dng:
        assert dng.layout.mosaic == SMALL.mosaic
        rows = np.concatenate([pixels for _, pixels in dng.bands()])
        assert pack(rows, 12) == SMALL.expose(colour_chart())
        assert [first for first, _ in dng.bands(100, 190)] == [100, 164]
        assert len(dng.thumbnail()) == 36864


def test_a_file_that_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "a.dng"
    path.write_bytes(make_dng(SMALL, colour_chart())[:-1])
    with pytest.raises(DngError, match="cut off"):
        DngFile(path)
