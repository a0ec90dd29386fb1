"""Property cases, modes and keys of the simulated camera: a DryOS camera of property set 6.

Numbers of include/propset6.h, include/modelist.h and core/script_key_funcs.c of CHDK.
"""

from __future__ import annotations

from enum import IntEnum

from chdkshell.sim.autoexposure import BASE_SV96, SUNLIT_BV96, Program

MODE_REC = 0x100
MODE_PLAY = 0x200
"""Parts of what get_mode returns, beside the number of the capture mode."""

CAPTURE_MODES = {1: 32768, 2: 32772, 3: 32771, 4: 32770, 5: 32769}
"""Capture modes that the camera has: CHDK's number to Canon's (auto, P, Tv, Av, M)."""

PROGRAMS = {32771: Program.SHUTTER, 32770: Program.APERTURE, 32769: Program.MANUAL}
"""What the user sets in a capture mode; in the others the camera chooses all."""


class Prop(IntEnum):
    """Property cases that the simulator itself reads or keeps."""

    AE_LOCK = 3
    REAL_FOCUS_MODE = 6
    AF_LOCK = 11
    FOCUS_STATE = 18
    AV = 23
    MIN_AV = 25
    USER_AV = 26
    BV = 34
    SHOOTING_MODE = 49
    DELTA_SV = 79
    DRIVE_MODE = 102
    DISPLAY_MODE = 105
    EV_CORRECTION_1 = 107
    FOCUS_MODE = 133
    FLASH_MODE = 143
    IS_MODE = 145
    ISO_MODE = 149
    ND_FILTER_STATE = 195
    OPTICAL_ZOOM_POSITION = 198
    EV_CORRECTION_2 = 210
    IS_FLASH_READY = 211
    IMAGE_FORMAT = 213
    RESOLUTION = 221
    ORIENTATION_SENSOR = 222
    TIMER_MODE = 226
    SV_MARKET = 249
    TV = 265
    USER_TV = 267
    WB_MODE = 271
    SHOOTING = 302
    SV = 346


_DEFAULTS = {
    Prop.AE_LOCK: 0,
    Prop.REAL_FOCUS_MODE: 0,
    Prop.AF_LOCK: 0,
    Prop.FOCUS_STATE: 0,
    Prop.AV: 288,
    Prop.MIN_AV: 288,
    Prop.USER_AV: 288,
    Prop.BV: SUNLIT_BV96,
    Prop.SHOOTING_MODE: CAPTURE_MODES[2],
    Prop.DELTA_SV: 0,
    Prop.DRIVE_MODE: 0,
    Prop.DISPLAY_MODE: 0,
    Prop.EV_CORRECTION_1: 0,
    Prop.FOCUS_MODE: 0,
    Prop.FLASH_MODE: 2,
    Prop.IS_MODE: 0,
    Prop.ISO_MODE: 0,
    Prop.ND_FILTER_STATE: 0,
    Prop.OPTICAL_ZOOM_POSITION: 0,
    Prop.EV_CORRECTION_2: 0,
    Prop.IS_FLASH_READY: 1,
    Prop.IMAGE_FORMAT: 1,
    Prop.RESOLUTION: 0,
    Prop.ORIENTATION_SENSOR: 0,
    Prop.TIMER_MODE: 0,
    Prop.SV_MARKET: 480,
    Prop.TV: 576,
    Prop.USER_TV: 576,
    Prop.WB_MODE: 0,
    Prop.SHOOTING: 0,
    Prop.SV: BASE_SV96,
}


def default_properties() -> dict[int, bytes]:
    """Return the properties of a camera that was just switched on."""
    return {int(prop): value.to_bytes(2, "little") for prop, value in _DEFAULTS.items()}
