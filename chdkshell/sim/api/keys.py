"""Keys, shooting by keys, and what scripts notice of them (core/action_stack.c)."""

from __future__ import annotations

from chdkshell.chdk.constants import KEY_NAMES
from chdkshell.sim.api.messages import deadline
from chdkshell.sim.lua.api import Api, Args, Caller, Wait
from chdkshell.sim.lua.values import LuaError, Result
from chdkshell.sim.remotecap import Hook

KEY_FUNCTIONS = Api()

KEY_MS = 20
"""How long a key that is clicked stays down, and how long a script waits after each change."""

SHOT_LIMIT_MS = 86_400_000
"""How long shoot waits for the end of a shot: a day."""

HALF_PRESS_MS = 5000
"""How long shoot waits for a camera that does not get ready, as it does not in play mode."""

RETRY_MS = 250
"""How long shoot waits before it tries once more."""

SHOOT_DONE, SHOOT_TIMED_OUT, SHOOT_FAILED = 0, 1, 2
"""What shoot returns."""


def _key(args: Args) -> str:
    name = args.string(1).decode("latin-1")
    if name not in KEY_NAMES:
        raise LuaError("unknown key")
    return name


@KEY_FUNCTIONS.function()
def press(script: Caller, args: Args) -> Result:
    """press(key)"""
    script.state.keyboard.press(_key(args))
    return Wait(deadline(script, KEY_MS))


@KEY_FUNCTIONS.function()
def release(script: Caller, args: Args) -> Result:
    """release(key)"""
    script.state.keyboard.release(_key(args))
    return Wait(deadline(script, KEY_MS))


@KEY_FUNCTIONS.function()
def click(script: Caller, args: Args) -> Result:
    """click(key)"""
    key, keyboard = _key(args), script.state.keyboard
    comes_up = deadline(script, KEY_MS)
    keyboard.press(key)

    def up() -> Result:
        keyboard.release(key, comes_up)
        return Wait(deadline(script, KEY_MS))

    return Wait(comes_up, late=up)


@KEY_FUNCTIONS.function()
def shoot(script: Caller, args: Args) -> Result:
    """status = shoot([retry]): 0 after a shot, 1 where the camera did not get ready for one,
    2 where it took none"""
    retry = args.opt_integer(1, 1)
    state = script.state
    if state.filming:
        tries = 2 if retry else 1
        return Wait(deadline(script, tries * RETRY_MS), late=lambda: SHOOT_FAILED)
    if not state.record_mode or not state.alt_mode:
        return Wait(deadline(script, HALF_PRESS_MS), late=lambda: SHOOT_TIMED_OUT)

    shutter = state.shutter
    number = shutter.press("shoot_full", script.mailbox.wake)

    def taken() -> Result | None:
        if not shutter.finished(number):
            return None
        shutter.released()
        return SHOOT_DONE

    return Wait(deadline(script, SHOT_LIMIT_MS), taken)


@KEY_FUNCTIONS.function()
def is_pressed(script: Caller, args: Args) -> Result:
    """down = is_pressed(key): whether a hand holds it"""
    return script.state.keyboard.is_touched(_key(args))


@KEY_FUNCTIONS.function()
def is_key(script: Caller, args: Args) -> Result:
    """was_clicked = is_key(key): the key that a hand pressed last, or `no_key`"""
    return script.state.keyboard.last_clicked == _key(args)


@KEY_FUNCTIONS.function()
def wait_click(script: Caller, args: Args) -> Result:
    """wait_click([ms]): wait until a hand presses a key; 0 is a day"""
    keyboard = script.state.keyboard

    def missed() -> Result:
        keyboard.miss_click()
        return ()

    keyboard.expect_click()
    return Wait(
        deadline(script, args.opt_integer(1, 0) or -1),
        lambda: () if keyboard.take_click() else None,
        missed,
    )


@KEY_FUNCTIONS.function()
def set_exit_key(script: Caller, args: Args) -> Result:
    """set_exit_key(key): the key that ends this script"""
    script.state.keyboard.exit_key = _key(args)


@KEY_FUNCTIONS.function()
def get_shooting(script: Caller, args: Args) -> Result:
    """ready = get_shooting(): the half-pressed camera has focused and measured, or takes a shot"""
    return script.state.record_mode and script.state.shutter.shooting


@KEY_FUNCTIONS.function()
def get_focus_ok(script: Caller, args: Args) -> Result:
    """ok = get_focus_ok()"""
    return script.state.focus_state != 0 and bool(get_shooting(script, args))


# ---- hooks that hold up a shot ------------------------------------------------------------------


def _add_hook(name: str) -> None:
    def hook(script: Caller) -> Hook:
        found: Hook = getattr(script.state.shutter, name)
        return found

    def set_(script: Caller, args: Args) -> Result:
        hook(script).timeout = args.integer(1)

    def continue_(script: Caller, args: Args) -> Result:
        hook(script).go_on()

    KEY_FUNCTIONS.function(f"{name}.set")(set_)
    KEY_FUNCTIONS.function(f"{name}.continue")(continue_)
    KEY_FUNCTIONS.number(f"{name}.is_ready", lambda script: hook(script).active)
    KEY_FUNCTIONS.number(f"{name}.count", lambda script: hook(script).count)


for _name in ("hook_preshoot", "hook_shoot", "hook_raw"):
    _add_hook(_name)
