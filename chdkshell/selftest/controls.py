"""Modes and keys."""

from __future__ import annotations

import time

from chdkshell.errors import ScriptError
from chdkshell.selftest.bench import Bench
from chdkshell.selftest.checks import Trial
from chdkshell.selftest.outcomes import CheckFailedError, require, require_equal

READY_MS = 10_000
"""How long a half-pressed camera may take to focus and to measure."""


def modes(bench: Bench) -> str:
    """Record mode, play mode, and back."""
    camera = bench.camera
    first = camera.mode
    longest = 0.0
    for record in (first != "record", first == "record"):
        start = time.monotonic()
        camera.switch_mode(record, bench.cancel)
        longest = max(longest, time.monotonic() - start)
        require_equal("the mode", camera.mode, "record" if record else "play")
    bench.measured["longest_s"] = round(longest, 2)
    return f"record, play, and back to {first}; {longest:.1f} s at most"


def half_press(bench: Bench) -> str:
    """The camera gets ready as the shutter is held half way, and lets go."""
    code = f"""local function wait(wanted)
local stop=get_tick_count()+{READY_MS}
while get_shooting()~=wanted and get_tick_count()<stop do sleep(10) end
return get_shooting()
end
local start=get_tick_count()
press('shoot_half') local down=wait(true) local took=get_tick_count()-start
release('shoot_half') local up=wait(false)
return down and 1 or 0,up and 1 or 0,took"""
    down, up, took = bench.numbers(code, 3)
    require(down == 1, "the half-pressed camera does not get ready", "that it focuses")
    require(up == 0, "the camera stays ready after the key was let go", "that it lets go")
    bench.measured["ready_ms"] = took
    return f"ready {took} ms after it, and no more when let go"


def keys(bench: Bench) -> str:
    """Keys can be clicked, pressed and let go; one that is none is an error."""
    bench.camera.switch_mode(False, bench.cancel)
    # In play mode the one undoes what the other does; in record mode they change settings.
    bench.lua("for _,key in ipairs{'right','left'} do click(key) sleep(200) end")
    bench.lua("for _,key in ipairs{'right','left'} do press(key) sleep(50) release(key) end")
    try:
        bench.lua("click('no such key')")
    except ScriptError as error:
        require("unknown key" in error.message, error.message, "unknown key")
    else:
        raise CheckFailedError("a key that there is none of was clicked", "an error")
    return "right and left clicked, pressed and let go"


CHECKS = (
    Trial("mode switches", "the camera is in the mode that was set", modes),
    Trial("keys", "they can be pressed and let go", keys),
    Trial("half press", "the camera gets ready", half_press, records=True),
)
