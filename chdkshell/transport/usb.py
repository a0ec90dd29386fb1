"""PTP over USB (still image class 6/1/1, PIMA 15740 annex D) through pyusb and libusb 1.0."""

from __future__ import annotations

import time
from array import array
from typing import Any

from chdkshell.errors import (
    CameraTimeoutError,
    ChdkShellError,
    DeviceBusyError,
    DisconnectedError,
    FramingError,
    NoDeviceError,
    TransferStalledError,
    TransportError,
    printable,
)
from chdkshell.flow import NEVER, CancelToken
from chdkshell.ptp.codes import CANON_VENDOR_ID, ResponseCode
from chdkshell.ptp.container import MAX_PARAMS_SIZE, unpack_event
from chdkshell.ptp.session import Session
from chdkshell.ptp.transaction import Event, Request, Response, Transport
from chdkshell.reasons import Reason
from chdkshell.streams import Sink, Source
from chdkshell.transport import usb_system
from chdkshell.transport.base import Device
from chdkshell.transport.usb_choice import Names, UsbChoice, choose
from chdkshell.transport.usb_devices import describe, find_cameras, open_backend
from chdkshell.transport.usb_errors import location
from chdkshell.transport.usb_exchange import Exchange
from chdkshell.transport.usb_link import EndpointStalledError, UsbLink
from chdkshell.transport.usb_pipes import (
    SLICE,
    AnsweredEarlyError,
    InPipe,
    OutPipe,
    TransferTimeout,
)

STALE_WAIT = 10
"""Milliseconds to look for what a client that died left unread. It would come at once."""

QUIET = 50
"""Milliseconds without data after which an interrupted camera has no more to send."""

RECOVERY_LIMIT = 5.0
"""Seconds that a camera gets to end a cancelled transaction, or to reset itself."""

DRAIN_TIMEOUT = 1.5
"""Seconds without data after which the rest of a data phase is not waited for any longer."""

DRAIN_LIMIT = 10.0
"""Seconds for which the rest of a data phase is read and thrown away before a reset is quicker."""

CLAIM_STEP = 0.1
"""Seconds between two tries to get a camera that another program has."""

NAMES_LIMIT = 3.0
"""Seconds that a camera may be silent when it is only asked for its names."""

_NO_REASON = (ResponseCode.OK, ResponseCode.DEVICE_BUSY)
"""Device states that do not tell why an endpoint was halted."""

ANSWER_AFTER_STALL = 0.5
"""Seconds that a camera gets to answer a transaction that it refused to go on with."""


def list_devices() -> list[Device]:
    """Return the Canon cameras on USB. Each is opened for a moment, to ask for its names.

    One that cannot be used says so in `state` and `problem`. Raises `ConnectError` without libusb.
    """
    try:
        backend = open_backend()
    except NoDeviceError:
        return []
    return [describe(device) for device in find_cameras(backend)]


def list_other_devices() -> list[Device]:
    """Return the PTP cameras of other makers on USB, as `list_devices` does Canon's."""
    try:
        backend = open_backend()
    except NoDeviceError:
        return []
    found = find_cameras(backend, vendor=None)
    return [describe(device) for device in found if device.idVendor != CANON_VENDOR_ID]


def addresses() -> list[str]:
    """Return where there are Canon cameras on USB, without opening any. Raises `ConnectError`."""
    try:
        backend = open_backend()
    except NoDeviceError:
        return []
    return [f"usb:{location(device)}" for device in find_cameras(backend)]


def open_transport(rest: str, cancel: CancelToken = NEVER) -> UsbTransport:
    """Open the camera that `rest` names (see `UsbChoice.parse`); "" is the only one that is there.

    One that is in use is tried again for a moment, since a program that only looks for cameras has
    it no longer, and for some seconds where the system's own come and go (macOS); or until `cancel`
    is set. Raises `UsageError`, and the `ConnectError` that fits.
    """
    choice = UsbChoice.parse(rest)
    backend = open_backend()
    deadline = time.monotonic() + usb_system.SYSTEM.claim_seconds
    while True:
        try:
            device = choose(find_cameras(backend, choice.vendor), choice, rest, _names)
            return UsbTransport(UsbLink(device))
        except DeviceBusyError:
            if time.monotonic() >= deadline:
                raise
        cancel.wait(CLAIM_STEP)


def _names(device: Any) -> Names | None:
    """Ask a camera for its names without opening a session. None where it does not tell.

    Raises `ConnectError` where it cannot be opened.
    """
    try:
        transport = UsbTransport(UsbLink(device))
    except DisconnectedError:
        return None
    transport.timeout = NAMES_LIMIT
    session = Session(transport)
    try:
        info = session.get_device_info()
    except ChdkShellError:
        return None
    finally:
        session.close()
    return printable(info.model), printable(info.serial_number)


class UsbTransport(Transport):
    """A camera on USB. Takes over `link`, and closes it."""

    def __init__(self, link: UsbLink) -> None:
        """Bring the camera to a transaction boundary. Raises `TransportError`."""
        self.address = link.address
        self.place = link.place
        self.max_packet_size = link.in_packet_size
        self.product_id = link.product_id
        self._link = link
        self._in = InPipe(link)
        self._out = OutPipe(link, self._in)
        self._stale_id: int | None = None
        try:
            self._clear_leftovers()
        except BaseException:
            link.close()
            raise

    def _clear_leftovers(self) -> None:
        """Reset a camera that still sends what a client that died had asked for."""
        try:
            left = self._in.drain(STALE_WAIT, deadline=0)
        except EndpointStalledError:
            self._link.clear_halts()
        except FramingError:
            self.reset()
        else:
            if left:
                self.reset()

    def transact(
        self,
        request: Request,
        source: Source | None = None,
        sink: Sink | None = None,
        cancel: CancelToken = NEVER,
    ) -> Response:
        self._in.discard()
        exchange = Exchange(self._link, self._in, self._out, request, self._stale_id)
        try:
            response = exchange.run(source, sink, TransferTimeout(cancel, self.timeout))
        except EndpointStalledError:
            return self._answer_after_stall(exchange, sink)
        except AnsweredEarlyError:
            # It takes no command, since it still sends for an earlier one. After a reset the
            # session has to be opened anew, and this is how it learns that.
            self.reset()
            return Response(ResponseCode.SESSION_NOT_OPEN, request.transaction_id)
        except TransportError:
            raise
        except Exception:
            if exchange.begun:
                self._end_early(exchange)
            raise
        if source is not None and response.code != ResponseCode.OK:
            # Some refuse a command, take its data all the same, and then refuse these.
            self._stale_id = request.transaction_id
        return response

    def next_event(self, seconds: float) -> Event | None:
        """Wait for an event. Raises `TransportError`."""
        deadline = time.monotonic() + seconds
        packet = self._link.event_packet_size
        if not packet:
            return None
        buffer = array("B", bytes(-(-MAX_PARAMS_SIZE // packet) * packet))
        while True:
            left = deadline - time.monotonic()
            count = self._link.read_event(buffer, max(1, min(SLICE, round(left * 1000))))
            if count:
                return unpack_event(memoryview(buffer)[:count])
            if left <= 0:
                return None

    def close(self) -> None:
        self._link.close()

    # ---- when a transaction does not end as it should --------------------------------------------

    def _answer_after_stall(self, exchange: Exchange, sink: Sink | None) -> Response:
        """Get the answer to a transaction in which the camera halted an endpoint.

        What it does not say itself its device status tells, which is a response code, too (USB
        still image capture device 1.0, 5.2.4). Raises `TransferStalledError` where neither does.
        """
        transaction_id = exchange.request.transaction_id
        torn = exchange.sending or exchange.receiving
        status = self._link.device_status()
        self._link.clear_halts()
        try:
            response = exchange.receive(
                None if torn else sink, TransferTimeout(NEVER, ANSWER_AFTER_STALL)
            )
        except (CameraTimeoutError, FramingError):
            # No answer, or the rest of the data: the camera goes on where it was halted.
            self._stale_id = transaction_id
            if not self._wait_until_idle():
                self.reset()
            if status is None or status in _NO_REASON:
                raise TransferStalledError(
                    "the camera stopped the transfer (a USB stall)"
                ) from None
            return Response(status, transaction_id)
        except EndpointStalledError:
            self.reset()
            raise
        if torn and response.code == ResponseCode.OK:
            return Response(ResponseCode.INCOMPLETE_TRANSFER, transaction_id)
        return response

    def _end_early(self, exchange: Exchange) -> None:
        """Bring the camera to a transaction boundary in the middle of a transaction.

        The class request to cancel is the quick way. A camera that does not know it sends its data
        to the end, or, where it waits for more itself, is reset. Raises `TransportError`.
        """
        self._stale_id = exchange.request.transaction_id
        if self._cancel(self._stale_id) or (not exchange.sending and self._let_finish(exchange)):
            return
        self.reset()

    def _cancel(self, transaction_id: int) -> bool:
        try:
            self._link.cancel_request(transaction_id)
            return self._wait_until_idle()
        except DisconnectedError:
            raise
        except TransportError:
            return False

    def _let_finish(self, exchange: Exchange) -> bool:
        try:
            exchange.finish(TransferTimeout(NEVER, DRAIN_TIMEOUT, DRAIN_LIMIT))
        except DisconnectedError:
            raise
        except TransportError:
            return False
        return True

    def reset(self) -> None:
        """Reset the camera by class request, or else its port. Its session is gone then.

        Raises `CameraTimeoutError` where it does not recover: only unplugging it helps.
        """
        try:
            self._link.device_reset_request()
            idle = self._wait_until_idle()
        except DisconnectedError:
            raise
        except TransportError:
            idle = False
        if not idle and usb_system.SYSTEM.resets_port:
            self._link.port_reset()
            idle = self._wait_until_idle()
        if not idle:
            tried = ", not even by a USB reset" if usb_system.SYSTEM.resets_port else ""
            raise CameraTimeoutError(f"the camera does not recover{tried}", reason=Reason.STUCK)
        self._stale_id = None

    def _wait_until_idle(self) -> bool:
        """Throw away what the camera sends until it says that it is ready. False if it never is."""
        deadline = time.monotonic() + RECOVERY_LIMIT
        while time.monotonic() < deadline:
            status = self._link.device_status()
            if status == ResponseCode.TRANSACTION_CANCELLED:
                self._link.clear_halts()
            try:
                self._in.drain(QUIET, deadline)
            except (EndpointStalledError, FramingError) as error:
                if isinstance(error, EndpointStalledError):
                    self._link.clear_halts()
                continue
            if status in (None, ResponseCode.OK):
                return True
        return False
