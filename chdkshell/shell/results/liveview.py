"""Results of the commands that show or record the live view."""

from __future__ import annotations

from chdkshell.errors import printable
from chdkshell.records import Record
from chdkshell.shell.results import Result


class FrameDump(Record, Result):
    """Live view frames that were recorded to a file. `size` is in bytes."""

    path: str
    size: int
    frames: int

    def text(self) -> str:
        return printable(f"{self.size} bytes recorded to {self.path}")


class FramePicture(Record, Result):
    """A picture of live view frame `number`; `path` is "" where one program takes them all."""

    number: int
    view: str
    path: str

    def text(self) -> str:
        return printable(self.path or f"frame {self.number}")


class FrameRun(Record, Result):
    """How a row of frames went: those that began late, and those that were left out."""

    frames: int
    seconds: float
    late: int
    dropped: int

    def text(self) -> str:
        return ""


class LiveRun(Record, Result):
    """How long a live view was shown, in frames and seconds, and the frames that were saved."""

    frames: int
    seconds: float
    saved: tuple[str, ...] = ()

    def text(self) -> str:
        return "\n".join(map(printable, self.saved))
