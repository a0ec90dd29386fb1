"""Keys, shooting by keys, and what scripts notice of them (core/action_stack.c)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chdkshell.sim.api_messages import deadline
from chdkshell.sim.lua_api import Api, Args, LuaError, Result, Wait
from chdkshell.sim.properties import KEYS

if TYPE_CHECKING:
    from chdkshell.sim.lua_state import Script

KEY_FUNCTIONS = Api()

KEY_MS = 20
"""How long a key that is clicked stays down, and how long a script waits after each change."""

SHOT_MS = 150
"""From half press to the end of a shot, in ms."""

HALF_PRESS_MS = 5000
"""How long shoot waits for a camera that does not get ready, as it does not in play mode."""

SHOOT_DONE, SHOOT_TIMED_OUT = 0, 1
"""What shoot returns."""

_FULL = ("shoot_full", "shoot_full_only")


def _key(args: Args) -> str:
    name = args.string(1).decode("latin-1")
    if name not in KEYS:
        raise LuaError("unknown key")
    return name


def _down(script: Script, key: str) -> None:
    state = script.state
    state.keys_held.add(key)
    state.last_clicked = key
    if key in _FULL and state.record_mode:
        state.shoot()


@KEY_FUNCTIONS.function()
def press(script: Script, args: Args) -> Result:
    """press(key)"""
    _down(script, _key(args))
    return Wait(deadline(script, KEY_MS))


@KEY_FUNCTIONS.function()
def release(script: Script, args: Args) -> Result:
    """release(key)"""
    script.state.keys_held.discard(_key(args))
    return Wait(deadline(script, KEY_MS))


@KEY_FUNCTIONS.function()
def click(script: Script, args: Args) -> Result:
    """click(key)"""
    key = _key(args)
    _down(script, key)

    def up() -> Result:
        script.state.keys_held.discard(key)
        return ()

    return Wait(deadline(script, 2 * KEY_MS), late=up)


@KEY_FUNCTIONS.function()
def shoot(script: Script, args: Args) -> Result:
    """status = shoot([retry]): 0 after a shot, 1 where the camera did not get ready for one."""
    args.opt_integer(1, 1)
    state = script.state
    if not state.record_mode:
        return Wait(deadline(script, HALF_PRESS_MS), late=lambda: SHOOT_TIMED_OUT)

    def take() -> Result:
        state.shoot()
        return SHOOT_DONE

    return Wait(deadline(script, SHOT_MS), late=take)


@KEY_FUNCTIONS.function()
def is_pressed(script: Script, args: Args) -> Result:
    """down = is_pressed(key)"""
    return _key(args) in script.state.keys_held


@KEY_FUNCTIONS.function()
def is_key(script: Script, args: Args) -> Result:
    """was_clicked = is_key(key): the key that wait_click saw, or `no_key`"""
    return script.state.last_clicked == _key(args)


@KEY_FUNCTIONS.function()
def wait_click(script: Script, args: Args) -> Result:
    """wait_click([ms]): wait until a key of the camera is clicked; 0 is a day"""
    state = script.state
    state.last_clicked = None

    def timed_out() -> Result:
        state.last_clicked = "no_key"
        return ()

    return Wait(
        deadline(script, args.opt_integer(1, 0) or -1),
        lambda: () if state.last_clicked else None,
        timed_out,
        polled=True,
    )


@KEY_FUNCTIONS.function()
def get_shooting(script: Script, args: Args) -> Result:
    """ready = get_shooting(): whether the half-pressed camera has focused and measured"""
    state = script.state
    return state.record_mode and not state.keys_held.isdisjoint(("shoot_half", *_FULL))


@KEY_FUNCTIONS.function()
def get_focus_ok(script: Script, args: Args) -> Result:
    """ok = get_focus_ok()"""
    return get_shooting(script, args)
