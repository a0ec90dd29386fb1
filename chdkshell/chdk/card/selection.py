"""Which files of the card, or of this computer, a command means.

Patterns are Lua's. Those for the card are evaluated on the camera; those for this computer by a
matcher that gives the same, so that one pattern means the same on both sides.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from chdkshell.errors import UsageError
from chdkshell.records import Record

IMAGE_PATTERN = "[%a_]%a%a_%d%d%d%d%.%w%w%w"
"""What pictures are called (DCF), such as IMG_0001.JPG, or _MG_0001.JPG in Adobe RGB."""

DEPTH = 100
"""Levels of directories that are looked into where nothing else is asked for."""

IMAGE_DEPTH = 2
"""Levels below A/DCIM, or below another directory that is named, that have pictures."""

_MAGIC = frozenset("^$()%.[]*+-?")


class Selection(Record):
    """Files in trees, by patterns that match anywhere in a text.

    `fmatch` and `glob` choose files and `dmatch` directories by their whole path, `rmatch` the
    directories to look into by their name. `glob` is a pattern as `glob_pattern` makes it.
    `maxdepth` is how many levels below the given paths are reached. `batch_size` limits how many
    files the camera tells in one message; None leaves that to its free memory. `on_memory` is told
    meanwhile how many KB its Lua uses and how many bytes its largest free block has. Raises
    `UsageError` for a malformed pattern.
    """

    fmatch: str | None = None
    dmatch: str | None = None
    rmatch: str | None = None
    glob: str | None = None
    maxdepth: int = DEPTH
    batch_size: int | None = None
    on_memory: Callable[[int, int], None] | None = None

    def __post_init__(self) -> None:
        check_patterns(self.fmatch, self.dmatch, self.rmatch, self.glob)

    def options(self) -> dict[str, str | int | None]:
        """Return the options as the camera's Lua takes them."""
        return {
            "fmatch": self.fmatch,
            "dmatch": self.dmatch,
            "rmatch": self.rmatch,
            "glob": self.glob,
            "maxdepth": self.maxdepth,
            "batchsize": self.batch_size,
            "dbgmem": True if self.on_memory is not None else None,
        }


class ImageRange(NamedTuple):
    """Pictures by their numbers and those of their directories, both ends included.

    `last` means that many numbers up to the camera's file counter.
    """

    first_image: int | None = None
    last_image: int | None = None
    first_directory: int | None = None
    last_directory: int | None = None
    last: int | None = None

    def options(self) -> dict[str, int | None]:
        """Return the options as the camera's Lua takes them."""
        return {
            "imin": self.first_image,
            "imax": self.last_image,
            "dmin": self.first_directory,
            "dmax": self.last_directory,
            "last": self.last,
        }


def check_patterns(*patterns: str | None) -> None:
    """Raise `UsageError` for a Lua pattern that is malformed, or takes the camera too long.

    Before anything is sent.
    """
    for pattern in patterns:
        if pattern is not None and pattern != IMAGE_PATTERN:  # known to be well
            from chdkshell.lua.patterns import check_cost

            check_cost(pattern)


ALL = Selection()
CHILDREN = Selection(maxdepth=1)
"""What is in directories, and not what is below that."""
IMAGES = Selection(fmatch=IMAGE_PATTERN, maxdepth=IMAGE_DEPTH)
EVERY_NUMBER = ImageRange()


def glob_pattern(glob: str) -> str:
    """Return the Lua pattern for paths of files that a shell glob means, in any case of letters.

    `*` is any text in a name, `**` also over several directories, `?` one character, `[a-z]` and
    `[!a-z]` one of a set. A glob with "/" means the last parts of the path. Raises `UsageError`.
    """
    parts = ["/"]
    position = 0
    text = glob.lstrip("/")
    while position < len(text):
        char = text[position]
        position += 1
        if char == "*":
            deep = text[position : position + 1] == "*"
            position += deep
            parts.append(".-" if deep else "[^/]*")
        elif char == "?":
            parts.append("[^/]")
        elif char == "[":
            end = text.find("]", position + 1)
            if end < 0:
                raise UsageError(f"unclosed [ in '{glob}'", "[a-z] is one of a set of characters")
            parts.append(_set(text[position:end]))
            position = end + 1
        elif char in "{}":
            raise UsageError(f"'{glob}': a glob here has no {{}}", "give one glob for each")
        else:
            parts.append(_any_case(char))
    return "".join(parts) + "$"


def name_pattern(name: str) -> str:
    """Return the Lua pattern for paths whose last name is `name`, in any case of letters.

    In it `*` is any text and `?` one character; all else is a letter.
    """
    wild = {"*": "[^/]*", "?": "[^/]"}
    return "/" + "".join(wild.get(char) or _any_case(char) for char in name) + "$"


def _set(inner: str) -> str:
    inverted = inner[:1] in ("!", "^")
    body = "".join(
        char if char == "-" and 0 < at < len(inner) - 1 else _escaped(char)
        for at, char in enumerate(inner[inverted:], inverted)
    )
    other = body.swapcase() if body.isascii() else body
    return f"[{'^' if inverted else ''}{body}{other if other != body else ''}]"


def _any_case(char: str) -> str:
    if char.isascii() and char.isalpha():
        return f"[{char.upper()}{char.lower()}]"
    return _escaped(char)


def _escaped(char: str) -> str:
    return f"%{char}" if char in _MAGIC else char
