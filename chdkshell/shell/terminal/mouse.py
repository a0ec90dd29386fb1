"""The mouse of a terminal: clicks and turns of the wheel, in the SGR encoding of xterm.

A terminal without a mouse ignores that it is asked for one. A click counts when the button comes up
where it went down: so nothing of it is still to come when it ends a view.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

ON = "\x1b[?1000h\x1b[?1006h"
"""Have buttons and the wheel reported. Text is selected with Shift held, as in all programs."""

OFF = "\x1b[?1006l\x1b[?1000l"

_REPORT = re.compile(r"\x1b\[<(\d{1,4});(\d{1,5});(\d{1,5})([Mm])")
_LEFT, _WHEEL_UP, _WHEEL_DOWN = 0, 64, 65
_MODIFIERS = 4 | 8 | 16
"""Shift, Meta and Control, which say nothing here."""


@dataclass(frozen=True, slots=True)
class MouseAct:
    """A click where `wheel` is 0, else a turn of the wheel: 1 away from the person, or -1.

    The first column and row are 0.
    """

    column: int
    row: int
    wheel: int = 0


class Mouse:
    """Knows what the mouse does among the keys."""

    def __init__(self) -> None:
        self._down: tuple[int, int] | None = None

    @staticmethod
    def is_meant(key: str) -> bool:
        """Whether a key is none, but a report of the mouse."""
        return key.startswith("\x1b[")

    def take(self, key: str) -> MouseAct | None:
        """Take a report. Returns None where it completes nothing, and for what is no report."""
        report = _REPORT.fullmatch(key)
        if report is None:
            return None
        button = int(report[1]) & ~_MODIFIERS
        place = int(report[2]) - 1, int(report[3]) - 1
        if button in (_WHEEL_UP, _WHEEL_DOWN):
            return MouseAct(*place, wheel=1 if button == _WHEEL_UP else -1)
        if report[4] == "M":
            self._down = place if button == _LEFT else None
            return None
        down, self._down = self._down, None
        return MouseAct(*place) if down == place else None
