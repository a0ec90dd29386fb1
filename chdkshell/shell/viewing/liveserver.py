"""The camera's screen over HTTP: a page, its pictures as MJPEG, and a button that shoots.

On the loopback interface there is no password. Elsewhere every path begins with a token that is in
the URL. A page of another origin can neither read the pictures nor shoot: the Host header has to be
an address or this machine's name (a name that an attacker lets point here is neither), pictures
are marked as this origin's alone, and a shot needs a token that only the page has.
"""

from __future__ import annotations

import hmac
import importlib.resources
import ipaddress
import json
import queue
import secrets
import socket
import string
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from chdkshell import waits
from chdkshell.errors import UsageError
from chdkshell.transport.sockets import claim_port

MAX_VIEWERS = 16
"""Streams at a time."""

MAX_CONNECTIONS = 48
"""Connections at a time, each with a thread: all viewers, and as many again that ask other things
or shoot, and some to spare."""

REQUEST_SECONDS = 10.0
"""How long a connection may take to ask for something, however it comes in."""

STALL_SECONDS = 20.0
"""How long a viewer may take no byte before it is dropped."""

SHOT_SECONDS = 60.0
"""How long a shot is waited for: with a long exposure and a slow card that is no failure."""

SEND_BUFFER = 128 << 10
"""Bytes that are on their way to a viewer at most: what lies there is old when it arrives."""

_BOUNDARY = b"frame"


class FrameFeed:
    """The newest picture, for any number of viewers. Each takes it when it is ready for it."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._number = 0
        self._picture = b""
        self._closed = False
        self._viewers = 0

    @property
    def viewers(self) -> int:
        """How many watch. Without any, no picture has to be made."""
        return self._viewers

    @contextmanager
    def viewer(self) -> Iterator[bool]:
        """Count one more viewer. Gives False where there are too many already."""
        with self._changed:
            admitted = self._viewers < MAX_VIEWERS
            self._viewers += admitted
        try:
            yield admitted
        finally:
            with self._changed:
                self._viewers -= admitted

    def publish(self, picture: bytes) -> None:
        """Give a picture to all who wait for one."""
        with self._changed:
            self._number += 1
            self._picture = picture
            self._changed.notify_all()

    def pictures(self) -> Iterator[bytes]:
        """Return the pictures from now on, always the newest, until the feed is closed."""
        with self._changed:
            return self._pictures_after(self._number)

    def _pictures_after(self, seen: int) -> Iterator[bytes]:
        while True:
            with self._changed:
                while self._number == seen and not self._closed:
                    self._changed.wait()
                if self._closed:
                    return
                seen, picture = self._number, self._picture
            yield picture

    def close(self) -> None:
        """Let all viewers go."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()


class ShotRequest:
    """A picture that a viewer asks for. `wait` gives what came of it."""

    def __init__(self) -> None:
        self._done = threading.Event()
        self._ok = False
        self._text = "the camera is still busy"

    def finish(self, ok: bool, text: str) -> None:
        """Tell whoever waits how it went."""
        self._ok, self._text = ok, text
        self._done.set()

    def wait(self) -> tuple[bool, str]:
        """Wait for the end, and return whether there is a picture, and a text about it."""
        self._done.wait(SHOT_SECONDS)
        return self._ok, self._text


class LiveServer:
    """Serves until `close`. `status` gives the line about the camera under the picture.

    `url` is what to open. `shots` holds what viewers ask for. Raises `UsageError` where nothing can
    listen at the address.
    """

    def __init__(self, host: str, port: int, status: Callable[[], str]) -> None:
        self.feed = FrameFeed()
        self.shots: queue.SimpleQueue[ShotRequest] = queue.SimpleQueue()
        self.status = status
        self.button_token = secrets.token_urlsafe(16)
        try:
            self._server = _listen(host, port, self)
        except (OSError, UnicodeError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise UsageError(
                f"cannot serve at {host}:{port}: {reason}", "-port=0 takes any free port"
            ) from error
        address, port = self._server.server_address[:2]
        bound = ipaddress.ip_address(str(address).partition("%")[0])
        own_name = socket.gethostname().lower()
        self._names = {"localhost", host.lower(), own_name, f"{own_name}.local"}
        self.prefix = "/" if bound.is_loopback else f"/{secrets.token_urlsafe(16)}/"
        shown = own_name if bound.is_unspecified else host
        self.url = f"http://{f'[{shown}]' if ':' in shown else shown}:{port}{self.prefix}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.1,), name="live view server", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop listening, and let all viewers go."""
        self.feed.close()
        self._server.shutdown()
        waits.ended(self._thread)
        self._server.server_close()

    def is_own_name(self, host: str) -> bool:
        """Whether a Host header names this machine by an address or by its own name."""
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        if name in self._names:
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # A viewer that takes nothing must not hold up the end.
    block_on_close = False
    request_queue_size = 64
    # `claim_port` says what of that is right
    allow_reuse_address = allow_reuse_port = False
    live: LiveServer

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._changing = threading.Lock()
        self._open: set[socket.socket] = set()
        self._asking: dict[socket.socket, float] = {}

    def server_bind(self) -> None:
        """Bind the socket to a port of its own."""
        claim_port(self.socket)
        super().server_bind()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection in a thread. Where there are too many, the one goes that has taken
        longest to ask: so who asks at once is served, whoever keeps connections open.
        """
        with self._changing:
            if len(self._open) >= MAX_CONNECTIONS and self._asking:
                self._drop(next(iter(self._asking)))
            admitted = len(self._open) < MAX_CONNECTIONS
            if admitted:
                self._open.add(request)
                self._asking[request] = time.monotonic()
        if admitted:
            super().process_request(request, client_address)
        else:
            super().shutdown_request(request)

    def service_actions(self) -> None:
        """Drop connections that ask for nothing; called every moment."""
        with self._changing:
            due = time.monotonic() - REQUEST_SECONDS
            for request in [each for each, since in self._asking.items() if since < due]:
                self._drop(request)

    def _drop(self, request: socket.socket) -> None:
        """Have a connection's thread come to its end, which is at once."""
        self._open.discard(request)
        self._asking.pop(request, None)
        with suppress(OSError):
            request.shutdown(socket.SHUT_RDWR)

    def has_asked(self, request: socket.socket) -> None:
        """Note that a connection has asked for something, all of its head."""
        with self._changing:
            self._asking.pop(request, None)

    def shutdown_request(self, request: Any) -> None:
        """Close a connection."""
        with self._changing:
            self._open.discard(request)
            self._asking.pop(request, None)
        super().shutdown_request(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """A viewer that went away is no error."""


class _Server6(_Server):
    address_family = socket.AF_INET6


def _listen(host: str, port: int, live: LiveServer) -> _Server:
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    kind = _Server6 if family == socket.AF_INET6 else _Server
    server = kind((host, port), _Handler)
    server.live = live
    return server


class _Handler(BaseHTTPRequestHandler):
    """One request. The server's `live` is where its pictures come from."""

    server: _Server
    server_version = "chdkshell"
    sys_version = ""
    timeout = STALL_SECONDS

    def parse_request(self) -> bool:
        """Read the head of a request, and note that it is there."""
        is_sound = super().parse_request()
        self.server.has_asked(self.connection)
        return is_sound

    def do_GET(self) -> None:
        """Answer with the page, the stream, one picture, or the status."""
        match self._place():
            case "":
                self._page()
            case "stream":
                self._stream()
            case "frame.jpg":
                self._frame()
            case "status":
                self._json(200, {"status": self.server.live.status()})
            case None:
                return
            case _:
                self.send_error(404)

    def do_POST(self) -> None:
        """Take a picture."""
        place = self._place()
        if place is None:
            return
        if place != "shoot":
            self.send_error(404)
            return
        live = self.server.live
        origin = self.headers.get("Origin")
        token = self.headers.get("X-Chdkshell-Token", "")
        own = origin is None or urlsplit(origin).netloc == self.headers.get("Host")
        if not own or not hmac.compare_digest(token.encode(), live.button_token.encode()):
            self.send_error(403, "the shoot button of the page has the token for this")
            return
        shot = ShotRequest()
        live.shots.put(shot)
        ok, text = shot.wait()
        self._json(200 if ok else 503, {"ok": ok, "text": text})

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Requests are nobody's news."""

    def _place(self) -> str | None:
        """Return the path below the prefix, or None where the request was refused."""
        live = self.server.live
        if not live.is_own_name(self.headers.get("Host", "")):
            self.send_error(421, "this server goes by its address")
            return None
        path = urlsplit(self.path).path
        start = path[: len(live.prefix)]
        if not hmac.compare_digest(start.encode(), live.prefix.encode()):
            self.send_error(404)
            return None
        return path[len(live.prefix) :]

    def _page(self) -> None:
        nonce = secrets.token_urlsafe(16)
        source = importlib.resources.files("chdkshell.shell") / "data" / "live.html"
        template = string.Template(source.read_text("utf-8"))
        text = template.substitute(nonce=nonce, token=self.server.live.button_token)
        self._send(
            200,
            "text/html; charset=utf-8",
            text.encode(),
            (
                "Content-Security-Policy",
                f"default-src 'none'; img-src 'self'; connect-src 'self'; frame-ancestors 'none';"
                f" script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'",
            ),
        )

    def _stream(self) -> None:
        with self.server.live.feed.viewer() as admitted:
            if not admitted:
                self.send_error(503, "too many viewers")
                return
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
            pictures = self.server.live.feed.pictures()
            self._head(200, f"multipart/x-mixed-replace; boundary={_BOUNDARY.decode()}")
            self.wfile.write(b"--%b\r\n" % _BOUNDARY)
            for picture in pictures:
                # The boundary after a picture makes browsers show it without waiting for the next.
                self.wfile.write(
                    b"Content-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%b\r\n--%b\r\n"
                    % (len(picture), picture, _BOUNDARY)
                )

    def _frame(self) -> None:
        with self.server.live.feed.viewer() as admitted:
            picture = next(self.server.live.feed.pictures(), None) if admitted else None
        if picture is None:
            self.send_error(503)
        else:
            self._send(200, "image/jpeg", picture)

    def _json(self, code: int, value: object) -> None:
        self._send(code, "application/json", json.dumps(value).encode())

    def _send(self, code: int, kind: str, body: bytes, *headers: tuple[str, str]) -> None:
        self._head(code, kind, ("Content-Length", str(len(body))), *headers)
        self.wfile.write(body)

    def _head(self, code: int, kind: str, *headers: tuple[str, str]) -> None:
        self.send_response(code)
        for name, value in (
            ("Content-Type", kind),
            ("Cache-Control", "no-store"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
            ("Referrer-Policy", "no-referrer"),
            ("X-Content-Type-Options", "nosniff"),
            *headers,
        ):
            self.send_header(name, value)
        self.end_headers()
