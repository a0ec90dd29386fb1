"""The simulated camera's TCP interface: clients that come, go, lie and crowd."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.timeouts import TIMEOUT

from chdkshell.errors import (
    ConnectError,
    DeviceBusyError,
    DisconnectedError,
)
from chdkshell.ptp.session import Session
from chdkshell.share import server as ptp_server
from chdkshell.shell.advice import next_step
from chdkshell.sim.camera import SimCamera
from chdkshell.sim.interfaces.ipserver import IpServer
from chdkshell.transport.ip import IpTransport

CHDK = 0x9999


@pytest.fixture
def camera(tmp_path: Path) -> Iterator[SimCamera]:
    (tmp_path / "SUB").mkdir()
    camera = SimCamera(card=tmp_path)
    yield camera
    camera.close()


@pytest.fixture
def server(camera: SimCamera) -> Iterator[IpServer]:
    with IpServer(camera) as server:
        yield server


def raw(server: IpServer, data: bytes) -> bytes:
    """Send bytes on a connection of their own, and return all that comes back."""
    with socket.create_connection(("127.0.0.1", server.port), TIMEOUT) as sock:
        sock.sendall(data)
        sock.shutdown(socket.SHUT_WR)
        answer = bytearray()
        with contextlib.suppress(ConnectionError):
            while part := sock.recv(4096):
                answer += part
        return bytes(answer)


def still_serves(server: IpServer) -> None:
    session = Session(IpTransport("127.0.0.1", server.port))
    session.open()
    assert session.transaction(CHDK, 0) == (2, 9)
    session.close()


INIT = bytes.fromhex("1e000000 01000000 000102030405060708090a0b0c0d0e0f 0000 00000100")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        bytes(1000),
        b"\xff" * 1000,
        bytes.fromhex("ffffffff 01000000") + bytes(1000),
        INIT[:10],
        bytes.fromhex("0c000000 01000000 00000000"),
        bytes.fromhex("08000000 03000000"),
        bytes.fromhex("0c000000 03000000 63000000"),
        bytes.fromhex("16000000 06000000 01000000 0210 00000000 01000000"),
        bytes.fromhex("0d000000 0a000000 00000000 00"),
    ],
)
def test_garbage_ends_its_own_connection_alone(server: IpServer, data: bytes) -> None:
    client = Session(IpTransport("127.0.0.1", server.port))
    client.open()
    raw(server, data)
    assert client.transaction(CHDK, 0) == (2, 9)
    client.close()
    still_serves(server)


def test_half_a_handshake_blocks_nobody(server: IpServer) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(40):
            sock = stack.enter_context(
                socket.create_connection(("127.0.0.1", server.port), TIMEOUT)
            )
            sock.sendall(INIT)
            assert sock.recv(8)[4:] == b"\2\0\0\0"
        still_serves(server)
    still_serves(server)


def test_an_unknown_connection_number_is_rejected(server: IpServer) -> None:
    answer = raw(server, bytes.fromhex("0c000000 03000000 63000000"))
    assert answer == bytes.fromhex("0c000000 05000000 01000000")


def test_a_second_client_is_told_that_the_camera_is_busy(
    server: IpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ptp_server, "HANDOVER_SECONDS", 0.1)
    first = Session(IpTransport("127.0.0.1", server.port))
    first.open()
    with pytest.raises(DeviceBusyError):
        IpTransport("127.0.0.1", server.port)
    assert first.transaction(CHDK, 0) == (2, 9)
    first.close()
    still_serves(server)


@pytest.mark.parametrize(
    "rest",
    [
        "",
        "16000000 06000000 01000000 9999",
        "16000000 06000000 02000000 9999 01000000 05000000",
        "16000000 06000000 02000000 9999 01000000 05000000"
        "14000000 09000000 01000000 0010000000000000"
        "ff000000 0a000000 01000000 05000000 412f582e59 0000",
        "16000000 06000000 02000000 9999 01000000 05000000"
        "14000000 09000000 01000000 0010000000000000"
        "16000000 06000000 02000000 9999 01000000 05000000",
        "16000000 06000000 02000000 9999 01000000 05000000"
        "14000000 09000000 01000000 0100000000000000"
        "0e000000 0c000000 01000000 0000",
        "16000000 06000000 02000000 9999 01000000 05000000"
        "14000000 09000000 01000000 ff00000000000000"
        "16000000 0c000000 01000000 05000000 412f582e59 00",
        "10000000 06000000 01000000 9999 0000",
        "26000000 06000000 01000000 9999 01000000" + "00000000" * 6,
        "00000000 00000000",
    ],
)
def test_clients_that_vanish_or_lie(server: IpServer, camera: SimCamera, rest: str) -> None:
    with socket.create_connection(("127.0.0.1", server.port), TIMEOUT) as command:
        command.sendall(INIT)
        ack = command.recv(4096)
        with socket.create_connection(("127.0.0.1", server.port), TIMEOUT) as event:
            event.sendall(bytes.fromhex("0c000000 03000000") + ack[8:12])
            assert event.recv(4096) == bytes.fromhex("08000000 04000000")
            command.sendall(bytes.fromhex("16000000 06000000 01000000 0210 00000000 01000000"))
            assert command.recv(4096) == bytes.fromhex("0e000000 07000000 0120 00000000")
            command.sendall(bytes.fromhex(rest))
    still_serves(server)
    # The camera keeps what it has of a file whose data phase breaks off.
    assert camera.card.listdir("A") in (["SUB"], ["SUB", "X.Y"])


def test_data_above_what_was_announced_ends_the_connection_before_its_end(server: IpServer) -> None:
    with socket.create_connection(("127.0.0.1", server.port), TIMEOUT) as command:
        command.sendall(INIT)
        ack = command.recv(4096)
        with socket.create_connection(("127.0.0.1", server.port), TIMEOUT) as event:
            event.sendall(bytes.fromhex("0c000000 03000000") + ack[8:12])
            event.recv(4096)
            command.sendall(bytes.fromhex("16000000 06000000 01000000 0210 00000000 01000000"))
            command.recv(4096)
            command.sendall(
                bytes.fromhex(
                    "16000000 06000000 02000000 9999 01000000 04000000"
                    "14000000 09000000 01000000 0400000000000000"
                    "ffffff00 0a000000 01000000 0102030405"
                )
            )
            with contextlib.suppress(ConnectionError):
                assert command.recv(1) == b""


def test_connections_are_limited(server: IpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ptp_server, "MAX_CONNECTIONS", 1)
    monkeypatch.setattr(ptp_server, "INIT_SECONDS", 60.0)
    address = ("127.0.0.1", server.port)
    with (
        socket.create_connection(address, TIMEOUT),
        socket.create_connection(address, TIMEOUT) as second,
        contextlib.suppress(ConnectionError),
    ):
        assert second.recv(1) == b""


def test_clients_that_lack_their_second_connection_are_limited(
    server: IpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ptp_server, "MAX_PENDING", 1)
    address = ("127.0.0.1", server.port)
    with socket.create_connection(address, TIMEOUT) as first:
        first.sendall(INIT)
        assert first.recv(4096)
        with socket.create_connection(address, TIMEOUT) as second:
            second.sendall(INIT)
            assert second.recv(4096)
            with contextlib.suppress(ConnectionError):
                assert first.recv(1) == b""


def test_pings_are_answered_on_both_connections(server: IpServer) -> None:
    ping, pong = bytes.fromhex("08000000 0d000000"), bytes.fromhex("08000000 0e000000")
    with socket.create_connection(("127.0.0.1", server.port), TIMEOUT) as command:
        command.sendall(INIT)
        ack = command.recv(4096)
        assert int.from_bytes(ack[:4], "little") == len(ack)
        with socket.create_connection(("127.0.0.1", server.port), TIMEOUT) as event:
            event.sendall(bytes.fromhex("0c000000 03000000") + ack[8:12])
            event.recv(4096)
            for sock in (event, command):
                sock.sendall(ping)
                assert sock.recv(4096) == pong


def test_several_cameras_serve_at_once(server: IpServer, tmp_path: Path) -> None:
    other_camera = SimCamera(serial="OTHER")
    with IpServer(other_camera) as other:
        sessions = [Session(IpTransport("127.0.0.1", s.port)) for s in (server, other)]
        for session in sessions:
            session.open()
        serials = [session.get_device_info().serial_number for session in sessions]
        assert serials == ["SIM0001", "OTHER"]
        for session in sessions:
            session.close()
    other_camera.close()


def test_a_port_that_is_taken(server: IpServer, camera: SimCamera) -> None:
    with pytest.raises(ConnectError, match=str(server.port)) as caught:
        IpServer(camera, port=server.port)
    assert next_step(caught.value)


def test_closing_the_server_ends_every_client(camera: SimCamera) -> None:
    server = IpServer(camera)
    session = Session(IpTransport("127.0.0.1", server.port))
    session.open()
    idle = socket.create_connection(("127.0.0.1", server.port), TIMEOUT)
    half = socket.create_connection(("127.0.0.1", server.port), TIMEOUT)
    half.sendall(INIT[:4])
    server.close()
    server.close()
    with pytest.raises(DisconnectedError):
        session.transaction(CHDK, 0)
    with contextlib.suppress(ConnectionError):
        assert idle.recv(1) == b""
    idle.close()
    half.close()
    with pytest.raises(ConnectError):
        IpTransport("127.0.0.1", server.port)
