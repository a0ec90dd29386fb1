"""Data phases as streams: a source gives its length and then buffers, a sink takes buffers.

This keeps a 2 GB video in a few MB of memory on its way through. A transport calls `Sink.begin` at
most once, and only when a data phase is really there: a camera may leave it out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Protocol

from chdkshell.errors import AnswerTooLongError

Buffer = bytes | bytearray | memoryview

STDOUT = "/dev/stdout"
"""The path that stands for standard output, on systems without it too."""

CHUNK = 1 << 20
"""Bytes that a source reads at a time: large, since each USB call costs half a millisecond."""


class Source(Protocol):
    """The bytes of a data phase from initiator to responder."""

    @property
    def length(self) -> int | None:
        """How many bytes `chunks` will give, or None where that is not known before the end."""

    def chunks(self) -> Iterator[Buffer]:
        """Yield the bytes in order, in buffers of any size. A buffer is valid until the next.

        Called once more, it starts over: a camera that lost its session refuses data it was sent.
        """


class Sink(Protocol):
    """Where the bytes of a data phase from responder to initiator go."""

    def begin(self, length: int | None) -> None:
        """A data phase of `length` bytes starts (None: the responder does not say how many)."""

    def write(self, data: Buffer) -> None:
        """Take the next bytes. `data` may be reused by the caller after the call returns."""


class BytesSource:
    """A source over buffers in memory, sent one after another without joining them."""

    def __init__(self, *buffers: Buffer) -> None:
        self._buffers = buffers

    @property
    def length(self) -> int:
        return sum(len(b) for b in self._buffers)

    def chunks(self) -> Iterator[Buffer]:
        for buffer in self._buffers:
            if len(buffer):
                yield buffer


class FileSource:
    """A source over an open binary file: `length` bytes from where it stands.

    A file that shrinks while it is sent is filled up with zero bytes, so that the data phase keeps
    the length that was announced, and `short` tells how many were missing.
    """

    def __init__(self, file: BinaryIO, length: int) -> None:
        self._file = file
        self.length = length
        self._start = file.tell()
        self.short = 0

    def chunks(self) -> Iterator[Buffer]:
        self._file.seek(self._start)
        self.short = 0
        left = self.length
        buffer = memoryview(bytearray(min(CHUNK, left)))
        while left:
            want = min(len(buffer), left)
            got = self._file.readinto(buffer[:want])  # type: ignore[attr-defined]
            if not got:
                self.short = left
                break
            left -= got
            yield buffer[:got]
        while left:
            part = min(len(buffer), left)
            buffer[:part] = bytes(part)
            left -= part
            yield buffer[:part]


class BytesSink:
    """Collects a data phase in memory. More than `limit` bytes raise `AnswerTooLongError`.

    The limit exists because the length comes from an untrusted peer. `data` is None as long as no
    data phase came, which is not the same as an empty one.
    """

    def __init__(self, limit: int = 64 << 20) -> None:
        self._limit = limit
        self._data: bytes | bytearray | None = None

    def begin(self, length: int | None) -> None:
        if length is not None and length > self._limit:
            raise AnswerTooLongError(
                f"the camera announced {length} bytes where at most {self._limit} make sense"
            )
        self._data = b""

    def write(self, data: Buffer) -> None:
        held = self._data or b""
        if len(held) + len(data) > self._limit:
            raise AnswerTooLongError(f"the camera sent more than {self._limit} bytes")
        if not held:
            self._data = bytes(data)  # mostly it is all, and needs no second copy
            return
        if isinstance(held, bytes):
            self._data = held = bytearray(held)
        held += data

    @property
    def data(self) -> bytes | None:
        """What was received, or None where the data phase was left out."""
        return None if self._data is None else bytes(self._data)


class FileSink:
    """Writes a data phase to an open binary file and counts its bytes."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.count = 0

    def begin(self, length: int | None) -> None:
        """Nothing to prepare: the file grows as the bytes come."""

    def write(self, data: Buffer) -> None:
        self._file.write(data)
        self.count += len(data)


class NullSink:
    """Throws a data phase away, for data that nobody asked for."""

    def begin(self, length: int | None) -> None:
        """Nothing to prepare."""

    def write(self, data: Buffer) -> None:
        """Nothing to keep."""
