"""One client of a PTP/IP server: its transactions, and the camera's side of each packet."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

from chdkshell.errors import CameraTimeoutError, FramingError, TransportError
from chdkshell.flow import CancelToken
from chdkshell.ptp.codes import ResponseCode
from chdkshell.ptp.packet import (
    DataPhase,
    DataPiece,
    FailReason,
    Packet,
    PacketType,
    pack,
    pack_data_header,
    pack_event,
    pack_init_fail,
    pack_response,
    pack_start_data,
    unpack_request,
    unpack_start_data,
    unpack_u32,
)
from chdkshell.ptp.transaction import Event, Request, Response
from chdkshell.share.owed import takes_data
from chdkshell.share.served import ServedCamera, ServedLink
from chdkshell.streams import Buffer
from chdkshell.transport.iplink import Link, PacketSocket

INIT_SECONDS = 5.0
"""How long a client may take to say what it wants, and to open its second connection."""

LINK_TIMEOUT = 20.0
"""How long a client may stop in the middle of a transaction."""

IDLE_SECONDS = 0.5
"""How often it is looked whether the camera is still on, while its client asks for nothing."""

KEPT_DATA = 1 << 16
"""Bytes of data that are copied to leave in one write with the response."""


class _Cancelled(Exception):  # noqa: N818 - not an error of this program
    """The client asked for the transaction to end."""


class _ClientLost(Exception):  # noqa: N818 - not an error of this program
    """The client went away, or is out of step, in the middle of a transaction.

    It is no `TransportError`, by which the camera's own link would take itself for broken.
    """


@contextlib.contextmanager
def _by_the_client() -> Iterator[None]:
    """Tell failures of the client's link from those of the camera's."""
    try:
        yield
    except TransportError as error:
        raise _ClientLost from error


class CameraLostError(Exception):
    """The camera that is served went away: the cause says how."""


@contextlib.contextmanager
def _by_the_camera() -> Iterator[None]:
    try:
        yield
    except TransportError as error:
        raise CameraLostError from error


class _ClientToken(CancelToken):
    """Set by a client that cancels: it is looked for on its event connection."""

    def __init__(self, link: Link, transaction_id: int) -> None:
        super().__init__()
        self._link = link
        self._id = transaction_id

    def check(self) -> None:
        self._link.look_at_events()
        while self._link.waiting:
            packet = self._link.waiting.popleft()
            if packet.type is PacketType.CANCEL and unpack_u32(packet.payload) == self._id:
                raise _Cancelled


class Client:
    """Runs the transactions of the client at the other end of two connections."""

    def __init__(self, camera: ServedCamera, command: PacketSocket, event: PacketSocket) -> None:
        command.socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self._served = camera
        self._command, self._event = command, event
        self._link: Link | None = None

    def serve(self) -> None:
        """Open the camera, and answer requests until one of both ends the connection.

        Raises `CameraLostError` where that is the camera.
        """
        try:
            with _by_the_camera():
                camera = self._served.open(self._tell)
        except CameraLostError:
            with contextlib.suppress(TransportError):
                self._event.send_packet(pack_init_fail(FailReason.UNSPECIFIED), INIT_SECONDS)
            raise
        try:
            self._event.send_packet(pack(PacketType.INIT_EVENT_ACK), INIT_SECONDS)
            self._link = Link(self._command, self._event, LINK_TIMEOUT)
            self._answer(camera, self._link)
        except (TransportError, _ClientLost):
            pass
        finally:
            camera.close()
            if self._link is not None:
                self._link.close()

    def _answer(self, camera: ServedLink, link: Link) -> None:
        while True:
            packet = _next(camera, link)
            with _by_the_camera():
                camera.look()
            # Data that no request asked for, and a cancel that came too late, are let pass.
            if isinstance(packet, Packet) and packet.type is PacketType.OPERATION_REQUEST:
                _transact(camera, link, *unpack_request(packet.payload))

    def _tell(self, event: Event) -> None:
        if self._link is not None:
            self._link.send_event(pack_event(event))


def _next(camera: ServedLink, link: Link) -> Packet | DataPiece:
    """Wait for a packet, in long steps once the client asks for nothing more."""
    while True:
        try:
            return link.receive(seconds=0)
        except CameraTimeoutError:
            with _by_the_camera():
                camera.look()
            link.wait(min(IDLE_SECONDS, camera.look_seconds))


def _transact(camera: ServedLink, link: Link, phase: int, request: Request) -> None:
    has_data = phase == DataPhase.OUT or (phase == DataPhase.UNKNOWN and takes_data(request))
    token = _ClientToken(link, request.transaction_id)
    sink = _ClientSink(link, request.transaction_id, token)
    try:
        source = _ClientSource(link, token) if has_data else None
        with _by_the_camera():
            response = camera.transact(request, source, sink, token)
        if source is not None:
            source.skip()
    except _Cancelled:
        response = Response(ResponseCode.TRANSACTION_CANCELLED, request.transaction_id)
    link.send(*sink.tail(), pack_response(response))


class _ClientSource:
    """The data phase from the client, as it arrives."""

    def __init__(self, link: Link, token: CancelToken) -> None:
        self._link = link
        self._check = token.check
        packet = self._next()
        if not isinstance(packet, Packet) or packet.type is not PacketType.START_DATA:
            raise FramingError("the client sent no Start_Data")
        _, self.length = unpack_start_data(packet.payload)
        self._pieces = self._receive()

    def chunks(self) -> Iterator[Buffer]:
        return self._pieces

    def skip(self) -> None:
        """Read what the responder did not want."""
        for _ in self._pieces:
            pass

    def _next(self) -> Packet | DataPiece:
        with _by_the_client():
            packet = self._link.receive(self._check)
        if isinstance(packet, Packet) and packet.type is PacketType.CANCEL:
            raise _Cancelled
        return packet

    def _receive(self) -> Iterator[Buffer]:
        received, ended = 0, False
        while not ended:
            packet = self._next()
            with _by_the_client():
                if isinstance(packet, Packet):
                    raise FramingError("the client sent something else in its data phase")
                received += len(packet.data)
                if self.length is not None and received > self.length:
                    raise FramingError("the client sent more data than it announced")
            ended = packet.is_end
            if len(packet.data):
                yield packet.data
        with _by_the_client():
            if self.length not in (None, received):
                raise FramingError("the client sent less data than it announced")


class _ClientSink:
    """The data phase to the client. A short one is kept back, to leave with the response."""

    def __init__(self, link: Link, transaction_id: int, token: CancelToken) -> None:
        self._link = link
        self._id = transaction_id
        self._check = token.check
        self._total: int | None = 0
        self._sent = 0
        self._kept: list[Buffer] = []
        self._open = False

    def begin(self, length: int | None) -> None:
        self._total = length
        self._open = True
        self._kept = [pack_start_data(self._id, length)]

    def write(self, data: Buffer) -> None:
        self._check()
        self._sent += len(data)
        is_end = self._sent == self._total
        self._open = not is_end
        self._kept.append(pack_data_header(self._id, len(data), is_end))
        if is_end and len(data) <= KEPT_DATA:
            self._kept.append(bytes(data))
            return
        with _by_the_client():
            self._link.send(*self._kept, data)
        self._kept = []

    def tail(self) -> list[Buffer]:
        """Return what is still to be sent before the response."""
        if self._open:
            self._kept.append(pack_data_header(self._id, 0, is_end=True))
        return self._kept
