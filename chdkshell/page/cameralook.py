"""What a camera is set to, asked in one script: modes, exposure, lens, flash, drive."""

from __future__ import annotations

from dataclasses import dataclass

from chdkshell.chdk.scripts import Scripts
from chdkshell.chdk.shooting.exposure import (
    MAX_APEX96,
    STEP,
    av96_to_f_number,
    sv96_to_iso,
    tv96_to_shutter,
)
from chdkshell.chdk.shooting.modes import MODES
from chdkshell.errors import ChdkError
from chdkshell.flow import NEVER, CancelToken
from chdkshell.lua.values import LuaKey, LuaValue
from chdkshell.page.shapes import CameraLook, FocusMode

FOCUS_MODES: dict[int, FocusMode] = {0: "auto", 1: "manual", 2: "locked"}

MODE_NAMES = {number: name for name, number in MODES.items()}


@dataclass(frozen=True, slots=True)
class Look:
    """What the camera's script told, by name."""

    told: dict[LuaKey, LuaValue]

    def number(self, name: str) -> int:
        """Return a number, 0 where the camera has none."""
        value = self.told.get(name)
        return value if isinstance(value, int) else 0

    def apex(self, name: str) -> int | None:
        """Return an APEX value, None where it makes no sense."""
        value = self.told.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or abs(value) > MAX_APEX96:
            return None
        return value

    def answer(self) -> CameraLook:
        """Return it as the page's calls give it."""
        tv, av, sv = self.apex("tv"), self.apex("av"), self.apex("sv")
        modes = self.told.get("modes")
        numbers = list(modes.values()) if isinstance(modes, dict) else modes or []
        return CameraLook(
            record=bool(self.told.get("record")),
            video=bool(self.told.get("video")),
            mode=MODE_NAMES.get(self.number("mode"), ""),
            modes=[MODE_NAMES[n] for n in numbers if isinstance(n, int) and n in MODE_NAMES]
            if isinstance(numbers, list)
            else [],
            shutter=None if tv is None else round(tv96_to_shutter(tv), 6),
            aperture=None if av is None else round(av96_to_f_number(av), 2),
            iso=None if sv is None else round(sv96_to_iso(sv)),
            iso_mode=self.number("iso_mode"),
            ev=round(self.number("ev") / STEP, 3),
            zoom=self.number("zoom"),
            zoom_steps=self.number("zoom_steps"),
            focus=self.number("focus"),
            focus_mode=FOCUS_MODES.get(self.number("focus_mode"), "auto"),
            has_nd=bool(self.told.get("has_nd")),
            flash=self.number("flash"),
            drive=self.number("drive"),
            shots=self.number("shots"),
        )


def read_look(scripts: Scripts, cancel: CancelToken = NEVER) -> Look:
    """Ask the camera what it is set to. Raises `ChdkError`."""
    told = scripts.call("return room_look()", libraries=("controlroom",), cancel=cancel)
    if not isinstance(told, dict):
        raise ChdkError("the camera does not tell what it is set to")
    return Look(told)
