"""The frames of one camera: fetched while somebody watches, made JPEG once for all who do."""

from __future__ import annotations

import io
import threading
import time
from typing import TYPE_CHECKING, Any, Literal, Protocol

from chdkshell import waits
from chdkshell.api.screensource import RateMeter, ScreenSource, rest_after
from chdkshell.camera import Camera
from chdkshell.errors import (
    Cancelled,
    ChdkShellError,
    HostFileError,
    NotConnectedError,
    TransportError,
)
from chdkshell.flow import CancelToken
from chdkshell.page.feeds import FrameFeed
from chdkshell.page.problems import text_of
from chdkshell.page.recording import Recorder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from chdkshell.chdk.imaging.liveview import Frame

FROZEN_SECONDS = 2.0
"""How old the newest frame may be while somebody watches, until the picture is called frozen."""

IDLE_SECONDS = 0.05
"""How often to look for a viewer while there is none."""

Condition = Literal["idle", "live", "frozen"]


class FramedCamera(Protocol):
    """What the frames need to know of their camera: a `Station`."""

    number: int
    camera: Camera
    found: int

    def lost(self, error: ChdkShellError, found: int) -> None:
        """The camera is gone, unless it was found again since."""
        ...

    def publish(self, kind: str, value: dict[str, Any]) -> None:
        """Tell all who listen."""
        ...

    def wait_present(self, seconds: float) -> bool:
        """Wait until the camera is there."""
        ...


class FrameLoop:
    """Fetches frames while there are viewers. `plain` and `overlaid` are the feeds they watch."""

    def __init__(self, station: FramedCamera, fps: float, quality: int) -> None:
        self._station = station
        self._fps = fps
        self._quality = quality
        self._cancel = CancelToken()
        self._meter = RateMeter()
        self._last = 0.0
        self._since = 0.0
        self.plain, self.overlaid = FrameFeed(), FrameFeed()
        self.count = 0
        self.trouble = ""
        self.recorder: Recorder | None = None
        self._found = 0
        self._thread = threading.Thread(
            target=self._run, name=f"frames of camera {station.number}", daemon=True
        )

    @property
    def is_watched(self) -> bool:
        """Whether somebody watches."""
        return bool(self.plain.viewers or self.overlaid.viewers or self._open_recorder())

    @property
    def recording(self) -> str:
        """The name of the file that is recorded into, "" for none."""
        recorder = self._open_recorder()
        return recorder.path.name if recorder else ""

    def _open_recorder(self) -> Recorder | None:
        recorder = self.recorder  # another thread changes it
        return recorder if recorder is not None and recorder.is_open else None

    @property
    def rate(self) -> float:
        """Frames a second, lately."""
        return self._meter.rate if self.condition == "live" else 0.0

    @property
    def condition(self) -> Condition:
        """Whether frames come: `idle` where nobody watches."""
        if not self.is_watched:
            return "idle"
        newest = max(self._last, self._since)
        return "frozen" if time.monotonic() - newest > FROZEN_SECONDS else "live"

    def feed(self, overlay: bool) -> FrameFeed:
        """Return the feed with or without what the camera draws over the picture."""
        return self.overlaid if overlay else self.plain

    def start(self) -> None:
        """Begin to look for viewers."""
        self._thread.start()

    def stop(self) -> None:
        """Let all viewers go, and end."""
        self._cancel.set()
        for feed in (self.plain, self.overlaid):
            feed.close()
        recorder = self.recorder
        if recorder is not None:
            recorder.close()
        waits.ended(self._thread)

    def _run(self) -> None:
        while not self._cancel.is_set():
            try:
                self._turn()
            except Cancelled:
                return
            except (TransportError, NotConnectedError) as error:
                self._station.lost(error, self._found)
            except ChdkShellError as error:
                # A camera that changes modes has no picture for a moment.
                self.trouble = text_of(error)
                self._cancel.wait(IDLE_SECONDS)

    def _turn(self) -> None:
        if not self._station.wait_present(IDLE_SECONDS):
            return
        if not self.is_watched:
            self._since, self.trouble = time.monotonic(), ""
            self._cancel.wait(IDLE_SECONDS)
            return
        start, self._found = time.monotonic(), self._station.found
        recorder = self._open_recorder()
        wants_overlay = self.overlaid.viewers > 0 or bool(recorder and recorder.is_raw)
        source = ScreenSource(self._station.camera.protocol, overlay=wants_overlay)
        frame = source.fetch(self._cancel)
        self.count += 1
        if recorder is not None and recorder.is_raw:
            self._record(recorder, frame.data)
        for feed, overlay in ((self.plain, False), (self.overlaid, True)):
            if overlay and not wants_overlay:
                continue  # whoever watches it came after this frame was asked for
            records = recorder is not None and not recorder.is_raw and not overlay
            if feed.viewers or records:
                picture = self._jpeg(frame, overlay)
                feed.publish(picture)
                if recorder is not None and records:
                    self._record(recorder, picture)
        self.trouble = ""
        self._last = time.monotonic()
        self._meter.count()
        self._cancel.wait(rest_after(time.monotonic() - start, self._fps))

    def _record(self, recorder: Recorder, data: bytes) -> None:
        try:
            recorder.write(data)
        except HostFileError as error:  # it has ended with that
            self._station.publish("problem", {"error": text_of(error)})

    def _jpeg(self, frame: Frame, overlay: bool) -> bytes:
        from chdkshell.chdk.imaging.composite import composite

        return _encoded(composite(frame, overlay=overlay), self._quality)


def _encoded(picture: NDArray[np.uint8], quality: int) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(picture).save(out, "JPEG", quality=quality)
    return out.getvalue()
