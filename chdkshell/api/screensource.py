"""Live view frames one after another, as pictures of the camera's screen with square pixels."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

from chdkshell.api.frames import OVERLAY
from chdkshell.chdk import versions
from chdkshell.chdk.constants import DisplayData
from chdkshell.chdk.imaging.composite import composite
from chdkshell.chdk.imaging.liveview import Frame

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from chdkshell.chdk.protocol import ChdkProtocol
    from chdkshell.flow import CancelToken

LINK_SHARE = 0.8
"""The part of the time that frames may take up: the rest is left to whoever else needs the link."""


class ScreenSource:
    """Fetches the screen of a camera. `overlay` says whether it is wanted with what is drawn on it.

    Without the overlay half as much has to pass the link. Raises `ChdkVersionError`.
    """

    def __init__(self, protocol: ChdkProtocol, *, overlay: bool) -> None:
        protocol.require(versions.LIVE_VIEW)
        self._protocol = protocol
        self.overlay = overlay

    def fetch(self, cancel: CancelToken) -> Frame:
        """Fetch a frame. Raises `LiveViewError` for one that cannot be read."""
        parts = DisplayData.VIEWPORT | (OVERLAY if self.overlay else DisplayData(0))
        return Frame.parse(self._protocol.get_display_data(parts, cancel))

    def picture(self, frame: Frame) -> NDArray[np.uint8]:
        """Return the screen as (height, width, 3) RGB. Raises `LiveViewError`."""
        return composite(frame, overlay=self.overlay)


def rest_after(seconds: float, fps: float) -> float:
    """Return how long to wait after a frame that took `seconds`, for at most `fps` a second.

    Where the link is slower than that, frames take up `LINK_SHARE` of the time.
    """
    return max(1 / fps - seconds, seconds * (1 / LINK_SHARE - 1))


class RateMeter:
    """How many frames a second there were, over the last two seconds."""

    def __init__(self) -> None:
        self._times: deque[float] = deque()

    def count(self, now: float | None = None) -> None:
        """A frame was shown."""
        now = time.monotonic() if now is None else now
        self._times.append(now)
        while self._times[0] < now - 2:
            self._times.popleft()

    @property
    def rate(self) -> float:
        """Frames a second; 0.0 before the second one."""
        if len(self._times) < 2:
            return 0.0
        return (len(self._times) - 1) / max(self._times[-1] - self._times[0], 1e-6)
