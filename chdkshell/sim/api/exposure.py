"""Exposure: APEX conversions, what is set, and what the next shot is told (core/shooting.c).

What a script sets holds for one shot: the next, or the one that the camera is at.
"""

from __future__ import annotations

from collections.abc import Callable

from chdkshell.sim.autoexposure import (
    AV_STEPS,
    MARKET_OFFSET,
    MAX_AV96,
    MIN_AV96,
    ND_EV96,
    STEP96,
    TV_STEPS,
    aperture_to_av96,
    av96_to_aperture,
    iso_to_sv96,
    nearest_step,
    rounded,
    seconds_to_tv96,
    sv96_to_iso,
    to_short,
    tv96_to_usec,
)
from chdkshell.sim.lua.api import Api, Args, Caller
from chdkshell.sim.lua.values import NIL, Result
from chdkshell.sim.properties import CAPTURE_MODES, Prop

EXPOSURE = Api()

ISO_MODES = (0, 80, 100, 200, 400, 800, 1600)
"""Settings of the ISO menu, by number. 0 is automatic."""

FIRST_ISO_VALUE = 50
"""Below it, set_iso_mode takes numbers of the menu (core/shooting.c)."""


def _market_factor() -> float:
    return 2 ** (MARKET_OFFSET / 96)


def _converter(name: str, convert: Callable[[int], int]) -> None:
    def function(script: Caller, args: Args) -> Result:
        return convert(args.integer(1))

    EXPOSURE.function(name)(function)


_converter("iso_to_sv96", iso_to_sv96)
_converter("sv96_to_iso", sv96_to_iso)
_converter("iso_real_to_market", lambda iso: rounded(iso * _market_factor()))
_converter("iso_market_to_real", lambda iso: rounded(iso / _market_factor()))
_converter("sv96_real_to_market", lambda sv96: sv96 + MARKET_OFFSET)
_converter("sv96_market_to_real", lambda sv96: sv96 - MARKET_OFFSET)
_converter("aperture_to_av96", aperture_to_av96)
_converter("av96_to_aperture", av96_to_aperture)
_converter("usec_to_tv96", lambda usec: seconds_to_tv96(usec / 1_000_000))
_converter("tv96_to_usec", tv96_to_usec)


@EXPOSURE.function("seconds_to_tv96")
def fraction_to_tv96(script: Caller, args: Args) -> Result:
    """tv96 = seconds_to_tv96(numerator, denominator): 0 for a time without end"""
    numerator, denominator = args.integer(1), args.integer(2)
    if not denominator and numerator > 0:
        return 0
    return seconds_to_tv96(numerator / denominator if denominator else 0)


# ---- what is set --------------------------------------------------------------------------------

EXPOSURE.number("get_tv96", lambda script: script.state.tv96)
EXPOSURE.number("get_av96", lambda script: script.state.av96)
EXPOSURE.number("get_sv96", lambda script: script.state.sv96)
EXPOSURE.number("get_bv96", lambda script: script.state.prop(Prop.BV))
EXPOSURE.number("get_current_av96", lambda script: script.state.av96)
EXPOSURE.number("get_current_delta_sv96", lambda script: script.state.prop(Prop.DELTA_SV))
EXPOSURE.number("get_current_base_sv96", lambda script: script.state.prop(Prop.SV))
EXPOSURE.number("get_iso_real", lambda script: sv96_to_iso(script.state.sv96))
EXPOSURE.number("get_iso_market", lambda script: sv96_to_iso(script.state.sv96 + MARKET_OFFSET))
EXPOSURE.number("get_ev", lambda script: script.state.prop(Prop.EV_CORRECTION_1))
EXPOSURE.number("get_nd_present", lambda script: 2)
EXPOSURE.number("get_nd_value_ev96", lambda script: ND_EV96)
EXPOSURE.number("get_nd_current_ev96", lambda script: ND_EV96 if script.state.nd_in else 0)
EXPOSURE.number("get_drive_mode", lambda script: script.state.prop(Prop.DRIVE_MODE))
EXPOSURE.number("get_flash_mode", lambda script: script.state.prop(Prop.FLASH_MODE))
EXPOSURE.number("get_flash_ready", lambda script: script.state.prop(Prop.IS_FLASH_READY) != 0)


@EXPOSURE.function()
def get_iso_mode(script: Caller, args: Args) -> Result:
    """number = get_iso_mode(): of the setting in the ISO menu; 0 also for what is not in it"""
    iso = script.state.prop(Prop.ISO_MODE)
    return ISO_MODES.index(iso) if iso in ISO_MODES else 0


@EXPOSURE.function()
def get_current_tv96(script: Caller, args: Args) -> Result:
    """tv96 or nil = get_current_tv96(): nil where the sensor does not run"""
    return script.state.tv96 if script.state.record_mode else NIL


@EXPOSURE.function()
def get_min_av96(script: Caller, args: Args) -> Result:
    """av96 or nil = get_min_av96(): the widest aperture"""
    return MIN_AV96 if script.state.record_mode else NIL


@EXPOSURE.function()
def get_max_av96(script: Caller, args: Args) -> Result:
    """av96 or nil = get_max_av96(): the smallest aperture"""
    return MAX_AV96 if script.state.record_mode else NIL


# ---- what the next shot is told -----------------------------------------------------------------


def _override(name: str, field: str, convert: Callable[[int], int]) -> None:
    def function(script: Caller, args: Args) -> Result:
        script.state.override(field, convert(args.integer(1)))

    EXPOSURE.function(name)(function)


def _iris(av96: int) -> int:
    return max(MIN_AV96, min(MAX_AV96, av96))


_override("set_tv96_direct", "tv96", to_short)
_override("set_tv96", "tv96", lambda tv96: nearest_step(tv96, TV_STEPS) * STEP96)
_override("set_av96_direct", "av96", _iris)
_override("set_av96", "av96", lambda av96: nearest_step(av96, AV_STEPS) * STEP96)
_override("set_sv96", "sv96", to_short)


@EXPOSURE.function()
def set_iso_real(script: Caller, args: Args) -> Result:
    """set_iso_real(iso): what is no sensitivity changes nothing"""
    iso = args.integer(1)
    if iso > 0:
        script.state.override("sv96", iso_to_sv96(iso))


@EXPOSURE.function()
def set_nd_filter(script: Caller, args: Args) -> Result:
    """set_nd_filter(state): 1 in, 2 out, 0 as the camera wants"""
    value = args.integer(1)
    script.state.override("nd", value if value in (1, 2) else None)


@EXPOSURE.function()
def set_ev(script: Caller, args: Args) -> Result:
    """set_ev(ev96)"""
    for prop in (Prop.EV_CORRECTION_1, Prop.EV_CORRECTION_2):
        script.state.set_prop(prop, args.integer(1))


@EXPOSURE.function()
def set_iso_mode(script: Caller, args: Args) -> Result:
    """set_iso_mode(number): a setting of the ISO menu, or from 50 on the ISO value of one"""
    number = args.integer(1)
    if number >= FIRST_ISO_VALUE:
        nearest = min(ISO_MODES, key=lambda iso: (abs(iso - number), -iso))
        script.state.set_prop(Prop.ISO_MODE, nearest)
    elif 0 <= number < len(ISO_MODES):
        script.state.set_prop(Prop.ISO_MODE, ISO_MODES[number])


def _user_setting(name: str, prop: int, steps: range) -> None:
    """Register what looks at and sets a user's own Tv or Av: in steps, and in record mode alone.

    An id is the number of a step; with one that the camera has not, nothing changes.
    """

    def step(script: Caller) -> int:
        return nearest_step(script.state.prop(prop), steps)

    def set_step(script: Caller, number: int) -> None:
        if script.state.record_mode and number in steps:
            script.state.set_prop(prop, number * STEP96)

    def set_apex(script: Caller, args: Args) -> Result:
        set_step(script, nearest_step(args.integer(1), steps))

    def set_by_id(script: Caller, args: Args) -> Result:
        set_step(script, args.integer(1))

    def set_by_id_rel(script: Caller, args: Args) -> Result:
        set_step(script, step(script) + args.integer(1))

    EXPOSURE.number(f"get_user_{name}96", lambda script: script.state.prop(prop))
    EXPOSURE.number(f"get_user_{name}_id", step)
    EXPOSURE.function(f"set_user_{name}96")(set_apex)
    EXPOSURE.function(f"set_user_{name}_by_id")(set_by_id)
    EXPOSURE.function(f"set_user_{name}_by_id_rel")(set_by_id_rel)


_user_setting("tv", Prop.USER_TV, TV_STEPS)
_user_setting("av", Prop.USER_AV, AV_STEPS)


@EXPOSURE.function()
def set_aelock(script: Caller, args: Args) -> Result:
    """set_aelock(on)"""
    script.state.set_prop(Prop.AE_LOCK, int(args.on_off(1) > 0))


# ---- capture modes ------------------------------------------------------------------------------


@EXPOSURE.function()
def is_capture_mode_valid(script: Caller, args: Args) -> Result:
    """valid = is_capture_mode_valid(chdk_mode)"""
    return args.integer(1) in CAPTURE_MODES


@EXPOSURE.function()
def set_capture_mode(script: Caller, args: Args) -> Result:
    """done = set_capture_mode(chdk_mode): false in play mode, and for one that it has not"""
    canon = CAPTURE_MODES.get(args.integer(1))
    if canon is None or not script.state.record_mode:
        return False
    script.state.set_prop(Prop.SHOOTING_MODE, canon)
    return True


@EXPOSURE.function()
def set_capture_mode_canon(script: Caller, args: Args) -> Result:
    """done = set_capture_mode_canon(mode): false in play mode"""
    mode = args.integer(1) & 0xFFFF
    if not script.state.record_mode:
        return False
    script.state.set_prop(Prop.SHOOTING_MODE, mode)
    return True
