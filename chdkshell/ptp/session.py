"""A PTP session: transaction ids, one lock, and response codes as exceptions."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from chdkshell import traffic, waits
from chdkshell.errors import DisconnectedError, PtpError, TransportError
from chdkshell.flow import NEVER, SILENT, CancelToken, Progress
from chdkshell.ptp.codes import OperationCode, ResponseCode, code_name
from chdkshell.ptp.datasets import DeviceInfo
from chdkshell.ptp.transaction import Event, Request, Response, Transport
from chdkshell.reasons import Reason
from chdkshell.streams import Buffer, BytesSink, Sink, Source

SESSION_ID = 1
"""The id that OpenSession carries: any value but 0 serves (ISO 15740, 10.5.2)."""

LAST_TRANSACTION_ID = 0xFFFFFFFE
"""Ids count from 1 to this one and start over; 0xFFFFFFFF is reserved (ISO 15740, 9.3.1)."""

BUSY_SECONDS = 5.0
"""How long after its connection is made a camera is asked again that answers DeviceBusy.

It looks at its card then, or is still switching modes for the computer.
"""

FIRST_PAUSE, LONGEST_PAUSE = 0.05, 1.0
"""Seconds before a busy camera is asked again: each pause is twice the one before."""

EVENT_SECONDS = 0.1
"""How long a wait for an event holds the session at a time."""

CLOSE_TIMEOUT = 2.0
"""Seconds that a camera may let CloseSession wait: nobody wants to wait longer to leave."""


class Session:
    """Transactions with the responder at the other end of `transport`.

    One transaction runs at a time: every call takes the lock. `bytes_read` and `bytes_written`
    count the payload of the data phases. Once the link has failed, `broken` is set and every
    further call raises `DisconnectedError`. A camera that lost the session, as by a device reset,
    is given a new one, and what it refused for that is asked once more. One that is busy for a
    moment, just after the connection was made, is asked again, too. `camera` tells it from others
    once its device info was read: model, and serial number or, without one, what it hangs on.
    """

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self.camera = ""
        self.broken = False
        self.is_open = False
        self.bytes_read = 0
        self.bytes_written = 0
        self._lock = threading.RLock()
        self._failure: TransportError | None = None
        self._failed_in = 0
        self._next_id = 0
        self._patient_until: float | None = None

    @contextmanager
    def exclusive(self, wait: bool = True) -> Iterator[bool]:
        """Hold the session for several transactions in a row.

        Gives True, or False where `wait` is False and another thread holds it.
        """
        got = waits.acquired(self._lock) if wait else self._lock.acquire(blocking=False)
        try:
            yield got
        finally:
            if got:
                self._lock.release()

    def open(self, cancel: CancelToken = NEVER) -> None:
        """Open the session. One that a client left open when it died is closed and opened anew."""
        try:
            self._open_once(cancel)
        except PtpError as error:
            if error.code != ResponseCode.SESSION_ALREADY_OPEN:
                raise
            self._next_id = 1
            self.transaction(OperationCode.CLOSE_SESSION, cancel=cancel)
            self._open_once(cancel)
        self.is_open = True

    def _open_once(self, cancel: CancelToken) -> None:
        self._next_id = 0
        self.transaction(OperationCode.OPEN_SESSION, SESSION_ID, cancel=cancel)

    def recover(self) -> None:
        """Reset a camera that is silent or out of step. The session has to be opened anew.

        Raises `TransportError` where that does not help, or cannot be done.
        """
        with self._lock:
            self.is_open = False
            self.transport.reset()
            self.broken = False

    def close(self) -> None:
        """Close the session and the link below it. Never raises for a camera that is gone."""
        was_open, self.is_open = self.is_open, False
        self._patient_until = 0.0
        try:
            if was_open and not self.broken:
                self.transport.timeout = min(self.transport.timeout, CLOSE_TIMEOUT)
                self.transaction(OperationCode.CLOSE_SESSION)
        except (TransportError, PtpError):
            self.broken = True
        finally:
            self.transport.close()

    def transaction(
        self,
        operation: int,
        *params: int,
        source: Source | None = None,
        sink: Sink | None = None,
        progress: Progress = SILENT,
        cancel: CancelToken = NEVER,
    ) -> tuple[int, ...]:
        """Run one transaction and return the parameters of its response.

        `params` may be negative: they are sent as unsigned 32-bit values. Raises `PtpError` when
        the response is not OK, `TransportError` when the link fails, `Cancelled`.
        """
        response = self.try_transaction(
            operation, *params, source=source, sink=sink, progress=progress, cancel=cancel
        )
        if response.code != ResponseCode.OK:
            raise refusal(response, operation)
        return response.params

    def try_transaction(
        self,
        operation: int,
        *params: int,
        source: Source | None = None,
        sink: Sink | None = None,
        progress: Progress = SILENT,
        cancel: CancelToken = NEVER,
    ) -> Response:
        """Run one transaction and return its response, whatever its code. Else as `transaction`."""
        counted_source = None if source is None else _CountedSource(self, source, progress)
        counted_sink = None if sink is None else _CountedSink(self, sink, progress)
        with self._lock:
            response = self._ask(operation, params, counted_source, counted_sink, cancel)
            if response.code != ResponseCode.SESSION_NOT_OPEN or not self.is_open:
                return response
            self.is_open = False
            self.open(cancel)
            return self._ask(operation, params, counted_source, counted_sink, cancel)

    def _ask(
        self,
        operation: int,
        params: tuple[int, ...],
        source: Source | None,
        sink: Sink | None,
        cancel: CancelToken,
    ) -> Response:
        """Run one transaction, several times where the connection is new and the camera busy."""
        if self._patient_until is None:
            self._patient_until = time.monotonic() + BUSY_SECONDS
        pause = FIRST_PAUSE
        while True:
            response = self._transact(operation, params, source, sink, cancel)
            left = self._patient_until - time.monotonic()
            if response.code != ResponseCode.DEVICE_BUSY or left <= 0:
                return response
            cancel.wait(min(pause, left))
            pause = min(2 * pause, LONGEST_PAUSE)

    def _transact(
        self,
        operation: int,
        params: tuple[int, ...],
        source: Source | None,
        sink: Sink | None,
        cancel: CancelToken,
    ) -> Response:
        if self.broken:
            self._tell_failure_of_others()
            raise DisconnectedError(
                "the connection to the camera is broken", reason=Reason.CONNECTION_CLOSED
            )
        cancel.check()
        request = Request(operation, self._take_id(), tuple(p & 0xFFFFFFFF for p in params))
        try:
            response = self.transport.transact(request, source, sink, cancel)
        except (TransportError, KeyboardInterrupt, SystemExit) as error:
            self.broken = True
            self._failure = error if isinstance(error, TransportError) else None
            self._failed_in = threading.get_ident()
            raise
        _log(request, response)
        return response

    def _tell_failure_of_others(self) -> None:
        """Raise what broke the link in another thread, such as one that gives signs of life."""
        failure, self._failure = self._failure, None
        if failure is not None and self._failed_in != threading.get_ident():
            raise failure

    def next_event(self, seconds: float) -> Event | None:
        """Wait up to `seconds` for an event. Others may use the session meanwhile."""
        deadline = time.monotonic() + seconds
        while True:
            left = deadline - time.monotonic()
            with self.exclusive():
                event = self.transport.next_event(max(0.0, min(left, EVENT_SECONDS)))
            if event is not None or left <= EVENT_SECONDS:
                return event

    def get_device_info(self, cancel: CancelToken = NEVER) -> DeviceInfo:
        """Ask the camera what it is. Works without a session, too."""
        sink = BytesSink(limit=1 << 20)
        self.transaction(OperationCode.GET_DEVICE_INFO, sink=sink, cancel=cancel)
        info = DeviceInfo.unpack(sink.data or b"")
        self.camera = f"{info.model}, {info.serial_number or self.transport.place}"
        return info

    def _take_id(self) -> int:
        current = self._next_id
        self._next_id = 1 if current >= LAST_TRANSACTION_ID else current + 1
        return current


class _CountedSource:
    """Passes a source on, and counts what went through for the session and the caller."""

    def __init__(self, session: Session, source: Source, progress: Progress) -> None:
        self._session = session
        self._source = source
        self._progress = progress

    @property
    def length(self) -> int | None:
        return self._source.length

    def chunks(self) -> Iterator[Buffer]:
        self._progress.start(self.length)
        for chunk in self._source.chunks():
            yield chunk
            self._session.bytes_written += len(chunk)
            self._progress.advance(len(chunk))


class _CountedSink:
    """Passes a data phase on to a sink, and counts as `_CountedSource` does."""

    def __init__(self, session: Session, sink: Sink, progress: Progress) -> None:
        self._session = session
        self._sink = sink
        self._progress = progress

    def begin(self, length: int | None) -> None:
        self._progress.start(length)
        self._sink.begin(length)

    def write(self, data: Buffer) -> None:
        self._sink.write(data)
        self._session.bytes_read += len(data)
        self._progress.advance(len(data))


def _log(request: Request, response: Response) -> None:
    logger = traffic.listener(__name__)
    if logger is not None:
        asked, answered = (
            code_name(request.code, OperationCode),
            code_name(response.code, ResponseCode),
        )
        logger.log(
            traffic.TRAFFIC,
            "%d %s(%s) -> %s(%s)",
            request.transaction_id,
            asked,
            ", ".join(map(hex, request.params)),
            answered,
            ", ".join(map(hex, response.params)),
        )


def refusal(response: Response, operation: int) -> PtpError:
    """Return the error for a response that is not OK. It names the code and the operation."""
    return PtpError(
        response.code,
        operation,
        f"{code_name(operation, OperationCode)}: the camera answered "
        f"{code_name(response.code, ResponseCode)} (0x{response.code:04X})",
        response.params,
    )
