"""What every way to a camera has in common: the PTP transaction, and addresses.

USB and PTP/IP frame differently, so the seam is the transaction with its phases (request, data out
or data in, response), not bytes. A camera simulated in this process implements the same call.
"""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Protocol, cast

from chdkshell.errors import UsageError
from chdkshell.flow import NEVER, CancelToken
from chdkshell.streams import Sink, Source

MAX_PARAMS = 5
"""Parameters that an operation, a response or an event can carry (ISO 15740, 9.3)."""


@dataclass(frozen=True, slots=True)
class Request:
    """An operation that the initiator asks for. `params` are unsigned 32-bit values."""

    code: int
    transaction_id: int
    params: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Response:
    """How the responder ended a transaction. It carries only the parameters that were sent."""

    code: int
    transaction_id: int
    params: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
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
    `silence` is how many seconds the responder may send nothing before a transaction fails with
    `SilenceError`.
    """

    address: str
    place: str = ""
    max_packet_size: int = 0
    product_id: int = 0
    silence: float = 20.0

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


class DeviceState(Enum):
    """Whether a camera that is there can be connected."""

    FREE = "free"
    CONNECTED = "connected"
    """This program holds it."""
    IN_USE = "in use"
    """Another program holds it."""
    NOT_PERMITTED = "not permitted"
    """The system does not let this user open it."""
    FAILED = "failed"
    """It cannot be used for another reason."""


@dataclass(frozen=True, slots=True)
class Device:
    """A camera that is there.

    `bus` and `device` are the numbers on USB, "" elsewhere; `place` is as in `Transport`. `model`
    and `serial` are None where they cannot be known without connecting. Where it cannot be used,
    `problem` says why and `hint` what to do, and `holder` names the programs that use it, as far as
    they can be known.
    """

    address: str
    bus: str = ""
    device: str = ""
    vendor_id: int = 0
    product_id: int = 0
    model: str | None = None
    serial: str | None = None
    state: DeviceState = DeviceState.FREE
    holder: str = ""
    problem: str = ""
    hint: str = ""
    place: str = ""


class _TransportModule(Protocol):
    """What a module in `SCHEMES` offers."""

    def open_transport(self, rest: str, cancel: CancelToken = NEVER) -> Transport:
        """Open the link that `rest`, the address without its scheme, names.

        `cancel` ends the wait for a camera that does not answer.
        """

    def list_devices(self) -> list[Device]:
        """Return the cameras that can be found without being told where they are."""


SCHEMES: Mapping[str, str] = {
    "usb": "chdkshell.transport.usb",
    "ip": "chdkshell.transport.ip",
    "sim": "chdkshell.sim.doors.transport",
}
"""Where each kind of address is implemented. The modules are imported when first used."""


def _module(scheme: str) -> _TransportModule:
    return cast(_TransportModule, importlib.import_module(SCHEMES[scheme]))


def split_address(address: str) -> tuple[str, str]:
    """Split an address into scheme and rest. Raises `UsageError` for an unknown scheme."""
    scheme, colon, rest = address.partition(":")
    if not colon or scheme not in SCHEMES:
        raise UsageError(
            f"'{address}' is not an address of a camera",
            "addresses look like usb:, usb:001:004, usb:serial=…, ip:192.168.1.20, sim:",
        )
    return scheme, rest


def address_options(rest: str) -> dict[str, str]:
    """Parse the `key=value,key=value` part of an address. Raises `UsageError`."""
    options = {}
    for part in filter(None, rest.split(",")):
        key, equals, value = part.partition("=")
        if not equals:
            raise UsageError(f"'{part}' in the address is not of the form key=value")
        options[key] = value
    return options


def open_transport(address: str, cancel: CancelToken = NEVER) -> Transport:
    """Open the link that `address` names. Raises `UsageError`, `ConnectError`, `Cancelled`."""
    scheme, rest = split_address(address)
    return _module(scheme).open_transport(rest, cancel)


def list_devices(*schemes: str) -> list[Device]:
    """Return the cameras that are there, of all kinds or of the `schemes` that are named."""
    return [d for scheme in schemes or SCHEMES for d in _module(scheme).list_devices()]
