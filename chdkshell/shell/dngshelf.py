"""The DNG files that the shell has loaded, and the paths that go with them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from chdkshell.errors import UsageError

if TYPE_CHECKING:
    from chdkshell.chdk.imaging.dngtools import DngImage


@dataclass(slots=True)
class Batch:
    """The file that `dngbatch` is at. `folder` is where results go, `below` the path under it."""

    image: DngImage
    folder: Path | None
    below: Path
    pretend: bool = False


@dataclass(slots=True)
class DngShelf:
    """What `dngload` loaded, in order, and which of it is selected."""

    images: list[DngImage] = field(default_factory=list)
    selected: DngImage | None = None
    batch: Batch | None = None

    def load(self, path: Path, select: bool = True) -> DngImage:
        """Load a file. Raises `DngError` and `HostFileError`."""
        from chdkshell.chdk.imaging.dngtools import DngImage

        image = DngImage(path)
        self.images.append(image)
        if select:
            self.selected = image
        return image

    def find(self, number: int | None) -> DngImage:
        """Return the file with this number in `dnglist`, else the selected. Raises `UsageError`."""
        if number is None and self.batch is not None:
            return self.batch.image
        if number is not None:
            if not 1 <= number <= len(self.images):
                raise UsageError("invalid selection", "`dnglist` shows the numbers")
            return self.images[number - 1]
        if self.selected is None:
            raise UsageError("no file selected", "`dngload` loads one")
        return self.selected

    def unload(self, number: int | None) -> DngImage:
        """Forget a file and return it."""
        image = self.find(number)
        self.images = [other for other in self.images if other is not image]
        if self.selected is image:
            self.selected = None
        return image

    @property
    def pretend(self) -> bool:
        """Whether a batch only shows what it would do."""
        return self.batch is not None and self.batch.pretend

    def target(self, image: DngImage, name: str | None, suffix: str = "") -> Path:
        """Return the path to write to: `name`, or that of the file, with `suffix` for ".dng"."""
        if name is not None and not Path(name).is_dir():
            return Path(name)
        if name is not None:
            path = Path(name) / image.path.name
        elif self.batch is not None and self.batch.folder is not None:
            path = self.batch.folder / self.batch.below
        else:
            path = image.path
        if not suffix:
            return path
        stem = path.name[:-4] if path.name.lower().endswith(".dng") else path.name
        return path.with_name(stem + suffix)


@dataclass(frozen=True, slots=True)
class RawFormat:
    """How `dngdump -raw` writes pixels; `bits` None is as in the file."""

    bits: int | None = None
    little_endian: bool = True
    pgm: bool = False

    @staticmethod
    def parse(text: str) -> RawFormat:
        """Read a format like 8pgm or 12l. Raises `UsageError`."""
        match = re.fullmatch(r"([0-9]{1,2})([lb]?)(pgm)?", text)
        if match is None:
            raise UsageError(f"invalid format: {text}", "like 8pgm, 16, 12l or 14b")
        return RawFormat(int(match[1]), match[2] != "b", match[3] is not None)

    @property
    def suffix(self) -> str:
        """The suffix of such a file."""
        return ".pgm" if self.pgm else ".raw"

    def data(self, image: DngImage) -> bytes:
        """Return the frame in this format."""
        if self.pgm:
            return image.pgm(self.bits or 8)
        if self.bits is None:
            return image.raw_bytes()
        return image.raw_bytes(self.bits, "<" if self.little_endian else ">")


MAX_LINES = 100_000
"""Pixels that are listed; a wrong range would list millions."""
