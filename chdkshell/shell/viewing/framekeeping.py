"""Frames of the viewfinder that are kept here: single ones as pictures, and a recording of all."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

from chdkshell.chdk.imaging.liveview import Frame
from chdkshell.errors import HostFileError, LiveViewError
from chdkshell.shell.viewing.frameoutput import Format, FrameOutput, FrameView
from chdkshell.shell.viewing.screenrecording import ScreenRecording


class FrameKeeping:
    """Saves and records frames. `say` hears of it, `saved` are the names of the files."""

    def __init__(self, product_id: int, say: Callable[[str], None]) -> None:
        self._product_id = product_id
        self._say = say
        self._recording: ScreenRecording | None = None
        self.saved: list[str] = []

    @property
    def status(self) -> str:
        """How much is recorded so far, "" where nothing is."""
        return f"[{self._recording.frames} recorded]" if self._recording else ""

    def save(self, number: int, frame: Frame | None) -> None:
        """Save the `number`-th frame as PNG."""
        if frame is None:
            self._say("there is no frame yet")
            return
        now = time.time()
        output = FrameOutput(FrameView.COMPOSITE, True, Format.PNG)
        try:
            picture = output.write(number, frame, {"frame": number, "time": now, "date": now})
        except (HostFileError, LiveViewError) as error:
            self._say(str(error))
            return
        self.saved.append(picture.path)
        self._say(f"saved {picture.path}")

    def toggle(self) -> None:
        """Begin to record, or end it."""
        try:
            if self._recording is not None:
                self.end()
                return
            self._recording = ScreenRecording(self._product_id)
        except HostFileError as error:
            self._say(str(error))
        else:
            self._say(f"recording {self._recording.path}")

    def record(self, frame: Frame) -> None:
        """Add a frame to the recording, if there is one."""
        if self._recording is None:
            return
        try:
            self._recording.write(frame)
        except HostFileError as error:
            with contextlib.suppress(HostFileError):  # the first says why
                self.end()
            self._say(str(error))

    def end(self) -> None:
        """End the recording, if there is one. Raises `HostFileError`."""
        recording, self._recording = self._recording, None
        if recording is None:
            return
        if recording.close():
            self.saved.append(str(recording.path))
            self._say(f"recorded {recording.path}")
        else:
            self._say("nothing was recorded")
