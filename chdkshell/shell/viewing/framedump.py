"""Recording live view frames to a dump file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from chdkshell.chdk.imaging.lvdump import DumpWriter, Grab
from chdkshell.chdk.transfer import PartFile, host_error
from chdkshell.errors import HostFileError


def record(path: Path, frames: Iterable[Grab]) -> DumpWriter:
    """Write frames to `path` as they come, and return the writer with its counts.

    What `frames` or one of them raises is passed on; the file then has the frames before that, or,
    without any, is not made. Raises `HostFileError` where it cannot be written.
    """
    if path.is_dir():  # not after all frames, when it is to get its name
        raise HostFileError(f"cannot write {path}: it is a folder")
    whole = 0  # bytes up to the end of the last frame that is on the disk
    with PartFile(path) as part:
        try:
            writer = DumpWriter(part.file)
            for frame in frames:
                writer.receive(frame)
                part.file.flush()
                whole = writer.size
            return writer
        except OSError as error:
            raise host_error("write", path, error) from error
        finally:
            if whole:
                part.cut(whole)
                part.finish(None)
