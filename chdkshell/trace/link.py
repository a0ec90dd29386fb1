"""What a trace is told: a file for all links of a program, and what happens on each link."""

from __future__ import annotations

import contextlib
import os
import stat
import threading
from abc import ABC, abstractmethod
from enum import Enum, auto
from pathlib import Path

from chdkshell.errors import HostFileError, printable
from chdkshell.outlets import check_no_stream, is_outlet, open_outlet
from chdkshell.ptp.transaction import Event, Request, Response, Transport
from chdkshell.streams import Buffer


class Direction(Enum):
    """Which way a data phase goes: to the camera or from it."""

    OUT = auto()
    IN = auto()


class TraceFile:
    """The file of a trace, readable by its owner alone, since traces hold pictures.

    Raises `HostFileError` where it cannot be made. A failure later, such as a full disk, must not
    end what is traced: `problem` says what happened then, and the rest of the trace is dropped.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problem = ""
        self._lock = threading.Lock()
        check_no_stream(str(path), "a trace")
        try:
            if is_outlet(path):
                self._file = open_outlet(path)
            else:
                number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
                self._file = os.fdopen(number, "wb")
                if hasattr(os, "fchmod") and stat.S_ISREG(os.fstat(number).st_mode):
                    os.fchmod(number, 0o600)
        except OSError as error:
            raise HostFileError(
                f"the trace {path} cannot be written: {error.strerror}", "name another file"
            ) from error

    def write(self, *parts: Buffer, flush: bool = False) -> None:
        """Append `parts` together, whatever other threads write."""
        with self._lock:
            if self.problem or self._file.closed:
                return
            try:
                for part in parts:
                    self._file.write(part)
                if flush:
                    self._file.flush()
            except OSError as error:
                self.problem = f"the trace {self.path} ends early: {error.strerror}"

    def close(self) -> None:
        """Close the file. Never raises, and may be called twice."""
        with self._lock:
            try:
                self._file.close()
            except OSError as error:
                self.problem = self.problem or f"the trace {self.path} is cut: {error.strerror}"
                with contextlib.suppress(OSError):
                    self._file.close()


class LinkTrace(ABC):
    """Takes what happens on one link, in order.

    A transaction is `request`, then at most one data phase (`data_begins`, `data`), then `response`
    or `failure`. An `event` may come at any time, from another thread too.
    """

    @abstractmethod
    def request(self, request: Request, sends_data: bool) -> None:
        """A transaction starts; with `sends_data` the initiator will send a data phase."""

    @abstractmethod
    def data_begins(self, direction: Direction, length: int | None) -> None:
        """A data phase of `length` bytes starts (None: not announced)."""

    @abstractmethod
    def data(self, data: Buffer) -> None:
        """The next bytes of the data phase. They may change after the call."""

    @abstractmethod
    def response(self, response: Response) -> None:
        """The camera ended the transaction."""

    @abstractmethod
    def failure(self, error: BaseException) -> None:
        """The transaction ended without a response."""

    @abstractmethod
    def event(self, event: Event) -> None:
        """The camera told something by itself."""

    @abstractmethod
    def reset(self) -> None:
        """The link was brought back to a transaction boundary."""

    @abstractmethod
    def close(self) -> None:
        """The link was closed, or is no longer traced."""


class TraceWriter(ABC):
    """A trace of any number of links in one file."""

    def __init__(self, path: Path) -> None:
        """Make the file. Raises `HostFileError`."""
        self.file = TraceFile(path)

    @abstractmethod
    def link(self, transport: Transport) -> LinkTrace:
        """Start to trace one link."""

    def close(self) -> None:
        """Close the file."""
        self.file.close()


def error_text(error: BaseException) -> str:
    """Return the kind and the message of an error on one line."""
    return printable(" ".join(f"{type(error).__name__}: {error}".rstrip(": ").split()))
