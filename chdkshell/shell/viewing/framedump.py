"""Recording live view frames to a dump file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from chdkshell.chdk.imaging.lvdump import DumpWriter
from chdkshell.errors import HostFileError


def record(path: Path, frames: Iterable[bytes]) -> DumpWriter:
    """Write frames to `path` as they come, and return the writer with its counts.

    What `frames` raises is passed on; the file then has the frames before that, or, without any,
    is not made. Raises `HostFileError` where it cannot be written.
    """
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = part.open("wb")
    except OSError as error:
        raise HostFileError(f"cannot write {path}: {error.strerror}") from error
    recorded = 0
    try:
        with file:
            writer = DumpWriter(file)
            for frame in frames:
                writer.write(frame)
                file.flush()
                recorded += 1
        return writer
    finally:
        if recorded:
            part.replace(path)
        else:
            part.unlink(missing_ok=True)
