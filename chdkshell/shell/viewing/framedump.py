"""Recording live view frames to a dump file."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

from chdkshell.chdk.imaging.lvdump import DumpWriter
from chdkshell.chdk.transfer import host_error
from chdkshell.errors import HostFileError


def record(path: Path, frames: Iterable[bytes]) -> DumpWriter:
    """Write frames to `path` as they come, and return the writer with its counts.

    What `frames` raises is passed on; the file then has the frames before that, or, without any,
    is not made. Raises `HostFileError` where it cannot be written.
    """
    if path.is_dir():  # not after all frames, when it is to get its name
        raise HostFileError(f"cannot write {path}: it is a folder")
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = part.open("wb")
    except OSError as error:
        raise host_error("write", path, error) from error
    whole = 0  # bytes up to the end of the last frame that is on the disk
    try:
        writer = DumpWriter(file)
        for frame in frames:
            try:
                writer.write(frame)
                file.flush()
            except OSError as error:
                raise host_error("write", path, error) from error
            whole = writer.size
        return writer
    finally:
        with contextlib.suppress(OSError):  # a full disk refuses the rest of a frame once more
            file.close()
        if whole:
            os.truncate(part, whole)
            part.replace(path)
        else:
            part.unlink(missing_ok=True)
