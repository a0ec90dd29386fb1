"""DNG headers, byte for byte as CHDK builds them (modules/dng.c).

Three directories follow each other: the picture's, the raw frame's and that of the Exif data; then
come, in the same order, the values that have no place in their entries.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from chdkshell.sim.imaging.sensor import MATRIX_SCALE, Sensor

THUMBNAIL_WIDTH, THUMBNAIL_HEIGHT = 128, 96

_BYTE, _ASCII, _SHORT, _LONG, _RATIONAL, _UNDEFINED, _SRATIONAL = 1, 2, 3, 4, 5, 7, 10
_FORMATS = {_SHORT: "H", _LONG: "I", _RATIONAL: "I", _SRATIONAL: "i"}
"""Types of TIFF 6.0, section 2."""

_TIFF_HEADER = 8
_ENTRY = 12

_BAD_PIXEL_OPCODES = {
    phase: struct.pack(">7I", 1, 4, 0x01030000, 1, 8, 0, phase) for phase in range(4)
}
"""OpcodeList1: FixBadPixelsConstant for pixels of 0 (DNG 1.3). The last word is the Bayer phase."""

_BAYER_PHASES = {(0, 1, 1, 2): 0, (1, 0, 2, 1): 1, (1, 2, 0, 1): 2, (2, 1, 1, 0): 3}

_ORIENTATIONS = {0: 1, 90: 6, 180: 3, 270: 8}


@dataclass(frozen=True, slots=True)
class ShotDetails:
    """What a header says of a shot.

    `tv`, `av`, `max_av` and `bias` are APEX*96, `iso` is market ISO, lengths are micrometres for
    the lens and millimetres else. `date` is "YYYY:MM:DD HH:MM:SS" and `hundredths` its fraction.
    `white_balance` holds the gains of red, green and blue. `program`, `metering` and `flash` are
    Exif's values, `orientation` is in degrees.
    """

    tv: int
    av: int
    iso: int
    date: str
    hundredths: int
    white_balance: tuple[int, int, int]
    model: str = "Canon PowerShot SIM1"
    software: str = "1.7.0 ver. 1.7.0-sim1"
    artist: str = ""
    copyright: str = ""
    max_av: int = 320
    bias: int = 0
    subject_distance: int = 1000
    focal_length: int = 5000
    focal_length_35mm: int = 28
    program: int = 2
    metering: int = 5
    flash: int = 0x10
    orientation: int = 0


@dataclass(frozen=True, slots=True)
class _Entry:
    tag: int
    kind: int
    count: int
    value: bytes


def dng_header(sensor: Sensor, shot: ShotDetails) -> bytes:
    """Return the header of a DNG file for remote capture: without room for the picture."""
    directories = [_picture_entries(sensor, shot), _frame_entries(sensor), _exif_entries(shot)]
    starts = [_TIFF_HEADER]
    for entries in directories:
        starts.append(starts[-1] + _ENTRY * len(entries) + 6)
    size = starts[-1] + sum(len(_outside(entry)) for entries in directories for entry in entries)
    size = (size // 4 + 1) * 4
    thumbnail = THUMBNAIL_WIDTH * THUMBNAIL_HEIGHT * 3
    offsets = [{0x111: size, 0x14A: starts[1], 0x8769: starts[2]}, {0x111: size + thumbnail}, {}]
    header = bytearray(struct.pack("<2sHI", b"II", 42, _TIFF_HEADER))
    outside = starts[-1]
    for entries, known in zip(directories, offsets, strict=True):
        header += struct.pack("<H", len(entries))
        for entry in entries:
            header += struct.pack("<HHI", entry.tag, entry.kind, entry.count)
            if entry.tag in known:
                header += struct.pack("<I", known[entry.tag])
            elif len(entry.value) > 4:
                header += struct.pack("<I", outside)
                outside += len(_outside(entry))
            else:
                header += entry.value.ljust(4, b"\0")
        header += bytes(4)
    for entries in directories:
        for entry in entries:
            header += _outside(entry)
    return bytes(header.ljust(size, b"\0"))


def _picture_entries(sensor: Sensor, shot: ShotDetails) -> list[_Entry]:
    red, green, blue = shot.white_balance
    return [
        _numbers(0xFE, _LONG, 1),  # NewSubfileType: a preview
        _numbers(0x100, _LONG, THUMBNAIL_WIDTH),
        _numbers(0x101, _LONG, THUMBNAIL_HEIGHT),
        _numbers(0x102, _SHORT, 8, 8, 8),  # BitsPerSample
        _numbers(0x103, _SHORT, 1),  # Compression: none
        _numbers(0x106, _SHORT, 2),  # PhotometricInterpretation: RGB
        _text(0x10E, ""),  # ImageDescription
        _text(0x10F, "Canon"),  # Make
        _text(0x110, shot.model),
        _numbers(0x111, _LONG, 0),  # StripOffsets
        _numbers(0x112, _SHORT, _ORIENTATIONS.get(shot.orientation, 1)),
        _numbers(0x115, _SHORT, 3),  # SamplesPerPixel
        _numbers(0x116, _SHORT, THUMBNAIL_HEIGHT),  # RowsPerStrip
        _numbers(0x117, _LONG, THUMBNAIL_WIDTH * THUMBNAIL_HEIGHT * 3),  # StripByteCounts
        _numbers(0x11C, _SHORT, 1),  # PlanarConfiguration
        _text(0x131, shot.software),
        _text(0x132, shot.date),
        _text(0x13B, shot.artist),
        _numbers(0x14A, _LONG, 0),  # SubIFDs
        _text(0x8298, shot.copyright),
        _numbers(0x8769, _LONG, 0),  # the Exif directory
        _Entry(0x9216, _BYTE, 4, bytes((1, 0, 0, 0))),  # TIFF/EPStandardID
        _Entry(0xC612, _BYTE, 4, bytes((1, 3, 0, 0))),  # DNGVersion
        _Entry(0xC613, _BYTE, 4, bytes((1, 1, 0, 0))),  # DNGBackwardVersion
        _text(0xC614, shot.model),  # UniqueCameraModel
        _pairs(0xC621, _SRATIONAL, *((value, MATRIX_SCALE) for value in sensor.matrix)),
        _pairs(0xC627, _RATIONAL, (1, 1), (1, 1), (1, 1)),  # AnalogBalance
        _pairs(0xC628, _RATIONAL, (1000, red), (1000, green), (1000, blue)),  # AsShotNeutral
        _pairs(0xC62A, _SRATIONAL, (-1, 2)),  # BaselineExposure
        _pairs(0xC62B, _RATIONAL, (1, 1)),  # BaselineNoise
        _pairs(0xC62C, _RATIONAL, (4, 3)),  # BaselineSharpness
        _pairs(0xC62E, _RATIONAL, (1, 1)),  # LinearResponseLimit
        _pairs(0xC630, _RATIONAL, (50, 10), (400, 10), (32, 10), (69, 10)),  # LensInfo
        _numbers(0xC65A, _SHORT, 1),  # CalibrationIlluminant1: daylight
    ]


def _frame_entries(sensor: Sensor) -> list[_Entry]:
    mosaic, active, jpeg = sensor.mosaic, sensor.mosaic.active, sensor.jpeg
    return [
        _numbers(0xFE, _LONG, 0),  # NewSubfileType: the main image
        _numbers(0x100, _LONG, mosaic.width),
        _numbers(0x101, _LONG, mosaic.height),
        _numbers(0x102, _SHORT, mosaic.bits),
        _numbers(0x103, _SHORT, 1),  # Compression: none
        _numbers(0x106, _SHORT, 32803),  # PhotometricInterpretation: colour filter array
        _numbers(0x111, _LONG, 0),  # StripOffsets
        _numbers(0x115, _SHORT, 1),  # SamplesPerPixel
        _numbers(0x116, _SHORT, mosaic.height),  # RowsPerStrip
        _numbers(0x117, _LONG, sensor.raw_size),  # StripByteCounts
        _pairs(0x11A, _RATIONAL, (180, 1)),  # XResolution
        _pairs(0x11B, _RATIONAL, (180, 1)),  # YResolution
        _numbers(0x11C, _SHORT, 1),  # PlanarConfiguration
        _numbers(0x128, _SHORT, 2),  # ResolutionUnit: inch
        _numbers(0x828D, _SHORT, 2, 2),  # CFARepeatPatternDim
        _Entry(0x828E, _BYTE, 4, bytes(mosaic.colours)),  # CFAPattern
        _numbers(0xC61A, _LONG, mosaic.black),
        _numbers(0xC61D, _LONG, mosaic.white),
        _numbers(0xC61F, _LONG, jpeg.left, jpeg.top),  # DefaultCropOrigin
        _numbers(0xC620, _LONG, jpeg.width, jpeg.height),  # DefaultCropSize
        _numbers(0xC68D, _LONG, active.top, active.left, active.bottom, active.right),
        _Entry(0xC740, _UNDEFINED, 28, _BAD_PIXEL_OPCODES[_BAYER_PHASES[mosaic.colours]]),
    ]


def _exif_entries(shot: ShotDetails) -> list[_Entry]:
    fraction = f"{shot.hundredths:02d}"
    return [
        _pairs(0x829A, _RATIONAL, (int(1_000_000 * 2 ** (-shot.tv / 96)), 1_000_000)),
        _pairs(0x829D, _RATIONAL, (int(10 * 2 ** (shot.av / 192)), 10)),  # FNumber
        _numbers(0x8822, _SHORT, shot.program),
        _numbers(0x8827, _SHORT, shot.iso),
        _Entry(0x9000, _UNDEFINED, 4, b"0221"),  # ExifVersion
        _text(0x9003, shot.date),  # DateTimeOriginal
        _pairs(0x9201, _SRATIONAL, (shot.tv, 96)),  # ShutterSpeedValue
        _pairs(0x9202, _RATIONAL, (shot.av, 96)),  # ApertureValue
        _pairs(0x9204, _SRATIONAL, (shot.bias, 96)),  # ExposureBiasValue
        _pairs(0x9205, _RATIONAL, (shot.max_av, 96)),  # MaxApertureValue
        _pairs(0x9206, _RATIONAL, (shot.subject_distance, 1000)),
        _numbers(0x9207, _SHORT, shot.metering),
        _numbers(0x9209, _SHORT, shot.flash),
        _pairs(0x920A, _RATIONAL, (shot.focal_length, 1000)),
        _text(0x9290, fraction),  # SubsecTime
        _text(0x9291, fraction),  # SubsecTimeOriginal
        _numbers(0xA405, _SHORT, shot.focal_length_35mm),
    ]


def _numbers(tag: int, kind: int, *values: int) -> _Entry:
    return _Entry(tag, kind, len(values), struct.pack(f"<{len(values)}{_FORMATS[kind]}", *values))


def _pairs(tag: int, kind: int, *values: Sequence[int]) -> _Entry:
    """Return an entry of fractions."""
    flat = [number for pair in values for number in pair]
    return _Entry(tag, kind, len(values), struct.pack(f"<{len(flat)}{_FORMATS[kind]}", *flat))


def _text(tag: int, text: str) -> _Entry:
    value = text.encode("ascii", "replace") + b"\0"
    return _Entry(tag, _ASCII, len(value), value)


def _outside(entry: _Entry) -> bytes:
    """Return the value if it does not fit into the entry, filled up to whole 16-bit words."""
    if len(entry.value) <= 4:
        return b""
    return entry.value + bytes(len(entry.value) % 2)
