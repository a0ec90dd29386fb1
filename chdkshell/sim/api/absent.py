"""Functions of the camera's Lua that do nothing here, and those that the simulator lacks."""

from __future__ import annotations

from chdkshell.sim.lua.api import Args, Caller, Function
from chdkshell.sim.lua.values import LuaError, Result

_DRAWING = "drawing on the screen: nobody sees it"

DRAWER: dict[str, str] = {
    "cls": "clears the console on the screen",
    "console_redraw": "draws the console on the screen",
    "draw_clear": _DRAWING,
    "draw_ellipse": _DRAWING,
    "draw_ellipse_filled": _DRAWING,
    "draw_line": _DRAWING,
    "draw_pixel": _DRAWING,
    "draw_rect": _DRAWING,
    "draw_rect_filled": _DRAWING,
    "draw_string": _DRAWING,
    "md_af_led_control": "a lamp for motion detection",
    "play_sound": "a sound",
    "set_console_autoredraw": "when the console is drawn",
    "set_console_layout": "where the console is drawn",
    "set_focus_interlock_bypass": "lets focus commands through to a busy camera; it never is",
    "set_led": "a lamp",
    "set_levent_script_mode": "how the firmware delivers events; here they arrive at once",
    "set_zoom_speed": "how fast the zoom motor runs; here it arrives at once",
    "wheel_left": "turns a wheel that no menu listens to",
    "wheel_right": "turns a wheel that no menu listens to",
}
"""Functions that do nothing, as nothing can be noticed of them on a camera in a drawer: why."""

_PIXELS = "there is no raw frame to compute with"
_NATIVE = "there is no ARM code to call"

LACKING: dict[str, str] = {
    "call_event_proc": _NATIVE,
    "call_func_ptr": _NATIVE,
    "file_browser": "nobody could choose a file",
    "get_live_histo": "there is no live view to measure",
    "md_detect_motion": "there is no live view to watch",
    "md_get_cell_diff": "there is no live view to watch",
    "md_get_cell_val": "there is no live view to watch",
    "raw_merge_add_file": _PIXELS,
    "raw_merge_end": _PIXELS,
    "raw_merge_start": _PIXELS,
    "set_curve_file": _PIXELS,
    "set_curve_state": _PIXELS,
    "set_raw_develop": _PIXELS,
    "set_remote_timing": "there is no USB remote",
    "swap_partitions": "the card has one partition",
    "textbox": "nobody could type a text",
}
"""Functions that end a script with an error which says that the simulator lacks them: why."""


def absent_functions() -> dict[str, Function]:
    """Return the functions of both tables."""
    functions: dict[str, Function] = dict.fromkeys(DRAWER, _nothing)
    functions.update({name: _lacking(name, reason) for name, reason in LACKING.items()})
    return functions


def _nothing(script: Caller, args: Args) -> Result:
    return None


def _lacking(name: str, reason: str) -> Function:
    def function(script: Caller, args: Args) -> Result:
        raise LuaError(f"simulated camera: {name} is not supported ({reason})")

    return function
