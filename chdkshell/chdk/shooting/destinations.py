"""Where the pictures of a shot go: a folder, one name, or names made from a template."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from chdkshell.chdk.paths import host_name
from chdkshell.chdk.shooting.capture import FileKind
from chdkshell.chdk.shooting.cardpictures import CardPicture
from chdkshell.chdk.templates.formats import Value
from chdkshell.chdk.templates.substitution import Template, has_substitutions
from chdkshell.chdk.templates.variables import CAPTURE, SHOOT, image_values, time_values


class CameraNames:
    """What substitutions say of the camera. `serial` is checked: the camera is not trusted."""

    def __init__(self, serial: str = "", product_id: int = 0) -> None:
        self._serial = serial
        self._product_id = product_id

    def values(self) -> dict[str, Value]:
        """Return the values of `variables.CONNECTION`. Raises `CardError` for a hostile serial."""
        serial = host_name(self._serial) if self._serial else ""
        return {"serial": serial, "pid": self._product_id}


class CaptureDestination:
    """Names the files of remote captures. Raises `UsageError` for a wrong template.

    Without `text` they go to the current folder as IMG_nnnn.jpg; so they do in a folder that exists
    or whose name ends in "/". A text with "$" is a template, unless `literal`; any other is a name
    to which the kind's suffix is added. `shot_number` is what ${shotseq} shows.
    """

    def __init__(
        self,
        text: str | None,
        names: CameraNames,
        literal: bool = False,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.shot_number = 1
        self._names = names
        self._now = now
        self._template: Template | None = None
        self._folder: Path | None = None
        self._base = ""
        if not text:
            self._folder = Path()
        elif not literal and has_substitutions(text):
            self._template = Template(text, CAPTURE)
        elif text.endswith(("/", os.sep)) or Path(text).is_dir():
            self._folder = Path(text)
        else:
            self._base = text

    def path(self, kind: FileKind, image_number: int) -> Path:
        """Return the path for a file of a shot."""
        name = f"IMG_{image_number:04d}.{kind.suffix}"
        if self._folder is not None:
            return self._folder / name
        if self._template is None:
            return Path(f"{self._base}.{kind.suffix}")
        values = {**_image_names(name), **time_values(self._now())}
        if self._template.variables() & {"serial", "pid"}:
            values |= self._names.values()
        return Path(
            self._template.fill(
                {**values, "shotseq": self.shot_number, "imgfmt": kind.image_format}
            )
        )


class DownloadDestination:
    """Names the downloads of pictures that were taken to the card."""

    def __init__(self, text: str, names: CameraNames, now: Callable[[], float] = time.time) -> None:
        self.shot_number = 1
        self._template = Template(text, SHOOT)
        self._names = names
        self._now = now

    def path(self, picture: CardPicture) -> str:
        """Return where a picture goes; a "/" at the end means a folder."""
        values = {**_image_names(picture.path), **time_values(self._now())}
        if self._template.variables() & {"serial", "pid"}:
            values |= self._names.values()
        values |= {"shotseq": self.shot_number, "imgfmt": picture.image_format}
        return self._template.fill(values)


def _image_names(path: str) -> dict[str, Value]:
    """Return the values of a picture's path, none of which may lead elsewhere."""
    values = image_values(path)
    for value in values.values():
        if isinstance(value, str) and value.lstrip("."):
            host_name(value.lstrip("."))
    return values
