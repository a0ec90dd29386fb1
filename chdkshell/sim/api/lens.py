"""Zoom, focus and depth of field (core/shooting.c)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chdkshell.sim.autoexposure import av96_to_aperture
from chdkshell.sim.lua.api import Api, Args, Caller
from chdkshell.sim.lua.values import Result
from chdkshell.sim.properties import Prop
from chdkshell.sim.state import FOCUS_INFINITY

if TYPE_CHECKING:
    from chdkshell.sim.state import CameraState

LENS = Api()

MACRO = 4
"""What get_focus_mode gives for macro."""

CIRCLE_OF_CONFUSION = 6
"""In thousandths of a millimetre."""


def _zoom_argument(script: Caller, args: Args) -> int:
    last = len(script.state.focal_lengths) - 1
    return max(0, min(last, args.opt_integer(1, script.state.zoom)))


def _focus_mode(state: CameraState) -> int:
    """Return the mode of focus, with the number of macro moved away from that of manual focus."""
    real = state.prop(Prop.REAL_FOCUS_MODE)
    if state.manual_focus:
        return 1
    return MACRO if real == 1 else real


LENS.number("get_zoom", lambda script: script.state.zoom)
LENS.number("get_zoom_steps", lambda script: len(script.state.focal_lengths))
LENS.number("get_focus", lambda script: script.state.focus)
LENS.number("get_focus_mode", lambda script: _focus_mode(script.state))
LENS.number("get_IS_mode", lambda script: script.state.prop(Prop.IS_MODE))
LENS.number("get_sd_over_modes", lambda script: 7)


@LENS.function()
def set_zoom(script: Caller, args: Args) -> Result:
    """set_zoom(position)"""
    script.state.move_zoom(args.integer(1))


@LENS.function()
def set_zoom_rel(script: Caller, args: Args) -> Result:
    """set_zoom_rel(steps)"""
    script.state.move_zoom(script.state.zoom + args.integer(1))


@LENS.function()
def get_focal_length(script: Caller, args: Args) -> Result:
    """length = get_focal_length([position]): in thousandths of a millimetre"""
    return script.state.focal_lengths[_zoom_argument(script, args)]


@LENS.function()
def get_eff_focal_length(script: Caller, args: Args) -> Result:
    """length = get_eff_focal_length([position]): that of 35 mm film"""
    return int(
        script.state.focal_lengths[_zoom_argument(script, args)] * script.state.identity.crop
    )


@LENS.function()
def set_focus(script: Caller, args: Args) -> Result:
    """done = set_focus(mm): at once with manual focus or AF lock, else for the next shot"""
    state = script.state
    distance = args.integer(1)
    distance = FOCUS_INFINITY if distance < 0 else min(distance, FOCUS_INFINITY)
    if not state.record_mode:
        return False
    if state.manual_focus or state.prop(Prop.AF_LOCK):
        state.focus = distance
    else:
        state.overrides.focus = distance
    return True


def focus_manually(state: CameraState, on: bool) -> bool:
    """Switch manual focus. Returns whether the mode allows it."""
    if not state.record_mode:
        return False
    state.manual_focus = on
    state.set_prop(Prop.FOCUS_MODE, int(on))
    return True


@LENS.function()
def set_mf(script: Caller, args: Args) -> Result:
    """status = set_mf(on): 1 where the mode allows it"""
    return int(focus_manually(script.state, args.on_off(1) > 0))


@LENS.function()
def set_aflock(script: Caller, args: Args) -> Result:
    """set_aflock(on)"""
    script.state.set_prop(Prop.AF_LOCK, int(args.on_off(1) > 0))


@LENS.function()
def get_focus_state(script: Caller, args: Args) -> Result:
    """state = get_focus_state(): -1 manual, 1 focused, 0 not"""
    return script.state.focus_state


@LENS.function()
def get_dofinfo(script: Caller, args: Args) -> Result:
    """info = get_dofinfo(): depth of field, distances in mm"""
    state = script.state
    focal_length = state.focal_lengths[state.zoom] / 1000
    aperture = av96_to_aperture(state.av96)
    blur = aperture / 1000 * CIRCLE_OF_CONFUSION / 1000
    hyperfocal = focal_length * focal_length / blur + focal_length
    distance = min(state.focus, FOCUS_INFINITY)
    near = distance * hyperfocal / (hyperfocal + distance)
    far = distance * hyperfocal / (hyperfocal - distance) if distance < hyperfocal else -1
    return {
        b"hyp_valid": True,
        b"focus_valid": True,
        b"aperture": aperture,
        b"coc": CIRCLE_OF_CONFUSION,
        b"focal_length": state.focal_lengths[state.zoom],
        b"eff_focal_length": int(state.focal_lengths[state.zoom] * script.state.identity.crop),
        b"focus": distance,
        b"near": int(near),
        b"far": int(far),
        b"hyp_dist": int(hyperfocal),
        b"dof": int(far - near) if far >= 0 else -1,
        b"min_stack_dist": int(hyperfocal),
    }
