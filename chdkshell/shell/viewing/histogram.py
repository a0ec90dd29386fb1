"""The histogram of a frame, drawn onto its picture: so each kind of terminal can show it."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BINS = 64

_SPARSE = 4
"""Every so many rows and columns are counted: that shows the same, and costs a sixteenth."""

_LUMA = (77, 150, 29)
"""The parts of red, green and blue in brightness, of 256 (BT.601)."""

_DIM = 3
"""What is behind the histogram is as much darker."""


class FrameHistogram(enum.Enum):
    """What is counted. The value is what the status line calls it."""

    NONE = "no histogram"
    LUMA = "histogram: luma"
    RGB = "histogram: RGB"

    @property
    def next(self) -> FrameHistogram:
        """The one that the key goes on to."""
        kinds = list(FrameHistogram)
        return kinds[(kinds.index(self) + 1) % len(kinds)]

    def draw(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return the picture, (height, width, 3) RGB, with its histogram at the lower left.

        Dark is on the left. The bars of red, green and blue lie on each other, and are white where
        all three reach.
        """
        if self is FrameHistogram.NONE:
            return picture
        import numpy as np

        height, width = max(picture.shape[0] // 3, 1), max(picture.shape[1] // 2, 1)
        bars = bar_heights(self.values(picture[::_SPARSE, ::_SPARSE]), height)
        columns = bars[:, np.arange(width) * BINS // width]
        rows = np.arange(height, 0, -1)[:, None]
        drawn = picture.copy()
        corner = drawn[-height:, :width]
        for channel in range(3):
            reached = rows <= columns[channel % len(columns)]
            corner[..., channel] = np.where(reached, 255, corner[..., channel] // _DIM)
        return drawn

    def values(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return what is counted, a row for each channel."""
        import numpy as np

        if self is FrameHistogram.RGB:
            return pixels.reshape(-1, 3).T
        luma = (pixels.reshape(-1, 3).astype(np.uint32) * _LUMA).sum(axis=1) >> 8
        brightness: NDArray[np.uint8] = luma.astype(np.uint8)[None]
        return brightness


def bar_heights(channels: NDArray[np.uint8], height: int) -> NDArray[np.intp]:
    """Return how high each of `BINS` bars is, for each channel; the highest of all is `height`."""
    import numpy as np

    width = 256 // BINS
    counts = np.stack([np.bincount(channel // width, minlength=BINS) for channel in channels])
    heights: NDArray[np.intp] = np.ceil(counts * (height / max(counts.max(), 1))).astype(np.intp)
    return heights
