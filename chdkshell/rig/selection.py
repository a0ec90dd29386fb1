"""Which cameras of a rig are meant: `all`, names and numbers, ranges, and all but those."""

from __future__ import annotations

import re
from collections.abc import Iterable

from chdkshell.errors import UsageError, printable

ALL = "all"
"""The word for every camera, which is no name."""

HOW = "as in all, left,right, 1,4-6, or ^3 for all but 3"

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_NUMBERS = re.compile(r"([0-9]{1,4})(?:-([0-9]{1,4}))?")


def check_name(name: str) -> str:
    """Return `name` if a camera can have it. Raises `UsageError`."""
    if name == ALL or not _NAME.fullmatch(name):
        raise UsageError(
            f"'{printable(name)}' is no name for a camera",
            "a name begins with a letter, has letters, digits, - and _, and is not all",
        )
    return name


def chosen(text: str, known: Iterable[tuple[int, str]]) -> list[int]:
    """Return the numbers that a selection means, in order, of cameras with numbers and names.

    Raises `UsageError` for what is no selection, and where it names none that is there.
    """
    cameras = sorted(known)
    is_all_but = text.startswith("^")
    parts = text.removeprefix("^").split(",")
    meant: set[int] = set()
    for part in parts:
        if part == ALL and not is_all_but:
            meant.update(number for number, _ in cameras)
        else:
            meant.update(_numbers(part, cameras))
    if is_all_but:
        meant = {number for number, _ in cameras} - meant
    if not meant:
        raise UsageError(
            f"'{printable(text)}' means no camera", "there is none, or all are left out"
        )
    return sorted(meant)


def _numbers(part: str, cameras: list[tuple[int, str]]) -> set[int]:
    there = {number for number, _ in cameras}
    if match := _NUMBERS.fullmatch(part):
        first, last = int(match[1]), int(match[2] or match[1])
        found = {number for number in there if first <= number <= last}
        if first > last or not found or (match[2] is None and first not in there):
            raise UsageError(f"there is no camera {part}", _listed(cameras))
        return found
    if not _NAME.fullmatch(part):
        raise UsageError(f"'{printable(part)}' is no camera", HOW)
    found = {number for number, name in cameras if name == part}
    if not found:
        raise UsageError(f"no camera is called {part}", _listed(cameras))
    return found


def _listed(cameras: list[tuple[int, str]]) -> str:
    shown = ", ".join(f"{number} {name}".rstrip() for number, name in cameras)
    return f"there are: {shown}" if shown else "no camera is connected"
