"""Results of the commands that shoot, and of those that set how."""

from __future__ import annotations

from chdkshell.chdk.shooting.exposure import ShotExposure
from chdkshell.errors import printable, printable_name
from chdkshell.records import Record
from chdkshell.shell.results import Result


class ShotFile(Record):
    """A file of a shot. `path` is on this computer, `card_path` on the card; None for neither.

    `size` is in bytes, None where it is not known. `removed`: the card does not have it any more.
    """

    path: str | None
    format: str
    size: int | None = None
    card_path: str | None = None
    removed: bool = False

    @property
    def place(self) -> str:
        """Where the file is."""
        return self.path or self.card_path or ""


class ShotTaken(Record, Result):
    """A shot: its place in the row (from 1), when it was done, with what, and its files.

    `time` is this computer's, as ISO 8601 has it. `patched_pixels` counts those of a DNG file.
    """

    shot: int
    image_number: int
    time: str
    exposure: ShotExposure
    files: tuple[ShotFile, ...]
    patched_pixels: int = 0

    def text(self) -> str:
        return ""

    @property
    def line(self) -> str:
        """What is told of the shot: a line."""
        clock = self.time[:19].replace("T", " ")
        parts = [f"shot {self.shot}:", clock, *exposure_words(self.exposure)]
        parts.append(", ".join(file.place for file in self.files) or "no file")
        return printable_name(" ".join(parts))


def exposure_words(exposure: ShotExposure) -> list[str]:
    """Return an exposure as people write it, such as 1/100 s, f/2.8 and ISO 80."""
    words = []
    if exposure.shutter:
        words.append(f"{shutter_text(exposure.shutter)} s")
    if exposure.aperture:
        words.append(f"f/{exposure.aperture:.2g}")
    if exposure.iso:
        words.append(f"ISO {exposure.iso:.0f}")
    return words


def shutter_text(seconds: float) -> str:
    """Return a shutter time, short ones as a fraction."""
    return f"1/{1 / seconds:.0f}" if seconds < 0.4 else f"{seconds:.1f}".removesuffix(".0")


class CameraMode(Record, Result):
    """What the camera is set to. `name` is "" for a mode that CHDK does not know."""

    record: bool
    name: str

    def text(self) -> str:
        return printable(f"{'rec' if self.record else 'play'} {self.name}".rstrip())


class ShotCode(Record, Result):
    """The Lua that the camera would be told."""

    code: str

    def text(self) -> str:
        return printable(self.code)
