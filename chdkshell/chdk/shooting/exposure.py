"""Exposure values: from what people write to the camera's units, and back.

CHDK counts exposure in APEX*96, whole numbers of 1/96 of an exposure step. APEX is defined in the
Exif standard (JEITA CP-3451, annex C); Canon's "real" ISO is 3.125 times two to the power of Sv.
Distances are millimetres.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, IntEnum
from fractions import Fraction
from typing import Self

from chdkshell.errors import UsageError

STEP = 96
"""CHDK's units in one APEX step."""

ISO_AT_SV_0 = 3.125

LONGEST_SHOT = 20.0
LONGEST_SHOT_BESIDE_TV = 10.0
"""Seconds that a shot may take: by default, and beside twice a given shutter time.

Twice, since a camera may take a dark frame as long as the picture.
"""

MAX_APEX96 = 0x7FFF
"""The camera keeps these values in 16 bits (propcases)."""

MAX_DISTANCE = 0x7FFFFFFF
"""Millimetres; the camera's numbers have 32 bits."""


class NdFilter(IntEnum):
    """The ND filter in the lens's way, or out of it, as set_nd_filter takes it."""

    IN = 1
    OUT = 2


class FocusMode(Enum):
    """The mode that a subject distance is best set in."""

    AF = "AF"
    AFL = "AFL"
    MF = "MF"
    NONE = "NONE"
    """Stay in the camera's mode, and drop the distance where that mode cannot take it."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """What a shot is taken with; None leaves the choice to the camera.

    `tv`, `sv` (real ISO), `svm` (market ISO) and `av` are APEX*96, `iso_mode` is the number in the
    camera's ISO menu, `distance` is in millimetres. `white_balance` is the camera's own number of a
    mode.
    """

    tv: int | None = None
    sv: int | None = None
    svm: int | None = None
    av: int | None = None
    iso_mode: int | None = None
    nd: NdFilter | None = None
    distance: int | None = None
    focus_mode: FocusMode | None = None
    white_balance: int | None = None

    @classmethod
    def of(
        cls,
        *,
        shutter: float | None = None,
        iso: float | None = None,
        aperture: float | None = None,
        distance: float | None = None,
        nd: NdFilter | None = None,
    ) -> Self:
        """Return the exposure for a shutter time in seconds, an f-number, and so on.

        `iso` is Canon's real one. `distance` is in millimetres. What is None stays the camera's
        choice. Raises `UsageError` for what is not above 0, or beyond what a camera can do.
        """

        def value(name: str, number: float | None, convert: Callable[[float], int]) -> int | None:
            if number is None:
                return None
            if not number > 0:
                raise UsageError(f"invalid {name} {number}", "a number above 0")
            return in_range(convert, number, name, str(number))

        if distance is not None and not 0 < distance <= MAX_DISTANCE:
            raise UsageError(f"invalid distance {distance}", "millimetres")
        return cls(
            tv=value("shutter", shutter, shutter_to_tv96),
            sv=value("iso", iso, iso_to_sv96),
            av=value("aperture", aperture, f_number_to_av96),
            nd=nd,
            distance=None if distance is None else rounded(distance),
        )

    @property
    def longest_shot(self) -> float:
        """Seconds that a shot may take."""
        if self.tv is None:
            return LONGEST_SHOT
        return LONGEST_SHOT_BESIDE_TV + 2 * tv96_to_shutter(self.tv)

    def options(self) -> dict[str, int | str | bool]:
        """Return the fields that are set, named as the camera-side code takes them."""
        options: dict[str, int | str | bool] = {
            name: int(value)
            for name, value in (
                ("tv", self.tv),
                ("sv", self.sv),
                ("svm", self.svm),
                ("av", self.av),
                ("isomode", self.iso_mode),
                ("nd", self.nd),
                ("sd", self.distance),
                ("wb", self.white_balance),
            )
            if value is not None
        }
        if self.focus_mode is FocusMode.NONE:
            options["sdnoenable"] = True
        elif self.focus_mode is not None:
            options["sdprefmode"] = self.focus_mode.value
        return options


@dataclass(frozen=True, slots=True)
class ShotExposure:
    """What a shot was taken with; None where that is not known.

    `shutter` is in seconds, `aperture` an f-number, and `iso` what the camera shows as such, as far
    as its CHDK knows that.
    """

    shutter: float | None = None
    aperture: float | None = None
    iso: float | None = None

    @classmethod
    def from_apex96(cls, tv: int | None, av: int | None, sv: int | None) -> Self:
        """Return the exposure that the camera's own values mean."""
        return cls(
            _or_none(tv96_to_shutter, tv), _or_none(av96_to_f_number, av), _or_none(sv96_to_iso, sv)
        )


UNKNOWN_EXPOSURE = ShotExposure()


def _or_none(convert: Callable[[float], float], value: int | None) -> float | None:
    if value is None or abs(value) > MAX_APEX96:
        return None
    return convert(value)


def shutter_to_tv96(seconds: float) -> int:
    """Return the Tv of a shutter time."""
    return rounded(-STEP * math.log2(seconds))


def tv96_to_shutter(tv96: float) -> float:
    """Return the shutter time of a Tv in seconds."""
    return float(2 ** (-tv96 / STEP))


def iso_to_sv96(iso: float) -> int:
    """Return the Sv of an ISO value."""
    return rounded(STEP * math.log2(iso / ISO_AT_SV_0))


def sv96_to_iso(sv96: float) -> float:
    """Return the ISO value of an Sv."""
    return float(2 ** (sv96 / STEP) * ISO_AT_SV_0)


def f_number_to_av96(f_number: float) -> int:
    """Return the Av of an f-number."""
    return rounded(STEP * 2 * math.log2(f_number))


def av96_to_f_number(av96: float) -> float:
    """Return the f-number of an Av."""
    return float(2 ** (av96 / STEP / 2))


def in_range(convert: Callable[[float], int], value: float, name: str, text: str) -> int:
    """Return what a value of the field `name`, written as `text`, is to the camera.

    Raises `UsageError` where that does not fit the camera's 16 bits.
    """
    try:
        result = convert(value)
    except (OverflowError, ValueError):
        result = MAX_APEX96 + 1  # infinite, or too small for a float
    if abs(result) > MAX_APEX96:
        raise UsageError(f"invalid {name} value {text}", "far beyond what any camera can do")
    return result


def rounded(value: float | Fraction) -> int:
    """Round to the nearest whole number, halves away from zero as chdkptp does."""
    return math.floor(value + Fraction(1, 2)) if value > 0 else math.ceil(value - Fraction(1, 2))
