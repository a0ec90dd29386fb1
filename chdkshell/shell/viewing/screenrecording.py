"""Recording the frames of the viewfinder to a dump file, while it goes on."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path

from chdkshell.chdk.imaging.liveview import Frame
from chdkshell.chdk.imaging.lvdump import DumpWriter
from chdkshell.chdk.transfer import PartFile, free_path, host_error


class ScreenRecording:
    """A dump file that is being written. `close` gives it its name, with all whole frames.

    Raises `HostFileError` where it cannot be written.
    """

    def __init__(self, product: int) -> None:
        stamp = time.strftime("%Y%m%d_%H%M%S")
        self.path = free_path(Path(f"chdk_{product:x}_{stamp}.lvdump"))
        self._stack = ExitStack()
        self._part = self._stack.enter_context(PartFile(self.path))
        self._writer = DumpWriter(self._part.file)
        self._whole = 0

    @property
    def frames(self) -> int:
        """How many frames were recorded."""
        return self._writer.frames

    def write(self, frame: Frame) -> None:
        """Add a frame as the camera sent it."""
        try:
            self._writer.write(frame.data)
            self._part.file.flush()
        except OSError as error:
            raise host_error("write", self.path, error) from error
        self._whole = self._writer.size

    def close(self) -> bool:
        """End the file. Returns whether there is one: without a frame none is made."""
        with self._stack:
            if not self._whole:
                return False
            self._part.cut(self._whole)
            self._part.finish(None)
            return True
