"""The server's socket and its connections: bounded in number and in what they may take of time."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import secrets
import socket
import threading
import time
from typing import Any
from urllib.parse import urlsplit

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from chdkshell import waits
from chdkshell.errors import UsageError
from chdkshell.transport.sockets import listen

MAX_CONNECTIONS = 128
"""Connections at a time; where there are more, the one goes that has asked nothing for longest."""

REQUEST_SECONDS = 10.0
"""How long a connection may take to ask for something, however it comes in."""

SEND_BUFFER = 128 << 10
"""Bytes that are on their way to a viewer at most: what lies there is old when it arrives."""

END_SECONDS = 10.0


class BoundedProtocol(H11Protocol):
    """A connection that has a time to ask, and goes first where there are too many."""

    asking: dict[BoundedProtocol, float] = {}  # noqa: RUF012 - of one server, see `fresh`
    open: set[BoundedProtocol] = set()  # noqa: RUF012

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, and drop the one that has taken longest to ask, if they are many."""
        super().connection_made(transport)
        raw = transport.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        self.open.add(self)
        self._ask_anew()
        if len(self.open) > MAX_CONNECTIONS and self.asking:
            next(iter(self.asking)).drop()

    def _ask_anew(self) -> None:
        self.asking.pop(self, None)
        self.asking[self] = time.monotonic()
        self._limit = self.loop.call_later(REQUEST_SECONDS, self._too_late)

    def _too_late(self) -> None:
        if self in self.asking:
            self.drop()

    def drop(self) -> None:
        """End the connection at once."""
        self._forget()
        self.transport.abort()

    def _forget(self) -> None:
        self.asking.pop(self, None)
        self.open.discard(self)
        self._limit.cancel()

    def handle_events(self) -> None:
        """Note that a request is there, all of its head."""
        before = self.cycle
        super().handle_events()
        if self.cycle is not before:
            self.asking.pop(self, None)
            self._limit.cancel()

    def on_response_complete(self) -> None:
        """Wait for the next request, for a while."""
        super().on_response_complete()
        if (
            not self.transport.is_closing()
            and self in self.open
            and (self.cycle is None or self.cycle.response_complete)
        ):
            self._limit.cancel()
            self._ask_anew()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a connection."""
        self._forget()
        super().connection_lost(exc)


class PageServer:
    """Serves an ASGI application from a thread of its own until `close`. `url` is what to open.

    On the loopback interface the URL has no token; elsewhere every path begins with one, which is
    `token` or made anew. Raises `UsageError` where nothing can listen at the address.
    """

    def __init__(self, host: str, port: int, token: str = "") -> None:
        try:
            self._socket = listen(host, port)
        except (OSError, UnicodeError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            is_of_host = isinstance(error, UnicodeError | socket.gaierror)
            is_of_host = is_of_host or getattr(error, "errno", None) == errno.EADDRNOTAVAIL
            hint = "the host is a name or an address of this computer, 0.0.0.0 for all it has"
            raise UsageError(
                f"cannot serve at {host}:{port}: {reason}",
                hint if is_of_host else "port 0 is any free one",
            ) from error
        address, self.port = self._socket.getsockname()[:2]
        bound = ipaddress.ip_address(str(address).partition("%")[0])
        own_name = socket.gethostname().lower()
        self._names = {"localhost", host.lower(), own_name, f"{own_name}.local"}
        self.is_local = bound.is_loopback
        self.prefix = "/" if self.is_local and not token else f"/{token or new_token()}/"
        shown = own_name if bound.is_unspecified else host
        self.url = f"http://{f'[{shown}]' if ':' in shown else shown}:{self.port}{self.prefix}"
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    def start(self, application: Any) -> None:
        """Begin to serve."""
        protocol = type("OwnProtocol", (BoundedProtocol,), {"asking": {}, "open": set()})
        config = uvicorn.Config(
            application,
            http=protocol,
            ws="none",
            loop="none",
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=1,
            backlog=256,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name="page server", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        assert self._server is not None
        asyncio.run(self._server.serve([self._socket]))

    def close(self) -> None:
        """Stop listening, and end all connections."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            waits.ended(self._thread, END_SECONDS)
        self._socket.close()

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


def new_token() -> str:
    """Return a text that nobody guesses."""
    return secrets.token_urlsafe(16)
