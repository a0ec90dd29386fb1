"""Data phases cut into packets."""

from __future__ import annotations

from collections.abc import Callable

from chdkshell.streams import Buffer


class Pieces:
    """Cuts a data phase into pieces of `size` bytes, however its buffers come.

    Of the whole phase only the first `limit` bytes are kept. `kept` holds what there is of the
    piece at hand and `length` how long it really is.
    """

    def __init__(self, size: int, limit: int) -> None:
        self._size = size
        self._limit = limit
        self.kept = bytearray()
        self.length = 0

    @property
    def missing(self) -> int:
        """How many bytes of the piece at hand are not kept."""
        return self.length - len(self.kept)

    def add(self, data: Buffer, write: Callable[[], None]) -> None:
        """Take the next bytes. `write` is called for each piece that is full when more comes."""
        view = memoryview(data).cast("B")
        while len(view):
            if self.length == self._size:
                write()
                self.clear()
            part = view[: self._size - self.length]
            keep = part[: self._limit]
            self._limit -= len(keep)
            self.kept += keep
            self.length += len(part)
            view = view[len(part) :]

    def clear(self) -> None:
        """Start the next piece."""
        self.kept.clear()
        self.length = 0
