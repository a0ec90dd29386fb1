"""The colours of all that a terminal shows, by what they are for.

They are of the 256 that terminals have in common; those above 15 look the same everywhere. Which
background a terminal has is known from COLORFGBG alone, which some set: asked, it may answer into
what is typed. Where it is not known, the colours can be read on black and on white.
"""

from __future__ import annotations

import os

ROLES = ("name", "error", "warning", "good", "quoted", "keyword", "folder", "muted")
"""What colours are for: names of commands and functions, errors, warnings and switches, what is
well, texts in quotes, words of a language, folders and paths of the card, what matters less."""

THEMES: dict[str, dict[str, int]] = {
    "both": {
        "name": 31, "error": 1, "warning": 136, "good": 28,
        "quoted": 28, "keyword": 133, "folder": 33, "muted": 244,
    },
    "dark": {
        "name": 44, "error": 203, "warning": 184, "good": 77,
        "quoted": 77, "keyword": 177, "folder": 75, "muted": 246,
    },
    "light": {
        "name": 30, "error": 160, "warning": 94, "good": 28,
        "quoted": 28, "keyword": 127, "folder": 25, "muted": 242,
    },
    "none": {},
}  # fmt: skip
"""The number of each role's colour; "both" for a background that is not known."""

_LIGHT = (7, *range(9, 16))
"""Of the first 16 colours those that are light; 8 is a dark grey."""

_chosen = "auto"


def choose(name: str) -> None:
    """Choose what all colours are from now on: one of `THEMES`, or "auto"."""
    global _chosen
    _chosen = name


def current() -> str:
    """Return the name of the theme that holds: one of `THEMES`."""
    if os.environ.get("NO_COLOR"):
        return "none"
    return _from_environment() if _chosen == "auto" else _chosen


def _from_environment() -> str:
    background = os.environ.get("COLORFGBG", "").rpartition(";")[2]
    if not background.isascii() or not background.isdecimal() or int(background) > 15:
        return "both"
    return "light" if int(background) in _LIGHT else "dark"


def colour(role: str) -> int | None:
    """Return the number of a role's colour, None for none."""
    return THEMES[current()].get(role)


def red_green_blue(number: int) -> tuple[int, int, int]:
    """Return a colour of the 256 as xterm has it."""
    if number < 16:
        return _FIRST[number]
    if number >= 232:
        grey = 8 + 10 * (number - 232)
        return grey, grey, grey
    levels = (0, 95, 135, 175, 215, 255)
    number -= 16
    return levels[number // 36], levels[number // 6 % 6], levels[number % 6]


_FIRST = (
    (0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0),
    (0, 0, 238), (205, 0, 205), (0, 205, 205), (229, 229, 229),
    (127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0),
    (92, 92, 255), (255, 0, 255), (0, 255, 255), (255, 255, 255),
)  # fmt: skip


def escape(role: str) -> str:
    """Return the escape sequence that begins a role's colour, "" for none."""
    number = colour(role)
    if number is None:
        return ""
    return f"\x1b[{30 + number}m" if number < 8 else f"\x1b[38;5;{number}m"


def html(role: str) -> str:
    """Return a role's colour as prompt_toolkit takes it, "" for none."""
    number = colour(role)
    if number is None:
        return ""
    if number == 1:
        return "ansired"
    return "#{:02x}{:02x}{:02x}".format(*red_green_blue(number))
