"""PTP/IP: a camera that is reached over TCP (CIPA DC-005)."""

from __future__ import annotations

import errno
import socket
import time
import zlib

from chdkshell.errors import (
    ConnectError,
    DeviceBusyError,
    DisconnectedError,
    FramingError,
    SilenceError,
    TransportError,
    UsageError,
)
from chdkshell.flow import NEVER, CancelToken
from chdkshell.streams import Buffer, Sink, Source
from chdkshell.transport.base import Device, Event, Request, Response, Transport
from chdkshell.transport.iplink import COMMAND_BUFFER, Link, PacketSocket
from chdkshell.transport.packet import (
    PORT,
    DataPhase,
    DataPiece,
    FailReason,
    Packet,
    PacketType,
    Peer,
    pack_cancel,
    pack_data_header,
    pack_init_command_request,
    pack_init_event_request,
    pack_request,
    pack_start_data,
    unpack_event,
    unpack_init_command_ack,
    unpack_response,
    unpack_start_data,
    unpack_u32,
)

CONNECT_SECONDS = 5.0
"""How long a camera may take to accept a connection, and again to say what it is."""

DRAIN_SECONDS = 10.0
"""How long a camera may take to end a transaction that was cancelled."""

PACKET_DATA = 1 << 20
"""Data bytes sent in one packet at most, so that a cancelled upload ends soon."""

NOT_A_CAMERA = "is this the address of a camera? PTP/IP cameras listen on port 15740"
NOT_THERE = "is the camera on and in this network? `chdkshell sim` starts a simulated one"


def open_transport(rest: str) -> IpTransport:
    """Connect to `HOST`, `HOST:PORT` or `[IPV6]:PORT`. Raises `UsageError`, `ConnectError`."""
    host, port = parse_host(rest)
    return IpTransport(host, port)


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
    """A link to the camera at `host` and `port`. Raises `ConnectError`.

    `camera` is the name and GUID that the camera gave.
    """

    def __init__(self, host: str, port: int = PORT, timeout: float = CONNECT_SECONDS) -> None:
        shown = f"[{host}]" if ":" in host else host
        self.address = f"ip:{shown}" + (f":{port}" if port != PORT else "")
        self._host, self._port, self._timeout = host, port, timeout
        self._under_way: int | None = None
        self._sending_data = False
        self._link: Link | None = None
        self.camera = self._connect()

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
            link.wait(left)
            packet_or_none = link.poll()
            if packet_or_none is not None:
                self.close()
                raise FramingError("the camera sent a packet that belongs to no transaction")

    def reset(self) -> None:
        self.close()
        self._connect()

    def close(self) -> None:
        if self._link is not None:
            self._link.close()
        self._link = None
        self._under_way = None

    # ---- a transaction --------------------------------------------------------------------------

    def _open_link(self) -> Link:
        if self._link is None:
            raise DisconnectedError("the connection to the camera is closed", "`reconnect`")
        self._link.silence = self.silence
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
                phase.take(packet)
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
        while (left := deadline - time.monotonic()) > 0:
            packet = link.receive(seconds=min(left, self.silence))
            if isinstance(packet, Packet) and packet.type is PacketType.OPERATION_RESPONSE:
                if unpack_response(packet.payload).transaction_id == transaction_id:
                    return
                raise FramingError("the camera answered another transaction than the one cancelled")
        raise SilenceError(f"the camera did not end a cancelled transfer in {DRAIN_SECONDS:g} s")

    # ---- connecting -----------------------------------------------------------------------------

    def _connect(self) -> Peer:
        me = Peer(_guid(socket.gethostname()), "chdkshell")
        command = self._open_socket(COMMAND_BUFFER)
        event = None
        try:
            ack = self._shake_hands(command, pack_init_command_request(me))
            if ack.type is not PacketType.INIT_COMMAND_ACK:
                raise FramingError(f"it answered {ack.type.name}")
            number, camera = unpack_init_command_ack(ack.payload)
            event = self._open_socket()
            ack = self._shake_hands(event, pack_init_event_request(number))
            if ack.type is not PacketType.INIT_EVENT_ACK:
                raise FramingError(f"it answered {ack.type.name} to the event connection")
        except BaseException as error:
            command.close()
            if event is not None:
                event.close()
            if isinstance(error, (FramingError, DisconnectedError, SilenceError)):
                raise ConnectError(
                    f"{self.address} does not speak PTP/IP: {error}", NOT_A_CAMERA
                ) from error
            raise
        self._link = Link(command, event, self.silence)
        return camera

    def _open_socket(self, buffer_size: int = 4096) -> PacketSocket:
        try:
            sock = socket.create_connection((self._host, self._port), self._timeout)
        except socket.gaierror as error:
            raise ConnectError(
                f"no host is called '{self._host}'", "check the spelling, or give its IP address"
            ) from error
        except TimeoutError as error:
            raise ConnectError(
                f"{self.address} did not answer in {self._timeout:g} s", NOT_THERE
            ) from error
        except OSError as error:
            if error.errno == errno.ECONNREFUSED:
                raise ConnectError(
                    f"{self.address} refused the connection: nothing listens on port {self._port}",
                    NOT_THERE,
                ) from error
            raise ConnectError(
                f"{self.address} cannot be reached: {error.strerror or error}", NOT_THERE
            ) from error
        return PacketSocket(sock, buffer_size)

    def _shake_hands(self, connection: PacketSocket, request: bytes) -> Packet:
        """Send an init packet and return the answer to it."""
        connection.write([memoryview(request)])
        answer = connection.first_packet(self._timeout)
        if answer.type is PacketType.INIT_FAIL:
            raise self._refusal(unpack_u32(answer.payload))
        return answer

    def _refusal(self, reason: int) -> ConnectError:
        if reason == FailReason.BUSY:
            return DeviceBusyError(
                f"{self.address} is busy: another program is connected to the camera",
                "end the other connection first",
            )
        if reason == FailReason.REJECTED:
            return ConnectError(
                f"{self.address} rejected the connection",
                "the camera may want this computer to be paired with it first",
            )
        return ConnectError(
            f"{self.address} refused the connection, without giving a reason",
            "switch the camera off and on",
        )


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

    def take(self, piece: DataPiece) -> None:
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


def _guid(host: str) -> bytes:
    """Return a GUID for this host. Any serves, but a camera may remember those that it knows."""
    return b"chdkshell/ip" + zlib.crc32(host.encode()).to_bytes(4, "little")


def _parts(chunk: memoryview) -> list[memoryview]:
    return [chunk[at : at + PACKET_DATA] for at in range(0, len(chunk), PACKET_DATA)]
