"""Which of several USB cameras an address means."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from chdkshell.errors import (
    AmbiguousDeviceError,
    ConnectError,
    NoDeviceError,
    UsageError,
)
from chdkshell.ptp.codes import CANON_VENDOR_ID
from chdkshell.transport.base import Device, DeviceState, address_options
from chdkshell.transport.usb_devices import describe
from chdkshell.transport.usb_errors import port

Names = tuple[str, str]
"""Model and serial number, as PTP gives them."""


class UsbChoice(NamedTuple):
    """Which camera an address asks for. None and "" stand for any.

    `port` is as `usb_errors.port` gives it. `serial` and `model` are parts of the camera's names,
    in any case.
    """

    bus: int | None = None
    address: int | None = None
    vendor: int | None = CANON_VENDOR_ID
    product: int | None = None
    port: str = ""
    serial: str = ""
    model: str = ""

    @classmethod
    def parse(cls, rest: str) -> UsbChoice:
        """Read what follows "usb:" in an address. Raises `UsageError`.

        `BUS:ADDRESS` and the options bus, dev, vid (or vendor; "any"), pid (or product), port,
        serial and model, joined by commas.
        """
        place = re.match(r"(\d{1,3}):(\d{1,3})(?:,|$)", rest)
        bus, address = (int(place[1]), int(place[2])) if place else (None, None)
        options = address_options(rest[place.end() :] if place else rest)
        vendor = _pop(options, "vid", "vendor")
        choice = cls(
            bus=_number("bus", options.pop("bus", None), bus),
            address=_number("dev", options.pop("dev", None), address),
            vendor=None if vendor == "any" else _number("vid", vendor, CANON_VENDOR_ID),
            product=_number("pid", _pop(options, "pid", "product"), None),
            port=options.pop("port", ""),
            serial=options.pop("serial", ""),
            model=options.pop("model", ""),
        )
        for key in options:
            raise UsageError(
                f"'{key}' is not an option of a USB address",
                "known are bus, dev, vid, pid, port, serial and model",
            )
        return choice

    def fits_descriptor(self, device: Any) -> bool:
        """Whether the camera may be meant, as far as can be told without opening it."""
        return (
            self.bus in (None, device.bus)
            and self.address in (None, device.address)
            and self.product in (None, device.idProduct)
            and self.port in ("", port(device))
        )

    def fits_names(self, info: Device) -> bool:
        """Whether the camera's own names fit."""
        return (
            self.serial.lower() in (info.serial or "").lower()
            and self.model.lower() in (info.model or "").lower()
        )


def _pop(options: dict[str, str], *keys: str) -> str | None:
    found = [options.pop(key) for key in keys if key in options]
    return found[-1] if found else None


def _number(key: str, text: str | None, default: int | None) -> int | None:
    if text is None:
        return default
    try:
        return int(text, 16 if text.lower().startswith("0x") else 10)
    except ValueError:
        raise UsageError(
            f"{key}={text} in the address is not a number", "numbers look like 4 or 0x32c8"
        ) from None


def choose(
    devices: list[Any], choice: UsbChoice, asked: str, ask: Callable[[Any], Names | None]
) -> Any:
    """Return the one camera among `devices` that `choice` means; `asked` is the user's text.

    `ask` connects to a camera to ask for its names: many do not have them in their descriptors. It
    raises `ConnectError` where it cannot, and returns None where the camera does not tell.
    Raises `NoDeviceError`, `AmbiguousDeviceError`, or the reason why a camera that might be meant
    could not be asked.
    """
    fitting = [device for device in devices if choice.fits_descriptor(device)]
    if choice.serial or choice.model:
        fitting = _fitting_names(fitting, choice, ask)
    if not fitting:
        matches = f" that matches '{asked}'" if asked else ""
        raise NoDeviceError(f"there is no camera{matches} on USB")
    if len(fitting) > 1:
        names = ", ".join(label(describe(device)) for device in fitting)
        raise AmbiguousDeviceError(
            f"{len(fitting)} cameras fit: {names}",
        )
    return fitting[0]


def _fitting_names(
    devices: list[Any], choice: UsbChoice, ask: Callable[[Any], Names | None]
) -> list[Any]:
    rows = [(device, describe(device, claims=False)) for device in devices]
    fitting = [device for device, info in rows if choice.fits_names(info)]
    if fitting:
        return fitting
    failure: ConnectError | None = None
    for device, info in rows:
        if info.state is DeviceState.CONNECTED:
            continue
        try:
            names = ask(device)
        except ConnectError as error:
            failure = failure or error
            continue
        if names and choice.fits_names(info._replace(model=names[0], serial=names[1])):
            fitting.append(device)
    if not fitting and failure:
        raise type(failure)(
            f"no camera with that name; one could not be asked: {failure}", reason=failure.reason
        )
    return fitting


def label(info: Device) -> str:
    """Return a camera's address and names, to tell it from others."""
    told = f"serial {info.serial}" if info.serial else info.place
    names = [info.model or "unknown model", *([told] if told else [])]
    return f"{info.address} ({', '.join(names)})"
