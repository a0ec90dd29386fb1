"""Refusals of the camera: calls of Lua that may be refused, and what to do then.

The Lua in `lua/` refuses with `return false, reason`, or with error(reason, 0) where that is deep
inside of it. The reasons are short, and those of the established client.
"""

from __future__ import annotations

from collections.abc import Sequence

from chdkshell.chdk.changes import PutBack
from chdkshell.chdk.scripts import Scripts
from chdkshell.errors import ChdkError, ScriptError, printable
from chdkshell.flow import NEVER, CancelToken
from chdkshell.lua.literals import LuaValue

HINTS = {
    "not in rec mode": "`rec` switches to it",
    "switch failed": "does the camera show a menu or a message? close it, and try again",
    "this camera has no such mode": "`mode P` is one that nearly every camera has",
    "the camera refuses the mode": "`rec` first; some cameras only take what their dial allows",
    "usb capture not supported": "`shoot -dl` takes shots to the card and fetches them",
    "not in continuous mode": "set continuous drive in the camera's menu, or use -quick",
    "cont with interval requires hook_shoot support": "CHDK 1.3 has it; or try without -cont",
    "unsupported format": "leave -craw, -dng or -raw out, or fetch files off the card: `shoot -dl`",
    "unsupported canon format": "choose the image format in the camera's menu, or leave -craw out",
    "init failed": "do -s and -c fit the sensor? does the camera's menu have the format?",
    "remote capture cancelled": "the shot took longer than the camera waits; start again",
    "timeout waiting for command": "start again; -cmdwait=N has the camera wait N seconds",
    "get_shooting timed out": "can the camera focus? look at light and distance, or give -sd",
    "the camera did not get ready to shoot": (
        "can it focus? look at light, distance and the space on the card, or give -sd"
    ),
    "CHDK build does not support Canon format control": "CHDK 1.5 has it; leave -cfmt out",
    "platform does not support Canon raw": "this camera makes no CR2; -dng has CHDK make raw files",
    "focus override not available": "`rec`, then a mode like P (`mode P`); or -sdmode=NONE",
    "svm not supported": "CHDK 1.3 has it; -sv takes Canon's real ISO instead",
}
"""What to do about each reason."""


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
        add_hint(error)
        raise


def check(answer: LuaValue | tuple[LuaValue, ...]) -> LuaValue:
    """Return the first of a script's values. Raises `ChdkError` where that says it failed."""
    first, *rest = answer if isinstance(answer, tuple) else (answer,)
    if first is not False and first is not None:  # 0 is no failure
        return first
    reason = rest[0] if rest else None
    if isinstance(reason, bytes):
        reason = reason.decode("utf-8", "backslashreplace")
    text = printable(str(reason)) if reason else "the camera refused without a reason"
    raise ChdkError(text, HINTS.get(text, ""))


def add_hint(error: ScriptError) -> None:
    """Have a script's failure say what to do, where its reason is one of those here."""
    error.hint = error.hint or HINTS.get(error.reason, "")
