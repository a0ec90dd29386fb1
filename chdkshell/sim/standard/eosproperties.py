"""Settings of the simulated EOS R6: which it has, with which values.

From libgphoto2's public device report of that camera. Where the report has a camera that measures
by itself, this one is in manual mode, so that aperture and shutter speed can be set.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

from chdkshell.ptp.eos import (
    ENUMERATED,
    EosEvent,
    EosProperty,
    EosRecord,
    unpack_value,
)
from chdkshell.ptp.values import Value
from chdkshell.sim.state import CameraState

MODEL_ID = 0x80000453
SHOTS_ON_CARD, SHOTS_ON_HOST = 0x71C, 0x7DC2
"""What AvailableShots says: with the card, and where the computer told how much room it has."""

LENS = "RF24-105mm F4 L IS USM"

_THIRDS = (0, 3, 5)
"""A stop has eight steps; these are used."""


def _stops(first: int, last: int) -> tuple[int, ...]:
    """Return the steps of apertures, times and sensitivities by thirds of a stop."""
    return tuple(code for code in range(first, last + 1) if code % 8 in _THIRDS)


_JPEG = 1
_JPEGS = (
    *((1, 16, _JPEG, size, quality) for size in (0, 1, 14) for quality in (3, 2)),
    (1, 16, _JPEG, 15, 3),
)
"""The image formats without those that are raw: count of files, bytes of what follows, kind, size
(0 large, 1 medium, 14 and 15 small), quality (3 fine, 2 normal).
"""

_COMPENSATION = tuple(code & 0xFF for code in range(-24, 25) if code % 8 in _THIRDS)


@dataclass(slots=True)
class SimSetting:
    """A setting: its bytes, and what it may be. `get` and `set` where the value is the camera's.

    `asked`: it is told only when it is asked for.
    """

    code: int
    body: bytes
    values: tuple[Value, ...] | None = None
    writable: bool = True
    asked: bool = False
    get: Callable[[], bytes] | None = None
    set: Callable[[bytes], None] | None = None

    def current(self) -> bytes:
        """Return the value that it has now."""
        return self.body if self.get is None else self.get()

    def takes(self, body: bytes) -> bool:
        """Whether it may have a value."""
        if not self.writable or (len(self.body) == 4 and len(body) < 4):
            return False
        return self.values is None or unpack_value(self.code, self.fitted(body)) in self.values

    def fitted(self, body: bytes) -> bytes:
        """Return a value in the length that it has here: numbers are sent with more bytes."""
        return body[:4] if len(self.body) == 4 else body

    def told(self) -> EosRecord:
        """Return the record of its value."""
        return EosRecord(EosEvent.PROPERTY_CHANGED, struct.pack("<I", self.code) + self.current())

    def values_told(self) -> EosRecord | None:
        """Return the record of what it may be, None where there is no list."""
        if self.values is None:
            return None
        packed = [
            struct.pack(f"<{len(value)}I", *value)
            if isinstance(value, tuple)
            else (int(value) & 0xFFFFFFFF).to_bytes(4, "little")
            for value in self.values
        ]
        head = struct.pack("<III", self.code, ENUMERATED, len(packed))
        return EosRecord(EosEvent.VALUES_CHANGED, head + b"".join(packed))


def _number(code: int, value: int, values: tuple[int, ...] | None = None) -> SimSetting:
    return SimSetting(code, value.to_bytes(4, "little"), values)


def _shown(code: int, value: int) -> SimSetting:
    return SimSetting(code, value.to_bytes(4, "little"), writable=False)


def _text(code: int, text: str, size: int, writable: bool = True) -> SimSetting:
    body = text.encode().ljust(size, b"\0")
    return SimSetting(code, body, writable=writable, asked=True)


def _image_format(code: int) -> SimSetting:
    return SimSetting(code, struct.pack("<5I", *_JPEGS[0]), _JPEGS)


def eos_settings(state: CameraState, serial: str) -> list[SimSetting]:
    """Return the settings of an R6, in the order in which it tells them."""
    clock = state.clock

    def now() -> bytes:
        return clock.now().to_bytes(4, "little")

    def set_clock(body: bytes) -> None:
        clock.set(int.from_bytes(body, "little"))

    signed = tuple(range(-9, 10))
    kelvin = tuple(range(2500, 10001, 100))
    return [
        _shown(0xD116, MODEL_ID),
        _shown(0xD105, 3),
        _shown(0xD138, 3),
        _number(0xD102, 0x6D, _stops(0x10, 0xA0)),
        _number(0xD101, 0x2D, _stops(0x28, 0x50)),
        _number(0xD103, 0, (0, *_stops(0x48, 0x98))),
        _number(0xD106, 0, (0, 18, 4, 5, 16, 17)),
        _number(0xD108, 0, (0, 1)),
        _number(0xD107, 3, (3, 4, 1, 5)),
        _number(0xD109, 0, (0, 23, 1, 8, 2, 3, 4, 5, 6, 9)),
        _shown(EosProperty.AVAILABLE_SHOTS, SHOTS_ON_CARD),
        _number(0xD104, 0, _COMPENSATION),
        _number(EosProperty.WHITE_BALANCE_MG, 0, signed),
        _number(EosProperty.WHITE_BALANCE_BA, 0, signed),
        _number(0xD10E, 0, (0, 1, 2, 3)),
        _number(0xD10D, 0, (0, 1, 2, 3)),
        _number(0xD1D9, 0, (0, *_stops(3, 0x18))),
        _number(0xD1C1, 0, (3, 1, 0, 2)),
        _number(0xD10F, 1, (1, 2)),
        _number(0xD114, 60),
        _number(0xD110, 0x87, (0x87, 0x81, 0x82, 0x83, 0x88, *range(0x84, 0x87), 33, 34, 35)),
        _number(EosProperty.EVF_MODE, 1),
        _number(0xD1B6, 5200, kelvin),
        _shown(0xD1AB, 0),
        _number(EosProperty.EVF_OUTPUT_DEVICE, 1, tuple(range(12))),
        _number(0xD10A, 5200, kelvin),
        _shown(0xD1A8, 1),
        _shown(0xD1DD, 0x0102EEFE),
        _number(0xD1C9, 1, (1, 0)),
        _shown(0xD1D4, 0),
        _number(0xD194, 0, (0, 13, 1, 2, 7)),
        _number(0xD178, 2, (3, 1, 0, 2)),
        *map(_image_format, (EosProperty.IMAGE_FORMAT, 0xD121, 0xD122)),
        _number(EosProperty.CAPTURE_DESTINATION, 1, (1, 5, 4)),
        SimSetting(0xD113, bytes(4), get=now, set=set_clock),
        _shown(0xD112, 0),
        _shown(0xD111, 1),
        SimSetting(EosProperty.LENS_NAME, LENS.encode().ljust(63, b"\0"), writable=False),
        _number(0xD17E, 0, (0, 1)),
        SimSetting(0xD17C, bytes(4), get=now, set=set_clock),
        _shown(0xD11F, 0),
        _shown(0xD11E, 0x00010001),
        _shown(0xD11D, 0),
        _shown(0xD199, 0x13),
        _text(EosProperty.OWNER, "", 1),
        _text(EosProperty.ARTIST, "", 64),
        _text(EosProperty.COPYRIGHT, "", 64),
        _text(EosProperty.SERIAL_NUMBER, serial, len(serial) + 1, writable=False),
    ]
