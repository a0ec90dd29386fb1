"""Recording frames into a file of this computer: as MJPEG, or as the camera sends them."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Literal

from chdkshell.chdk.imaging.lvdump import DumpWriter
from chdkshell.chdk.transfer import free_path, host_error
from chdkshell.page.workshapes import RecordingReport


class Recorder:
    """An open recording. `write` gets each frame, raw and as JPEG. Raises `HostFileError`."""

    def __init__(self, folder: Path, camera: int, kind: Literal["mjpeg", "lvdump"]) -> None:
        self._lock = threading.Lock()
        self.path = free_path(folder / f"camera{camera}.{kind}")
        try:
            self._file = self.path.open("xb")
        except OSError as error:
            raise host_error("write", self.path, error) from error
        try:
            self._dump = DumpWriter(self._file) if kind == "lvdump" else None
        except OSError as error:
            self._file.close()
            raise host_error("write", self.path, error) from error
        self._frames = 0

    @property
    def is_raw(self) -> bool:
        """Whether the frames are recorded as the camera sends them."""
        return self._dump is not None

    @property
    def is_open(self) -> bool:
        """Whether it goes on."""
        return not self._file.closed

    def write(self, data: bytes) -> None:
        """Add a frame, unless the recording has ended. Raises `HostFileError`."""
        with self._lock:
            if self._file.closed:
                return
            try:
                if self._dump is not None:
                    self._dump.write(data)
                else:
                    self._file.write(data)
            except OSError as error:
                self._file.close()
                raise host_error("write", self.path, error) from error
            self._frames += 1

    def close(self) -> RecordingReport:
        """End the recording, and return what there is."""
        with self._lock:
            self._file.close()
        return self.report()

    def report(self) -> RecordingReport:
        """Return how much is recorded."""
        size = self.path.stat().st_size if self.path.exists() else 0
        return RecordingReport(self.path.name, self._frames, size)


NO_RECORDING = RecordingReport("", 0, 0)
