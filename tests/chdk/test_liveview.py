"""Live view frames: decoding against recorded pictures, broken frames, and the screen as shown."""

from __future__ import annotations

import io
import random
import struct
import subprocess
import sys
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.frames import bitmap_of, viewport_of
from support.liveview_frames import NASTY, Buffer, frame

from chdkshell.chdk.imaging.composite import MAX_SCREEN, composite, display_size
from chdkshell.chdk.imaging.liveview import Frame
from chdkshell.chdk.imaging.netpbm import write_pam, write_ppm
from chdkshell.errors import LiveViewError

VECTORS = Path(__file__).parent.parent / "data" / "liveview"
FRAMES = sorted(VECTORS.glob("*.frame"))

NO_BITMAP = Buffer(1, 8, 6)
NO_VIEWPORT = Buffer(2, 8, 6)


def test_all_vectors_are_here() -> None:
    assert len(FRAMES) == 12


@pytest.mark.parametrize("path", FRAMES, ids=lambda p: p.stem)
def test_vector_is_decoded_byte_for_byte(path: Path) -> None:
    parsed = Frame.parse(path.read_bytes())
    out = io.BytesIO()
    if path.stem.startswith("vp_"):
        write_ppm(out, viewport_of(parsed))
        expected = path.with_suffix(".ppm")
    else:
        write_pam(out, bitmap_of(parsed))
        expected = path.with_suffix(".pam")
    assert out.getvalue() == expected.read_bytes()


def test_header_and_descriptors() -> None:
    parsed = Frame.parse((VECTORS / "vp_yuv8.frame").read_bytes())
    assert parsed.version == (2, 2)
    viewport = parsed.viewport
    assert viewport is not None
    assert (viewport.type, viewport.buffer_width, viewport.width, viewport.height) == (
        0,
        40,
        32,
        10,
    )
    assert (viewport.screen_width, viewport.screen_height) == (40, 12)
    assert parsed.bitmap_rgba() is None, "the descriptor is there, the data is not"


# ---- any viewport -------------------------------------------------------------------------------


def clip(value: int) -> int:
    return min(max(value, 0), 255)


def signed(byte: int) -> int:
    return byte - 256 if byte > 127 else byte


def pixel(buffer: Buffer, x: int, y: int) -> tuple[int, int, int]:
    """One pixel by the formulas of the wire format, with plain integers."""
    pixels, size = (4, 6) if buffer.type == 0 else (2, 4)
    at = y * (buffer.buffer_width // pixels * size) + x // pixels * size
    unit = buffer.data[at : at + size]
    luma = (unit[1], *unit[3:])[x % pixels]
    u, v = (unit[i] - 128 if buffer.type == 2 else signed(unit[i]) for i in (0, 2))
    return (
        clip(((luma << 12) + v * 5743 + 2048) >> 12),
        clip(((luma << 12) - u * 1411 - v * 2925 + 2048) >> 12),
        clip(((luma << 12) + u * 7258 + 2048) >> 12),
    )


@given(
    kind=st.sampled_from([0, 2, 3]),
    width=st.integers(1, 13),
    height=st.integers(1, 4),
    units=st.integers(4, 6),
    noise=st.randoms(use_true_random=False),
)
@settings(max_examples=60, deadline=None)
def test_viewport_of_any_size_follows_the_formulas(
    kind: int, width: int, height: int, units: int, noise: Random
) -> None:
    buffer_width = units * 4
    size = buffer_width * height * (6 if kind == 0 else 8) // 4
    viewport = Buffer(kind, width, height, noise.randbytes(size), buffer_width)
    rgb = viewport_of(Frame.parse(frame(viewport, NO_BITMAP)))
    expected = [[pixel(viewport, x, y) for x in range(width)] for y in range(height)]
    assert rgb.tolist() == [[list(p) for p in row] for row in expected]


@pytest.mark.parametrize("minor", [0, 1, 2, 3])
def test_minor_versions_keep_the_layout(minor: int) -> None:
    data = bytearray(frame(Buffer(3, 2, 1, b"\0\x64\0\xc8"), NO_BITMAP, version=(2, minor)))
    assert viewport_of(Frame.parse(bytes(data))).tolist() == [[[100] * 3, [200] * 3]]


def test_before_2_2_there_is_no_opacity_in_the_header() -> None:
    """What stands in its place is the viewport's type, 0x7FFFFFFF here; nobody may follow it."""
    head = struct.pack("<7i", 2, 1, 0, 0, 0, 28, 64)
    odd = struct.pack("<9i", 0x7FFFFFFF, 0, 4, 4, 1, 0, 0, 0, 0)
    bitmap = struct.pack("<9i", 1, 100, 4, 4, 1, 0, 0, 0, 0)
    parsed = Frame.parse(head + odd + bitmap + b"\0\0\0\0")
    assert parsed.opacity is None
    assert bitmap_of(parsed)[0, 0].tolist() == [0, 0, 0, 0]


# ---- broken frames ------------------------------------------------------------------------------


def put(data: bytes, at: int, value: int) -> bytes:
    return data[:at] + struct.pack("<i", value) + data[at + 4 :]


VIEWPORT, BITMAP, OPACITY = 32, 68, 104
TYPE, OFFSET, BUFFER_WIDTH, WIDTH, HEIGHT = 0, 4, 8, 12, 16


@pytest.mark.parametrize(
    ("name", "at", "value", "says"),
    [
        ("vp_yuv8", 0, 1, "version 1.2"),
        ("vp_yuv8", 0, 3, "version 3.2"),
        ("vp_yuv8", 4, -1, "version 2.-1"),
        ("vp_yuv8", 20, 4, "viewport descriptor"),
        ("vp_yuv8", 20, -36, "viewport descriptor"),
        ("vp_yuv8", 20, 740 - 35, "viewport descriptor"),
        ("vp_yuv8", 24, 0x7FFFFFFF, "bitmap descriptor"),
        ("vp_yuv8", 28, 0x7FFFFFFF, "opacity descriptor"),
        ("vp_yuv8", VIEWPORT + TYPE, 1, "unknown viewport type 1"),
        ("vp_yuv8", VIEWPORT + TYPE, 4, "unknown viewport type 4"),
        ("vp_yuv8", VIEWPORT + TYPE, 5, "unknown viewport type 5"),
        ("vp_yuv8", VIEWPORT + TYPE, -1, "unknown viewport type -1"),
        ("vp_yuv8", VIEWPORT + TYPE, 2, "outside"),
        ("vp_yuv8", VIEWPORT + OFFSET, 141, "outside"),
        ("vp_yuv8", VIEWPORT + OFFSET, 8, "outside"),
        ("vp_yuv8", VIEWPORT + OFFSET, -140, "outside"),
        ("vp_yuv8", VIEWPORT + BUFFER_WIDTH, 28, "32 wide in a buffer of 28"),
        ("vp_yuv8", VIEWPORT + BUFFER_WIDTH, 38, "38 pixels wide"),
        ("vp_yuv8", VIEWPORT + BUFFER_WIDTH, 44, "outside"),
        ("vp_yuv8", VIEWPORT + BUFFER_WIDTH, 0x10000000, "outside"),
        ("vp_yuv8", VIEWPORT + BUFFER_WIDTH, -40, "negative"),
        ("vp_yuv8", VIEWPORT + WIDTH, -1, "negative"),
        ("vp_yuv8", VIEWPORT + WIDTH, 41, "41 wide"),
        ("vp_yuv8", VIEWPORT + HEIGHT, 11, "outside"),
        ("vp_yuv8", VIEWPORT + HEIGHT, 0x44444445, "outside"),
        ("vp_yuv8", VIEWPORT + HEIGHT, -1, "negative"),
        ("bm_pal3", 12, 6, "palette type 6"),
        ("bm_pal3", 12, -1, "palette type -1"),
        ("bm_pal3", 12, 0, "palette of no type"),
        ("bm_pal3", 16, 1484 - 1023, "palette"),
        ("bm_pal3", 16, 4, "palette"),
        ("bm_pal3", 16, -4, "palette"),
        ("bm_pal3", BITMAP + TYPE, 4, "unknown bitmap type 4"),
        ("bm_pal3", BITMAP + TYPE, 5, "unknown bitmap type 5"),
        ("bm_pal3", BITMAP + HEIGHT, 9, "outside"),
        ("bm_yuv8b_opacity", OPACITY + TYPE, 1, "unknown opacity type 1"),
        ("bm_yuv8b_opacity", OPACITY + WIDTH, 30, "30x8"),
        ("bm_yuv8b_opacity", OPACITY + HEIGHT, 7, "32x7"),
        ("bm_yuv8b_opacity", OPACITY + OFFSET, 653, "outside"),
    ],
)
def test_broken_frame_is_an_error(name: str, at: int, value: int, says: str) -> None:
    data = put((VECTORS / f"{name}.frame").read_bytes(), at, value)
    with pytest.raises(LiveViewError, match=says):
        decode_all(data)


@pytest.mark.parametrize("length", [0, 1, 27, 28, 31, 32, 103, 139])
def test_frame_cut_short_is_an_error(length: int) -> None:
    data = (VECTORS / "vp_yuv8.frame").read_bytes()[:length]
    with pytest.raises(LiveViewError):
        decode_all(data)


@pytest.mark.parametrize("at", [VIEWPORT + WIDTH, VIEWPORT + HEIGHT])
def test_viewport_of_size_zero_is_no_picture(at: int) -> None:
    data = put((VECTORS / "vp_yuv8.frame").read_bytes(), at, 0)
    assert Frame.parse(data).viewport_rgb() is None


def decode_all(data: bytes) -> list[np.ndarray]:
    parsed = Frame.parse(data)
    pictures = [
        (parsed.viewport, parsed.viewport_rgb(), 3),
        (parsed.bitmap, parsed.bitmap_rgba(), 4),
    ]
    shown = []
    for buffer, picture, depth in pictures:
        if picture is not None:
            assert buffer is not None
            assert picture.shape == (buffer.height, buffer.width, depth)
            assert picture.dtype == np.uint8
            shown.append(picture)
    return shown


def check_corners(data: bytes) -> None:
    """The first and the last pixel of a viewport are what the formulas say."""
    parsed = Frame.parse(data)
    rgb, said = parsed.viewport_rgb(), parsed.viewport
    if rgb is None or said is None:
        return
    buffer = Buffer(said.type, said.width, said.height, data[said.offset :], said.buffer_width)
    for x, y in ((0, 0), (said.width - 1, said.height - 1)):
        assert tuple(rgb[y, x].tolist()) == pixel(buffer, x, y)


def mutated(data: bytes, dice: random.Random) -> bytes:
    """Change up to four things: fields of header and descriptors mostly, bytes, the length."""
    out = data
    for _ in range(dice.randint(1, 4)):
        what = dice.random()
        if what < 0.75:
            value = dice.choice(NASTY) if dice.random() < 0.5 else dice.randint(-40, len(data) + 40)
            out = put(out, dice.randrange(0, 140, 4), value)
        elif what < 0.9 and out:
            at = dice.randrange(len(out))
            out = out[:at] + dice.randbytes(1) + out[at + 1 :]
        else:
            out = out[: dice.randint(0, len(out))]
    return out


def test_mutated_frames_give_an_error_or_a_picture() -> None:
    dice = random.Random(20)
    originals = [path.read_bytes() for path in FRAMES]
    errors = pictures = 0
    for number in range(10_000):
        data = mutated(originals[number % len(originals)], dice)
        try:
            pictures += bool(decode_all(data))
        except LiveViewError:
            errors += 1
        else:
            check_corners(data)
    assert errors > 3000
    assert pictures > 1000, "the mutations must leave something to decode"


def test_mutated_frames_on_a_screen_give_an_error_or_a_picture() -> None:
    dice = random.Random(21)
    originals = [path.read_bytes() for path in FRAMES]
    pictures = 0
    for number in range(1000):
        try:
            screen = composite(Frame.parse(mutated(originals[number % len(originals)], dice)))
        except LiveViewError:
            continue
        pictures += 1
        assert max(screen.shape) <= MAX_SCREEN
    assert pictures > 100


# ---- the screen ---------------------------------------------------------------------------------

GREY_8X6 = Buffer(3, 8, 6, b"\0\x64\0\x64" * 24)
RED_ON_CLEAR = bytes(4) + b"\x7f\x00\x80\x03" + bytes(4 * 254)
"""A palette of type 3 whose second entry is V 127, U 0, Y 128, opaque."""
RED = [255, 37, 128]


def test_screen_has_square_pixels() -> None:
    wide = Buffer(0, 720, 240, bytes(720 * 240 * 6 // 4))
    assert display_size(Frame.parse(frame(wide, NO_BITMAP))) == (720, 540)
    assert display_size(Frame.parse(frame(wide, NO_BITMAP, aspect=1))) == (720, 405)
    assert display_size(Frame.parse(frame(wide, NO_BITMAP, aspect=2))) == (720, 480)
    high = Buffer(0, 160, 240, bytes(160 * 240 * 6 // 4))
    assert display_size(Frame.parse(frame(high, NO_BITMAP))) == (320, 240)


def test_margins_place_the_viewport_and_the_overlay_covers_the_screen() -> None:
    viewport = Buffer(3, 8, 6, GREY_8X6.data, margins=(2, 1, 6, 5))
    overlay = Buffer(1, 16, 12, bytes(16) + b"\1" + bytes(16 * 11 - 1))
    data = frame(viewport, overlay, palette_type=3, palette=RED_ON_CLEAR)
    expected = np.zeros((12, 16, 3), np.uint8)
    expected[1:7, 2:10] = 100
    parsed = Frame.parse(data)
    assert composite(parsed, overlay=False).tolist() == expected.tolist()
    expected[1, 0] = RED
    assert composite(parsed).tolist() == expected.tolist()


def test_overlay_is_blended_by_its_alpha() -> None:
    palette = bytes(4) + b"\0\0\xff\x00" + bytes(4 * 254)
    data = frame(GREY_8X6, Buffer(1, 8, 6, b"\1" * 48), palette_type=3, palette=palette)
    screen = composite(Frame.parse(data))
    # 128/255 of white over 100.
    assert np.unique(screen).tolist() == [178]


def test_rows_are_doubled_where_pixels_are_wide() -> None:
    viewport = Buffer(3, 8, 3, b"\0\x64\0\x64" * 12)
    assert composite(Frame.parse(frame(viewport, NO_BITMAP))).shape == (6, 8, 3)


def test_overlay_alone_is_shown_on_black() -> None:
    overlay = Buffer(1, 8, 6, bytes(47) + b"\1")
    data = frame(NO_VIEWPORT, overlay, palette_type=3, palette=RED_ON_CLEAR)
    screen = composite(Frame.parse(data))
    assert screen[5, 7].tolist() == RED
    assert not screen[:5].any()


def test_negative_margins_of_a_mode_switch_count_as_none() -> None:
    viewport = Buffer(3, 8, 6, GREY_8X6.data, margins=(-4, -1, -4, -2))
    assert (composite(Frame.parse(frame(viewport, NO_BITMAP))) == 100).all()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (frame(NO_VIEWPORT, NO_BITMAP), "no picture"),
        (frame(GREY_8X6, NO_BITMAP, aspect=3), "LCD aspect 3"),
        (frame(GREY_8X6, NO_BITMAP, aspect=-1), "LCD aspect -1"),
        (
            frame(Buffer(3, 8, 6, GREY_8X6.data, margins=(0, 0, 0x7FFFFFF0, 0)), NO_BITMAP),
            "no LCD",
        ),
        (
            frame(Buffer(3, 8, 6, GREY_8X6.data, margins=(0, 4095, 0, 0)), NO_BITMAP),
            "no LCD",
        ),
    ],
)
def test_screen_that_cannot_be(data: bytes, says: str) -> None:
    with pytest.raises(LiveViewError, match=says):
        composite(Frame.parse(data))


def test_parsing_needs_no_numpy() -> None:
    code = (
        "import sys; from chdkshell.chdk.imaging import liveview, lvdump, netpbm, composite;"
        f"liveview.Frame.parse({GREY_FRAME!r});"
        "sys.exit('numpy' in sys.modules or 'PIL' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


GREY_FRAME = frame(GREY_8X6, NO_BITMAP)
