"""What is done with DNG files of CHDK on the host: look at them, count, patch, extract, develop."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from chdkshell.chdk.imaging.dng import BAND, DngFile
from chdkshell.chdk.imaging.rawimage import (
    BLUE,
    GREEN,
    RED,
    SRGB_TO_XYZ,
    Area,
    Mosaic,
    WordOrder,
    pack,
    patch_bad_pixels,
)
from chdkshell.chdk.imaging.tiffdirs import Directory, Value, read_directories
from chdkshell.chdk.transfer import PartFile
from chdkshell.errors import DngError, HostFileError, UsageError
from chdkshell.outlets import is_outlet
from chdkshell.reasons import Reason

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from chdkshell.chdk.imaging.dng import DngLayout
    from chdkshell.chdk.imaging.rawimage import Pixels

_MODEL, _SOFTWARE, _VERSION, _BACKWARD_VERSION = 0x0110, 0x0131, 0xC612, 0xC613
"""Tags of TIFF 6.0 and DNG 1.3."""


@dataclass(frozen=True, slots=True)
class DngSummary:
    """A DNG file in one line. Versions are like "1.3.0.0", `colours` like "RGGB"."""

    width: int
    height: int
    bits: int
    colours: str
    version: str
    backward_version: str
    software: str
    model: str


class DngImage:
    """A DNG file in memory, to look at and to change. Twice the size of its frame.

    `pixels` are rows x columns of the whole frame; `before` is what the file has before them and
    `after` what it has behind. Raises `DngError` for a file that is not CHDK's, and
    `HostFileError` for one that cannot be read.
    """

    def __init__(self, path: Path) -> None:
        import numpy as np

        self.path = path
        try:
            with DngFile(path) as dng:
                self.layout: DngLayout = dng.layout
                self.pixels: Pixels = np.concatenate([rows for _, rows in dng.bands()])
            with path.open("rb") as file:
                self.before = file.read(self.layout.raw_offset)
                file.seek(self.layout.raw_offset + self.layout.raw_size)
                self.after = file.read()
        except OSError as error:
            raise HostFileError(f"cannot read {path}: {error.strerror or error}") from error

    @property
    def mosaic(self) -> Mosaic:
        return self.layout.mosaic

    def area(self, everything: bool = False) -> Area:
        """Return the active area, or that of the whole frame."""
        return Area(*(0, 0), *self.pixels.shape) if everything else self.mosaic.active

    def patch(self, threshold: int = 0) -> int:
        """Replace pixels of `threshold` or less from their neighbours; return how many."""
        self.pixels, count = patch_bad_pixels(self.pixels, self.mosaic, threshold)
        return count

    def save(self, path: Path, overwrite: bool = False) -> None:
        """Write the file, complete or not at all."""
        with new_file(path, overwrite) as part:
            part.file.write(self.before)
            for first in range(0, len(self.pixels), BAND):
                part.file.write(pack(self.pixels[first : first + BAND], self.mosaic.bits, ">"))
            part.file.write(self.after)
            part.finish(None)

    def histogram(self, area: Area) -> NDArray[np.intp]:
        """Return how many pixels of `area` have each value, from 0 to the highest possible."""
        import numpy as np

        values = self._part(area).ravel()
        return np.bincount(values, minlength=1 << self.mosaic.bits)

    def matching(self, area: Area, low: int, high: int) -> Iterator[tuple[int, int]]:
        """Yield column and row of each pixel of `area` whose value is `low` to `high`."""
        import numpy as np

        part = self._part(area)
        for row, column in np.argwhere((part >= low) & (part <= high)).tolist():
            yield column + area.left, row + area.top

    def _part(self, area: Area) -> Pixels:
        return self.pixels[area.top : area.bottom, area.left : area.right]

    # ---- what can be taken out ----

    def raw_bytes(self, bits: int | None = None, order: WordOrder = ">") -> bytes:
        """Return the frame, packed as in the file, or with other bits a pixel or byte order.

        Values are shifted down to fewer bits, and stay as they are in more. `bits` can be 8, 10,
        12, 14 or 16.
        """
        import numpy as np

        bits = self.mosaic.bits if bits is None else bits
        pixels = self.pixels >> np.uint16(max(self.mosaic.bits - bits, 0))
        if bits == 8:
            return pixels.astype("u1").tobytes()
        if bits == 16:
            return pixels.astype(f"{order}u2").tobytes()
        try:
            return pack(pixels, bits, order)
        except ValueError as error:
            raise UsageError(f"invalid format: {error}", "8, 10, 12, 14 or 16 bits") from None

    def pgm(self, bits: int = 8) -> bytes:
        """Return the frame as a grey picture in PGM format, 8 or 16 bits a pixel."""
        if bits not in (8, 16):
            raise UsageError("only 8 and 16 bpp supported for pgm", "like 8pgm or 16pgm")
        height, width = self.pixels.shape
        most = (1 << min(bits, self.mosaic.bits)) - 1
        return b"P5\n%d\n%d\n%d\n" % (width, height, most) + self.raw_bytes(bits)

    def thumbnail(self) -> bytes:
        """Return the small picture: rows of RGB bytes."""
        start = self.layout.thumbnail_offset
        return self.before[start : start + self.layout.thumbnail_size]

    def thumbnail_ppm(self) -> bytes:
        """Return the small picture in PPM format."""
        return b"P6\n%d\n%d\n255\n" % self.layout.thumbnail + self.thumbnail()

    def develop(self) -> NDArray[np.uint8]:
        """Return the active area as a picture for a screen: half as wide and high, RGB in sRGB.

        Each 2x2 pixels become one, balanced and turned to sRGB's colours as the file says.
        """
        import numpy as np

        active = self.mosaic.active
        height, width = active.height // 2, active.width // 2
        picture = np.empty((height, width, 3), np.uint8)
        to_light = _sensor_to_light(self.layout)
        for first in range(0, height, BAND):
            last = min(first + BAND, height)
            top = active.top + 2 * first
            cells = self.pixels[top : active.top + 2 * last, active.left : active.left + 2 * width]
            picture[first:last] = _display(_sensor_light(cells, self.layout) @ to_light.T)
        return picture

    def save_png(self, path: Path, overwrite: bool = False) -> None:
        """Write what `develop` returns as a PNG file."""
        from PIL import Image

        buffer = io.BytesIO()
        Image.fromarray(self.develop()).save(buffer, "PNG")
        save_bytes(path, buffer.getvalue(), overwrite)

    # ---- what the file says ----

    def directories(self) -> list[Directory]:
        """Return the TIFF directories: the first, its sub-directories, and the Exif data."""
        try:
            return read_directories(self.before)
        except DngError as error:
            raise DngError(f"{self.path}: {error}") from error

    def summary(self) -> DngSummary:
        """Return the file in one line."""
        first = self.directories()[0]

        def values(number: int) -> list[Value]:
            tag = first.tag(number)
            return tag.values() if tag is not None else []

        def text(number: int) -> str:
            return "".join(str(value) for value in values(number))

        def version(number: int) -> str:
            return ".".join(str(value) for value in values(number))

        return DngSummary(
            self.mosaic.width,
            self.mosaic.height,
            self.mosaic.bits,
            "".join("RGB"[colour] for colour in self.mosaic.colours),
            version(_VERSION),
            version(_BACKWARD_VERSION),
            text(_SOFTWARE),
            text(_MODEL),
        )


def bins(
    histogram: NDArray[np.intp], low: int, high: int, size: int = 1
) -> Iterator[tuple[int, int, int]]:
    """Yield the first and last value and the count of each bin of `size` values."""
    if size < 1 or low < 0 or high < low:
        raise UsageError(f"no bins of {size} from {low} to {high}", "at least 1, from low to high")
    for first in range(low, high + 1, size):
        last = first + size - 1
        yield first, last, int(histogram[first : min(last, high) + 1].sum())


def new_file(path: Path, overwrite: bool = False) -> PartFile:
    """Return a file to write, which appears when it is complete. Raises `HostFileError`."""
    if is_outlet(path):
        return PartFile(path)
    if path.exists() and not overwrite:
        raise HostFileError(
            f"file exists, use -over to overwrite {path}", reason=Reason.FILE_EXISTS
        )
    if path.exists() and not path.is_file():
        raise HostFileError(f"can't overwrite non-file {path}", "choose another name")
    return PartFile(path)


def save_bytes(path: Path, data: bytes, overwrite: bool = False) -> None:
    """Write `data` to a file, complete or not at all."""
    with new_file(path, overwrite) as part:
        part.file.write(data)
        part.finish(None)


def _sensor_light(cells: Pixels, layout: DngLayout) -> NDArray[np.float64]:
    """Return the light of each 2x2 pixels in the sensor's colours, white being 1 in each."""
    import numpy as np

    mosaic = layout.mosaic
    planes = []
    for colour in (RED, GREEN, BLUE):
        places = [place for place in range(4) if mosaic.colours[place] == colour]
        parts = [cells[place // 2 :: 2, place % 2 :: 2].astype(np.float64) for place in places]
        planes.append(sum(parts) / len(parts))
    light = (np.stack(planes, axis=-1) - mosaic.black) / (mosaic.white - mosaic.black)
    balanced = light * (max(layout.neutral) / np.array(layout.neutral))
    return np.asarray(np.clip(balanced, 0, 1))


def _sensor_to_light(layout: DngLayout) -> NDArray[np.float64]:
    """Return the matrix from balanced sensor colours to linear light with sRGB's primaries."""
    import numpy as np

    if not layout.matrix:
        return np.eye(3)
    seen = np.array(layout.matrix).reshape(3, 3) @ np.array(SRGB_TO_XYZ)
    sums = seen.sum(axis=1, keepdims=True)
    if not np.all(sums > 0) or abs(np.linalg.det(seen)) < 1e-9:
        return np.eye(3)
    return np.asarray(np.linalg.inv(seen / sums))


def _display(light: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Return linear light as sRGB bytes (IEC 61966-2-1)."""
    import numpy as np

    light = np.clip(light, 0, 1)
    bent = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.asarray(bent * 255 + 0.5).astype(np.uint8)
