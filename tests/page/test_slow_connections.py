"""Connections that ask for nothing: the page's server bounds them, and serves who asks."""

# needs: POSIX

from __future__ import annotations

import http.client
import socket
import threading
from contextlib import ExitStack

import pytest
from support.control_room import WAIT, ServedRoom, Viewer

from chdkshell.page import listening
from chdkshell.page.listening import MAX_CONNECTIONS

MANY = 500


def connect(served: ServedRoom, sent: bytes = b"GET / HT") -> socket.socket:
    """Open a connection that has begun to ask."""
    made = socket.create_connection(("127.0.0.1", served.server.port), WAIT)
    made.sendall(sent)
    return made


def is_open(connection: socket.socket) -> bool:
    """Whether the server has not ended a connection that it does not answer."""
    connection.setblocking(False)
    try:
        return connection.recv(1) != b""
    except BlockingIOError:
        return True
    except ConnectionError:
        return False


def test_who_asks_is_served_in_a_crowd(
    control_room: ServedRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "REQUEST_SECONDS", 3600.0)
    viewer = Viewer(control_room)
    viewer.head()
    with ExitStack() as stack:
        crowd = []
        for number in range(MANY):
            crowd.append(stack.enter_context(connect(control_room)))
            if number % 100 == 0:
                assert control_room.ask("api/state")[0] == 200
        viewer.picture()
        assert control_room.post("api/cameras/1/shoot")[0] == 200, "the button works"
        viewer.picture()
        viewer.close()
        assert sum(map(is_open, crowd)) <= MAX_CONNECTIONS


@pytest.mark.parametrize(
    "sent", [b"", b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ", b"POST /api/controls HT"]
)
def test_a_connection_has_a_time_to_ask(
    control_room: ServedRoom, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    """Also one that sends a byte from time to time."""
    monkeypatch.setattr(listening, "REQUEST_SECONDS", 0.2)
    with connect(control_room, sent) as slow:
        slow.settimeout(0.02)
        for _ in range(WAIT * 50):
            try:
                if slow.recv(1) == b"":
                    return
            except TimeoutError:
                slow.sendall(b"x")
            except ConnectionError:
                return
    raise AssertionError("it was kept")


def test_a_body_has_a_time_to_come(
    control_room: ServedRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chdkshell.page.application.REQUEST_SECONDS", 0.2)
    head = (
        "POST /api/controls HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n"
        f"X-Chdkshell-Token: {control_room.room.token}\r\n\r\n"
    )
    with connect(control_room, head.encode()) as slow:
        assert slow.recv(4096).startswith(b"HTTP/1.1 400 ")


def test_a_connection_may_ask_again(control_room: ServedRoom) -> None:
    kept = http.client.HTTPConnection("127.0.0.1", control_room.server.port, timeout=WAIT)
    kept.connect()
    own = kept.sock
    for _ in range(5):
        kept.request("GET", "/api/session")
        assert kept.getresponse().read() == control_room.ask("api/session")[2]
        assert kept.sock is own, "it was the same connection"
    kept.close()


def test_threads_do_not_grow_with_connections(control_room: ServedRoom) -> None:
    before = threading.active_count()
    with ExitStack() as stack:
        for _ in range(MAX_CONNECTIONS):
            stack.enter_context(connect(control_room))
        assert control_room.ask("api/state")[0] == 200
        assert threading.active_count() <= before
