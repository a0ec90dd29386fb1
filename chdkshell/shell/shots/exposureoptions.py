"""The switches that say what a shot is taken with, shared by the commands that shoot."""

from __future__ import annotations

from typing import Annotated as Arg
from typing import Any

from chdkshell.errors import UsageError, printable
from chdkshell.shell.arguments import ArgumentType


class Suggested(ArgumentType):
    """Any text, with usual values to choose from; whoever uses it checks it."""

    def __init__(self, *choices: str) -> None:
        self.choices = choices


class Seconds(ArgumentType):
    """A time in seconds, like 0.5 or 30."""

    hint = "n.m"

    def parse(self, text: str) -> float:
        import re

        if not re.fullmatch(r"[0-9]{1,7}(\.[0-9]{1,6})?", text):
            raise UsageError(f"invalid interval {printable(text)}", "seconds, like 0.5 or 30")
        return float(text)


class Value(ArgumentType):
    """Any text under a name of its own, that the camera-side code's options explain."""

    def __init__(self, hint: str) -> None:
        self.hint = hint


U = Arg[str, Suggested("s", "a", "96"), "Units: s standard, a APEX, 96 APEX*96."]
Tv = Arg[str | None, Value("v"), "Shutter time; in standard units seconds, like 0.5 or 1/100."]
Sv = Arg[str | None, Value("v"), "Sensitivity: ISO, Canon's real one."]
Svm = Arg[str | None, Value("v"), "Sensitivity: ISO as marketed; CHDK 1.3."]
Av = Arg[str | None, Value("v"), "Aperture; in standard units the f-number."]
IsoMode = Arg[str | None, Value("v"), "ISO value of the camera's menu, in modes that have one."]
Nd = Arg[str | None, Suggested("in", "out"), "The ND filter."]
Sd = Arg[str | None, Value("v[units]"), "Distance to focus at; units m (default), cm, mm, ft, in."]
SdMode = Arg[
    str | None,
    Suggested("AF", "AFL", "MF", "NONE"),
    "Focus mode for -sd; NONE leaves the mode, and the distance where it cannot be set.",
]

EXPOSURE_NAMES = ("u", "tv", "sv", "svm", "av", "isomode", "nd", "sd", "sdmode")


def exposure_of(values: dict[str, Any]) -> Any:
    """Return the `Exposure` of a command's arguments. Raises `UsageError`."""
    from chdkshell.chdk.shooting.exposure import parse_exposure

    return parse_exposure(**{name: values[name] for name in EXPOSURE_NAMES})
