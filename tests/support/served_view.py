"""The live view as it is served, and those who watch it."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import chdkshell
from chdkshell.flow import CancelToken
from chdkshell.shell.viewing.liveserver import LiveServer
from chdkshell.shell.viewing.serveview import ViewService

WAIT = 20


@pytest.fixture
def served(tmp_path: Path) -> Iterator[LiveServer]:
    """A simulated camera in record mode, served as `lvserve` does it. Its card is tmp_path."""
    cancel = CancelToken()
    with chdkshell.connect(f"sim:card={tmp_path}") as camera:
        camera.lua("switch_mode_usb(1) sleep(200)")
        service = ViewService(camera, cancel, overlay=True, fps=200, quality=80)
        server = LiveServer("127.0.0.1", 0, service.status)
        thread = threading.Thread(target=service.run, args=(server,))
        thread.start()
        try:
            yield server
        finally:
            cancel.set()
            thread.join(WAIT)
            server.close()
        assert not thread.is_alive()


@pytest.fixture
def bare() -> Iterator[LiveServer]:
    """A server whose pictures the test itself publishes."""
    server = LiveServer("127.0.0.1", 0, lambda: "as it is")
    yield server
    server.close()


def ask(
    server: LiveServer, path: str, method: str = "GET", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """Return code, headers and body of the answer; `path` is below the server's prefix."""
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(server.url).port, timeout=WAIT)
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, server.prefix + path, headers=named)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


class Viewer:
    """One who watches the stream."""

    def __init__(self, server: LiveServer, receive_buffer: int = 0) -> None:
        self._socket = socket.socket()
        self._socket.settimeout(WAIT)
        if receive_buffer:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self._socket.connect(("127.0.0.1", urlsplit(server.url).port or 0))
        self._socket.sendall(b"GET /stream HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
        self._file = self._socket.makefile("rb")

    def head(self) -> dict[str, str]:
        """Read the head of the answer up to the first picture."""
        assert self._file.readline() == b"HTTP/1.0 200 OK\r\n"
        head = self._headers()
        assert self._file.readline() == b"--frame\r\n"
        return head

    def picture(self) -> bytes:
        """Read the next picture."""
        head = self._headers()
        assert head["content-type"] == "image/jpeg"
        data = self._file.read(int(head["content-length"]))
        assert self._file.readline() == b"\r\n"
        assert self._file.readline() == b"--frame\r\n"
        return data

    def ended(self) -> bool:
        """Whether the server has ended the stream."""
        return self._file.read(1) == b""

    def close(self) -> None:
        self._file.close()
        self._socket.close()

    def _headers(self) -> dict[str, str]:
        found = {}
        while (line := self._file.readline().strip()) != b"":
            name, _, value = line.decode().partition(": ")
            found[name.lower()] = value
        return found


def wait_for_viewers(server: LiveServer, count: int) -> None:
    step = threading.Event()
    for _ in range(WAIT * 200):
        if server.feed.viewers == count:
            return
        step.wait(0.005)
    raise AssertionError(f"{server.feed.viewers} viewers, not {count}")
