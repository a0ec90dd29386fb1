"""How a PTP/IP session begins: two TCP connections, and the handshake on each."""

from __future__ import annotations

import errno
import selectors
import socket
import time
import zlib
from typing import Any

from chdkshell import waits
from chdkshell.errors import (
    CameraTimeoutError,
    ConnectError,
    DeviceBusyError,
    DisconnectedError,
    FramingError,
)
from chdkshell.flow import CancelToken
from chdkshell.ptp.packet import (
    PORT,
    FailReason,
    Packet,
    PacketType,
    Peer,
    pack_init_command_request,
    pack_init_event_request,
    unpack_init_command_ack,
    unpack_u32,
)
from chdkshell.reasons import Reason
from chdkshell.transport.iplink import (
    COMMAND_BUFFER,
    EVENT_BUFFER,
    SLICE,
    Link,
    PacketSocket,
)
from chdkshell.transport.sockets import system_error

_UNDER_WAY = (errno.EINPROGRESS, errno.EWOULDBLOCK)
"""What a connect that does not block says where it goes on."""


def shown_address(host: str, port: int) -> str:
    """Return the address of a camera as `connect` takes it."""
    shown = f"[{host}]" if ":" in host else host
    return f"ip:{shown}" + (f":{port}" if port != PORT else "")


class Connector:
    """Connects to the camera at `host` and `port`, which may take `seconds` for each step.

    Only the look-up of a name cannot be ended by `cancel`: the system has no way to do that.
    """

    def __init__(self, host: str, port: int, seconds: float, cancel: CancelToken) -> None:
        self._host, self._port = host, port
        self._address = shown_address(host, port)
        self._seconds = seconds
        self._cancel = cancel

    def connect(self, timeout: float) -> tuple[Link, Peer]:
        """Return both connections, and what the camera says it is.

        Raises `ConnectError` and `Cancelled`.
        """
        me = Peer(_guid(socket.gethostname()), "chdkshell")
        command = self._open_socket(COMMAND_BUFFER)
        event = None
        try:
            ack = self._shake_hands(command, pack_init_command_request(me))
            if ack.type is not PacketType.INIT_COMMAND_ACK:
                raise FramingError(f"it answered {ack.type.name}")
            number, camera = unpack_init_command_ack(ack.payload)
            event = self._open_socket(EVENT_BUFFER)
            ack = self._shake_hands(event, pack_init_event_request(number))
            if ack.type is not PacketType.INIT_EVENT_ACK:
                raise FramingError(f"it answered {ack.type.name} to the event connection")
        except BaseException as error:
            command.close()
            if event is not None:
                event.close()
            if isinstance(error, (FramingError, DisconnectedError, CameraTimeoutError)):
                raise ConnectError(
                    f"{self._address} does not speak PTP/IP: {error}", reason=Reason.NOT_A_CAMERA
                ) from error
            raise
        return Link(command, event, timeout), camera

    def _open_socket(self, buffer_size: int) -> PacketSocket:
        try:
            return PacketSocket(self._first_that_answers(), buffer_size)
        except socket.gaierror as error:
            raise ConnectError(
                f"no host is called '{self._host}'", "check the spelling, or give its IP address"
            ) from error
        except TimeoutError as error:
            raise ConnectError(
                f"{self._address} did not answer in {self._seconds:g} s",
                reason=Reason.NOT_REACHABLE,
            ) from error
        except OSError as error:
            if error.errno == errno.ECONNREFUSED:
                raise ConnectError(
                    f"{self._address} refused the connection: nothing listens on port {self._port}",
                    reason=Reason.NOT_REACHABLE,
                ) from error
            raise ConnectError(
                f"{self._address} cannot be reached: {error.strerror or error}",
                reason=Reason.NOT_REACHABLE,
            ) from error

    def _first_that_answers(self) -> socket.socket:
        """Return a connection to the first of the host's addresses that takes one.

        socket.create_connection would do that, but a caller could not end its wait.
        """
        failure = OSError("it has no address")
        # bytes: what looks for other letters' forms in a text takes long to import
        host = self._host.encode() if self._host.isascii() else self._host
        found = waits.result_of(
            lambda: socket.getaddrinfo(host, self._port, type=socket.SOCK_STREAM),
            self._cancel.check,
        )
        for family, kind, protocol, _, address in found:
            sock = socket.socket(family, kind, protocol)
            try:
                self._wait_connected(sock, address)
            except OSError as error:
                sock.close()
                failure = error
            except BaseException:
                sock.close()
                raise
            else:
                return sock
        raise failure

    def _wait_connected(self, sock: socket.socket, address: Any) -> None:
        sock.setblocking(False)
        code = sock.connect_ex(address)
        if code in _UNDER_WAY:
            deadline = time.monotonic() + self._seconds
            with selectors.DefaultSelector() as selector:
                selector.register(sock, selectors.EVENT_WRITE)
                while not selector.select(SLICE):
                    self._cancel.check()
                    if time.monotonic() >= deadline:
                        raise TimeoutError
            code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            raise system_error(code)

    def _shake_hands(self, connection: PacketSocket, request: bytes) -> Packet:
        """Send an init packet and return the answer to it."""
        connection.send_packet(request, self._seconds, self._cancel.check)
        answer = connection.first_packet(self._seconds, self._cancel.check)
        if answer.type is PacketType.INIT_FAIL:
            raise self._refusal(unpack_u32(answer.payload))
        return answer

    def _refusal(self, reason: int) -> ConnectError:
        if reason == FailReason.BUSY:
            return DeviceBusyError(
                f"{self._address} is busy: another program is connected to the camera",
                "end the other connection first",
            )
        if reason == FailReason.REJECTED:
            return ConnectError(
                f"{self._address} rejected the connection",
                "the camera may want this computer to be paired with it first",
            )
        return ConnectError(
            f"{self._address} refused the connection, without giving a reason",
            "switch the camera off and on",
        )


def _guid(host: str) -> bytes:
    """Return a GUID for this host. Any serves, but a camera may remember those that it knows."""
    return b"chdkshell/ip" + zlib.crc32(host.encode()).to_bytes(4, "little")
