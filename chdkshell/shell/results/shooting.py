"""Results of the commands that shoot, and of those that set how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TextIO

from chdkshell.errors import printable, printable_name
from chdkshell.shell.results import Result


@dataclass(frozen=True, slots=True)
class ShotFile:
    """A file of a shot on this computer. `size` is in bytes."""

    path: str
    format: str
    size: int


@dataclass(frozen=True, slots=True)
class ShotFiles(Result):
    """The files of one shot, and how many pixels of its DNG were patched."""

    image_number: int
    files: tuple[ShotFile, ...]
    patched_pixels: int

    def text(self) -> str:
        return ""

    def screen(self, terminal: TextIO) -> str:
        if not self.files:
            return ""
        from rich.text import Text

        from chdkshell.shell.results.drawing import drawn

        lines = [printable_name(f"{file.path} {file.size:,}") for file in self.files]
        return drawn(Text("\n".join(lines)), terminal)


@dataclass(frozen=True, slots=True)
class CameraMode(Result):
    """What the camera is set to. `name` is "" for a mode that CHDK does not know."""

    record: bool
    name: str

    def text(self) -> str:
        return printable(f"{'rec' if self.record else 'play'} {self.name}".rstrip())


@dataclass(frozen=True, slots=True)
class ShotCode(Result):
    """The Lua that the camera would be told."""

    code: str

    def text(self) -> str:
        return printable(self.code)
