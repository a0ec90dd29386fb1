"""What every way to a camera has in common: addresses, and the cameras that are there."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple, Protocol, cast

from chdkshell.errors import UsageError
from chdkshell.flow import NEVER, CancelToken
from chdkshell.ptp.transaction import Transport
from chdkshell.reasons import Reason

OTHER_MAKER = ",vid=any"
"""What ends the address of a USB camera of another maker than Canon."""


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


class Device(NamedTuple):
    """A camera that is there.

    `bus` and `device` are the numbers on USB, "" elsewhere; `place` is as in `Transport`. `model`
    and `serial` are None where they cannot be known without connecting. Where it cannot be used,
    `problem` and `reason` say why, and `holder` names the programs that use it, as far as
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
    reason: Reason | None = None
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
    "ssh": "chdkshell.transport.ssh",
    "sim": "chdkshell.sim.interfaces.transport",
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
            "addresses look like usb:, usb:001:004, usb:serial=…, ip:192.168.1.20, ssh:pi1, sim:",
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
