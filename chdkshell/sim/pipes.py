"""Named pipes through which other programs work the simulated camera's keys and its USB line."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from chdkshell.errors import UsageError


def open_pipe(path: Path) -> int:
    """Open the pipe `path` for reading, made where it is missing; it outlives its writers.

    Raises `UsageError` for what is no pipe.
    """
    if not hasattr(os, "mkfifo"):
        raise UsageError("there are no named pipes on this system")
    if not path.exists():
        os.mkfifo(path, 0o600)
    if not stat.S_ISFIFO(path.stat().st_mode):
        raise UsageError(f"'{path}' is no pipe", "name one, or a file that is not there yet")
    # Open for both ways, so that the end of one writer is not the end of all.
    return os.open(path, os.O_RDWR)
