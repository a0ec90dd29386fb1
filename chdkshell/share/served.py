"""What a PTP/IP server asks of the camera that it serves."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable

from chdkshell.flow import CancelToken
from chdkshell.ptp.transaction import Event, Request, Response
from chdkshell.streams import Sink, Source


class ServedLink(ABC):
    """The camera, for as long as one client is connected. One thread calls it."""

    look_seconds: float = math.inf
    """How often `look` has to be called, where that is more often than a server does by itself."""

    @abstractmethod
    def transact(
        self, request: Request, source: Source | None, sink: Sink, cancel: CancelToken
    ) -> Response:
        """Run one transaction, as `Transport.transact` does, and raise as that does."""

    @abstractmethod
    def look(self) -> None:
        """Look after the camera between transactions. Raises `TransportError` if it has gone."""

    @abstractmethod
    def close(self) -> None:
        """End the client's session. Never raises."""


class ServedCamera(ABC):
    """A camera that can be served. `model` is its name, and `guid` 16 bytes that stay the same."""

    model: str
    guid: bytes

    @abstractmethod
    def open(self, tell: Callable[[Event], None]) -> ServedLink:
        """Begin to serve a client. `tell` takes events, from any thread.

        Raises `TransportError` where the camera cannot be reached.
        """
