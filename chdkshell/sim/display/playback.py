"""What the simulated camera shows in play mode: the last picture on its card."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from chdkshell.sim.card import Card, CardFailure

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from chdkshell.sim.state import CameraState

MAX_FILE = 64 << 20
"""Bytes of a JPEG file that is shown: the card may hold whatever its owner put there."""


class Playback:
    """The last picture of `card`, looked for again when the camera has taken another."""

    def __init__(self, card: Card, state: CameraState) -> None:
        self._card = card
        self._state = state
        self._known: tuple[int, str] | None = None
        self._data = b""

    def file(self) -> bytes:
        """Return the JPEG file, b"" where there is none. The same object while it is the same."""
        known = (self._state.exposure_count, self._state.image_dir)
        if known != self._known:
            self._known = known
            self._data = self._read_last()
        return self._data

    def _read_last(self) -> bytes:
        try:
            path = next(self._newest_pictures(), None)
            if path is None or self._card.stat(path).size > MAX_FILE:
                return b""
            with self._card.open(path, "r") as file:
                return file.read()
        except CardFailure:
            return b""

    def _newest_pictures(self) -> Iterator[str]:
        """Yield the last picture of the camera's own folder, then those of others on the card."""
        others = sorted(self._card.listdir("A/DCIM"), key=str.upper, reverse=True)
        for folder in (self._state.image_dir, *(f"A/DCIM/{name}" for name in others)):
            with suppress(CardFailure):
                names = [n for n in self._card.listdir(folder) if n.upper().endswith(".JPG")]
                if names:
                    yield f"{folder}/{max(names, key=str.upper)}"


def on_screen(
    jpeg: bytes, width: int, height: int, field_height: float
) -> NDArray[np.uint8] | None:
    """Return a picture as (height, width, 3) RGB, as large as it fits, black around it.

    `field_height` is the screen's height in units of its width; its pixels need not be square.
    Returns None for what is no picture.
    """
    import numpy as np
    from PIL import Image

    screen = Image.new("RGB", (width, height))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as image:
                scale = min(1 / image.width, field_height / image.height)
                across = max(round(image.width * scale * width), 1)
                down = max(round(image.height * scale / field_height * height), 1)
                image.draft("RGB", (across, down))
                shown = image.convert("RGB").resize((across, down))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombWarning):
        return None
    screen.paste(shown, ((width - across) // 2, (height - down) // 2))
    return np.asarray(screen)
