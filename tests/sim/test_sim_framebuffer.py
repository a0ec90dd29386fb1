"""The simulated camera's frame buffers, bit by bit, by code that neither side shares."""

from __future__ import annotations

import numpy as np
import pytest

from chdkshell.chdk.imaging.rawimage import unpack
from chdkshell.sim.imaging.framebuffer import bytes_of_row, frame_bytes
from chdkshell.sim.imaging.sensor import SENSORS


def stream_in_words(values: list[int], bits: int) -> bytes:
    """Return pixels as a text of bits, cut into little-endian words of 16."""
    text = "".join(f"{value:0{bits}b}" for value in values)
    return b"".join(
        int(text[at : at + 16], 2).to_bytes(2, "little") for at in range(0, len(text), 16)
    )


@pytest.mark.parametrize("bits", [10, 12, 14])
def test_pixels_are_one_stream_of_bits_in_little_endian_words(bits: int) -> None:
    rows = np.random.default_rng(bits).integers(0, 1 << bits, (3, 48), np.uint16)
    expected = b"".join(stream_in_words([int(v) for v in row], bits) for row in rows)
    assert frame_bytes(rows, bits) == expected
    assert len(expected) == 3 * bytes_of_row(48, bits)
    assert (unpack(expected, 48, bits) == rows).all()


def test_ten_bits_by_hand() -> None:
    # 1111111111 0000000000 1010101010 ... -> FFC0 0AA8, low byte first
    pixels = np.array([[0x3FF, 0, 0x2AA, 0, 0, 0, 0, 1]], np.uint16)
    assert frame_bytes(pixels, 10) == bytes.fromhex("c0ff a80a 0000 0000 0100".replace(" ", ""))


def test_what_a_sensor_cannot_read_is_left_out() -> None:
    assert frame_bytes(np.full((1, 4), 0xF001, np.uint16), 12) == stream_in_words([1] * 4, 12)


@pytest.mark.parametrize(("width", "bits"), [(3, 12), (0, 12), (7, 10)])
def test_rows_end_on_a_word(width: int, bits: int) -> None:
    with pytest.raises(ValueError, match="whole words"):
        bytes_of_row(width, bits)


@pytest.mark.parametrize("bits", SENSORS)
def test_a_frame_has_its_size(bits: int) -> None:
    sensor = SENSORS[bits]
    frame = sensor.expose(np.full((2, 2, 3), 0.5), first_line=0, lines=70)
    assert len(frame) == 70 * sensor.mosaic.width * bits // 8
