"""The PTP transaction with its phases, as a link to a responder runs it.

USB and PTP/IP frame differently, so the seam between a session and its transport is the transaction
(request, data out or data in, response), not bytes. A camera simulated in this process implements
the same call.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import NamedTuple

from chdkshell.flow import NEVER, CancelToken
from chdkshell.streams import Sink, Source

MAX_PARAMS = 5
"""Parameters that an operation, a response or an event can carry (ISO 15740, 9.3)."""


class Request(NamedTuple):
    """An operation that the initiator asks for. `params` are unsigned 32-bit values."""

    code: int
    transaction_id: int
    params: tuple[int, ...] = ()


class Response(NamedTuple):
    """How the responder ended a transaction. It carries only the parameters that were sent."""

    code: int
    transaction_id: int
    params: tuple[int, ...] = ()


class Event(NamedTuple):
    """Something that the responder tells by itself."""

    code: int
    transaction_id: int
    params: tuple[int, ...] = ()


class Transport(ABC):
    """A link to one responder. One transaction at a time; `ptp.session` holds the lock.

    `address` names the link as `connect` takes it. `max_packet_size` is that of the USB bulk
    endpoint in bytes, `product_id` the model's number on USB; both are 0 where there is no USB.
    `place` is what the responder hangs on, to tell apart those without serial numbers: the port on
    USB; host, port and GUID on PTP/IP; "" where that is not known.
    `timeout` is how many seconds the responder may send nothing before a transaction fails with
    `CameraTimeoutError`.
    """

    address: str
    place: str = ""
    max_packet_size: int = 0
    product_id: int = 0
    timeout: float = 20.0

    @abstractmethod
    def transact(
        self,
        request: Request,
        source: Source | None = None,
        sink: Sink | None = None,
        cancel: CancelToken = NEVER,
    ) -> Response:
        """Run one transaction: send `request`, then `source` if given, feed `sink`, and answer.

        Data that comes without a sink is read and thrown away, and a data phase that is left out is
        no error: `sink.begin` is then never called.

        `TransportError` means that the link is broken. Any other exception (`Cancelled`, or
        whatever `source` and `sink` raise) is passed on after the transaction was ended properly:
        the link stands at a transaction boundary and can be used again.
        """

    @abstractmethod
    def next_event(self, seconds: float) -> Event | None:
        """Wait up to `seconds` for an event. Returns None if none came."""

    @abstractmethod
    def reset(self) -> None:
        """Bring a stuck responder back to a transaction boundary without a session.

        Raises `TransportError` where that cannot be done.
        """

    @abstractmethod
    def close(self) -> None:
        """Give the device back. Never raises, and may be called twice."""
