"""Live frames of the camera's screen, as pictures and arrays."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chdkshell.chdk import versions
from chdkshell.chdk.constants import DisplayData
from chdkshell.chdk.imaging.composite import composite
from chdkshell.chdk.imaging.liveview import Frame
from chdkshell.chdk.protocol import ChdkProtocol
from chdkshell.flow import CancelToken
from chdkshell.pace import Pace

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

OVERLAY = DisplayData.BITMAP | DisplayData.PALETTE | DisplayData.BITMAP_OPACITY
"""What an overlay needs: its pixels, and what they look like."""

JPEG_QUALITY = 85


@dataclass(frozen=True, slots=True)
class LiveFrame:
    """What the camera's screen showed at one moment; it is decoded when it is asked for.

    `raw` is the frame as the camera sent it, with its buffers. What cannot be decoded raises
    `LiveViewError`.
    """

    raw: Frame = field(repr=False)
    overlay: bool = False

    def numpy(self) -> NDArray[np.uint8]:
        """Return the screen as an array of (height, width, 3) RGB bytes, with square pixels."""
        return composite(self.raw, overlay=self.overlay)

    def image(self) -> Image:
        """Return the screen as a Pillow image of mode RGB."""
        from PIL import Image

        return Image.fromarray(self.numpy())

    def jpeg(self, quality: int = JPEG_QUALITY) -> bytes:
        """Return the screen as a JPEG file; `quality` is 1 to 95."""
        file = io.BytesIO()
        self.image().save(file, "JPEG", quality=quality)
        return file.getvalue()


def live_frames(
    protocol: ChdkProtocol, fps: float, overlay: bool, cancel: CancelToken
) -> Iterator[LiveFrame]:
    """Yield frames without end (`Camera.frames`)."""
    protocol.require(versions.LIVE_VIEW)
    parts = DisplayData.VIEWPORT | (OVERLAY if overlay else DisplayData(0))
    pace = Pace(1 / fps if fps else 0.0)
    while True:
        pace.wait(cancel)
        yield LiveFrame(Frame.parse(protocol.get_display_data(parts, cancel)), overlay)
