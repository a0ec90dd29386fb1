"""Where the pictures of a shot go: a folder, one name, or names made from a template."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from chdkshell.chdk.paths import escaped_name, host_path
from chdkshell.chdk.shooting.capture import FileKind
from chdkshell.chdk.shooting.cardpictures import CardPicture
from chdkshell.chdk.templates.formats import Value
from chdkshell.chdk.templates.substitution import Template, has_substitutions
from chdkshell.chdk.templates.variables import (
    CAPTURE,
    SHOOT,
    NamingInfo,
    image_values,
    time_values,
)
from chdkshell.hostnames import check_name, names_folder
from chdkshell.outlets import check_no_stream


class CaptureDestination:
    """Names the files of remote captures. Raises `UsageError` for a wrong template.

    Without `text` they go to the current folder as IMG_nnnn.jpg; so they do in a folder that exists
    or whose name ends in "/". A text with "$" is a template, unless `literal`; any other is a name
    to which the kind's suffix is added. `shot_number` is what ${shotseq} shows.
    """

    def __init__(
        self,
        text: str | None,
        camera: NamingInfo,
        literal: bool = False,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.shot_number = 1
        self._camera = camera
        self._now = now
        self._template: Template | None = None
        self._folder: Path | None = None
        self._base = ""
        check_no_stream(text or "", "the files of a shot")
        if text is None:
            self._folder = Path()
        elif not literal and has_substitutions(text):
            self._template = Template(text, CAPTURE)
        elif host_path(text).is_dir() or names_folder(text):
            self._folder = Path(text)
        else:
            self._base = text
        check_name(str(self.path(FileKind.JPG, 1)))  # a shot without a file would be lost

    def path(self, kind: FileKind, image_number: int) -> Path:
        """Return the path for a file of a shot."""
        name = f"IMG_{image_number:04d}.{kind.suffix}"
        if self._folder is not None:
            return self._folder / name
        if self._template is None:
            return Path(f"{self._base}.{kind.suffix}")
        values = _values(name, self._camera, self._now(), self.shot_number, kind.image_format)
        return Path(self._template.fill(values))


class DownloadDestination:
    """Names the downloads of pictures that were taken to the card.

    `replaces`: they take the place of files that are there, else they get a number.
    """

    def __init__(
        self,
        text: str,
        camera: NamingInfo,
        replaces: bool = False,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.shot_number = 1
        self.replaces = replaces
        check_no_stream(text, "the files of a shot")
        host_path(text)
        self._template = Template(text, SHOOT)
        self._camera = camera
        self._now = now
        check_name(self.path(CardPicture("A/DCIM/100CANON/IMG_0001.JPG", "JPG")))

    def path(self, picture: CardPicture) -> str:
        """Return where a picture goes; a "/" at the end means a folder."""
        return self._template.fill(
            _values(picture.path, self._camera, self._now(), self.shot_number, picture.image_format)
        )


def _values(
    path: str, camera: NamingInfo, now: float, shot_number: int, image_format: str
) -> dict[str, Value]:
    """Return the values of `variables.SHOOT` for a picture; no name among them leads elsewhere."""
    names = {name: escaped_name(str(value)) for name, value in image_values(path).items()}
    counters: dict[str, Value] = {"shotseq": shot_number, "imgfmt": image_format}
    return {**names, **camera.values(), **time_values(now), **counters}
