"""What calls for sequences, recordings, scripts and several cameras take and give."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from chdkshell.page.jsonforms import About
from chdkshell.page.shapes import JsonShape, Number

Kind = Literal["interval", "bracket", "focus"]
Progress = Literal["running", "paused", "done", "stopped", "failed"]


@dataclass(frozen=True)
class SequenceForm(JsonShape):
    """Shots in a row: at intervals, with exposures around the present one, or from near to far."""

    kind: Kind
    shots: Annotated[int, About("How many.", 1, 100_000)] = 3
    interval: Annotated[float, About("Seconds from one shot to the next.", 0, 86_400)] = 0.0
    step: Annotated[float, About("Bracket: steps of exposure between two shots.", 0.01, 5)] = 1.0
    near: Annotated[int, About("Focus: the nearest distance, in mm.", 1, 1_000_000)] = 300
    far: Annotated[int, About("Focus: the farthest distance, in mm.", 1, 1_000_000)] = 3000
    to: Annotated[Literal["card", "computer"], About("Where the pictures go.")] = "card"


@dataclass(frozen=True)
class SequenceReport(JsonShape):
    """How far a sequence has come. It runs in the program, whoever watches."""

    camera: Number
    kind: Kind
    progress: Progress
    taken: int
    shots: int
    next: Annotated[float | None, About("Seconds until the next shot.")] = None
    log: Annotated[list[str], About("What happened, the latest last.")] = field(
        default_factory=list
    )


@dataclass(frozen=True)
class SequenceState(JsonShape):
    """The camera's sequence, the present or the last one; None where there was none."""

    sequence: SequenceReport | None


@dataclass(frozen=True)
class SequenceChange(JsonShape):
    """What to do with the sequence that runs."""

    action: Literal["pause", "resume", "stop"]


@dataclass(frozen=True)
class RecordingForm(JsonShape):
    """Record the frames into the folder of this computer, or end that."""

    on: bool = True
    kind: Annotated[
        Literal["mjpeg", "lvdump"], About("MJPEG, or the frames as the camera sends them.")
    ] = "mjpeg"


@dataclass(frozen=True)
class RecordingReport(JsonShape):
    """A recording of frames."""

    name: Annotated[str, About('The file in the folder, "" for none.')]
    frames: int
    size: Annotated[int, About("Bytes.")]


@dataclass(frozen=True)
class ScriptReport(JsonShape):
    """A script on the card."""

    path: str
    title: str


@dataclass(frozen=True)
class ParameterReport(JsonShape):
    """A parameter of a script. Values are texts, as they are written."""

    name: str
    label: str
    section: str
    kind: Literal["number", "on or off", "boolean", "choice", "table"]
    default: str
    low: int | None
    high: int | None
    choices: list[str]


@dataclass(frozen=True)
class ScriptHead(JsonShape):
    """A script with its parameters."""

    path: str
    title: str
    parameters: list[ParameterReport]


@dataclass(frozen=True)
class ScriptRunForm(JsonShape):
    """Run a script of the card, with parameters; those left out have their defaults."""

    path: str
    values: dict[str, str]


@dataclass(frozen=True)
class LuaForm(JsonShape):
    """Run Lua on the camera."""

    code: str


@dataclass(frozen=True)
class ScriptSayings(JsonShape):
    """What a script has said so far. `ended` says how it ended, "" while it runs."""

    title: str
    running: bool
    lines: list[str]
    ended: str


@dataclass(frozen=True)
class TogetherForm(JsonShape):
    """Take a picture with several cameras at the same moment."""

    cameras: Annotated[list[int], About("Their numbers; none means all.")] = field(
        default_factory=list
    )


@dataclass(frozen=True)
class TogetherReport(JsonShape):
    """What came of a shot of several cameras."""

    fired: list[int]
    spread: Annotated[float | None, About("Milliseconds between the first and the last.")]
    problems: Annotated[list[str], About("What failed, with the camera's number.")]
