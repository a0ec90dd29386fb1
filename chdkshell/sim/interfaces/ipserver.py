"""The simulated camera on the network: PTP/IP for any client."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import itertools
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from chdkshell import waits
from chdkshell.errors import (
    CameraTimeoutError,
    ConnectError,
    DisconnectedError,
    FramingError,
    TransportError,
)
from chdkshell.ptp.codes import ResponseCode
from chdkshell.ptp.packet import (
    PORT,
    DataPhase,
    DataPiece,
    FailReason,
    Packet,
    PacketType,
    Peer,
    pack,
    pack_data_header,
    pack_event,
    pack_init_command_ack,
    pack_init_fail,
    pack_response,
    pack_start_data,
    unpack_init_command_request,
    unpack_request,
    unpack_start_data,
    unpack_u32,
)
from chdkshell.ptp.transaction import Event, Request, Response
from chdkshell.reasons import Reason
from chdkshell.sim.responder import takes_data
from chdkshell.streams import Buffer
from chdkshell.transport.iplink import COMMAND_BUFFER, SLICE, Link, PacketSocket
from chdkshell.transport.sockets import listen

if TYPE_CHECKING:
    from chdkshell.sim.camera import SimCamera

INIT_SECONDS = 5.0
"""How long a client may take to say what it wants, and to open its second connection."""

LINK_TIMEOUT = 20.0
"""How long a client may stop in the middle of a transaction."""

HANDOVER_SECONDS = 1.0
"""How long a new client waits for the one before it to be gone before it is told "busy"."""

MAX_PENDING = 16
"""Clients that may lack their second connection at a time; the oldest gives way."""

MAX_CONNECTIONS = 64
"""Connections that may be open at a time; further ones are closed at once."""

IDLE_SECONDS = 0.5
"""How often it is looked whether the camera is still on, while its client asks for nothing."""

ACCEPT_SECONDS = 10.0 if sys.platform == "linux" else SLICE
"""How long an accept may take: on Linux, the end of the listener ends it."""

KEPT_DATA = 1 << 16
"""Bytes of data that are copied to leave in one write with the response."""


class IpServer:
    """A PTP/IP camera that listens on `host` and `port` (0: any free port) until `close`.

    Serves one client at a time and one after another; what a client does wrong ends that client's
    connection alone. `address` is what `connect` takes. Raises `ConnectError` where the port cannot
    be had.
    """

    def __init__(self, camera: SimCamera, host: str = "127.0.0.1", port: int = 0) -> None:
        self.camera = camera
        self._me = Peer(
            _guid(camera),
            camera.device_info.model,
        )
        self._listener = _listen(host, port)
        self.host, self.port = self._listener.getsockname()[:2]
        self._closing = threading.Event()
        self._numbers = itertools.count(1)
        self._idle = threading.Condition()
        self._pending: dict[int, PacketSocket] = {}
        self._serving: PacketSocket | None = None
        self._connections: dict[threading.Thread, socket.socket] = {}
        self._acceptor = threading.Thread(target=self._accept, name="chdkshell-sim", daemon=True)
        self._acceptor.start()

    @property
    def address(self) -> str:
        """The address that `connect` takes."""
        return f"ip:{self._shown_host}" + (f":{self.port}" if self.port != PORT else "")

    @property
    def gphoto_port(self) -> str:
        """The address as gphoto2 takes it: its two connections have a port each."""
        return f"ptpip:{self._shown_host}:{self.port}:{self.port}"

    @property
    def _shown_host(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host

    def close(self) -> None:
        """Stop listening and drop the client. May be called twice."""
        self._closing.set()
        with contextlib.suppress(OSError):
            # Wakes the accept where the system can do that; else its timeout does.
            self._listener.shutdown(socket.SHUT_RDWR)
        waits.ended(self._acceptor)
        self._listener.close()
        with self._idle:
            pending = list(self._pending.values())
            self._pending.clear()
        for command in pending:
            command.close()
        for thread, connection in list(self._connections.items()):
            while thread.is_alive():
                self._wake(connection)
                thread.join(SLICE)

    def _wake(self, connection: socket.socket) -> None:
        """End the wait of a thread for its client, wherever that is."""
        with self._idle:
            serving = [] if self._serving is None else [self._serving.socket]
        for sock in (connection, *serving):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> IpServer:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    # ---- connections ----------------------------------------------------------------------------

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:
                # Out of file descriptors, or a client that was gone before it was accepted.
                self._closing.wait(SLICE)
                continue
            thread = threading.Thread(target=self._greet, args=(connection,), daemon=True)
            self._connections[thread] = connection
            if len(self._connections) > MAX_CONNECTIONS:
                connection.close()
            thread.start()

    def _greet(self, connection: socket.socket) -> None:
        """Serve a new connection, of whichever kind its first packet says it is."""
        try:
            peer = PacketSocket(connection, COMMAND_BUFFER, quick_ack=True)
            try:
                self._shake_hands(peer)
            except TransportError:
                peer.close()
        except OSError:
            connection.close()
        finally:
            del self._connections[threading.current_thread()]

    def _shake_hands(self, peer: PacketSocket) -> None:
        packet = peer.first_packet(INIT_SECONDS)
        if packet.type is PacketType.INIT_COMMAND_REQUEST:
            unpack_init_command_request(packet.payload)
            self._accept_command(peer)
        elif packet.type is PacketType.INIT_EVENT_REQUEST:
            self._accept_event(peer, unpack_u32(packet.payload))
        else:
            _refuse(peer, FailReason.UNSPECIFIED)

    def _accept_command(self, peer: PacketSocket) -> None:
        if not self._wait_until_idle():
            _refuse(peer, FailReason.BUSY)
            return
        with self._idle:
            number = next(self._numbers)
            self._pending[number] = peer
            if len(self._pending) > MAX_PENDING:
                self._pending.pop(next(iter(self._pending))).close()
        peer.send_packet(pack_init_command_ack(number, self._me), INIT_SECONDS)

    def _accept_event(self, peer: PacketSocket, number: int) -> None:
        with self._idle:
            command = self._pending.pop(number, None)
            taken = command is not None and self._serving is None
            if taken:
                self._serving = command
        if command is None:
            _refuse(peer, FailReason.REJECTED)
        elif not taken:
            command.close()
            _refuse(peer, FailReason.BUSY)
        else:
            self._serve(command, peer)

    def _serve(self, command: PacketSocket, event: PacketSocket) -> None:
        try:
            event.send_packet(pack(PacketType.INIT_EVENT_ACK), INIT_SECONDS)
            _Client(self.camera, command, event).serve()
        finally:
            command.close()
            event.close()
            with self._idle:
                self._serving = None
                self._idle.notify_all()

    def _wait_until_idle(self) -> bool:
        with self._idle:
            return self._idle.wait_for(lambda: self._serving is None, HANDOVER_SECONDS)


def _guid(camera: SimCamera) -> bytes:
    """Return the number that tells this camera from others, and stays the same."""
    known = camera.device_info.serial_number or str(camera.card.root)
    return hashlib.md5(known.encode(), usedforsecurity=False).digest()


def _listen(host: str, port: int) -> socket.socket:
    try:
        listener = listen(host, port)
    except OSError as error:
        raise ConnectError(
            f"cannot listen on {host}, port {port}: {error.strerror or error}",
            reason=Reason.PORT_TAKEN,
        ) from error
    listener.settimeout(ACCEPT_SECONDS)
    return listener


def _refuse(peer: PacketSocket, reason: FailReason) -> None:
    peer.send_packet(pack_init_fail(reason), INIT_SECONDS)
    peer.close()


# ---- one client ---------------------------------------------------------------------------------


class _Cancelled(Exception):  # noqa: N818 - not an error of this program
    """The client asked for the transaction to end."""


class _Client:
    """Runs the transactions of the client at the other end of two connections."""

    def __init__(self, camera: SimCamera, command: PacketSocket, event: PacketSocket) -> None:
        command.socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self._camera = camera
        self._times_off = camera.times_off
        self._link = Link(command, event, LINK_TIMEOUT)
        self._end_events = camera.standard.events.listen(self._tell)

    def serve(self) -> None:
        """Answer requests until the client or the server ends the connection."""
        try:
            while True:
                packet = self._next()
                self._check_power()
                # Data that no request asked for, and a cancel that came too late, are let pass.
                if isinstance(packet, Packet) and packet.type is PacketType.OPERATION_REQUEST:
                    self._transact(*unpack_request(packet.payload))
        except TransportError:
            pass
        finally:
            self._end_events()
            self._link.close()
            self._camera.responder.end_session()

    def _tell(self, event: Event) -> None:
        self._link.send_event(pack_event(event))

    def _next(self) -> Packet | DataPiece:
        """Wait for a packet, in long steps once the client asks for nothing more."""
        while True:
            try:
                return self._link.receive(self._check_power, seconds=0)
            except CameraTimeoutError:
                self._link.wait(IDLE_SECONDS)

    def _check_power(self) -> None:
        if self._camera.times_off != self._times_off:
            raise DisconnectedError("the camera was switched off")

    def _transact(self, phase: int, request: Request) -> None:
        has_data = phase == DataPhase.OUT or (phase == DataPhase.UNKNOWN and takes_data(request))
        check = functools.partial(self._check, request.transaction_id)
        sink = _ClientSink(self._link, request.transaction_id, check)
        try:
            source = _ClientSource(self._link, check) if has_data else None
            response = self._camera.responder.transact(request, source, sink)
            if source is not None:
                source.skip()
        except _Cancelled:
            response = Response(ResponseCode.TRANSACTION_CANCELLED, request.transaction_id)
        self._link.send(*sink.tail(), pack_response(response))

    def _check(self, transaction_id: int) -> None:
        """Raise if the client cancelled the transaction on the event connection."""
        self._link.look_at_events()
        while self._link.waiting:
            packet = self._link.waiting.popleft()
            if packet.type is PacketType.CANCEL and unpack_u32(packet.payload) == transaction_id:
                raise _Cancelled


class _ClientSource:
    """The data phase from the client, as it arrives."""

    def __init__(self, link: Link, check: Callable[[], None]) -> None:
        self._link = link
        self._check = check
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
        packet = self._link.receive(self._check)
        if isinstance(packet, Packet) and packet.type is PacketType.CANCEL:
            raise _Cancelled
        return packet

    def _receive(self) -> Iterator[Buffer]:
        received, ended = 0, False
        while not ended:
            packet = self._next()
            if isinstance(packet, Packet):
                raise FramingError("the client sent something else in its data phase")
            received += len(packet.data)
            if self.length is not None and received > self.length:
                raise FramingError("the client sent more data than it announced")
            ended = packet.is_end
            if len(packet.data):
                yield packet.data
        if self.length not in (None, received):
            raise FramingError("the client sent less data than it announced")


class _ClientSink:
    """The data phase to the client. A short one is kept back, to leave with the response."""

    def __init__(self, link: Link, transaction_id: int, check: Callable[[], None]) -> None:
        self._link = link
        self._id = transaction_id
        self._check = check
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
        self._link.send(*self._kept, data)
        self._kept = []

    def tail(self) -> list[Buffer]:
        """Return what is still to be sent before the response."""
        if self._open:
            self._kept.append(pack_data_header(self._id, 0, is_end=True))
        return self._kept
