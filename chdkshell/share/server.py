"""A camera as a PTP/IP server: the handshakes of clients, one of which it serves at a time."""

from __future__ import annotations

import contextlib
import itertools
import socket
import sys
import threading
from collections.abc import Callable
from typing import Self

from chdkshell import waits
from chdkshell.errors import ConnectError, TransportError
from chdkshell.ptp.packet import (
    PORT,
    FailReason,
    PacketType,
    Peer,
    pack_init_command_ack,
    pack_init_fail,
    unpack_init_command_request,
    unpack_u32,
)
from chdkshell.reasons import Reason
from chdkshell.share.client import INIT_SECONDS, CameraLostError, Client
from chdkshell.share.served import ServedCamera
from chdkshell.transport.iplink import COMMAND_BUFFER, SLICE, PacketSocket
from chdkshell.transport.sockets import listen

HANDOVER_SECONDS = 1.0
"""How long a new client waits for the one before it to be gone before it is told "busy"."""

MAX_PENDING = 16
"""Clients that may lack their second connection at a time; the oldest gives way."""

MAX_CONNECTIONS = 64
"""Connections that may be open at a time; further ones are closed at once."""

ACCEPT_SECONDS = 10.0 if sys.platform == "linux" else SLICE
"""How long an accept may take: on Linux, the end of the listener ends it."""


class Reception:
    """Lets clients in, whose connections `greet` is given, and serves one of them at a time.

    What a client does wrong ends that client's connection alone. `on_loss` is told why the camera
    could not be reached, or went away.
    """

    def __init__(
        self,
        camera: ServedCamera,
        on_loss: Callable[[BaseException | None], None] = lambda error: None,
    ) -> None:
        self._camera = camera
        self._on_loss = on_loss
        self._me = Peer(camera.guid, camera.model)
        self._numbers = itertools.count(1)
        self._idle = threading.Condition()
        self._pending: dict[int, PacketSocket] = {}
        self._serving: PacketSocket | None = None

    def greet(self, connection: socket.socket) -> None:
        """Serve a new connection, of whichever kind its first packet says it is."""
        try:
            peer = PacketSocket(connection, COMMAND_BUFFER, quick_ack=True)
            try:
                self._shake_hands(peer)
            except TransportError:
                peer.close()
        except OSError:
            connection.close()

    def drop_pending(self) -> None:
        """Close the connections of clients that are not served yet."""
        with self._idle:
            pending = list(self._pending.values())
            self._pending.clear()
        for command in pending:
            command.close()

    @property
    def serving(self) -> socket.socket | None:
        """The command connection of the client that is served."""
        with self._idle:
            return None if self._serving is None else self._serving.socket

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
            Client(self._camera, command, event).serve()
        except CameraLostError as lost:
            self._on_loss(lost.__cause__)
        finally:
            command.close()
            event.close()
            with self._idle:
                self._serving = None
                self._idle.notify_all()

    def _wait_until_idle(self) -> bool:
        with self._idle:
            return self._idle.wait_for(lambda: self._serving is None, HANDOVER_SECONDS)


class CameraServer:
    """A camera that listens on `host` and `port` (0: any free port) until `close`.

    Serves one client at a time and one after another, as `Reception` does. `address` is what
    `connect` takes. Raises `ConnectError` where the port cannot be had.
    """

    def __init__(
        self,
        camera: ServedCamera,
        host: str = "127.0.0.1",
        port: int = 0,
        on_loss: Callable[[BaseException | None], None] = lambda error: None,
    ) -> None:
        self._reception = Reception(camera, on_loss)
        self._listener = _listen(host, port)
        self.host, self.port = self._listener.getsockname()[:2]
        self._closing = threading.Event()
        self._connections: dict[threading.Thread, socket.socket] = {}
        self._acceptor = threading.Thread(target=self._accept, name="ptp server", daemon=True)
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
        self._reception.drop_pending()
        for thread, connection in list(self._connections.items()):
            while thread.is_alive():
                self._wake(connection)
                thread.join(SLICE)

    def _wake(self, connection: socket.socket) -> None:
        """End the wait of a thread for its client, wherever that is."""
        for sock in (connection, self._reception.serving):
            if sock is None:
                continue
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Self:
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
        try:
            self._reception.greet(connection)
        finally:
            del self._connections[threading.current_thread()]


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
