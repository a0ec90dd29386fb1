"""Where files of the card go on this computer: names made, checked, and kept apart.

Names come from the camera, so each is escaped, and what a template makes of them must stay in the
folder that the user named.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path

from chdkshell.chdk.cameratime import camera_to_host
from chdkshell.chdk.cardentry import CardEntry
from chdkshell.chdk.paths import escaped_name, host_path
from chdkshell.chdk.templates.formats import Value
from chdkshell.chdk.templates.substitution import Template, has_substitutions
from chdkshell.chdk.templates.variables import (
    FILES,
    IMAGES,
    NO_NAMING,
    NamingInfo,
    image_values,
    time_values,
)
from chdkshell.errors import UsageError
from chdkshell.hostnames import check_name, is_below, names_folder
from chdkshell.outlets import check_no_stream

IMAGE_DESTINATION = "${subdir}/${name}"
"""Where pictures go if nothing else is asked for: into folders named as the card's."""


class TreeTargets:
    """Targets of files in trees: below a folder, or as a template says.

    A `destination` with a "$" is a template with `variables.FILES`, unless `literal`. Raises
    `UsageError` where it is wrong, or where a folder was meant and a file is there.
    """

    def __init__(
        self, destination: str, camera: NamingInfo = NO_NAMING, *, literal: bool = False
    ) -> None:
        check_no_stream(destination, "several files")
        self._folder = host_path(destination)
        self._namer: _Namer | None = None
        if has_substitutions(destination) and not literal:
            self._namer = _Namer(Template(destination, FILES), "", camera)
        elif self._folder.exists() and not self._folder.is_dir():
            raise UsageError(f"dest must be a directory: {destination}")

    def target(self, item: CardEntry) -> Path:
        """Return where `item` goes. Raises `UsageError` where the template makes no name of it."""
        parts = [escaped_name(part) for part in item.parts]
        if self._namer is None:
            return self._folder.joinpath(*parts)
        name = parts[-1]
        stem, dot, suffix = name.rpartition(".")
        above = [escaped_name(part) for part in item.path.split("/")[1:-1]]
        values: dict[str, Value] = {
            **_time_of(item),
            "name": name,
            "basename": stem if stem else name,
            "ext": dot + suffix if stem else "",
            "dir": "".join(f"{part}/" for part in above),
            "reldir": "".join(f"{part}/" for part in parts[:-1]),
        }
        return self._namer.name(values, name)


class ImageTargets:
    """Targets of pictures: a template with `variables.IMAGES`, below `folder` if that is given.

    `first` is where `${dlseq}` and `${shotseq}` begin; they count in the order in which `target` is
    called. Raises `UsageError` where the template is wrong.
    """

    def __init__(
        self,
        destination: str = IMAGE_DESTINATION,
        folder: str | None = None,
        camera: NamingInfo = NO_NAMING,
        first: int = 1,
    ) -> None:
        above = "" if folder is None else str(host_path(folder))
        for text in (destination, above):
            check_no_stream(text, "several files")
        self._namer = _Namer(Template(destination, IMAGES), above, camera)
        self._files = self._shots = first - 1
        self._number: Value | None = None

    def target(self, item: CardEntry) -> Path:
        """Return where the picture goes. Raises `UsageError`."""
        values = image_values(item.path)
        safe = {key: escaped_name(str(value)) for key, value in values.items()}
        self._files += 1
        if self._number is None or self._number != values["imgnum"]:
            self._shots += 1
        self._number = values["imgnum"]
        counters = {"dlseq": self._files, "shotseq": self._shots}
        return self._namer.name({**_time_of(item), **safe, **counters}, item.name)


class _Namer:
    """Fills a template, and sees to it that the name stays where its literal part leads to."""

    def __init__(self, template: Template, folder: str, camera: NamingInfo) -> None:
        self._template = template
        self._folder = folder
        literal = os.path.dirname(template.text.partition("${")[0])  # noqa: PTH120
        self._base = os.path.abspath(os.path.join(folder, literal))  # noqa: PTH100, PTH118
        # one time for all files, so that a run has one date
        self._fixed = {**camera.values(), **time_values(time.time())}

    def name(self, values: Mapping[str, Value], shown: str) -> Path:
        text = self._template.fill({**self._fixed, **values})
        if not text or names_folder(text) or "\0" in text:
            raise UsageError(
                f"'{self._template.text}' makes no file name of {shown!r}: {text!r}",
                "name the file, as with ${name}",
            )
        path = os.path.join(self._folder, text) if self._folder else text  # noqa: PTH118
        check_name(path)
        if not is_below(os.path.abspath(path), self._base):  # noqa: PTH100
            raise UsageError(f"'{self._template.text}' leads {shown!r} outside its folder: {text}")
        return Path(path)


def _time_of(item: CardEntry) -> dict[str, Value]:
    moment = int(camera_to_host(item.mtime))
    return {"mdate": moment, "mts": moment}
