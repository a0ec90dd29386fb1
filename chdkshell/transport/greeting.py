"""What a shared camera says first over a pipe, after whatever a login file has printed there."""

from __future__ import annotations

import re

from chdkshell.version import __version__

VERSION = 1
"""The version of what follows the greeting. Others do not understand each other."""

_LINE = re.compile(rb"chdkshell share ([0-9]{1,9}) [0-9A-Za-z.+-]{1,40}")


def greeting() -> bytes:
    """Return the line."""
    return f"chdkshell share {VERSION} {__version__}\n".encode()


def version_in(line: bytes) -> int | None:
    """Return the version that a line tells, None where it is no greeting."""
    # what was printed before may have left its own line open, or returned to its beginning
    found = _LINE.search(line.rstrip(b"\r\n"))
    return int(found[1]) if found else None
