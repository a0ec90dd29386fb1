"""Putting a DNG file together: the camera's header, a small picture made here, and the frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from chdkshell.chdk.imaging.dng import BAND, DngHeader
from chdkshell.chdk.imaging.rawimage import (
    ThumbnailMaker,
    pack,
    patch_bad_pixels,
    swap_words,
    unpack,
)
from chdkshell.errors import DngError, UsageError
from chdkshell.streams import Buffer

if TYPE_CHECKING:
    from chdkshell.chdk.imaging.rawimage import Pixels

PADDING = 0xFF
"""Fills the lines of the frame that a sub-image lacks: the brightest value, in any packing."""

_REACH = 2
"""Rows up and down that patching a pixel looks at."""


class DngWriter:
    """Puts a DNG file together while the frame comes in: a sink for the raw data.

    `file` must be open for writing and able to seek. `first_line` and `lines` say which lines of
    the frame come (`lines` 0: all from there on); the others are filled with white. With
    `bad_pixels`, pixels of that value or less are replaced from their neighbours; `patched` counts
    them. The file is complete after `finish`. Needs a few MB of memory, whatever the frame's size.
    """

    def __init__(
        self,
        file: BinaryIO,
        header: DngHeader,
        *,
        first_line: int = 0,
        lines: int = 0,
        bad_pixels: int | None = None,
    ) -> None:
        self.layout = header.layout
        self.patched = 0
        height = self.layout.mosaic.height
        self._lines = lines or height - first_line
        if first_line < 0 or self._lines <= 0 or first_line + self._lines > height:
            raise UsageError(f"the frame has {height} lines, not {first_line} + {self._lines}")
        self._file = file
        self._bad_pixels = bad_pixels
        self._band = bytearray()
        self._next_line = first_line
        self._held: Pixels | None = None
        self._held_done = 0
        self._received = 0
        width, thumbnail_height = self.layout.thumbnail
        self._thumbnail = ThumbnailMaker(
            self.layout.mosaic, width, thumbnail_height, self.layout.neutral
        )
        file.write(header.data)
        file.write(bytes(self.layout.thumbnail_size))
        self._pad(first_line)

    @property
    def expected(self) -> int:
        """Bytes of raw data that belong into the file."""
        return self._lines * self.layout.row_bytes

    def begin(self, length: int | None) -> None:
        """Raise `DngError` where the camera announces another length than the header's."""
        if length is not None and length != self.expected:
            raise self._wrong_length(length)

    def write(self, data: Buffer) -> None:
        """Take the next bytes of the frame, as they are in the camera's memory."""
        self._received += len(data)
        if self._received > self.expected:
            raise self._wrong_length(self._received)
        size = BAND * self.layout.row_bytes
        view = memoryview(data)
        while view:
            taken = view[: size - len(self._band)]
            self._band += taken
            view = view[len(taken) :]
            if len(self._band) == size:
                self._write_band()

    def finish(self) -> None:
        """Complete the file. Raises `DngError` where raw data is missing."""
        if self._received != self.expected:
            raise self._wrong_length(self._received)
        self._write_band()
        if self._held is not None:
            self._patch_held(self._held[:0], last=True)
        self._pad(self.layout.mosaic.height - self._next_line)
        self._file.seek(self.layout.thumbnail_offset)
        self._file.write(self._thumbnail.picture().tobytes())

    def _write_band(self) -> None:
        if not self._band:
            return
        data, self._band = memoryview(self._band), bytearray()
        mosaic, size = self.layout.mosaic, self.layout.row_bytes
        if self._bad_pixels is not None:
            self._patch_held(unpack(data, mosaic.width, mosaic.bits), last=False)
            return
        for start in range(0, len(data), size):
            if self._thumbnail.wants(self._next_line):
                row = unpack(data[start : start + size], mosaic.width, mosaic.bits)
                self._thumbnail.add(self._next_line, row[0])
            self._next_line += 1
        self._file.write(swap_words(data))

    def _patch_held(self, pixels: Pixels, last: bool) -> None:
        """Patch and write rows whose neighbours are known; hold the rest, and their context."""
        import numpy as np

        assert self._bad_pixels is not None
        rows = pixels if self._held is None else np.concatenate((self._held, pixels))
        after = 0 if last else min(_REACH, len(rows) - self._held_done)
        mosaic = self.layout.mosaic
        first = self._next_line - self._held_done
        patched, count = patch_bad_pixels(
            rows, mosaic, self._bad_pixels, first, (self._held_done, after)
        )
        self.patched += count
        done = patched[self._held_done : len(rows) - after]
        kept = min(_REACH, self._held_done + len(done))
        self._held = rows[len(rows) - after - kept :]
        self._held_done = kept
        if len(done):
            for row in done:
                self._thumbnail.add(self._next_line, row)
                self._next_line += 1
            self._file.write(pack(done, mosaic.bits, ">"))

    def _pad(self, lines: int) -> None:
        row = bytes([PADDING]) * self.layout.row_bytes
        for _ in range(lines):
            self._file.write(row)

    def _wrong_length(self, length: int) -> DngError:
        return DngError(f"the camera sent {length} bytes of raw data instead of {self.expected}")
