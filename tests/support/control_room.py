"""The control room as it is served, and those who use it."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import chdkshell
from chdkshell.camera import Camera
from chdkshell.page.application import application
from chdkshell.page.listening import PageServer
from chdkshell.page.room import ControlRoom, RoomOptions

WAIT = 30


class ServedRoom:
    """A control room at a port of its own."""

    def __init__(self, room: ControlRoom, server: PageServer) -> None:
        self.room = room
        self.server = server
        self.url = server.url
        self.camera: Camera = room.stations[0].camera

    def ask(
        self, path: str, method: str = "GET", body: bytes | None = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        """Return code, headers and body of an answer; `path` is below the server's prefix."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=WAIT)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, self.server.prefix + path, body, named)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def get(self, path: str) -> Any:
        """Return what a call tells."""
        code, _, body = self.ask(path)
        assert code == 200, body
        return json.loads(body)

    def post(self, path: str, /, client: str = "test", **fields: Any) -> tuple[int, Any]:
        """Make a call that changes something; return code and answer."""
        code, _, body = self.ask(
            path,
            "POST",
            json.dumps(fields).encode(),
            X_Chdkshell_Token=self.room.token,
            X_Chdkshell_Client=client,
        )
        return code, json.loads(body)

    def done(self, path: str, /, **fields: Any) -> Any:
        """Make a call that has to succeed, and return its answer."""
        code, answer = self.post(path, **fields)
        assert code == 200, answer
        return answer

    def lua(self, code: str) -> Any:
        """Run Lua on the camera between the page's jobs."""
        station = self.room.stations[0]
        return station.submit(lambda: self.camera.lua(code), keeps_half=True).result(WAIT)


@contextmanager
def serving(
    card: Path, options: RoomOptions | None = None, cameras: int = 1, token: str = ""
) -> Iterator[ServedRoom]:
    """Serve simulated cameras in record mode. Their cards are `card` and folders beside it."""
    made = []
    try:
        for number in range(cameras):
            folder = card if not number else card.with_name(f"{card.name}-{number + 1}")
            folder.mkdir(exist_ok=True)
            made.append(chdkshell.connect(f"sim:card={folder}"))
            made[-1].mode = "record"
        room = ControlRoom(made, options or RoomOptions(fps=200))
        server = PageServer("127.0.0.1", 0, token)
        room.start()
        try:
            server.start(application(room, server))
            yield ServedRoom(room, server)
        finally:
            room.stop()
            server.close()
    finally:
        for camera in made:
            camera.close()


@pytest.fixture
def control_room(tmp_path: Path) -> Iterator[ServedRoom]:
    """A simulated camera in record mode, served as `serve` does it. Its card is tmp_path/card."""
    folder = tmp_path / "shots"
    folder.mkdir()
    (tmp_path / "card").mkdir()
    with serving(tmp_path / "card", RoomOptions(fps=200, folder=folder, allowlua=True)) as served:
        yield served


class Viewer:
    """One who watches the stream."""

    def __init__(
        self, served: ServedRoom, path: str = "stream", receive_buffer: int = 0, camera: int = 1
    ) -> None:
        self._socket = socket.socket()
        self._socket.settimeout(WAIT)
        if receive_buffer:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self._socket.connect(("127.0.0.1", served.server.port))
        target = f"{served.server.prefix}api/cameras/{camera}/{path}"
        request = f"GET {target} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n"
        self._socket.sendall(request.encode())
        self._file = self._socket.makefile("rb")

    def head(self) -> dict[str, str]:
        """Read the head of the answer up to the first picture."""
        assert self._file.readline() == b"HTTP/1.1 200 OK\r\n"
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
        """Leave."""
        self._file.close()
        self._socket.close()

    def _headers(self) -> dict[str, str]:
        found = {}
        while (line := self._file.readline().strip()) != b"":
            name, _, value = line.decode().partition(": ")
            found[name.lower()] = value
        return found


class Listener:
    """One who hears of what happens."""

    def __init__(self, served: ServedRoom) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", served.server.port, timeout=WAIT)
        self._connection.request("GET", served.server.prefix + "api/events")
        self._answer = self._connection.getresponse()
        assert self._answer.getheader("content-type", "").startswith("text/event-stream")

    def next(self, *kinds: str) -> tuple[str, Any]:
        """Return the next event of one of these kinds."""
        kind = ""
        while line := self._answer.readline():
            name, _, value = line.decode().strip().partition(": ")
            if name == "event":
                kind = value
            elif name == "data" and kind in kinds:
                return kind, json.loads(value)
        raise AssertionError("the events ended")

    def until(self, kind: str, field: str, value: Any) -> Any:
        """Return the first event of a kind with a field of that value."""
        while True:
            told = self.next(kind)[1]
            if told[field] == value:
                return told

    def close(self) -> None:
        """Leave."""
        self._connection.close()


def wait_for_viewers(served: ServedRoom, count: int) -> None:
    """Wait until so many watch the first camera."""
    step = threading.Event()
    for _ in range(WAIT * 200):
        if served.room.stations[0].frames.plain.viewers == count:
            return
        step.wait(0.005)
    raise AssertionError(f"{served.room.stations[0].frames.plain.viewers} viewers, not {count}")
