"""PTP/IP: addresses, the handshake, and peers that are no camera."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

import pytest
from support.ip_peer import (
    ACK,
    END_HELLO,
    EVENT_ACK,
    accept,
    camera,
    raw_peer,
    read,
    until_closed,
)

from chdkshell.errors import (
    Cancelled,
    ConnectError,
    DeviceBusyError,
    UsageError,
)
from chdkshell.flow import CancelToken
from chdkshell.shell.advice import next_step
from chdkshell.transport.ip import IpTransport, list_devices, open_transport, parse_host

# ---- addresses ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("192.168.1.20", "192.168.1.20", 15740),
        ("camera:1234", "camera", 1234),
        ("[::1]:99", "::1", 99),
        ("[::1]", "::1", 15740),
        ("fe80::2", "fe80::2", 15740),
        ("host:", "host", 15740),
    ],
)
def test_addresses(text: str, host: str, port: int) -> None:
    assert parse_host(text) == (host, port)


@pytest.mark.parametrize("text", ["", ":15740", "[]", "host:0", "host:65536", "host:x", "host:²"])
def test_addresses_that_are_none(text: str) -> None:
    with pytest.raises(UsageError):
        parse_host(text)


def test_nothing_is_found_by_itself() -> None:
    assert list_devices() == []


# ---- connecting ---------------------------------------------------------------------------------


def test_the_handshake_gives_the_camera_and_the_address() -> None:
    with camera(lambda command, event: None) as transport:
        assert transport.camera.name == "C"
        assert transport.camera.guid == bytes(range(16))
        assert transport.address.startswith("ip:127.0.0.1:")


def test_the_init_packet_has_guid_name_and_version() -> None:
    seen: list[bytes] = []

    def script(listener: socket.socket) -> None:
        command = accept(listener)
        length = int.from_bytes(read(command, 4), "little")
        seen.append(read(command, length - 4))
        command.close()

    with raw_peer(script) as port, pytest.raises(ConnectError):
        IpTransport("127.0.0.1", port)
    name = "chdkshell\0".encode("utf-16-le")
    assert seen[0][:4] == b"\1\0\0\0"
    assert seen[0][20:] == name + b"\0\0\1\0"


def test_an_ack_without_version_in_single_bytes() -> None:
    ack = bytes.fromhex("20000000 02000000 01000000 000102030405060708090a0b0c0d0e0f 43000000")

    def script(listener: socket.socket) -> None:
        command = accept(listener)
        command.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in ack:
            command.sendall(bytes([byte]))
        event = accept(listener)
        for byte in EVENT_ACK:
            event.sendall(bytes([byte]))
        until_closed(event)
        command.close()
        event.close()

    with raw_peer(script) as port:
        transport = IpTransport("127.0.0.1", port)
        assert transport.camera.name == "C"
        transport.close()


@pytest.mark.parametrize(
    ("reason", "kind", "text"),
    [(1, ConnectError, "rejected"), (2, DeviceBusyError, "busy"), (3, ConnectError, "refused")],
)
@pytest.mark.parametrize("on_event_connection", [False, True])
def test_refusals(
    reason: int, kind: type[ConnectError], text: str, on_event_connection: bool
) -> None:
    fail = bytes.fromhex("0c000000 05000000") + reason.to_bytes(4, "little")

    def script(listener: socket.socket) -> None:
        with accept(listener) as command:
            if not on_event_connection:
                command.sendall(fail)
                return
            command.sendall(ACK)
            with accept(listener) as event:
                event.sendall(fail)

    with raw_peer(script) as port, pytest.raises(kind, match=text) as caught:
        IpTransport("127.0.0.1", port)
    assert next_step(caught.value)


def _echo(command: socket.socket) -> None:
    with contextlib.suppress(ConnectionError):
        command.sendall(command.recv(4096))
        command.recv(1)


def _close(command: socket.socket) -> None:
    command.recv(4096)


def _http(command: socket.socket) -> None:
    command.recv(4096)
    command.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")


def _huge(command: socket.socket) -> None:
    command.recv(4096)
    command.sendall(bytes.fromhex("f0ffffff 02000000") + bytes(100_000))


def _garbage(command: socket.socket) -> None:
    command.sendall(bytes(range(256)) * 10)


def _data(command: socket.socket) -> None:
    command.sendall(END_HELLO)


def _short(command: socket.socket) -> None:
    command.sendall(bytes.fromhex("0c000000 02000000 01000000"))
    command.recv(4096)


@pytest.mark.parametrize("behave", [_echo, _close, _http, _huge, _garbage, _data, _short])
def test_peers_that_are_no_camera(behave: Callable[[socket.socket], None]) -> None:
    def script(listener: socket.socket) -> None:
        with accept(listener) as command, contextlib.suppress(ConnectionError):
            behave(command)

    with raw_peer(script) as port, pytest.raises(ConnectError, match="PTP/IP") as caught:
        IpTransport("127.0.0.1", port)
    assert "15740" in next_step(caught.value)
    assert "\n" not in str(caught.value)


def test_a_peer_that_says_nothing() -> None:
    def script(listener: socket.socket) -> None:
        with accept(listener) as command:
            until_closed(command)

    with raw_peer(script) as port, pytest.raises(ConnectError, match=r"no packet in 0\.2 s"):
        IpTransport("127.0.0.1", port, timeout=0.2)


def test_a_port_where_nothing_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(ConnectError, match="refused") as caught:
        open_transport(f"127.0.0.1:{port}")
    assert "chdkshell sim" in next_step(caught.value)


def test_a_host_that_has_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_such_host(*args: object, **kwargs: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", no_such_host)
    with pytest.raises(ConnectError, match="no host is called 'kamera'") as caught:
        open_transport("kamera")
    assert "spelling" in next_step(caught.value)


@contextlib.contextmanager
def full_listener() -> Iterator[int]:
    """Yield a port whose system answers no further connect, since nobody accepts the earlier."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):
            client = stack.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


def test_a_host_that_does_not_answer() -> None:
    with full_listener() as port, pytest.raises(ConnectError, match=r"did not answer in 0\.2 s"):
        IpTransport("127.0.0.1", port, timeout=0.2)


def test_cancel_ends_the_wait_for_a_host_that_does_not_answer() -> None:
    cancel = CancelToken()
    cancel.set()
    with full_listener() as port, pytest.raises(Cancelled):
        IpTransport("127.0.0.1", port, cancel=cancel)


def test_cancel_ends_the_wait_for_the_handshake() -> None:
    cancel = CancelToken()

    def script(listener: socket.socket) -> None:
        with accept(listener) as command:
            command.recv(4096)
            cancel.set()
            until_closed(command)

    with raw_peer(script) as port, pytest.raises(Cancelled):
        open_transport(f"127.0.0.1:{port}", cancel)


def test_a_peer_that_never_ends_its_first_packet() -> None:
    over = threading.Event()

    def script(listener: socket.socket) -> None:
        with accept(listener) as command, contextlib.suppress(ConnectionError):
            command.sendall(bytes.fromhex("00100000 02000000"))
            while not over.wait(0.05):
                command.sendall(b"\0")

    slow = pytest.raises(ConnectError, match=r"no packet in 0\.3 s")
    with raw_peer(script) as port:
        with slow:
            IpTransport("127.0.0.1", port, timeout=0.3)
        over.set()
