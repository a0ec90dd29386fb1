"""Functions of the camera's Lua that nothing can be noticed of here, and those of absent modules.

They check their arguments as the others do.
"""

from __future__ import annotations

from chdkshell.sim.lua.api import Api, Args, Caller, Function
from chdkshell.sim.lua.values import ArgumentError, Result

ABSENT = Api()

DRAWER: dict[str, tuple[str, str]] = {
    "md_af_led_control": ("nn", "a lamp for motion detection"),
    "play_sound": ("n", "a sound"),
    "set_focus_interlock_bypass": (
        "b",
        "lets focus commands through to a camera that is busy",
    ),
    "set_led": ("nn", "a lamp"),
    "set_levent_script_mode": ("b", "how the firmware delivers events; here they arrive at once"),
    "set_zoom_speed": ("n", "how fast the zoom motor runs; here it arrives at once"),
    "wheel_left": ("", "turns a wheel that no menu listens to"),
    "wheel_right": ("", "turns a wheel that no menu listens to"),
    "set_curve_state": ("n", "curves need a module that is not on the card"),
    "set_curve_file": ("s", "curves need a module that is not on the card"),
    "set_raw_develop": ("S", "makes a JPEG file of a raw file at the next shot"),
    "raw_merge_end": ("", "adding raw files needs a module that is not on the card"),
    "swap_partitions": ("", "the card has one partition"),
}
"""Functions that do nothing: the kinds of their arguments, and why. n is a number, b a boolean or a
number, s a string; S one that may be left out."""

MERGE_OPERATIONS = (0, 1)
"""Sum and average (modules/raw_merge.h)."""


def _nothing(kinds: str) -> Function:
    def function(script: Caller, args: Args) -> Result:
        for index, kind in enumerate(kinds, 1):
            if kind == "n":
                args.integer(index)
            elif kind == "b":
                args.on_off(index)
            elif kind == "s":
                args.string(index)
            else:
                args.opt_string(index, b"")

    return function


for _name, (_kinds, _) in DRAWER.items():
    ABSENT.function(_name)(_nothing(_kinds))


@ABSENT.function()
def raw_merge_start(script: Caller, args: Args) -> Result:
    """done = raw_merge_start(operation)"""
    if args.integer(1) not in MERGE_OPERATIONS:
        raise ArgumentError(1, "invalid raw merge op")
    return False


@ABSENT.function()
def raw_merge_add_file(script: Caller, args: Args) -> Result:
    """done = raw_merge_add_file(path)"""
    args.string(1)
    return False


@ABSENT.function()
def set_remote_timing(script: Caller, args: Args) -> Result:
    """done = set_remote_timing(on): there is no timer for a USB remote"""
    args.on_off(1)
    return False
