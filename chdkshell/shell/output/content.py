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


HEAD = 256
"""Bytes of a file that is no text that a terminal shows."""

_LOOKED_AT = 4096
"""Bytes at the beginning that tell whether a file is text."""


class StdoutSink:
    """Passes bytes on to stdout as they come, as printable text where that is a terminal.

    Of what is no text a terminal gets the beginning, in hexadecimal.
    """

    def __init__(self, stdout: TextIO) -> None:
        self._stdout = stdout
        self._is_terminal = is_terminal(stdout)
        self._decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
        self._length: int | None = None
        self._is_binary: bool | None = None

    def begin(self, length: int | None) -> None:
        self._length = length

    def write(self, data: Buffer) -> None:
        try:
            raw = getattr(self._stdout, "buffer", None)
            if self._is_terminal:
                self._show(bytes(data))
            elif raw is None:
                self._stdout.write(printable(self._decoder.decode(bytes(data))))
            else:
                self._stdout.flush()
                raw.write(data)
            self._stdout.flush()
        except OSError as error:
            if reader_is_gone(error):
                raise OutputClosedError from error
            raise

    def _show(self, data: bytes) -> None:
        if self._is_binary is None:
            self._is_binary = is_binary(data[:_LOOKED_AT])
            if self._is_binary:
                from chdkshell.shell.results.memory import hexdump

                self._stdout.write("\n".join([*hexdump(data[:HEAD], 0), self._note(data)]) + "\n")
        if not self._is_binary:
            self._stdout.write(printable(self._decoder.decode(data)))

    def _note(self, data: bytes) -> str:
        size = len(data) if self._length is None else self._length
        return f"the first {min(HEAD, size)} of {size:,} bytes: no text; `download` fetches it"


def is_binary(head: bytes) -> bool:
    """Whether what begins so is no text: it has a zero, or one in ten bytes is no text's."""
    controls = sum(byte < 0x20 and byte not in b"\t\n\r\x1a\x1b\f" for byte in head)
    try:
        head.decode("utf-8")
        strange = 0
    except UnicodeDecodeError as error:
        cut_off = error.end == len(head) and len(head) - error.start < 4
        strange = 0 if cut_off else sum(byte >= 0x80 for byte in head)
    return 0 in head or 10 * (controls + strange) > len(head)
