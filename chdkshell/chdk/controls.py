"""Zoom, focus and the keys of the camera."""

from __future__ import annotations

from collections.abc import Sequence

from chdkshell.chdk.scripts import Scripts
from chdkshell.chdk.shooting.exposure import FocusMode
from chdkshell.chdk.shooting.modes import shooting_mode
from chdkshell.chdk.shooting.refusals import TEXTS, ask
from chdkshell.errors import ChdkError, ScriptError, UsageError, printable
from chdkshell.flow import NEVER, CancelToken
from chdkshell.lua.literals import serialize
from chdkshell.reasons import Reason

KEYS = (
    *("shoot_half", "shoot_full", "shoot_full_only", "up", "down", "left", "right", "set"),
    *("menu", "display", "print", "erase", "zoom_in", "zoom_out", "video", "playback"),
)
"""Keys that most cameras have, as press and click take them; some have more."""


def read_zoom(scripts: Scripts, cancel: CancelToken = NEVER) -> int:
    """Return the step that the lens is zoomed to, from 0 (wide)."""
    return _number(scripts, "get_zoom()", cancel)


def zoom_steps(scripts: Scripts, cancel: CancelToken = NEVER) -> int:
    """Return how many steps the zoom has."""
    return _number(scripts, "get_zoom_steps()", cancel)


def set_zoom(scripts: Scripts, position: int, cancel: CancelToken = NEVER) -> None:
    """Zoom to a step. Raises `UsageError` where there is no such step, `ChdkError` in play mode."""
    steps = zoom_steps(scripts, cancel)
    if not 0 <= position < steps:
        raise UsageError(f"{position} is out of range", f"allowed are 0 to {steps - 1}")
    if not shooting_mode(scripts, cancel)[0]:
        raise ChdkError(TEXTS[Reason.NOT_RECORDING], reason=Reason.NOT_RECORDING)
    scripts.call(f"set_zoom({position})", cancel=cancel)


def read_focus(scripts: Scripts, cancel: CancelToken = NEVER) -> int:
    """Return the distance that the lens is focused at, in millimetres."""
    return _number(scripts, "get_focus()", cancel)


def set_focus(scripts: Scripts, distance: int, cancel: CancelToken = NEVER) -> None:
    """Focus at a distance in millimetres. Raises `ChdkError` where the camera refuses."""
    options = {"sd": distance, "sdprefmode": FocusMode.MF.value}
    code = (
        "if not get_mode() then return false,'not-recording' end "
        f"expose({serialize(options)}) return true"
    )
    ask(scripts, code, ("exposure",), cancel)


def hold_key(scripts: Scripts, key: str, ms: int, cancel: CancelToken = NEVER) -> None:
    """Press a key, hold it for `ms` milliseconds and let it go. Raises `UsageError`."""
    code = f"press(%s) sleep_with_host({ms}) release(%s)"
    _use_key(scripts, code, key, cancel, ("host_messages",))


def release_key(scripts: Scripts, key: str, cancel: CancelToken = NEVER) -> None:
    """Let a key go. Raises `UsageError` for a key that the camera does not know."""
    _use_key(scripts, "release(%s)", key, cancel)


def click_key(scripts: Scripts, key: str, cancel: CancelToken = NEVER) -> None:
    """Press a key and let it go. Raises `UsageError` for a key that the camera does not know."""
    _use_key(scripts, "click(%s)", key, cancel)


def _use_key(
    scripts: Scripts, code: str, key: str, cancel: CancelToken, libraries: Sequence[str] = ()
) -> None:
    try:
        scripts.call(code.replace("%s", serialize(key)), libraries=libraries, cancel=cancel)
    except ScriptError as error:
        if "unknown key" not in error.message:
            raise
        known = ", ".join(KEYS)
        raise UsageError(f"unknown key {printable(key)}", f"such as {known}") from error


def _number(scripts: Scripts, call: str, cancel: CancelToken) -> int:
    value = scripts.call(f"return {call}", cancel=cancel)
    if not isinstance(value, int):
        raise ChdkError(f"the camera does not answer {call}")
    return value
