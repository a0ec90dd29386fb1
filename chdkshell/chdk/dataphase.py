"""What is special about the data phases of CHDK's commands."""

from __future__ import annotations

from collections.abc import Iterator

from chdkshell.streams import Buffer, Sink, Source


class DummyGuard:
    """Holds a data phase back while it is a single byte, and counts.

    A failing command that owes data sends one zero byte: it must not reach the sink, and whether
    the command failed is known only afterwards.
    """

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._held = b""
        self._passing = False
        self._length: int | None = None
        self.count = 0

    def begin(self, length: int | None) -> None:
        self._length = length

    def write(self, data: Buffer) -> None:
        self.count += len(data)
        if self.count > 1:
            self.release()
            self._sink.write(data)
        else:
            self._held += data

    def release(self) -> None:
        """Pass on what was held back."""
        if not self._passing and self.count:
            self._passing = True
            self._sink.begin(self._length)
        if self._held:
            self._sink.write(self._held)
            self._held = b""


class WithHeader:
    """A source with bytes before it."""

    def __init__(self, header: bytes, source: Source) -> None:
        self._header = header
        self._source = source

    @property
    def length(self) -> int | None:
        length = self._source.length
        return None if length is None else len(self._header) + length

    def chunks(self) -> Iterator[Buffer]:
        yield self._header
        yield from self._source.chunks()


def script_payload(source: bytes) -> bytes:
    """Return a script as ExecuteScript takes it: with NUL bytes after it.

    Some cameras fail on transfers of 0x23F4 bytes plus a multiple of 512, others on those of
    512n-11 to 512n bytes. A script ends at its first NUL, so a few more keep it off these sizes.
    """
    length = len(source) + 1
    over = length % 512
    if over == 0:
        length += 1
    elif over >= 500:
        length += 513 - over
    return source.ljust(length, b"\0")
