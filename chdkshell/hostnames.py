"""Names of files on this computer: which its system can hold, and which mean the same file."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING

from chdkshell.errors import UsageError, printable_name
from chdkshell.reasons import Reason

if TYPE_CHECKING:
    from pathlib import Path

RESERVED = frozenset(
    ["con", "prn", "aux", "nul", "conin$", "conout$"]
    + [f"{device}{n}" for device in ("com", "lpt") for n in "123456789¹²³"]
)
"""File names that mean devices on Windows, whatever their ending."""

_FORBIDDEN = re.compile(r'[:*?"<>|\x00-\x1f]')
_SEPARATORS = re.compile(r"[\\/]+")


def is_reserved(name: str) -> bool:
    """Whether a file name means a device on Windows."""
    return name.partition(".")[0].rstrip(" ").lower() in RESERVED


def expanded(path: str) -> Path:
    """Return a path with the home folder for its `~`; that of a user who is not known stays."""
    from pathlib import Path

    return Path(os.path.expanduser(path))  # noqa: PTH111 - which raises nothing


def names_folder(text: str) -> bool:
    """Whether a path ends as only that of a folder does."""
    return text.endswith(("/", os.sep))


def is_below(path: str, folder: str) -> bool:
    """Whether an absolute path leads to something in an absolute folder, or in one below it."""
    path, folder = os.path.normcase(path), os.path.normcase(folder)
    try:
        return path != folder and os.path.commonpath([path, folder]) == folder
    except ValueError:  # they are on two drives
        return False


def check_name(path: str) -> None:
    """Raise `UsageError` for a file that Windows would put elsewhere, where this is Windows.

    A ":" makes a stream that hardly any program shows, a dot or a blank at the end is left out.
    """
    if sys.platform != "win32" or path.startswith("\\\\.\\") or path.lower() == "nul":
        return
    for name in _SEPARATORS.split(os.path.splitdrive(path)[1]):
        problem = _problem(name)
        if problem:
            raise UsageError(
                f"Windows has no file called '{printable_name(name)}': {problem}",
                reason=Reason.BAD_FILE_NAME,
            )


def _problem(name: str) -> str:
    if forbidden := _FORBIDDEN.search(name):
        return f"no name there has {printable_name(forbidden[0])!r}"
    if name.endswith((" ", ".")) and name not in (".", ".."):
        return "no name there ends with a dot or a blank"
    return "that is a device" if is_reserved(name) else ""


def folds_case(folder: str) -> bool:
    """Whether names that differ in upper and lower case alone are one name in a folder.

    That is the disk's to say, and on Windows even the folder's, so it is tried out. A folder that
    is not there yet will be as the one that it is made in.
    """
    import tempfile

    while not os.path.isdir(folder):  # noqa: PTH112 - a text all the way
        above = os.path.dirname(folder)  # noqa: PTH120
        if above == folder:
            return False
        folder = above
    try:
        with tempfile.NamedTemporaryFile(prefix=".chdkshell-", dir=folder) as file:
            name = os.path.basename(file.name)  # noqa: PTH119
            return os.path.lexists(os.path.join(folder, name.upper()))  # noqa: PTH118
    except OSError:  # nothing can be written there anyway
        return False
