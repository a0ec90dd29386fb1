"""Exposure values: from what people write to the camera's units, and back.

CHDK counts exposure in APEX*96, whole numbers of 1/96 of an exposure step. APEX is defined in the
Exif standard (JEITA CP-3451, annex C); Canon's "real" ISO is 3.125 times two to the power of Sv.
Distances are millimetres.
"""

from __future__ import annotations

import math
import re
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

_NUMBER = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?"
_FRACTION = re.compile(r"([0-9]+)/([0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_DISTANCE = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+) *([^0-9. ].*)?")

_MILLIMETRES = {
    "mm": Fraction(1),
    "cm": Fraction(10),
    "m": Fraction(1000),
    "in": Fraction("25.4"),
    "ft": Fraction("304.8"),
}


class Units(Enum):
    """How exposure values are written."""

    STANDARD = "s"
    """Seconds, ISO and f-numbers."""

    APEX = "a"
    APEX96 = "96"


class NdFilter(IntEnum):
    """What set_nd_filter takes."""

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
    camera's ISO menu, `distance` is in millimetres.
    """

    tv: int | None = None
    sv: int | None = None
    svm: int | None = None
    av: int | None = None
    iso_mode: int | None = None
    nd: NdFilter | None = None
    distance: int | None = None
    focus_mode: FocusMode | None = None

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
            return _in_range(convert, number, name, str(number))

        if distance is not None and not 0 < distance <= MAX_DISTANCE:
            raise UsageError(f"invalid distance {distance}", "millimetres")
        return cls(
            tv=value("shutter", shutter, shutter_to_tv96),
            sv=value("iso", iso, iso_to_sv96),
            av=value("aperture", aperture, f_number_to_av96),
            nd=nd,
            distance=None if distance is None else _rounded(distance),
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
            )
            if value is not None
        }
        if self.focus_mode is FocusMode.NONE:
            options["sdnoenable"] = True
        elif self.focus_mode is not None:
            options["sdprefmode"] = self.focus_mode.value
        return options


def parse_exposure(
    *,
    u: str = "s",
    tv: str | None = None,
    sv: str | None = None,
    svm: str | None = None,
    av: str | None = None,
    isomode: str | None = None,
    nd: str | None = None,
    sd: str | None = None,
    sdmode: str | None = None,
) -> Exposure:
    """Return the exposure that the options of `shoot` and `rcapture` describe.

    The names are those options' names, the values what was written after "=". Raises `UsageError`
    for anything that is not wholly understood, and for options that exclude each other.
    """
    units = parse_units(u)
    if sv is not None and svm is not None:
        raise UsageError("both sv and svm given", "-sv is Canon's real ISO, -svm the market ISO")
    if isomode is not None and (sv is not None or svm is not None):
        raise UsageError(
            "set only one of sv, svm or isomode!",
            "-isomode sets the camera's menu, the others do not",
        )
    if sdmode is not None and sd is None:
        raise UsageError("sdmode requires sd", "-sd=1.5m focuses at that distance")
    return Exposure(
        tv=None if tv is None else parse_tv(tv, units),
        sv=None if sv is None else parse_sv(sv, units),
        svm=None if svm is None else parse_sv(svm, units, "svm"),
        av=None if av is None else parse_av(av, units),
        iso_mode=None if isomode is None else _parse_iso_mode(isomode),
        nd=None if nd is None else parse_nd(nd),
        distance=None if sd is None else parse_distance(sd),
        focus_mode=None if sdmode is None else _parse_focus_mode(sdmode),
    )


def parse_units(text: str) -> Units:
    """Return the units that `text` ("s", "a" or "96") means."""
    try:
        return Units(text)
    except ValueError:
        raise UsageError(
            "invalid units", f"'{text}' is not s (standard), a (APEX) or 96 (APEX*96)"
        ) from None


def parse_tv(text: str, units: Units = Units.STANDARD) -> int:
    """Return a shutter time as Tv in APEX*96. Standard units are seconds: "0.5", "1/100"."""
    if units is not Units.STANDARD or "/" not in text:
        return _parse_value(text, units, "tv", shutter_to_tv96, "seconds, like 0.5 or 1/100")
    match = _FRACTION.fullmatch(text)
    if match is None or not float(match[1]) or not float(match[2]):
        raise UsageError("invalid tv fraction", f"'{text}' is not seconds, like 1/100 or 1/2.5")
    return _in_range(shutter_to_tv96, float(match[1]) / float(match[2]), "tv", text)


def parse_sv(text: str, units: Units = Units.STANDARD, name: str = "sv") -> int:
    """Return a sensitivity as Sv in APEX*96. Standard units are ISO: "80"."""
    return _parse_value(text, units, name, iso_to_sv96, "an ISO value, like 80")


def parse_av(text: str, units: Units = Units.STANDARD) -> int:
    """Return an aperture as Av in APEX*96. Standard units are f-numbers: "2.8"."""
    return _parse_value(text, units, "av", f_number_to_av96, "an f-number, like 2.8")


def parse_distance(text: str) -> int:
    """Return a subject distance in millimetres: "1.5m" is 1500, "10cm" 100, and "2" 2000."""
    match = _DISTANCE.fullmatch(text)
    if match is None:
        raise UsageError(f"invalid sd value {text}", "a distance, like 1.5m, 30cm or 2ft")
    unit = match[2] or "m"
    if unit not in _MILLIMETRES:
        raise UsageError(f"invalid sd units {unit}", f"one of {', '.join(_MILLIMETRES)}")
    distance = _rounded(Fraction(match[1].rstrip(".")) * _MILLIMETRES[unit])
    if distance > MAX_DISTANCE:
        raise UsageError(f"invalid sd value {text}", "more than the camera's numbers hold")
    return distance


def parse_nd(text: str) -> NdFilter:
    """Return the state of the ND filter that `text` ("in" or "out") means."""
    try:
        return {"in": NdFilter.IN, "out": NdFilter.OUT}[text]
    except KeyError:
        raise UsageError(f"invalid ND state {text}", "in or out") from None


def shutter_to_tv96(seconds: float) -> int:
    """Return the Tv of a shutter time."""
    return _rounded(-STEP * math.log2(seconds))


def tv96_to_shutter(tv96: float) -> float:
    """Return the shutter time of a Tv in seconds."""
    return float(2 ** (-tv96 / STEP))


def iso_to_sv96(iso: float) -> int:
    """Return the Sv of an ISO value."""
    return _rounded(STEP * math.log2(iso / ISO_AT_SV_0))


def sv96_to_iso(sv96: float) -> float:
    """Return the ISO value of an Sv."""
    return float(2 ** (sv96 / STEP) * ISO_AT_SV_0)


def f_number_to_av96(f_number: float) -> int:
    """Return the Av of an f-number."""
    return _rounded(STEP * 2 * math.log2(f_number))


def av96_to_f_number(av96: float) -> float:
    """Return the f-number of an Av."""
    return float(2 ** (av96 / STEP / 2))


def _parse_value(
    text: str, units: Units, name: str, convert: Callable[[float], int], standard: str
) -> int:
    hint = {
        Units.STANDARD: standard,
        Units.APEX: "an APEX value, like 6.5",
        Units.APEX96: "a whole number, APEX*96",
    }[units]
    wanted = r"[+-]?[0-9]+" if units is Units.APEX96 else _NUMBER
    if re.fullmatch(wanted, text) is None:
        raise UsageError(f"invalid {name} value {text}", hint)
    value = float(text)
    if units is Units.STANDARD and value <= 0:
        raise UsageError(f"invalid {name} value {text}", hint)
    if units is Units.STANDARD:
        return _in_range(convert, value, name, text)
    return _in_range(_rounded, value * (STEP if units is Units.APEX else 1), name, text)


def _in_range(convert: Callable[[float], int], value: float, name: str, text: str) -> int:
    try:
        result = convert(value)
    except (OverflowError, ValueError):
        result = MAX_APEX96 + 1  # infinite, or too small for a float
    if abs(result) > MAX_APEX96:
        raise UsageError(f"invalid {name} value {text}", "far beyond what any camera can do")
    return result


def _parse_iso_mode(text: str) -> int:
    if re.fullmatch(r"[0-9]{1,6}", text) is None:
        raise UsageError(f"invalid isomode value {text}", "an ISO value of the camera's own menu")
    return int(text)


def _parse_focus_mode(text: str) -> FocusMode:
    try:
        return FocusMode(text.upper())
    except ValueError:
        raise UsageError(f"invalid sd mode {text}", "one of AF, AFL, MF, NONE") from None


def _rounded(value: float | Fraction) -> int:
    """Round to the nearest whole number, halves away from zero as the established client does."""
    return math.floor(value + Fraction(1, 2)) if value > 0 else math.ceil(value - Fraction(1, 2))
