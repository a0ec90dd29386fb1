"""The switches that several of the commands that shoot have."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Annotated as Arg

from chdkshell.errors import UsageError, printable
from chdkshell.shell.arguments import ArgumentType, Choice, Integer, MemberType, Named, ProgramType
from chdkshell.shell.parameters import Switches

if TYPE_CHECKING:
    from chdkshell.chdk.shooting.capture import CaptureRequest
    from chdkshell.chdk.shooting.exposure import Exposure
    from chdkshell.shell.context import Context


class Suggested(ArgumentType):
    """Any text, with usual values to choose from; the camera's own may be others."""

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


class DistanceType(Named):
    """A distance like 1.5m, in millimetres."""

    def parse(self, text: str) -> int:
        from chdkshell.shell.shots.exposuretext import parse_distance

        return parse_distance(text)


class IsoMode(Named):
    """An ISO value of the camera's menu."""

    def parse(self, text: str) -> int:
        if len(text) > 6 or not (text.isascii() and text.isdecimal()):
            raise UsageError(
                f"invalid isomode value {printable(text)}", "an ISO value of the camera's own menu"
            )
        return int(text)


Interval = Arg[float, Seconds(), "Seconds from one shot to the next, held without drift."]
ExecAfterShot = Arg[
    str | None,
    ProgramType("command"),
    "A command to run after each shot: its files are in $ARGUMENT (the first) and $FILES.",
]
Quiet = Arg[bool, "Do not tell of each shot."]
Distance = Arg[
    int | None, DistanceType("v[units]"), "Distance to focus at; units m (default), cm, mm, ft, in."
]


class SequenceType(Integer):
    """A number, or `auto` for the one after the highest that files have."""

    def __init__(self) -> None:
        super().__init__(0, 999_999_999, "n|auto")

    def complete(self, prefix: str) -> list[str]:
        return [word for word in ("auto",) if word.startswith(prefix)]

    def parse(self, text: str) -> int:
        return AUTO if text == "auto" else super().parse(text)


AUTO = -1
"""What `SequenceType` gives for `auto`."""

Sequence = Arg[
    int | None,
    SequenceType(),
    "What ${shotseq} starts with; auto: after the highest number that files here have.",
]


class ExposureSwitches(Switches):
    """What a shot is taken with; the units that -tv, -sv and -av have are those of -u."""

    u: Arg[
        str,
        Choice("s", "a", "96", problem="invalid units"),
        "Units: s standard, a APEX, 96 APEX*96.",
    ] = "s"
    tv: Arg[str | None, Named("v"), "Shutter time; in standard units seconds, 0.5 or 1/100."] = None
    sv: Arg[str | None, Named("v"), "Sensitivity: ISO, Canon's real one."] = None
    svm: Arg[str | None, Named("v"), "Sensitivity: ISO as marketed; CHDK 1.3."] = None
    av: Arg[str | None, Named("v"), "Aperture; in standard units the f-number."] = None
    isomode: Arg[int | None, IsoMode("v"), "ISO value of the camera's menu, where it has one."] = (
        None
    )
    nd: Arg[str | None, Choice("in", "out", problem="invalid ND state {}"), "The ND filter."] = None
    sd: Distance = None
    sdmode: Arg[
        str | None,
        Choice("AF", "AFL", "MF", "NONE", problem="invalid sd mode {}", any_case=True),
        "Focus mode for -sd; NONE leaves the mode, and the distance where it cannot be set.",
    ] = None

    def exposure(self) -> Exposure:
        """Return what the switches say. Raises `UsageError`."""
        from chdkshell.shell.shots.exposuretext import parse_exposure

        return parse_exposure(
            u=self.u,
            tv=self.tv,
            sv=self.sv,
            svm=self.svm,
            av=self.av,
            isomode=self.isomode,
            nd=self.nd,
            sd=self.sd,
            sdmode=self.sdmode,
        )


class CaptureSwitches(Switches):
    """Which files a remote capture fetches, and how."""

    jpg: Arg[bool, "The JPEG file; the default if nothing else is asked for."] = False
    craw: Arg[bool, "Canon's own raw file, on cameras that make one."] = False
    raw: Arg[bool, "The frame buffer as it is."] = False
    dng: Arg[bool, "The frame buffer as a DNG file."] = False
    dnghdr: Arg[bool, "The DNG header as a file; pointless with -dng."] = False
    s: Arg[int | None, Integer(0, 100_000), "First line of a part of the frame buffer."] = None
    c: Arg[int | None, Integer(0, 100_000), "Number of lines of the part."] = None
    badpix: Arg[
        bool | int | None,
        Integer(0, 0xFFFF),
        "Patch pixels of this value or less in a DNG; 0 without a value.",
    ] = None
    shotwait: Arg[
        int | None,
        Integer(1, 1_000_000_000, "ms"),
        "How long a shot may take; else 20000, or 10000 and twice -tv.",
    ] = None
    filedummy: Arg[bool, "Leave an empty IMG_nnnn.JPG on the card: some cameras need one."] = False
    jpgdummy: Arg[bool, "The same as -filedummy."] = False
    nosubst: Arg[bool, "Take a $ in the destination as it is."] = False
    seq: Sequence = None

    @property
    def dummy_files(self) -> bool:
        """Whether empty files are left on the card."""
        return self.filedummy or self.jpgdummy

    @property
    def shot_wait(self) -> float | None:
        """How many seconds a shot may take, if that is said."""
        return None if self.shotwait is None else self.shotwait / 1000

    def request(self, context: Context) -> CaptureRequest:
        """Return which files are asked for. Raises `UsageError`."""
        from chdkshell.chdk.shooting.capture import CaptureRequest

        first_line, lines, bad_pixels = self.s, self.c, self.badpix
        if bad_pixels is not None and not self.dng:
            context.warn("badpix without dng ignored")
            bad_pixels = None
        if (first_line is not None or lines is not None) and not (self.raw or self.dng):
            context.warn("subimage without raw ignored")
            first_line = lines = None
        return CaptureRequest(
            jpg=self.jpg,
            canon_raw=self.craw,
            raw=self.raw,
            dng=self.dng,
            dng_header=self.dnghdr,
            first_line=first_line or 0,
            lines=lines or 0,
            bad_pixels=0 if bad_pixels is True else bad_pixels,
            replaces=context.compat,
        )


class SyncSwitches(Switches):
    """How several cameras shoot at the same moment."""

    sync: Arg[bool, "All cameras after @ shoot at the same moment, or nobody does."] = False
    lock: Arg[
        str | None, MemberType("camera"), "With -sync: this camera measures the exposure for all."
    ] = None
    min: Arg[
        int | None, Integer(1, 10_000), "With -sync: so many ready cameras are enough; else all."
    ] = None
    hw: Arg[bool, "With -sync: they shoot when the 5 V on their USB line go away."] = False
    trigger: Arg[
        str | None, ProgramType("command"), "With -hw: run this at the moment, to switch the 5 V."
    ] = None

    def check(self) -> None:
        """Raise `UsageError` where a switch is there without the one that it belongs to."""
        for name, value in (("lock", self.lock), ("min", self.min), ("hw", self.hw)):
            if value and not self.sync:
                raise UsageError(f"-{name} is for shots of several cameras", "add -sync")
        if self.trigger and not self.hw:
            raise UsageError("-trigger switches the 5 V that the cameras wait for", "add -hw")


def no_selection() -> UsageError:
    """Return the error of a synchronised shot that is not one of the cameras after @."""
    return UsageError(
        "-sync is for the cameras of a selection, in a line of its own", "as in `@all shoot -sync`"
    )


EXPOSURE = ExposureSwitches()
CAPTURE = CaptureSwitches()
SYNC = SyncSwitches()
