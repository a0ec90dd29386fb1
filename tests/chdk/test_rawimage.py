"""Packing of raw pixels, bad pixels and thumbnails. Packed bytes are typed by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from chdkshell.chdk.imaging.rawimage import (
    Area,
    Mosaic,
    ThumbnailMaker,
    pack,
    patch_bad_pixels,
    row_bytes,
    swap_words,
    unpack,
)

# Each row: one pixel after the other has all its bits set, with the words as the camera has them.
# 10 bits: the stream ff c0 00 3f f0 00 ... is words ffc0 003f f000 ...
ONE_PIXEL = {
    10: [
        "c0ff 0000 0000 0000 0000",
        "3f00 00f0 0000 0000 0000",
        "0000 fc0f 0000 0000 0000",
        "0000 0300 00ff 0000 0000",
        "0000 0000 ff00 00c0 0000",
        "0000 0000 0000 f03f 0000",
        "0000 0000 0000 0f00 00fc",
        "0000 0000 0000 0000 ff03",
    ],
    12: ["f0ff 0000 0000", "0f00 00ff 0000", "0000 ff00 00f0", "0000 0000 ff0f"],
    14: [
        "fcff 0000 0000 0000 0000 0000 0000",
        "0300 f0ff 0000 0000 0000 0000 0000",
        "0000 0f00 c0ff 0000 0000 0000 0000",
        "0000 0000 3f00 00ff 0000 0000 0000",
        "0000 0000 0000 ff00 00fc 0000 0000",
        "0000 0000 0000 0000 ff03 00f0 0000",
        "0000 0000 0000 0000 0000 ff0f 00c0",
        "0000 0000 0000 0000 0000 0000 ff3f",
    ],
}


@pytest.mark.parametrize(
    ("bits", "index", "text"),
    [(bits, index, text) for bits, rows in ONE_PIXEL.items() for index, text in enumerate(rows)],
)
def test_where_each_pixel_lies(bits: int, index: int, text: str) -> None:
    data = bytes.fromhex(text)
    width = len(ONE_PIXEL[bits])
    pixels = np.zeros((1, width), np.uint16)
    pixels[0, index] = (1 << bits) - 1
    assert unpack(data, width, bits).tolist() == pixels.tolist()
    assert pack(pixels, bits) == data
    swapped = b"".join(data[i : i + 2][::-1] for i in range(0, len(data), 2))
    assert swap_words(data) == swapped
    assert unpack(swapped, width, bits, ">").tolist() == pixels.tolist()
    assert pack(pixels, bits, ">") == swapped


def test_pixels_as_the_firmware_packs_them() -> None:
    """The first bytes of "raw lines: chunk 1" in the recorded capture."""
    data = bytes.fromhex("000c0cc1c100200c0cc3c320400c0cc5c540")
    values = [0xC0, 0xC1, 0xC0, 0xC1, 0xC2, 0xC3, 0xC2, 0xC3, 0xC4, 0xC5, 0xC4, 0xC5]
    assert unpack(data, 12, 12).tolist() == [values]


@given(
    st.sampled_from([10, 12, 14]),
    st.integers(1, 3),
    st.integers(1, 3),
    st.sampled_from(["<", ">"]),
    st.data(),
)
def test_what_was_packed_comes_back(
    bits: int, blocks: int, height: int, order: str, data: st.DataObject
) -> None:
    width = blocks * 8
    size = row_bytes(width, bits) * height
    packed = data.draw(st.binary(min_size=size, max_size=size))
    assert order in ("<", ">")
    pixels = unpack(packed, width, bits, order)  # type: ignore[arg-type]
    assert pixels.shape == (height, width)
    assert pack(pixels, bits, order) == packed  # type: ignore[arg-type]


@pytest.mark.parametrize(("width", "bits"), [(7, 10), (6, 12), (12, 14), (8, 9), (8, 16), (0, 12)])
def test_rows_that_cannot_be(width: int, bits: int) -> None:
    with pytest.raises(ValueError, match="no frame buffer"):
        row_bytes(width, bits)


def test_data_that_is_not_whole_rows() -> None:
    with pytest.raises(ValueError, match="7 bytes"):
        unpack(bytes(7), 4, 12)


def mosaic(width: int = 8, height: int = 8, **changes: object) -> Mosaic:
    values = {"active": Area(0, 0, height, width), "black": 10, "white": 1023, **changes}
    return Mosaic(width, height, 10, **values)  # type: ignore[arg-type]


def flat(value: int = 100) -> NDArray[np.uint16]:
    return np.full((8, 8), value, np.uint16)


def test_a_bad_green_pixel_becomes_the_mean_of_its_diagonal_neighbours() -> None:
    rows = flat()
    rows[3, 4] = 0  # green: red is at even rows and columns
    rows[2, 3], rows[2, 5], rows[4, 3], rows[4, 5] = 20, 40, 60, 81
    patched, count = patch_bad_pixels(rows, mosaic(), 0)
    assert count == 1
    assert patched[3, 4] == 50
    assert rows[3, 4] == 0
    patched[3, 4] = 0
    assert (patched == rows).all()


def test_a_bad_red_pixel_becomes_the_mean_of_good_ones_two_away() -> None:
    rows = flat()
    rows[4, 4] = 5
    rows[2, 4], rows[6, 4], rows[4, 2], rows[4, 6] = 30, 3, 10, 50  # bad: 3; at black: 10
    patched, count = patch_bad_pixels(rows, mosaic(), 5)
    assert patched[4, 4] == 40
    assert count == 2
    assert patched[6, 4] == 100


def test_bad_pixels_at_the_edge_and_without_good_neighbours() -> None:
    rows = flat()
    rows[0, 0] = 0
    patched, count = patch_bad_pixels(rows, mosaic(), 0)
    assert (patched[0, 0], count) == (100, 1)
    patched, count = patch_bad_pixels(np.zeros((8, 8), np.uint16), mosaic(), 0)
    assert (int(patched.max()), count) == (0, 0)


def test_bad_pixels_outside_the_active_area_stay() -> None:
    rows = flat(0)
    rows[2:6, 2:6] = 100
    rows[3, 3] = 0
    patched, count = patch_bad_pixels(rows, mosaic(active=Area(2, 2, 6, 6)), 0)
    assert count == 1
    assert patched[3, 3] == 100
    assert patched[0].max() == 0
    # The same rows, but told to lie further down in the frame, below the active area.
    assert patch_bad_pixels(rows, mosaic(active=Area(2, 2, 6, 6)), 0, first_row=100)[1] == 0


def test_colours_count_from_the_active_area() -> None:
    odd = mosaic(active=Area(1, 1, 7, 7))
    assert [odd.colour_at(1, 1), odd.colour_at(0, 1), odd.colour_at(2, 2)] == [0, 1, 2]
    rows = flat()
    rows[3, 3] = 0  # red here, so it takes the pixels two away
    rows[1, 3] = rows[5, 3] = rows[3, 1] = rows[3, 5] = 60
    assert patch_bad_pixels(rows, odd, 0)[0][3, 3] == 60


def test_a_thumbnail_has_the_colours_of_the_frame() -> None:
    shape = mosaic(16, 8, active=Area(2, 4, 8, 16), black=23, white=1023)
    rows = np.zeros((8, 16), np.uint16)
    rows[2::2, 4::2] = 1023  # red, at white
    rows[2::2, 5::2] = 23  # green, at black
    rows[3::2, 4::2] = 23
    rows[3::2, 5::2] = 23 + 250  # blue, a quarter of the light
    maker = ThumbnailMaker(shape, 3, 3, (1.0, 1.0, 1.0))
    assert [row for row in range(8) if maker.wants(row)] == [2, 3, 4, 5, 6, 7]
    for number, row in enumerate(rows):
        maker.add(number, row)
    picture = maker.picture()
    assert picture.shape == (3, 3, 3)
    # 255 * 0.25 ** (1 / 2.2) = 135.8
    assert picture.reshape(-1, 3).tolist() == [[255, 0, 136]] * 9


def test_a_thumbnail_is_balanced_by_what_the_sensor_takes_for_white() -> None:
    shape = mosaic(black=0, white=1000)
    rows = np.zeros((8, 8), np.uint16)
    rows[0::2, 0::2] = 250
    rows[0::2, 1::2] = rows[1::2, 0::2] = 500
    rows[1::2, 1::2] = 125
    maker = ThumbnailMaker(shape, 2, 2, (0.5, 1.0, 0.25))
    for number, row in enumerate(rows):
        maker.add(number, row)
    picture = maker.picture()
    assert picture.min() == picture.max() == 186  # 255 * 0.5 ** (1 / 2.2) = 186.1
