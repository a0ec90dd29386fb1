"""Names on the card and names on the host.

A path on the card is text; bytes that are not UTF-8 stand in it as surrogates ("surrogateescape"),
so that every name a camera lists can be given back to it.
"""

from __future__ import annotations

from chdkshell.chdk.luadata import encode_string
from chdkshell.errors import CardError, UsageError

ROOT = "A/"
"""The top directory of the card."""

_RESERVED_NAMES = frozenset(
    ["con", "prn", "aux", "nul"]
    + [f"{device}{n}" for device in ("com", "lpt") for n in range(1, 10)]
)
"""File names that mean devices on Windows, whatever their ending."""


def camera_path(text: str) -> str:
    """Return `text` as a path on the card: with `A/` before it, and "/" between its names.

    No text, "A", "A/" and "/" are the top directory. A "/" at the end stays. Raises `UsageError`
    for a path with a NUL byte or with `..`.
    """
    path = text.replace("\\", "/")
    if "\0" in path or ".." in path.split("/"):
        raise UsageError(f"{text!r} is no path on the card")
    drive, slash, rest = path.partition("/")
    if drive in ("A", "a") and (slash or not rest):
        path = rest
    return ROOT + path.lstrip("/")


def without_slash(text: str) -> str:
    """Return `text` as `camera_path` does, but with no "/" at its end below the top directory."""
    return camera_path(text).rstrip("/") if base_name(text) else ROOT


def encode_path(path: str) -> bytes:
    """Return the bytes of a path on the card."""
    return encode_string(path)


def decode_name(name: str | bytes) -> str:
    """Return a name that came from the camera as text, with nothing lost."""
    return name.decode("utf-8", "surrogateescape") if isinstance(name, bytes) else name


def base_name(path: str) -> str:
    """Return the last name of a path on the card, "" for the top directory."""
    return camera_path(path).removeprefix(ROOT).rstrip("/").rpartition("/")[2]


def join_path(directory: str, name: str) -> str:
    """Return the path of `name` in a directory of the card."""
    return f"{directory.rstrip('/')}/{name}"


def host_name(name: str) -> str:
    """Return a name of the card for use as a file name on any host.

    Raises `CardError` for a name that could lead elsewhere, or that a terminal or file system could
    take for something else: the camera is not trusted with names.
    """
    stem = name.partition(".")[0].rstrip(" ").lower()
    bad = (
        name.strip(" .") == ""
        or stem in _RESERVED_NAMES
        or any(c in '/\\:*?"<>|' or not c.isprintable() for c in name)
    )
    if bad:
        raise CardError(
            f"{name!r} cannot be used as a file name here", name, "give the target a name yourself"
        )
    return name
