"""The content of a file on its way out: bytes as they are, or a result."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from chdkshell.errors import printable
from chdkshell.shell.console import is_terminal
from chdkshell.shell.output.closed import OutputClosedError, reader_is_gone
from chdkshell.shell.results import Result
from chdkshell.shell.results.files import FileText
from chdkshell.streams import Buffer, BytesSink

MAX_RESULT = 16 << 20
"""Bytes of a file that become a JSON result."""


@contextmanager
def collecting(path: str, emit: Callable[[Result], None]) -> Iterator[BytesSink]:
    """Collect the bytes of the file `path`, which `emit` takes as a result when all are there."""
    sink = BytesSink(MAX_RESULT)
    yield sink
    emit(FileText(path, sink.data or b""))


class StdoutSink:
    """Passes bytes on to stdout as they come, as printable text where that is a terminal."""

    def __init__(self, stdout: TextIO) -> None:
        self._stdout = stdout
        self._is_terminal = is_terminal(stdout)
        self._decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")

    def begin(self, length: int | None) -> None:
        """Nothing to prepare."""

    def write(self, data: Buffer) -> None:
        try:
            raw = getattr(self._stdout, "buffer", None)
            if self._is_terminal or raw is None:
                self._stdout.write(printable(self._decoder.decode(bytes(data))))
            else:
                self._stdout.flush()
                raw.write(data)
            self._stdout.flush()
        except OSError as error:
            if reader_is_gone(error):
                raise OutputClosedError from error
            raise
