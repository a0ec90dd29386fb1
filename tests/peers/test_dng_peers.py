"""DNG files of remote captures as exiftool, dcraw and rawpy (LibRaw) read them.

Each file is shot through `rcapture`, whole and as a sub-image, on each of the simulated sensors,
and has to show the colour chart that hangs before the camera.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from support.shooting_shell import shooting_shell
from support.timeouts import TIMEOUT

Peer = Callable[[str], str]
Develop = Callable[[Path, Peer], NDArray[np.uint8]]

LIGHT = (
    ((70, 7, 7), (70, 28, 7), (70, 49, 7), (70, 70, 7), (49, 70, 7), (28, 70, 7)),
    ((7, 70, 7), (7, 70, 28), (7, 70, 49), (7, 70, 70), (7, 49, 70), (7, 28, 70)),
    ((7, 7, 70), (28, 7, 70), (49, 7, 70), (70, 7, 70), (70, 7, 49), (70, 7, 28)),
    ((90, 90, 90), (59, 59, 59), (36, 36, 36), (19, 19, 19), (9, 9, 9), (3, 3, 3)),
)
"""The chart's fields: what part of red, green and blue light each reflects, in hundredths."""

CHART_LEFT, CHART_TOP, CHART_RIGHT, CHART_BOTTOM = 0.03, 0.67, 0.36, 0.96
"""Where it hangs, as parts of the picture."""


@dataclass(frozen=True, slots=True)
class Case:
    """A sensor: its frame, the picture in its active area, and lines of which the chart is in.

    `active` is top, left, bottom and right as DNG's ActiveArea has them, `crop` left, top, width
    and height of the picture in it. The lines start on an odd one, and end before the frame does.

    `tolerance` is in levels of 255. The darkest grey is 0.03: there a level is 0.0012 of the light,
    and half a step of the sensor, through white balance (2) and colour matrix (1.5), comes to 1.3
    levels with 992 steps, 0.3 with 3968, 0.1 with 15872. A developed byte adds half a level.
    """

    bits: int
    size: tuple[int, int]
    active: tuple[int, int, int, int]
    crop: tuple[int, int, int, int]
    levels: tuple[int, int]
    lines: tuple[int, int]
    tolerance: float


CASES = {
    10: Case(
        10, (3336, 2480), (8, 12, 2472, 3324), (8, 6, 3264, 2448), (31, 1023), (1601, 801), 2.0
    ),
    12: Case(
        12, (4704, 3504), (20, 60, 3502, 4700), (16, 13, 4608, 3456), (127, 4095), (2301, 1101), 1.0
    ),
    14: Case(
        14,
        (4496, 3366),
        (34, 80, 3366, 4496),
        (12, 12, 4416, 3312),
        (511, 16383),
        (2201, 1101),
        1.0,
    ),
}

WHOLE, PART = "whole", "sub-image"


def shoot(folder: Path, case: Case, part: str) -> Path:
    """Take a picture remotely, and return its DNG file."""
    lines = f"-s={case.lines[0]} -c={case.lines[1]}" if part == PART else ""
    with shooting_shell(folder / "card", sensor=case.bits) as shell:
        shell.run(f"rcapture -dng {lines} {folder}/shot")
    return folder / "shot.dng"


def by_rawpy(path: Path, peer: Peer) -> NDArray[np.uint8]:
    import rawpy

    with rawpy.imread(str(path)) as raw:
        picture: NDArray[np.uint8] = raw.postprocess(
            use_camera_wb=True,
            no_auto_bright=True,
            adjust_maximum_thr=0.0,  # else LibRaw stretches a picture without white in it
            gamma=(2.4, 12.92),
            output_color=rawpy.ColorSpace.sRGB,
            half_size=True,
            user_flip=0,
        )
    return picture


def by_dcraw(path: Path, peer: Peer) -> NDArray[np.uint8]:
    dcraw = peer("dcraw")
    command = [dcraw, "-c", "-w", "-W", "-h", "-o", "1", "-g", "2.4", "12.92", str(path)]
    output = subprocess.run(command, capture_output=True, check=True, timeout=TIMEOUT).stdout
    magic, size, _, pixels = output.split(b"\n", 3)
    assert magic == b"P6"
    width, height = map(int, size.split())
    return np.frombuffer(pixels, np.uint8).reshape(height, width, 3)


def encoded(light: float) -> float:
    """Return linear light as a byte of sRGB (IEC 61966-2-1)."""
    return 255 * (12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055)


def error_of(picture: NDArray[np.uint8], case: Case) -> float:
    """Return how far the chart in a picture of half the size is from the scene's, at most."""
    top, left, bottom, right = case.active
    assert picture.shape == ((bottom - top) // 2, (right - left) // 2, 3)
    crop_left, crop_top, width, height = (value / 2 for value in case.crop)
    errors = []
    for row, fields in enumerate(LIGHT):
        for column, light in enumerate(fields):
            across = CHART_LEFT + (CHART_RIGHT - CHART_LEFT) * (column + 0.5) / 6
            down = CHART_TOP + (CHART_BOTTOM - CHART_TOP) * (row + 0.5) / 4
            x, y = round(crop_left + across * width), round(crop_top + down * height)
            field = picture[y - 9 : y + 10, x - 9 : x + 10].reshape(-1, 3).mean(axis=0)
            errors += [abs(field[i] - encoded(light[i] / 100)) for i in range(3)]
    return float(max(errors))


@pytest.mark.parametrize("develop", [by_dcraw, by_rawpy])
@pytest.mark.parametrize("part", [WHOLE, PART])
@pytest.mark.parametrize("bits", CASES)
def test_a_dng_file_develops_to_the_scene(
    tmp_path: Path, peer: Peer, bits: int, part: str, develop: Develop
) -> None:
    case = CASES[bits]
    picture = develop(shoot(tmp_path, case, part), peer)
    assert error_of(picture, case) < case.tolerance
    if part == PART:  # the lines that were not fetched are white, and only they
        above = (case.lines[0] - case.active[0]) // 2
        below = -(-(sum(case.lines) - case.active[0]) // 2)
        assert picture[:above].min() == picture[below:].min() == 255
        assert picture[above + 1 : below - 1].min(axis=(1, 2)).max() < 255


RAW_DIRECTORY = 422
"""Where the raw frame's directory starts in a header of CHDK's; entries are 12 bytes from 2 on."""


def shift_colours(header: bytearray) -> None:
    """Say that the filters begin one column further: GRBG for RGGB (entry 15, CFAPattern)."""
    at = RAW_DIRECTORY + 2 + 12 * 15 + 8
    assert header[at : at + 4] == b"\0\1\1\2"
    header[at : at + 4] = b"\1\0\2\1"


def lower_black(header: bytearray) -> None:
    """Say that black is a tenth lower than it is: 114 for 127 (entry 16, BlackLevel)."""
    at = RAW_DIRECTORY + 2 + 12 * 16 + 8
    assert header[at : at + 4] == b"\x7f\0\0\0"
    header[at] = 114


def lower_white(header: bytearray) -> None:
    """Say that white is 4000 for 4095 (entry 17, WhiteLevel)."""
    at = RAW_DIRECTORY + 2 + 12 * 17 + 8
    assert header[at : at + 4] == b"\xff\x0f\0\0"
    header[at : at + 2] = (4000).to_bytes(2, "little")


@pytest.mark.parametrize("develop", [by_dcraw, by_rawpy])
@pytest.mark.parametrize("damage", [shift_colours, lower_black, lower_white])
def test_the_comparison_sees_a_wrong_header(
    tmp_path: Path, peer: Peer, develop: Develop, damage: Callable[[bytearray], None]
) -> None:
    path = shoot(tmp_path, CASES[12], PART)
    file = bytearray(path.read_bytes())
    damage(file)
    path.write_bytes(file)
    assert error_of(develop(path, peer), CASES[12]) > 2 * CASES[12].tolerance


@pytest.mark.parametrize("part", [WHOLE, PART])
@pytest.mark.parametrize("bits", CASES)
def test_exiftool_reads_the_header_and_finds_no_fault(
    tmp_path: Path, peer: Peer, bits: int, part: str
) -> None:
    case = CASES[bits]
    path = shoot(tmp_path, case, part)
    command = [peer("exiftool"), "-json", "-n", "-G1", "-a", "-validate", "-all", str(path)]
    shown = subprocess.run(
        command, capture_output=True, check=True, text=True, timeout=TIMEOUT
    ).stdout
    tags = json.loads(shown)[0]
    assert tags["ExifTool:Validate"] == "0 0 0"  # errors, warnings, minor ones
    width, height = case.size
    left, top, crop_width, crop_height = case.crop
    expected = {
        "File:FileType": "DNG",
        "IFD0:Model": "Canon PowerShot SIM1",
        "SubIFD:ImageWidth": width,
        "SubIFD:ImageHeight": height,
        "SubIFD:BitsPerSample": bits,
        "SubIFD:StripByteCounts": width * height * bits // 8,
        "SubIFD:CFAPattern2": "0 1 1 2",
        "SubIFD:BlackLevel": case.levels[0],
        "SubIFD:WhiteLevel": case.levels[1],
        "SubIFD:ActiveArea": " ".join(map(str, case.active)),
        "SubIFD:DefaultCropOrigin": f"{left} {top}",
        "SubIFD:DefaultCropSize": f"{crop_width} {crop_height}",
        "ExifIFD:ExposureTime": 1 / 64,
        "ExifIFD:FNumber": 2.8,
        "ExifIFD:ISO": 100,
    }
    assert {name: tags.get(name) for name in expected} == expected
    preview = [peer("exiftool"), "-b", "-ThumbnailTIFF", str(path)]
    thumbnail = subprocess.run(preview, capture_output=True, check=True, timeout=TIMEOUT).stdout
    assert thumbnail[:4] == b"II*\0"
    assert len(thumbnail) > 128 * 96 * 3
