"""Exposure values as people write them in commands: -tv=1/100, -sv=80, -sd=1.5m."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum
from fractions import Fraction

from chdkshell.chdk.shooting.exposure import (
    MAX_DISTANCE,
    STEP,
    Exposure,
    FocusMode,
    NdFilter,
    f_number_to_av96,
    in_range,
    iso_to_sv96,
    rounded,
    shutter_to_tv96,
)
from chdkshell.errors import UsageError

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


def parse_exposure(
    *,
    u: str = "s",
    tv: str | None = None,
    sv: str | None = None,
    svm: str | None = None,
    av: str | None = None,
    isomode: int | None = None,
    nd: str | None = None,
    sd: int | None = None,
    sdmode: str | None = None,
) -> Exposure:
    """Return the exposure that the options of `shoot` and `rcapture` describe.

    The names are those options' names. `tv`, `sv`, `svm` and `av` are what was written after "=",
    in the units `u`; the others were parsed for themselves. Raises `UsageError` for anything that
    is not wholly understood, and for options that exclude each other.
    """
    units = Units(u)
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
        iso_mode=isomode,
        nd=None if nd is None else NdFilter[nd.upper()],
        distance=sd,
        focus_mode=None if sdmode is None else FocusMode(sdmode),
    )


def parse_tv(text: str, units: Units = Units.STANDARD) -> int:
    """Return a shutter time as Tv in APEX*96. Standard units are seconds: "0.5", "1/100"."""
    if units is not Units.STANDARD or "/" not in text:
        return _parse_value(text, units, "tv", shutter_to_tv96, "seconds, like 0.5 or 1/100")
    match = _FRACTION.fullmatch(text)
    if match is None or not float(match[1]) or not float(match[2]):
        raise UsageError("invalid tv fraction", f"'{text}' is not seconds, like 1/100 or 1/2.5")
    return in_range(shutter_to_tv96, float(match[1]) / float(match[2]), "tv", text)


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
    distance = rounded(Fraction(match[1].rstrip(".")) * _MILLIMETRES[unit])
    if distance > MAX_DISTANCE:
        raise UsageError(f"invalid sd value {text}", "more than the camera's numbers hold")
    return distance


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
        return in_range(convert, value, name, text)
    return in_range(rounded, value * (STEP if units is Units.APEX else 1), name, text)
