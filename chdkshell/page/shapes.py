"""What the page's calls take and give: the requests and answers of the API, as dataclasses."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from chdkshell.page.jsonforms import About

Number = Annotated[int, About("The camera's number in its rig, from 1.", 1, 9999)]
LONGEST_PATH = 1000
"""Characters of a path, which stands in a URL."""

Stream = Literal["idle", "live", "frozen", "gone"]
FocusMode = Literal["auto", "manual", "locked"]


class JsonShape:
    """What all of them can do."""

    def as_json(self) -> dict[str, Any]:
        """Return what `json` writes."""
        return dataclasses.asdict(self)  # type: ignore[call-overload,no-any-return]


# ---- what is told of cameras and the program ----------------------------------------------------


@dataclass(frozen=True)
class CameraLook(JsonShape):
    """What a camera is set to. None is what it does not tell."""

    record: Annotated[bool, About("Whether it is in record mode.")]
    video: bool
    mode: Annotated[str, About('The shooting mode by CHDK\'s name, "" for an unknown one.')]
    modes: Annotated[list[str], About("The shooting modes that the camera has.")]
    shutter: Annotated[float | None, About("Seconds.")]
    aperture: Annotated[float | None, About("The f-number.")]
    iso: Annotated[int | None, About("Canon's real ISO value.")]
    iso_mode: Annotated[int, About("The setting of the ISO menu, 0 for automatic.")]
    ev: Annotated[float, About("Exposure correction in steps.")]
    zoom: Annotated[int, About("The step of the zoom, from 0.")]
    zoom_steps: int
    focus: Annotated[int, About("The distance in focus, in millimetres.")]
    focus_mode: FocusMode
    has_nd: Annotated[bool, About("Whether the lens has an ND filter.")]
    flash: Annotated[int, About("Canon's number: 0 automatic, 1 on, 2 off.")]
    drive: Annotated[int, About("Canon's number: 0 single, 1 continuous, and more.")]
    shots: Annotated[int, About("The number of the last shot.")]


@dataclass(frozen=True)
class CameraReport(JsonShape):
    """A camera, its stream, and what it is set to as far as that is known."""

    camera: Number
    name: Annotated[str, About("Its name in the rig, or else its model.")]
    model: str
    address: str
    stream: Annotated[Stream, About("idle: nobody watches. gone: it is being looked for.")]
    trouble: Annotated[str, About('What is wrong, "" for nothing.')]
    fps: Annotated[float, About("Frames a second, lately.")]
    busy: Annotated[str, About('What it is busy with for long, "" for nothing.')]
    half: Annotated[bool, About("Whether the shutter button is held half down from here.")]
    nd: Annotated[Literal["auto", "in", "out"], About("The ND filter of the next shots.")]
    recording: Annotated[str, About('The file that frames are recorded into, "" for none.')]
    look: Annotated[CameraLook | None, About("None until somebody watches.")]


@dataclass(frozen=True)
class HolderReport(JsonShape):
    """Who holds the controls. Others watch."""

    name: Annotated[str, About('As the client calls itself, "" for nobody.')]
    you: Annotated[bool, About("Whether that is who asks.")]


@dataclass(frozen=True)
class RoomReport(JsonShape):
    """The program and all its cameras."""

    cameras: list[CameraReport]
    holder: HolderReport
    readonly: bool
    allowlua: bool
    picture_only: bool
    folder: Annotated[str, About('Where pictures go on this computer, "" for nowhere.')]
    version: str


@dataclass(frozen=True)
class SessionReport(JsonShape):
    """What calls that change something need."""

    token: Annotated[str, About("For the header X-Chdkshell-Token.")]


@dataclass(frozen=True)
class Refusal(JsonShape):
    """Why a call was refused, and what is allowed."""

    error: str
    detail: str = ""


@dataclass(frozen=True)
class Done(JsonShape):
    """It was done."""

    text: Annotated[str, About("What was done, for people.")] = ""


# ---- requests -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Nothing(JsonShape):
    """A request without fields."""


@dataclass(frozen=True)
class Take(JsonShape):
    """Take the controls, or let them go."""

    name: Annotated[str, About("What others see, such as a device.", longest=200)] = ""
    take: Annotated[bool, About("False lets them go.")] = True


@dataclass(frozen=True)
class Watch(JsonShape):
    """What of the picture is wanted."""

    overlay: Annotated[bool, About("With what the camera draws over it.")] = False


@dataclass(frozen=True)
class ShotRequest(JsonShape):
    """Take a picture."""

    to: Annotated[
        Literal["card", "computer"], About("Where it goes: computer is the program's folder.")
    ] = "card"


@dataclass(frozen=True)
class ShotReport(JsonShape):
    """A picture that was taken, by its files."""

    camera: Number
    number: int
    files: Annotated[list[str], About("Paths on the card, or names in the program's folder.")]
    place: Literal["card", "folder"] = "card"
    text: Annotated[str, About("What was done, for people.")] = ""


@dataclass(frozen=True)
class CameraSettings(JsonShape):
    """What to set; what is left out stays as it is. They are set in this order."""

    record: Annotated[bool | None, About("Record or play mode.")] = None
    mode: Annotated[str | None, About("A shooting mode by its name.")] = None
    shutter: Annotated[float | None, About("Seconds.", 1e-5, 10_000)] = None
    aperture: Annotated[float | None, About("The f-number.", 0.5, 100)] = None
    iso: Annotated[int | None, About("ISO of the menu, 0 for automatic.", 0, 1_000_000)] = None
    ev: Annotated[float | None, About("Exposure correction in steps.", -10, 10)] = None
    nd: Literal["auto", "in", "out"] | None = None
    zoom: Annotated[int | None, About("A step of the zoom.", 0, 1000)] = None
    focus_mode: FocusMode | None = None
    focus: Annotated[int | None, About("Millimetres.", 1, 2_000_000_000)] = None
    flash: Annotated[int | None, About("Canon's number: 0 automatic, 1 on, 2 off.", 0, 100)] = None
    drive: Annotated[int | None, About("Canon's number: 0 single, 1 continuous.", 0, 100)] = None


@dataclass(frozen=True)
class CameraName(JsonShape):
    """The name of a camera in its rig, as long as that is there."""

    name: Annotated[
        str, About('Letters, digits, - and _, a letter first; not "all". "" for none.')
    ] = ""


@dataclass(frozen=True)
class Key(JsonShape):
    """Press a key of the camera and let it go."""

    key: Annotated[str, About('As CHDK\'s scripts call it: "menu", "set", "up", "video".')]


@dataclass(frozen=True)
class Half(JsonShape):
    """Hold the shutter button half down. It goes up 2 s after the last such call, too."""

    on: bool = True


# ---- pictures -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class ListPart(JsonShape):
    """Which part of a list is wanted."""

    start: Annotated[int, About("How many are passed over.", 0, 1_000_000)] = 0
    count: Annotated[int, About("How many at most.", 1, 1000)] = 100


@dataclass(frozen=True)
class Which(JsonShape):
    """Which picture is meant."""

    path: Annotated[str, About("As the list gives it.", longest=LONGEST_PATH)]


@dataclass(frozen=True)
class PictureReport(JsonShape):
    """A picture on the card, or a file in the folder of this computer."""

    path: str
    name: str
    size: Annotated[int, About("Bytes.")]
    time: Annotated[float, About("Seconds since 1970.")]


@dataclass(frozen=True)
class PictureList(JsonShape):
    """Pictures, the newest first."""

    total: Annotated[int, About("How many there are in all.")]
    pictures: list[PictureReport]


@dataclass(frozen=True)
class Download(JsonShape):
    """Pictures that are to be copied into the folder of this computer."""

    paths: list[str]


@dataclass(frozen=True)
class Downloaded(JsonShape):
    """The names of copies in the folder of this computer."""

    names: list[str]


@dataclass(frozen=True)
class Delete(JsonShape):
    """Files that are to be deleted."""

    paths: list[str]
    confirm: Annotated[int, About("The number of files, which confirms it.", 0, 10_000)] = 0
