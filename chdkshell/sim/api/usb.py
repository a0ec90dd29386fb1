"""The USB line as a remote control, and what scripts make the camera see (core/usb_sync.c)."""

from __future__ import annotations

from chdkshell.sim.lua.api import Api, Args, Caller
from chdkshell.sim.lua.values import Result

USB = Api()


@USB.function()
def get_usb_power(script: Caller, args: Args) -> Result:
    """pulse = get_usb_power([what]): 0, as the remote is not enabled in CHDK's menu"""
    args.opt_integer(1, 0)
    return 0


@USB.function()
def usb_sync_wait(script: Caller, args: Args) -> Result:
    """usb_sync_wait(on): let the next shot wait until the 5 V on the USB line go away"""
    script.state.usb.sync_wait = args.on_off(1) != 0


@USB.function()
def usb_force_active(script: Caller, args: Args) -> Result:
    """done = usb_force_active(on): stay connected while there are no 5 V on the USB line"""
    script.state.usb.forced = args.on_off(1) != 0
    return True


@USB.function()
def force_analog_av(script: Caller, args: Args) -> Result:
    """done = force_analog_av(state): false, as this camera has no socket for analog video"""
    args.integer(1)
    return False
