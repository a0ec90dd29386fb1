"""`taskkill /T /F /PID N`: ends a program with all that it started."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path


def children(process: int) -> list[int]:
    """Return the processes that one started, and that these started."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            after_name = path.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        if int(after_name[1]) == process:
            number = int(path.parent.name)
            found += [number, *children(number)]
    return found


if __name__ == "__main__":
    assert sys.argv[1:4] == ["/T", "/F", "/PID"]
    root = int(sys.argv[4])
    for number in (*children(root), root):
        os.kill(number, signal.SIGKILL)
