"""Traces switched on and off while a program runs."""

from __future__ import annotations

import weakref
from pathlib import Path

from chdkshell.ptp.session import Session
from chdkshell.trace.link import TraceWriter
from chdkshell.trace.transport import unwrap, wrap

PCAPNG_SUFFIX = ".pcapng"


def open_trace(path: Path, data_limit: int | None = None) -> TraceWriter:
    """Make a trace: packets for Wireshark where the name ends in .pcapng, else lines of text.

    `data_limit` is how many bytes of each data phase the packets keep (None: all). Raises
    `HostFileError`.
    """
    if path.suffix.lower() == PCAPNG_SUFFIX:
        from chdkshell.trace.packets import PacketTrace

        return PacketTrace(path, data_limit)
    from chdkshell.trace.text import TextTrace

    return TextTrace(path)


class Tracer:
    """Traces all sessions that it was told of into one file, while it is switched on."""

    def __init__(self) -> None:
        self._sessions: weakref.WeakSet[Session] = weakref.WeakSet()
        self._writer: TraceWriter | None = None

    @property
    def path(self) -> Path | None:
        """The file that is written, or None."""
        return None if self._writer is None else self._writer.file.path

    def adopt(self, session: Session) -> None:
        """Trace `session` as long as it lives, now or once the trace is switched on."""
        if session in self._sessions:
            return
        self._sessions.add(session)
        if self._writer is not None:
            session.transport = wrap(session.transport, self._writer)

    def start(self, path: Path) -> str:
        """Write a new trace to `path`, in place of the one that was written so far.

        Returns what `stop` says of that one. Raises `HostFileError`; no trace is written then.
        """
        problem = self.stop()
        writer = self._writer = open_trace(path)
        for session in list(self._sessions):
            with session.exclusive():
                if session.is_open:
                    session.transport = wrap(session.transport, writer)
        return problem

    def stop(self) -> str:
        """End the trace, if one is written. Returns why it is not whole, "" where it is."""
        for session in list(self._sessions):
            with session.exclusive():
                session.transport = unwrap(session.transport)
        writer, self._writer = self._writer, None
        if writer is None:
            return ""
        writer.close()
        return writer.file.problem
