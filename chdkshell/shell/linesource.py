"""Lines from standard input or a program, whose reading Ctrl-C ends."""

from __future__ import annotations

import codecs
import functools
import io
import os
import sys
from typing import Protocol, TextIO

from chdkshell.shell.console import is_terminal


class LineSource(Protocol):
    """What lines are read from."""

    def readline(self, limit: int = -1, /) -> str:
        """Return the next line with its end, at most `limit` characters of it; "" at the end."""


def lines_from(stream: TextIO) -> LineSource:
    """Return what reads lines of a stream. On Windows no signal ends the reading of a pipe."""
    if sys.platform == "win32" and not is_terminal(stream):
        return PipeLines(stream.fileno(), stream.errors or "strict")
    return stream


def standard_input() -> LineSource:
    """Return what reads lines of standard input; none where there is no such thing."""
    if sys.stdin is None:
        return io.StringIO()
    return _standard_pipe() if sys.platform == "win32" else sys.stdin


@functools.cache
def _standard_pipe() -> LineSource:
    return lines_from(sys.stdin)


def typed_line(prompt: str, stream: TextIO) -> str:
    """Write a prompt and return the line that is typed. Raises `EOFError`.

    `input` does not suit: a Ctrl-C in the middle of another can end it with a SystemError.
    """
    stream.write(prompt)
    stream.flush()
    line = standard_input().readline()
    if not line:
        raise EOFError
    return line.removesuffix("\n")


def conversed_line(prompt: str, stream: TextIO) -> str:
    """Return the next line of standard input, which is no terminal. Raises `EOFError`.

    The prompt is written before it and the line itself after it, as chdkptp does: programs that
    talk to it wait for that.
    """
    line = typed_line(prompt, stream).rstrip("\r")
    stream.write(f"{line}\n")
    stream.flush()
    return line


class PipeLines:
    """Lines of a pipe, in UTF-8 with or without a byte order mark.

    A thread reads, which a signal does not have to end: it goes on, and what it reads is there for
    the next call.
    """

    def __init__(self, descriptor: int, errors: str) -> None:
        import threading

        self._thread_kind = threading.Thread
        self._descriptor = descriptor
        self._errors = errors
        self._reading: threading.Thread | None = None
        self._got = bytearray()
        self._has_begun = False
        self._has_ended = False

    def readline(self, limit: int = -1, /) -> str:
        """Return as `LineSource`; `limit` counts bytes."""
        while not self._has_ended and b"\n" not in self._got and not 0 <= limit <= len(self._got):
            self._wait_for_more()
        end = self._got.find(b"\n") + 1 or len(self._got)
        end = end if limit < 0 else min(end, limit)
        line, self._got = bytes(self._got[:end]), self._got[end:]
        return line.replace(b"\r\n", b"\n").decode("utf-8", self._errors)

    def _wait_for_more(self) -> None:
        from chdkshell import waits

        if self._reading is None:
            reading = self._thread_kind(target=self._read, name="reads a pipe", daemon=True)
            reading.start()
            self._reading = reading
        waits.ended(self._reading)
        self._reading = None

    def _read(self) -> None:
        try:
            data = os.read(self._descriptor, 1 << 16)
        except OSError:  # Windows says so where whoever wrote is gone
            data = b""
        self._has_ended = not data
        self._got += data
        if not self._has_begun and len(self._got) >= len(codecs.BOM_UTF8):
            self._has_begun = True
            if self._got.startswith(codecs.BOM_UTF8):
                del self._got[: len(codecs.BOM_UTF8)]
