"""The variables of substitutions, by what they describe, and how their values are made.

Names, default formats and meanings are those of chdkptp, so that users' templates go on
working.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from chdkshell.chdk.paths import base_name, camera_path, escaped_name
from chdkshell.chdk.templates.formats import Value
from chdkshell.chdk.templates.substitution import DateVariable, Names, Variable

CONNECTION: Names = {
    "serial": Variable(),
    "pid": Variable("%x"),
    "camera": Variable(),
    "id": Variable("%d"),
}
"""The camera: its serial number, or nothing, its USB product id, and its name and number among
several."""

LOCAL_TIME: Names = {
    "ldate": DateVariable(),
    "lts": Variable("%f"),
    "lms": Variable("%03d"),
}
"""The host's clock: as a date, as seconds since 1970, and the milliseconds of its second."""

SEQUENCE: Names = {"dlseq": Variable("%04d"), "shotseq": Variable("%04d")}
"""Counters: of files downloaded, and of shots."""

FILE_TIME: Names = {"mdate": DateVariable(), "mts": Variable("%d")}
"""When the file was changed, in the host's time."""

IMAGE_NAME: Names = {name: Variable() for name in ("name", "basename", "ext", "imgnum", "imgpfx")}
"""The picture's name, like IMG_1234.JPG, and its parts; they are texts, and may be empty."""

IMAGE_DIRECTORY: Names = {name: Variable() for name in ("subdir", "dirnum", "dirmonth", "dirday")}
"""The directory on the card, like 100CANON, 100___01 or 100_0101, and the parts of its name."""

SHOT: Names = {"shotseq": Variable("%04d"), "imgfmt": Variable()}
"""The shot's number in this session, and what kind of file it gave."""

SHOOT: Names = {**CONNECTION, **LOCAL_TIME, **IMAGE_NAME, **IMAGE_DIRECTORY, **SHOT}
"""For pictures that were taken to the card and downloaded."""

CAPTURE: Names = {**CONNECTION, **LOCAL_TIME, **IMAGE_NAME, **SHOT}
"""For pictures that came by remote capture, which have no directory."""

IMAGES: Names = {
    **CONNECTION,
    **LOCAL_TIME,
    **SEQUENCE,
    **FILE_TIME,
    **IMAGE_NAME,
    **IMAGE_DIRECTORY,
}
"""For downloading pictures from the card."""

FILES: Names = {
    **CONNECTION,
    **LOCAL_TIME,
    **FILE_TIME,
    **{name: Variable() for name in ("name", "basename", "ext", "reldir", "dir")},
}
"""For downloading any files: `reldir` is below the directory asked for, `dir` the whole path."""

FRAMES: Names = {
    **CONNECTION,
    "date": DateVariable(),
    "frame": Variable("%06d"),
    "time": Variable("%d"),
}
"""For live view frames."""


class NamingInfo(NamedTuple):
    """What templates can say about the camera: serial number and USB product id, and among several
    its `number`, and its `label`, the name or else the number.
    """

    serial: str = ""
    product_id: int = 0
    label: str = "1"
    number: int = 1

    def values(self) -> dict[str, Value]:
        """Return the values of `CONNECTION`. The serial can be part of a file name."""
        return {
            "serial": escaped_name(self.serial),
            "pid": self.product_id,
            "camera": self.label,
            "id": self.number,
        }


NO_NAMING = NamingInfo()


def time_values(now: float) -> dict[str, Value]:
    """Return the values of `LOCAL_TIME` for `now`, seconds since 1970."""
    return {"ldate": now, "lts": now, "lms": int(now % 1 * 1000)}


def image_values(path: str) -> dict[str, Value]:
    """Return the values of `IMAGE_NAME` and `IMAGE_DIRECTORY` for a picture's path on the card.

    What the path does not have is "".
    """
    name = base_name(path)
    basename, dot, suffix = name.rpartition(".")
    if not basename:
        basename, dot, suffix = name, "", ""
    directory = camera_path(path).rstrip("/").split("/")[-2] if name else ""
    subdir = "" if directory == "A" else directory
    date = re.search(r"_([0-9]{2})([0-9]{2})?$", subdir)
    return {
        "name": name,
        "basename": basename,
        "ext": dot + suffix,
        "imgnum": _found(r"[0-9]{4}$", basename),
        "imgpfx": _found(r"^...(?=_[0-9]{4}$)", basename),
        "subdir": subdir,
        "dirnum": _found(r"^[0-9]{3}", subdir),
        "dirmonth": date[1] if date else "",
        "dirday": (date[2] or "") if date else "",
    }


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    return match[0] if match else ""
