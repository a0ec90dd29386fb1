"""Names on the card and names on the host.

A path on the card is text; bytes that are not UTF-8 stand in it as surrogates ("surrogateescape"),
so that every name a camera lists can be given back to it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chdkshell.errors import UsageError
from chdkshell.hostnames import is_reserved
from chdkshell.lua.values import encode_string
from chdkshell.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

ROOT = "A/"
"""The top directory of the card."""

_UNSAFE = re.compile(
    r'[/\\:*?"<>|\x00-\x1f\x7f-\x9f\ud800-\udfff\u200e\u200f\u2028-\u202e\u2066-\u2069]|[ .]\Z'
)
"""What cannot be in a file name, or turns a line of text around, and what cannot be at its end."""


def camera_path(text: str) -> str:
    """Return `text` as a path on the card: with `A/` before it, and "/" between its names.

    "A", "A/", "/" and "." are the top directory. A "/" at the end stays. Raises `UsageError` for
    a path with a NUL byte or with `..`, and for no text: whoever means the top directory says so.
    """
    if not text.strip():
        raise no_path()
    path = text.replace("\\", "/")
    if ".." in path.split("/"):
        raise UsageError(
            f"{text!r} is no path on the card",
            "'..' stands only at the beginning, and nothing is above A/",
        )
    if "\0" in path:
        raise UsageError(f"{text!r} is no path on the card")
    drive, slash, rest = path.partition("/")
    if drive in ("A", "a") and (slash or not rest):
        path = rest
    names = [name for name in path.split("/") if name not in ("", ".")]
    is_open = names and path.endswith(("/", "/."))
    return ROOT + "/".join(names) + ("/" if is_open else "")


def path_in(folder: str, text: str) -> str:
    """Return `text` as the path on the card that it is for somebody in `folder`.

    What begins with "A/" or "/" is a whole path. `..` at the beginning is the folder above; that
    above the top directory stays in the path, which `camera_path` then refuses.
    """
    if not text.strip() or re.match(r"[/\\]|[Aa](?:[/\\]|\Z)", text):
        return text
    above, path = folder.rstrip("/"), text
    while "/" in above and (up := re.match(r"\.\.(?:[/\\]+|\Z)", path)):
        above = above.rpartition("/")[0]
        path = path[up.end() :]
    return f"{above}/{path}"


def below_root(text: str, doing: str) -> str:
    """Return `text` as `without_slash` does, for something that is `doing`, such as "deleted".

    Raises `UsageError` where it comes to the top directory, which is the whole card.
    """
    path = without_slash(text)
    if not path.removeprefix(ROOT).strip(". /"):
        raise UsageError(
            f"{text!r} is the whole card, which is not {doing}",
            reason=Reason.WHOLE_CARD,
            data={"doing": doing},
        )
    return path


def host_path(text: str | Path) -> Path:
    """Return a path of this computer. Raises `UsageError` for no text."""
    from pathlib import Path  # slow to import, and not needed to read a line

    if not str(text):
        raise no_path()
    return Path(text)


def no_path() -> UsageError:
    """Return the error for an empty word in the place of a path."""
    return UsageError("an empty word is no path", "is a variable not set?")


def without_slash(text: str) -> str:
    """Return `text` as `camera_path` does, but with no "/" at its end below the top directory."""
    return ROOT + camera_path(text).removeprefix(ROOT).rstrip("/")


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


def escaped_name(name: str) -> str:
    """Return a name of the card as a file name that every host can hold.

    What cannot be in one stands as `%` and two hexadecimal digits for each of its bytes: control
    characters, separators, what Windows forbids, bytes that are not UTF-8. The text never leads to
    another folder.
    """
    if is_reserved(name) or name.strip(".") == "":
        return _escaped_char(name[:1]) + _UNSAFE.sub(_escaped_match, name[1:])
    return _UNSAFE.sub(_escaped_match, name)


def _escaped_match(match: re.Match[str]) -> str:
    return _escaped_char(match[0])


def _escaped_char(char: str) -> str:
    data = char.encode("utf-8", "surrogateescape" if "\udc80" <= char <= "\udcff" else "replace")
    return "".join(f"%{byte:02X}" for byte in data)


def card_name_problem(name: str) -> str:
    """Return why a FAT card cannot hold a file called `name`, "" where it can."""
    if any(char in '/\\:*?"<>|' or ord(char) < 0x20 for char in name):
        return "it has a character that no card can hold"
    if name.endswith((" ", ".")) or not name:
        return "it ends with a dot or a blank"
    if is_reserved(name):
        return "it is a name of a device"
    if len(name.encode("utf-16-le", "surrogatepass")) > 2 * 255:
        return "it is longer than 255 characters"
    return ""


def several(paths: str | Sequence[str]) -> Sequence[str]:
    """Return one path as a list of one."""
    return [paths] if isinstance(paths, str) else paths
