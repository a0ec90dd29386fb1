"""A link as PTP/IP over TCP.

Wireshark reads one PTP/IP packet from the start of each TCP segment, so each segment is one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address

from chdkshell.errors import TransportError
from chdkshell.ptp import packet
from chdkshell.ptp.packet import PORT, DataPhase, PacketType, Peer
from chdkshell.ptp.transaction import Event, Request, Response
from chdkshell.streams import Buffer
from chdkshell.trace.link import Direction, LinkTrace, error_text
from chdkshell.trace.pcapng import PcapngFile
from chdkshell.trace.pieces import Pieces
from chdkshell.trace.tcp import TcpConnection, TcpEndpoint

DATA_IN_PACKET = 32 << 10
"""Data bytes in one packet: an IPv4 packet holds less than 64 KiB."""

CLIENT_PORTS = range(49152, 65536)
"""The ports that are there for clients (RFC 6335)."""

_LINKTYPE_ETHERNET = 1

_LOOPBACK = IPv4Address("127.0.0.1")
_SOME_HOST = IPv4Address("192.0.2.1")
"""This computer, where the camera is elsewhere: an address for examples (RFC 5737)."""


class PtpIpLink(LinkTrace):
    """Writes a link to `writer` as command and event connection, init packets first.

    Each connection takes the next of `ports`, so that no two of a file are confused.
    """

    def __init__(self, writer: PcapngFile, address: str, ports: Iterator[int]) -> None:
        self._writer = writer
        self._interface = writer.add_interface(_LINKTYPE_ETHERNET, address)
        self._name = address
        self._ports = ports
        self._camera = _ip_address(address)
        self._request = Request(0, 0)
        self._pieces: Pieces | None = None
        self._outward = False
        self._open()

    def request(self, request: Request, sends_data: bool) -> None:
        self._request = request
        self._pieces = None
        phase = DataPhase.OUT if sends_data else DataPhase.NONE_OR_IN
        self._command.send(True, packet.pack_request(request, phase))
        self._writer.flush()

    def data_begins(self, direction: Direction, length: int | None) -> None:
        self._outward = direction is Direction.OUT
        self._pieces = Pieces(DATA_IN_PACKET, self._writer.data_limit)
        start = packet.pack_start_data(self._request.transaction_id, length)
        self._command.send(self._outward, start)

    def data(self, data: Buffer) -> None:
        if self._pieces is not None:
            self._pieces.add(data, self._write_piece)

    def response(self, response: Response) -> None:
        if self._pieces is not None:
            self._write_piece(is_end=True)
            self._pieces = None
        self._command.send(False, packet.pack_response(response))
        self._writer.flush()

    def failure(self, error: BaseException) -> None:
        self._pieces = None
        if isinstance(error, TransportError):
            self._command.abort(error_text(error))
        else:
            cancel = packet.pack_cancel(self._request.transaction_id)
            self._command.send(True, cancel, comment=error_text(error))
        self._writer.flush()

    def event(self, event: Event) -> None:
        self._events.send(False, packet.pack_event(event))
        self._writer.flush()

    def reset(self) -> None:
        self._command.abort("reset")
        self._events.abort()
        self._open()

    def close(self) -> None:
        self._command.close()
        self._events.close()
        self._writer.flush()

    def _write_piece(self, is_end: bool = False) -> None:
        pieces = self._pieces
        if pieces is None:
            return
        header = packet.pack_data_header(self._request.transaction_id, pieces.length, is_end)
        self._command.send(self._outward, header, pieces.kept, missing=pieces.missing)

    # ---- the connections ------------------------------------------------------------------------

    def _open(self) -> None:
        self._command = self._connect()
        me = packet.pack_init_command_request(Peer(bytes(packet.GUID_SIZE), "chdkshell"))
        camera = packet.pack_init_command_ack(1, Peer(bytes(packet.GUID_SIZE), self._name))
        self._command.send(True, me)
        self._command.send(False, camera)
        self._events = self._connect()
        self._events.send(True, packet.pack_init_event_request(1))
        self._events.send(False, packet.pack(PacketType.INIT_EVENT_ACK))
        self._writer.flush()

    def _connect(self) -> TcpConnection:
        host = _LOOPBACK if self._camera.is_loopback else _SOME_HOST
        client = TcpEndpoint(host, next(self._ports), 0)
        connection = TcpConnection(client, TcpEndpoint(self._camera, PORT, 0), self._write_frame)
        connection.open()
        return connection

    def _write_frame(self, parts: Sequence[Buffer], missing: int, comment: str) -> None:
        self._writer.packet(self._interface, parts, missing, comment)


def _ip_address(address: str) -> IPv4Address:
    """Return the IPv4 address in an address of a camera, else the loopback's."""
    scheme, _, rest = address.partition(":")
    try:
        return IPv4Address(rest.partition(":")[0]) if scheme == "ip" else _LOOPBACK
    except ValueError:
        return _LOOPBACK
