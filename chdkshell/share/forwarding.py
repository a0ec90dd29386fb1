"""A camera that is here, on USB or at any address, as a PTP/IP server has it."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterator

from chdkshell.errors import ChdkShellError, NoDeviceError, TransportError
from chdkshell.flow import CancelToken
from chdkshell.ptp.codes import OperationCode, ResponseCode
from chdkshell.ptp.datasets import DeviceInfo
from chdkshell.ptp.session import LAST_TRANSACTION_ID, Session
from chdkshell.ptp.transaction import Event, Request, Response, Transport
from chdkshell.share.served import ServedCamera, ServedLink
from chdkshell.streams import Sink, Source
from chdkshell.transport.base import open_transport


class ForwardedCamera(ServedCamera):
    """The camera at `address`: each transaction of a client is one with it.

    It is opened at once, and again for the next client after its link broke. Raises
    `TransportError` and `UsageError`.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self._transport: Transport | None = None
        self.info = self._connect()
        self.model = self.info.model
        self.guid = self._identity()

    def open(self, tell: Callable[[Event], None]) -> ServedLink:
        if self._transport is None:
            self.info = self._connect()
            if self._identity() != self.guid:
                self.lose()
                raise NoDeviceError(f"another camera is at {self.address} now: {self.info.model}")
        assert self._transport is not None
        return _ForwardedLink(self, self._transport, tell)

    def lose(self) -> None:
        """Give the link up, so that the next client gets a new one. Never raises."""
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.close()

    def _connect(self) -> DeviceInfo:
        self._transport = open_transport(self.address)
        try:
            return Session(self._transport).get_device_info()
        except ChdkShellError:
            self.lose()
            raise

    def _identity(self) -> bytes:
        """Return what a client knows the camera by: its serial number, or where it is."""
        assert self._transport is not None
        known = f"{self.info.model} {self.info.serial_number or self._transport.place}"
        return hashlib.md5(known.encode(), usedforsecurity=False).digest()


class _ForwardedLink(ServedLink):
    look_seconds = 0.1

    def __init__(
        self, camera: ForwardedCamera, transport: Transport, tell: Callable[[Event], None]
    ) -> None:
        self._camera = camera
        self._transport = transport
        self._tell = tell
        self._is_open = False
        self._is_lost = False

    def transact(
        self, request: Request, source: Source | None, sink: Sink, cancel: CancelToken
    ) -> Response:
        with self._watched():
            response = self._transport.transact(request, source, sink, cancel)
        if response.code == ResponseCode.OK:
            if request.code == OperationCode.OPEN_SESSION:
                self._is_open = True
            elif request.code == OperationCode.CLOSE_SESSION:
                self._is_open = False
        return response

    def look(self) -> None:
        with self._watched():
            while (event := self._transport.next_event(0)) is not None:
                self._tell(event)

    def close(self) -> None:
        if self._is_open and not self._is_lost:
            with contextlib.suppress(ChdkShellError), self._watched():
                self._transport.transact(Request(OperationCode.CLOSE_SESSION, LAST_TRANSACTION_ID))

    @contextlib.contextmanager
    def _watched(self) -> Iterator[None]:
        """Give the camera up once its link is broken."""
        try:
            yield
        except TransportError:
            self._is_lost = True
            self._camera.lose()
            raise
