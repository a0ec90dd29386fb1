"""Record and play mode, and the shooting modes."""

from __future__ import annotations

from chdkshell.chdk.scripts import Scripts
from chdkshell.chdk.shooting.refusals import ask
from chdkshell.errors import ChdkError, UsageError, printable
from chdkshell.flow import NEVER, CancelToken
from chdkshell.lua.literals import serialize

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


def switch_mode(scripts: Scripts, record: bool, cancel: CancelToken = NEVER) -> bool:
    """Switch to record or play mode and wait until it is done.

    Returns False where the camera is in that mode already. Raises `ChdkError`.
    """
    code = f"return switch_mode({serialize(record)})"
    return ask(scripts, code, ("modes",), cancel) == "switched"


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
        f"if not is_capture_mode_valid({number}) then return false,'no-such-mode' "
        f"end return set_capture_mode({number}),'mode-refused'"
    )
    ask(scripts, code, cancel=cancel)
