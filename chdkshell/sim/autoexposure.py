"""Exposure: APEX arithmetic in 96ths (core/shooting.c), and the automatic exposure.

APEX (Exif 2.3, annex C): the brightness of a scene and the sensitivity, less what the user wants
brighter, equal shutter speed and aperture: Bv + Sv = Tv + Av. Sensitivity is the sensor's own; what
is marketed is 69/96 above it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

MARKET_OFFSET = 69
"""What the marketed sensitivity is above the real one (SV96_MARKET_OFFSET)."""

BASE_SV96, HIGHEST_AUTO_SV96 = 411, 699
"""What automatic sensitivity chooses from: marketed ISO 100 to 800."""

ND_EV96 = 288
"""What the ND filter takes: three stops."""

MIN_AV96, MAX_AV96 = 288, 576
"""The range of the iris: f/2.8 to f/8."""

SLOWEST_TV96, HANDHELD_TV96, FASTEST_TV96 = 0, 576, 1056
"""The range of automatic shutter speeds, 1 s to 1/2048 s, and the slowest without shake: 1/64 s."""

TV_STEPS, AV_STEPS = range(-12, 34), range(9, 19)
"""Canon's own settings, in steps of a third of a stop: 16 s to 1/2048 s, and f/2.8 to f/8."""

STEP96 = 32

INVALID_TV96 = -10_000
"""What the firmware has for a time that is none (SHOOTING_TV96_INVALID)."""

SUNLIT_BV96 = 453
"""The brightness of the scene: what gives 1/64 s at f/2.8 and marketed ISO 100."""

FULL_SCALE = 32767


def to_short(value: float) -> int:
    """Return a number as the firmware's short has it."""
    return max(-FULL_SCALE - 1, min(FULL_SCALE, int(value)))


def rounded(value: float) -> int:
    """Return the nearest short."""
    return to_short(value + 0.5 if value >= 0 else value - 0.5)


def iso_to_sv96(iso: int) -> int:
    """Return the APEX value of a sensitivity."""
    return to_short(math.log2(iso / 3.125) * 96 + 0.5) if iso > 0 else 0


def sv96_to_iso(sv96: int) -> int:
    """Return the sensitivity of an APEX value."""
    return to_short(2 ** (to_short(sv96) / 96) * 3.125 + 0.5)


def seconds_to_tv96(seconds: float) -> int:
    """Return the APEX value of a shutter time."""
    return rounded(-math.log2(seconds) * 96) if seconds > 0 else INVALID_TV96


def tv96_to_usec(tv96: int) -> int:
    """Return the shutter time of an APEX value, in microseconds."""
    return min(int(2 ** (-to_short(tv96) / 96) * 1_000_000 + 0.5), 0x7FFFFFFF)


def aperture_to_av96(aperture: int) -> int:
    """Return the APEX value of an f-number times 1000."""
    return int(math.log2(aperture / 1000) * 192 + 0.5) if aperture > 0 else 0


def av96_to_aperture(av96: int) -> int:
    """Return the f-number times 1000 of an APEX value."""
    return to_short(2 ** (to_short(av96) / 192) * 1000 + 0.5) if av96 else -1


def nearest_step(value: int, steps: range) -> int:
    """Return the number of the nearest of Canon's own settings."""
    return _within((to_short(value) + STEP96 // 2) // STEP96, steps[0], steps[-1])


class Program(Enum):
    """Which of shutter speed and aperture the user sets."""

    AUTO = "neither"
    SHUTTER = "shutter speed"
    APERTURE = "aperture"
    MANUAL = "both"


@dataclass(frozen=True, slots=True)
class MeteredExposure:
    """Shutter speed, aperture and sensitivity, in APEX*96."""

    tv96: int
    av96: int
    sv96: int


def automatic(
    program: Program, light: int, iso: int, user_tv96: int, user_av96: int
) -> MeteredExposure:
    """Return the exposure for a scene of the brightness `light`, less the exposure correction.

    `iso` is the marketed sensitivity, 0 for automatic. What is out of the camera's range is set to
    its end: the picture gets too dark or too bright.
    """
    sv96 = iso_to_sv96(iso) - MARKET_OFFSET if iso else BASE_SV96
    user_av96 = _within(user_av96, MIN_AV96, MAX_AV96)
    if program is Program.MANUAL:
        return MeteredExposure(user_tv96, user_av96, sv96)
    if not iso:
        slowest = user_tv96 if program is Program.SHUTTER else HANDHELD_TV96
        widest = user_av96 if program is Program.APERTURE else MIN_AV96
        sv96 = _within(slowest + widest - light, BASE_SV96, HIGHEST_AUTO_SV96)
    sum96 = light + sv96
    if program is Program.SHUTTER:
        return MeteredExposure(user_tv96, _within(sum96 - user_tv96, MIN_AV96, MAX_AV96), sv96)
    if program is Program.APERTURE:
        return MeteredExposure(
            _within(sum96 - user_av96, SLOWEST_TV96, FASTEST_TV96), user_av96, sv96
        )
    # What is brighter than a hand-held shot needs is taken by shutter and iris in equal parts.
    spare = max(sum96 - HANDHELD_TV96 - MIN_AV96, 0)
    av96 = _within(MIN_AV96 + spare // 2, MIN_AV96, MAX_AV96)
    return MeteredExposure(_within(sum96 - av96, SLOWEST_TV96, FASTEST_TV96), av96, sv96)


def _within(value: int, lowest: int, highest: int) -> int:
    return max(lowest, min(highest, value))
