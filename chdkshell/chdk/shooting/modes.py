"""Record and play mode, and the shooting modes."""

from __future__ import annotations

from chdkshell.chdk.luadata import LuaValue, serialize
from chdkshell.chdk.scripts import Scripts
from chdkshell.errors import ChdkError, UsageError, printable
from chdkshell.flow import NEVER, CancelToken

MODES = {
    name: number
    for number, name in enumerate(
        [
            "AUTO",
            "P",
            "TV",
            "AV",
            "M",
            "AQUARIUM",
            "BEACH",
            "BEST_IMAGE",
            "BLUR_REDUCTION",
            "COLOR_ACCENT",
            "COLOR_SWAP",
            "CREATIVE_EFFECT",
            "DIGITAL_IS",
            "DIGITAL_MACRO",
            "DISCREET",
            "EASY",
            "FACE_SELF_TIMER",
            "FIREWORK",
            "FISHEYE",
            "FOLIAGE",
            "HDR",
            "HIGHSPEED_BURST",
            "INDOOR",
            "ISO_3200",
            "KIDS_PETS",
            "LANDSCAPE",
            "LIVE",
            "LONG_SHUTTER",
            "LOWLIGHT",
            "MINIATURE",
            "MONOCHROME",
            "MY_COLORS",
            "NIGHT_SCENE",
            "NIGHT_SNAPSHOT",
            "NOSTALGIC",
            "PORTRAIT",
            "POSTER_EFFECT",
            "QUICK",
            "SMART_SHUTTER",
        ],
        1,
    )
}
"""CHDK's numbers of shooting modes by their names (include/modelist.h)."""


def switch_mode(scripts: Scripts, record: bool, cancel: CancelToken = NEVER) -> None:
    """Switch to record or play mode and wait until it is done. Raises `ChdkError`."""
    flag = serialize(record)
    check(scripts.call(f"return switch_mode({flag})", libraries=("modes",), cancel=cancel))


def shooting_mode(scripts: Scripts, cancel: CancelToken = NEVER) -> tuple[bool, int]:
    """Return whether the camera is in record mode, and the number of its shooting mode."""
    answer = scripts.call("return get_mode()", cancel=cancel)
    if not isinstance(answer, tuple) or len(answer) != 3 or not isinstance(answer[2], int):
        raise ChdkError("the camera does not tell its mode")
    return bool(answer[0]), answer[2] & 0xFF


def set_shooting_mode(scripts: Scripts, name: str, cancel: CancelToken = NEVER) -> None:
    """Set the shooting mode by its name in `MODES`. Raises `UsageError` and `ChdkError`."""
    number = MODES.get(name.upper())
    if number is None:
        raise UsageError(f"no mode is called '{printable(name)}'", f"there are {', '.join(MODES)}")
    code = (
        f"if not is_capture_mode_valid({number}) then return false,'this camera has no such mode' "
        f"end return set_capture_mode({number}),'the camera refuses the mode: is it in rec mode?'"
    )
    check(scripts.call(code, cancel=cancel))


def back_to_record_mode(scripts: Scripts, cancel: CancelToken = NEVER) -> None:
    """Switch a camera that may have restarted to record mode, where it is not in it."""
    if not shooting_mode(scripts, cancel)[0]:
        switch_mode(scripts, True, cancel)


def check(answer: LuaValue | tuple[LuaValue, ...]) -> LuaValue:
    """Return the first of a script's values. Raises `ChdkError` where that says it failed."""
    first, *rest = answer if isinstance(answer, tuple) else (answer,)
    if first is not False and first is not None:  # 0 is no failure
        return first
    reason = rest[0] if rest else None
    if isinstance(reason, bytes):
        reason = reason.decode("utf-8", "backslashreplace")
    raise ChdkError(printable(str(reason)) if reason else "the camera refused without a reason")
