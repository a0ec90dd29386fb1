"""PTP/IP: a camera that is reached over TCP (CIPA DC-005)."""

from __future__ import annotations

import time

from chdkshell.errors import (
    CameraTimeoutError,
    DisconnectedError,
    FramingError,
    TransportError,
    UsageError,
)
from chdkshell.flow import NEVER, CancelToken
from chdkshell.ptp.packet import (
    PORT,
    DataPhase,
    DataPiece,
    Packet,
    PacketType,
    Peer,
    pack_cancel,
    pack_data_header,
    pack_request,
    pack_start_data,
    unpack_event,
    unpack_response,
    unpack_start_data,
)
from chdkshell.ptp.transaction import Event, Request, Response, Transport
from chdkshell.reasons import Reason
from chdkshell.streams import Buffer, Sink, Source
from chdkshell.transport.base import Device
from chdkshell.transport.ipconnect import Connector, shown_address
from chdkshell.transport.iplink import SLICE, Link

CONNECT_SECONDS = 5.0
"""How long a camera may take to accept a connection, and again to say what it is."""

DRAIN_SECONDS = 10.0
"""How long a camera may take to end a transaction that was cancelled."""

PACKET_DATA = 1 << 20
"""Data bytes sent in one packet at most, so that a cancelled upload ends soon."""


def open_transport(rest: str, cancel: CancelToken = NEVER) -> IpTransport:
    """Connect to `HOST`, `HOST:PORT` or `[IPV6]:PORT`.

    Raises `UsageError`, `ConnectError`, `Cancelled`.
    """
    host, port = parse_host(rest)
    return IpTransport(host, port, cancel=cancel)


def list_devices() -> list[Device]:
    """Return nothing: PTP/IP has no way to find cameras."""
    return []


def parse_host(text: str) -> tuple[str, int]:
    """Split `HOST`, `HOST:PORT`, `[IPV6]`, `[IPV6]:PORT` or a bare IPv6 address."""
    if text.startswith("["):
        host, _, tail = text[1:].partition("]")
        port = tail.removeprefix(":")
    elif text.count(":") > 1:
        host, port = text, ""
    else:
        host, _, port = text.partition(":")
    if not host:
        raise UsageError("the address names no host", "like this: ip:192.168.1.20")
    if not port:
        return host, PORT
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise UsageError(f"'{port}' is not a port", "like this: ip:192.168.1.20:15740")
    return host, int(port)


class IpTransport(Transport):
    """A link to the camera at `host` and `port`. Raises `ConnectError`, `Cancelled`.

    `camera` is the name and GUID that the camera gave.
    """

    def __init__(
        self,
        host: str,
        port: int = PORT,
        timeout: float = CONNECT_SECONDS,
        cancel: CancelToken = NEVER,
    ) -> None:
        self.address = shown_address(host, port)
        self._host, self._port, self._timeout = host, port, timeout
        self._under_way: int | None = None
        self._sending_data = False
        self._link: Link | None = None
        self.camera = self._connect(cancel)
        self.place = self._place(self.camera)

    def transact(
        self,
        request: Request,
        source: Source | None = None,
        sink: Sink | None = None,
        cancel: CancelToken = NEVER,
    ) -> Response:
        link = self._open_link()
        self._sending_data = False
        try:
            response = self._send(link, request, source, cancel)
            if response is None:
                response = self._receive(link, request, sink, cancel)
            self._under_way = None
            return response
        except TransportError:
            self.close()
            raise
        except Exception:
            self._abandon(link)
            raise

    def next_event(self, seconds: float) -> Event | None:
        link = self._open_link()
        deadline = time.monotonic() + seconds
        while True:
            while link.waiting:
                packet = link.waiting.popleft()
                if packet.type is PacketType.EVENT:
                    return unpack_event(packet.payload)
            left = deadline - time.monotonic()
            if left <= 0:
                return None
            link.wait(min(left, SLICE))
            packet_or_none = link.poll()
            if packet_or_none is not None:
                self.close()
                raise FramingError("the camera sent a packet that belongs to no transaction")

    def reset(self) -> None:
        self.close()
        found = self._connect(NEVER)
        if found.guid != self.camera.guid:
            self.close()
            raise DisconnectedError(
                f"another camera answered: {self._place(found)} instead of {self.place}"
            )

    def close(self) -> None:
        if self._link is not None:
            self._link.close()
        self._link = None
        self._under_way = None

    def _connect(self, cancel: CancelToken) -> Peer:
        connector = Connector(self._host, self._port, self._timeout, cancel)
        self._link, camera = connector.connect(self.timeout)
        return camera

    def _place(self, camera: Peer) -> str:
        """Return host, port and GUID; one of zeros tells nothing."""
        guid = f", GUID {camera.guid.hex()}" if any(camera.guid) else ""
        return f"{self._host}:{self._port}{guid}"

    # ---- a transaction --------------------------------------------------------------------------

    def _open_link(self) -> Link:
        if self._link is None:
            raise DisconnectedError(
                "the connection to the camera is closed", reason=Reason.CONNECTION_CLOSED
            )
        self._link.timeout = self.timeout
        return self._link

    def _send(
        self, link: Link, request: Request, source: Source | None, cancel: CancelToken
    ) -> Response | None:
        """Send the request and its data. Returns the response if it came before the data's end."""
        cancel.check()
        if source is None:
            self._under_way = request.transaction_id
            link.send(pack_request(request, DataPhase.NONE_OR_IN))
            return None
        length = source.length
        head: list[Buffer] = [
            pack_request(request, DataPhase.OUT),
            pack_start_data(request.transaction_id, length),
        ]
        sent, ended = 0, False
        for chunk in source.chunks():
            for part in _parts(memoryview(chunk).cast("B")):
                cancel.check()
                early = self._early_response(link, request)
                if early is not None:
                    link.send(pack_data_header(request.transaction_id, 0, is_end=True))
                    return early
                sent += len(part)
                if length is not None and sent > length:
                    raise ValueError(f"a source of {length} bytes gave more")
                ended = sent == length
                self._begin_data(request)
                link.send(*head, pack_data_header(request.transaction_id, len(part), ended), part)
                head = []
        if length is not None and sent < length:
            raise ValueError(f"a source of {length} bytes gave {sent}")
        if not ended:
            self._begin_data(request)
            link.send(*head, pack_data_header(request.transaction_id, 0, is_end=True))
        self._sending_data = False
        return None

    def _begin_data(self, request: Request) -> None:
        self._under_way = request.transaction_id
        self._sending_data = True

    def _early_response(self, link: Link, request: Request) -> Response | None:
        """Return the response of a camera that does not want the rest of the data."""
        packet = link.poll() if self._under_way is not None else None
        if packet is None:
            return None
        if not isinstance(packet, Packet) or packet.type is not PacketType.OPERATION_RESPONSE:
            raise FramingError("the camera sent something else while it was given data")
        return _response(packet, request)

    def _receive(
        self, link: Link, request: Request, sink: Sink | None, cancel: CancelToken
    ) -> Response:
        """Pass the data phase, if one comes, to `sink` and return the response."""
        phase = _DataIn(sink)
        while True:
            packet = link.receive(cancel.check)
            if isinstance(packet, DataPiece):
                phase.receive(packet)
                cancel.check()
            elif packet.type is PacketType.START_DATA:
                phase.start(packet)
            elif packet.type is PacketType.CANCEL:
                phase.cancelled = True
            elif packet.type is PacketType.OPERATION_RESPONSE:
                phase.finish()
                return _response(packet, request)
            else:
                raise FramingError(f"the camera sent {packet.type.name} in a transaction")

    def _abandon(self, link: Link) -> None:
        """End the transaction under way: ask the camera to cancel, and read up to its response."""
        transaction_id, self._under_way = self._under_way, None
        if transaction_id is None:
            return
        try:
            # While data goes out the camera reads the command connection, and finds the packet
            # where the data ends; else it can only notice it on the event connection.
            if self._sending_data:
                link.send(pack_cancel(transaction_id))
            else:
                link.send_event(pack_cancel(transaction_id))
            self._drain(link, transaction_id)
        except TransportError:
            self.close()
            raise
        finally:
            self._sending_data = False

    def _drain(self, link: Link, transaction_id: int) -> None:
        deadline = time.monotonic() + DRAIN_SECONDS

        def check() -> None:
            if time.monotonic() >= deadline:
                raise CameraTimeoutError(
                    f"the camera did not end a cancelled transfer in {DRAIN_SECONDS:g} s"
                )

        while True:
            packet = link.receive(check)
            if isinstance(packet, Packet) and packet.type is PacketType.OPERATION_RESPONSE:
                if unpack_response(packet.payload).transaction_id == transaction_id:
                    return
                raise FramingError("the camera answered another transaction than the one cancelled")
            check()


class _DataIn:
    """The data phase from the camera, checked against what was announced."""

    def __init__(self, sink: Sink | None) -> None:
        self.cancelled = False
        self._sink = sink
        self._total: int | None = None
        self._received = 0
        self._started = False
        self._ended = False

    def start(self, packet: Packet) -> None:
        if self._started:
            raise FramingError("the camera started a second data phase")
        self._started = True
        _, self._total = unpack_start_data(packet.payload)
        if self._sink is not None:
            self._sink.begin(self._total)

    def receive(self, piece: DataPiece) -> None:
        if not self._started or self._ended:
            raise FramingError("the camera sent data outside of a data phase")
        self._received += len(piece.data)
        if self._total is not None and self._received > self._total:
            raise FramingError(f"the camera announced {self._total} bytes and sent more")
        self._ended = piece.is_end
        if self._sink is not None and len(piece.data):
            self._sink.write(piece.data)

    def finish(self) -> None:
        """The response is here: what was announced must have come."""
        if not self._started or self.cancelled:
            return
        if not self._ended or self._total not in (None, self._received):
            raise FramingError(f"the camera announced {self._total} bytes, sent {self._received}")


def _response(packet: Packet, request: Request) -> Response:
    response = unpack_response(packet.payload)
    if response.transaction_id != request.transaction_id:
        raise FramingError(
            f"the camera answered transaction {response.transaction_id}, "
            f"asked was {request.transaction_id}"
        )
    return response


def _parts(chunk: memoryview) -> list[memoryview]:
    return [chunk[at : at + PACKET_DATA] for at in range(0, len(chunk), PACKET_DATA)]
