"""Refusals of the camera: calls of Lua that may be refused.

The Lua in `lua/` refuses with `return false, code`, or with error(code, 0) where that is deep
inside of it. The code is that of a `Reason`.
"""

from __future__ import annotations

from collections.abc import Sequence

from chdkshell.chdk.changes import PutBack
from chdkshell.chdk.scripts import Scripts
from chdkshell.errors import ChdkError, ScriptError, printable
from chdkshell.flow import NEVER, CancelToken
from chdkshell.lua.values import LuaValue
from chdkshell.reasons import Reason

TEXTS = {
    Reason.NOT_RECORDING: "not in rec mode",
    Reason.SWITCH_FAILED: "switch failed",
    Reason.NO_SUCH_MODE: "this camera has no such mode",
    Reason.MODE_REFUSED: "the camera refuses the mode",
    Reason.NO_REMOTE_CAPTURE: "usb capture not supported",
    Reason.NOT_CONTINUOUS: "not in continuous mode",
    Reason.NO_HOOK_SHOOT: "cont with interval requires hook_shoot support",
    Reason.CAPTURE_FORMAT: "unsupported format",
    Reason.CANON_FORMAT: "unsupported canon format",
    Reason.CAPTURE_INIT: "init failed",
    Reason.CAPTURE_CANCELLED: "remote capture cancelled",
    Reason.NO_COMMAND: "timeout waiting for command",
    Reason.HOST_GONE: "nothing was heard of this computer",
    Reason.HALF_PRESS: "get_shooting timed out",
    Reason.SHOT_NOT_READY: "the camera did not get ready to shoot",
    Reason.NO_FORMAT_CONTROL: "CHDK build does not support Canon format control",
    Reason.NO_CANON_RAW: "platform does not support Canon raw",
    Reason.NO_FOCUS_OVERRIDE: "focus override not available",
    Reason.NO_MARKET_ISO: "svm not supported",
    Reason.CARD_FULL: "the card is full",
    Reason.NO_EDGE: "the camera cannot wait for the USB line",
}
"""What is said for each reason that the Lua gives: chdkptp's, where it has one, for programs."""


def ask(
    scripts: Scripts,
    code: str,
    libraries: Sequence[str] = (),
    cancel: CancelToken = NEVER,
    put_back: PutBack | None = None,
) -> LuaValue:
    """Run code on the camera and return its first value. Raises `ChdkError` where it refuses."""
    try:
        return check(scripts.call(code, libraries=libraries, put_back=put_back, cancel=cancel))
    except ScriptError as error:
        raise refused(error) from None


def check(answer: LuaValue | tuple[LuaValue, ...]) -> LuaValue:
    """Return the first of a script's values. Raises `ChdkError` where that says it failed."""
    first, *rest = answer if isinstance(answer, tuple) else (answer,)
    if first is not False and first is not None:  # 0 is no failure
        return first
    said = rest[0] if rest else None
    if isinstance(said, bytes):
        said = said.decode("utf-8", "backslashreplace")
    raise _refusal(str(said)) or ChdkError(
        printable(str(said)) if said else "the camera refused without a reason"
    )


def refused(error: ScriptError) -> ChdkError:
    """Return the refusal that a script failed with, or the failure itself where it is another."""
    return _refusal(error.message) or error


def _refusal(code: str) -> ChdkError | None:
    reason = next((reason for reason in TEXTS if reason.value == code), None)
    return reason and ChdkError(TEXTS[reason], reason=reason)
