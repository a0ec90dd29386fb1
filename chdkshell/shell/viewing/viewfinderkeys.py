"""The keys of the viewfinder in the terminal, and what is told of them."""

from __future__ import annotations

from chdkshell.shell.viewing.statusline import Hints

_SHOOT: Hints = (("space shoot", " "), ("  ", ""))

_ZOOM_SAVE: Hints = (("+", "+"), ("-", "-"), (" zoom  ", ""), ("s save", "s"), ("  ", ""))

_QUIT_HELP: Hints = (("q quit", "q"), ("  ", ""), ("? help", "?"))

HINTS: tuple[Hints, ...] = (
    (*_SHOOT, *_ZOOM_SAVE, *_QUIT_HELP),
    (*_SHOOT, *_QUIT_HELP),
    _QUIT_HELP,
)
"""What the last line says of keys: the first that has room."""

_HELD: Hints = (("space shoots", " "), (", ", ""), ("H lets go", "H"))

HELD_HINTS: tuple[Hints, ...] = ((*_HELD, ("  ", ""), *_QUIT_HELP), _HELD)
"""The same while the button is held half down."""

HELP = (
    "space     take a picture",
    "h         half-press: focus and measure",
    "H         hold the shutter button half down, and let it go",
    "+ -       zoom, also with the mouse's wheel",
    "t T       shutter time: shorter, longer (TV and M)",
    "a A       aperture: wider, narrower (AV and M)",
    "i I       ISO: lower, higher",
    "e E       EV: darker, brighter",
    "r         record or play mode",
    "arrows    the camera's up, down, left and right; Enter is set",
    "m  d      the camera's menu and display keys",
    "o         with or without what the camera draws over the picture",
    "g         histogram: luma, RGB, none",
    "p         with or without the last pictures taken, in a window of 80x24 or more",
    "s         save the picture that is shown",
    "v         record what is shown to a dump file, and end that",
    ":         a command of the shell",
    "click     in the picture: half-press; on a key in the last line: that key,",
    "          where the first click on shoot only holds the button half down",
    "q         leave",
    "",
    "any key goes back to the picture",
)

_NOT_TILED = (":", "p ", "click", "   ", "q ")
"""How lines begin of what is otherwise, or not at all, where several cameras are shown."""

TILED_HELP = (
    "Tab 1-9   another camera gets the keys; so it does when it is clicked on",
    "z         that camera large, and all again",
    "S         all cameras shoot at the same moment, or nobody does",
    *(line for line in HELP[:-2] if not line.startswith(_NOT_TILED)),
    "click     on a key in the last line: that key; first on shoot: half down",
    *("q         leave", *HELP[-2:]),
)

_NEXT_LARGE: Hints = (("Tab next", "c-i"), ("  ", ""), ("z large", "z"), ("  ", ""))

_ALL: Hints = (("S all shoot  ", ""),)  # no single click takes a picture

TILED_HINTS: tuple[Hints, ...] = (
    (*_NEXT_LARGE, *_SHOOT, *_ALL, *_QUIT_HELP),
    (*_NEXT_LARGE, *_SHOOT, *_QUIT_HELP),
    *HINTS[1:],
)
"""The same where several cameras are shown."""

LEAVE = ("q", "Q", "c-c", "c-d")

CLICKS = {
    "up": "up",
    "down": "down",
    "left": "left",
    "right": "right",
    "c-m": "set",
    "c-j": "set",
    "m": "menu",
    "d": "display",
}
"""Keys of the keyboard, and the camera's keys that they click."""


THIRD = 32
"""A step of exposure keys, of APEX*96."""

STEPS = {
    "t": ("shutter", THIRD),
    "T": ("shutter", -THIRD),
    "a": ("aperture", -THIRD),
    "A": ("aperture", THIRD),
    "i": ("iso", -1),
    "I": ("iso", 1),
    "e": ("ev", -THIRD),
    "E": ("ev", THIRD),
}
"""Keys of the keyboard, and the settings of the exposure that they change by how much."""
