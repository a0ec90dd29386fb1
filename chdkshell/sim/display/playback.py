"""What the simulated camera shows in play mode: pictures on its card, at first the last."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Sequence
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
    """The picture of `card` that its keys have chosen, at first the last one.

    Another one that the camera has taken is the chosen one then.
    """

    def __init__(self, card: Card, state: CameraState) -> None:
        self._card = card
        self._state = state
        self._known: tuple[int, str, int] | None = None
        self._data = b""
        self.name = ""

    def file(self) -> bytes:
        """Return the JPEG file, b"" where there is none. The same object while it is the same."""
        state = self._state
        if self._known is not None and self._known[:2] != (state.exposure_count, state.image_dir):
            state.shown.picture = 0
        known = (state.exposure_count, state.image_dir, state.shown.picture)
        if known != self._known:
            self._known = known
            self._data = self._read(state.shown.picture)
        return self._data

    def files(self, first: int, count: int) -> list[bytes]:
        """Return `count` pictures and fewer, from the one that is `first` before the newest on."""
        return [self._read_at(path) for path in self._paths()[first : first + count]]

    def _read(self, back: int) -> bytes:
        """Return the picture that is `back` before the newest; after the oldest comes the newest.

        `name` is then the name of its file.
        """
        paths = self._paths()
        self.name = paths[back % len(paths)].rpartition("/")[2] if paths else ""
        return self._read_at(paths[back % len(paths)]) if paths else b""

    def _read_at(self, path: str) -> bytes:
        try:
            if self._card.stat(path).size > MAX_FILE:
                return b""
            with self._card.open(path, "r") as file:
                return file.read()
        except CardFailure:
            return b""

    def _paths(self) -> list[str]:
        with suppress(CardFailure):
            return list(dict.fromkeys(self._newest_pictures()))
        return []

    def _newest_pictures(self) -> Iterator[str]:
        """Yield pictures, newest first: those of the camera's own folder, then of the others."""
        others = sorted(self._card.listdir("A/DCIM"), key=str.upper, reverse=True)
        for folder in (self._state.image_dir, *(f"A/DCIM/{name}" for name in others)):
            with suppress(CardFailure):
                names = [n for n in self._card.listdir(folder) if n.upper().endswith(".JPG")]
                for name in sorted(names, key=str.upper, reverse=True):
                    yield f"{folder}/{name}"


INDEX_COLUMNS, INDEX_ROWS = 3, 3
"""How many pictures the index shows at a time."""


def index_on_screen(
    jpegs: Sequence[bytes], width: int, height: int, field_height: float
) -> NDArray[np.uint8]:
    """Return small pictures side by side, as `on_screen` returns one."""
    import numpy as np

    screen = np.zeros((height, width, 3), np.uint8)
    across, down = width // INDEX_COLUMNS, height // INDEX_ROWS
    for number, jpeg in enumerate(jpegs):
        small = on_screen(jpeg, across, down, field_height)
        if small is not None:
            top, left = number // INDEX_COLUMNS * down, number % INDEX_COLUMNS * across
            screen[top : top + down, left : left + across] = small
    return screen


def on_screen(
    jpeg: bytes, width: int, height: int, field_height: float, magnified: float = 1
) -> NDArray[np.uint8] | None:
    """Return a picture as (height, width, 3) RGB, as large as it fits, black around it.

    `field_height` is the screen's height in units of its width; its pixels need not be square.
    `magnified` enlarges it about its middle. Returns None for what is no picture.
    """
    import numpy as np
    from PIL import Image

    screen = Image.new("RGB", (width, height))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as image:
                scale = min(1 / image.width, field_height / image.height) * magnified
                across = max(round(image.width * scale * width), 1)
                down = max(round(image.height * scale / field_height * height), 1)
                image.draft("RGB", (across, down))
                shown = image.convert("RGB").resize((across, down))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombWarning):
        return None
    screen.paste(shown, ((width - across) // 2, (height - down) // 2))
    return np.asarray(screen)
