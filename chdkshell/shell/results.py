"""What commands return: data without a form. `plain`, `tables` and `jsonface` give it one.

The results of commands that every start may run stand in `pages`, as named tuples.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chdkshell.chdk.card.files import DirEntry
    from chdkshell.chdk.card.listing import CardItem


@dataclass(frozen=True, slots=True)
class Versions:
    """Protocol versions of this program and of the camera, None where none is connected."""

    host: tuple[int, int]
    camera: tuple[int, int] | None
    program: str | None
    libraries: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Connected:
    """A camera was connected. `max_packet_size` is in bytes, 0 where there are no USB packets."""

    address: str
    model: str
    serial: str
    max_packet_size: int


class DeviceStatus(enum.Enum):
    """How a camera stands to this program."""

    CURRENT = "current"
    CONNECTED = "connected"
    FREE = "not connected"
    IN_USE = "in use"
    NOT_PERMITTED = "not permitted"
    FAILED = "failed"

    @property
    def mark(self) -> str:
        """The mark in front of a camera in `list`."""
        return {"current": "*", "connected": "+", "not connected": "-"}.get(self.value, "!")


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """A camera that is there, with its number in the list.

    Where it cannot be used, `error` says why and `hint` what to do; `holder` names the programs
    that use it, as far as they can be known. `place` is what it hangs on, like "USB port 1-4".
    """

    number: int
    status: DeviceStatus
    address: str
    bus: str
    device: str
    vendor_id: int
    product_id: int
    model: str | None
    serial: str | None
    holder: str = ""
    error: str = ""
    hint: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class DeviceList:
    """The cameras that are there."""

    rows: tuple[DeviceRow, ...]


@dataclass(frozen=True, slots=True)
class ScriptFailure:
    """An error that a script left as a message. `position` and `line` lie in the user's code."""

    script_id: int
    kind: str
    position: str
    reason: str
    line: int | None


@dataclass(frozen=True, slots=True)
class Names:
    """A folder's entries in order; folders end in a slash. `heading` names one of several."""

    names: tuple[str, ...]
    heading: str = ""


@dataclass(frozen=True, slots=True)
class Entries:
    """A folder's entries in order, with their sizes and times. `heading` as for `Names`.

    `continues`: there were others before these.
    """

    entries: tuple[DirEntry, ...]
    heading: str = ""
    continues: bool = False


@dataclass(frozen=True, slots=True)
class Transfer:
    """A file that was copied. `size` is in bytes."""

    source: str
    target: str
    size: int


@dataclass(frozen=True, slots=True)
class Deletion:
    """A path on the card, whether it could be deleted, and the camera's message if it could not."""

    path: str
    ok: bool
    message: str


@dataclass(frozen=True, slots=True)
class WouldDelete:
    """A path that a command which only pretends would delete; for people."""

    path: str


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A picture on the card with the small JPEG picture inside it, None where it has none."""

    entry: DirEntry
    jpeg: bytes | None


@dataclass(frozen=True, slots=True)
class Thumbnails:
    """Pictures to be looked at."""

    pictures: tuple[Thumbnail, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """Files and folders that `find` found, some at a time."""

    items: tuple[CardItem, ...]


@dataclass(frozen=True, slots=True)
class TreeRow:
    """A line of a tree. `before` is what joins it to the folder it is in, "" for the top."""

    item: CardItem
    before: str


@dataclass(frozen=True, slots=True)
class TreePart:
    """Lines of a tree, as they become known."""

    rows: tuple[TreeRow, ...]
    with_sizes: bool


@dataclass(frozen=True, slots=True)
class CardTree:
    """A folder `top` of the card and all that is in it, each folder before what is in it."""

    top: str
    items: tuple[CardItem, ...]
    with_sizes: bool


@dataclass(frozen=True, slots=True)
class Space:
    """The size of the card and what of it is free, in bytes."""

    total: int
    free: int


@dataclass(frozen=True, slots=True)
class Usage:
    """What the files in a folder take up. `size` is in bytes."""

    path: str
    size: int
    files: int


@dataclass(frozen=True, slots=True)
class Moved:
    """A file or folder of the card that has a new path."""

    source: str
    target: str


@dataclass(frozen=True, slots=True)
class FileText:
    """The content of a file, for those who want it as a result."""

    path: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Edited:
    """A file that was in an editor, and whether the card has a new version of it."""

    path: str
    changed: bool


@dataclass(frozen=True, slots=True)
class MemoryDump:
    """Memory that was read. `word_format` is the printf format of 32-bit words, None for bytes."""

    address: int
    data: bytes
    word_format: str | None


@dataclass(frozen=True, slots=True)
class MemoryFile:
    """Memory that was written to a file. `size` is in bytes."""

    address: int
    size: int
    path: str


@dataclass(frozen=True, slots=True)
class Check:
    """What one check of `doctor` found; `ok` is None where it is neither right nor wrong."""

    check: str
    ok: bool | None
    seen: str
    mend: str


@dataclass(frozen=True, slots=True)
class RuleFile:
    """A udev rule, the file that it belongs in, and the command that puts it there."""

    path: str
    rule: str
    command: str


@dataclass(frozen=True, slots=True)
class FrameDump:
    """Live view frames that were recorded to a file. `size` is in bytes."""

    path: str
    size: int
    frames: int


@dataclass(frozen=True, slots=True)
class FramePicture:
    """A picture of live view frame `number`; `path` is "" where one program takes them all."""

    number: int
    view: str
    path: str


@dataclass(frozen=True, slots=True)
class FrameRun:
    """How a row of frames went: those that began late, and those that were left out."""

    frames: int
    seconds: float
    late: int
    dropped: int


@dataclass(frozen=True, slots=True)
class LiveRun:
    """How long a live view was shown, in frames and seconds, and the frames that were saved."""

    frames: int
    seconds: float
    saved: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LuaValues:
    """What a chunk of a Lua session gave. `text` is all of it as Lua writes it."""

    values: tuple[object, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Printed:
    """A line that a Lua session's code printed."""

    text: str
