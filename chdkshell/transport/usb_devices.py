"""The USB cameras that are there: libusb, the list, and the choice of one.

pyusb is imported where it is first used, since it costs start-up time that most commands need not
pay.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import re
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chdkshell.errors import (
    AmbiguousDeviceError,
    ConnectError,
    NoDeviceError,
    PermissionDeniedError,
    UsageError,
    printable,
)
from chdkshell.transport.base import Device, address_options
from chdkshell.transport.usb_errors import connect_error, location, permission_hint

CANON_VENDOR_ID = 0x04A9
"""Canon's USB vendor id (usb.ids)."""

STILL_IMAGE_INTERFACE = (6, 1, 1)
"""Class, subclass and protocol of a PTP interface (USB still image capture device, 1.0)."""

LIBRARY_VARIABLE = "CHDKSHELL_LIBUSB"
"""Environment variable that chooses libusb: "system", "package" (libusb-package), or a path."""

_SYSTEM_LIBRARIES = {
    "linux": ("libusb-1.0.so.0",),
    "darwin": (
        "libusb-1.0.dylib",
        "/opt/homebrew/lib/libusb-1.0.dylib",
        "/usr/local/lib/libusb-1.0.dylib",
        "/opt/local/lib/libusb-1.0.dylib",
    ),
    "win32": ("libusb-1.0.dll",),
}

_STRING_TIMEOUT = 500
"""Milliseconds for one string descriptor: `list` must not hang on a camera that is stuck."""

_pyusb_state = threading.Lock()


# ---- libusb -------------------------------------------------------------------------------------


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def _system_library() -> str | None:
    names = _SYSTEM_LIBRARIES.get(sys.platform)
    if names is None:
        found = ctypes.util.find_library("usb-1.0")
        names = () if found is None else (found,)
    return next(filter(_loads, names), None)


def _package_library() -> str | None:
    try:
        import libusb_package
    except ImportError:
        return None
    path = libusb_package.get_library_path()
    return str(path) if path is not None and _loads(str(path)) else None


def find_libusb() -> str:
    """Return the name or path of the libusb 1.0 to use: the system's, else libusb-package's.

    `CHDKSHELL_LIBUSB` overrides the order. Raises `ConnectError` where none can be loaded.
    """
    wanted = os.environ.get(LIBRARY_VARIABLE, "")
    known: dict[str, tuple[Callable[[], str | None], ...]] = {
        "": (_system_library, _package_library),
        "system": (_system_library,),
        "package": (_package_library,),
    }
    if wanted in known:
        library = next(filter(None, (find() for find in known[wanted])), None)
    else:
        library = wanted if _loads(wanted) else None
    if library is None:
        what = f"libusb ({LIBRARY_VARIABLE}={wanted})" if wanted else "libusb 1.0"
        raise ConnectError(
            f"{what} cannot be loaded",
            "install it: `pip install libusb-package`, or the system's package libusb-1.0",
        )
    return library


def open_backend() -> Any:
    """Return a pyusb backend with a libusb context of its own.

    pyusb keeps one context for the life of the process. A camera that was plugged in again since is
    seen only by a context that is told by udev, which does not run in a container, or by a new one.

    Raises `NoDeviceError` where the computer has no USB, `ConnectError` where libusb is missing.
    """
    library = find_libusb()
    from usb.backend import libusb1

    with _pyusb_state:
        libusb1._lib_object = None
        backend = libusb1.get_backend(find_library=lambda _name: library)
        libusb1._lib_object = None
    if backend is None:
        raise NoDeviceError("libusb finds no USB on this computer")
    return backend


# ---- the devices --------------------------------------------------------------------------------


def still_image_interface(device: Any) -> Any:
    """Return the PTP interface of a pyusb device, or None where it has none."""
    for configuration in device:
        for interface in configuration:
            kind = (
                interface.bInterfaceClass,
                interface.bInterfaceSubClass,
                interface.bInterfaceProtocol,
            )
            if kind == STILL_IMAGE_INTERFACE:
                return interface
    return None


def _is_camera(device: Any) -> bool:
    import usb.core

    try:
        return still_image_interface(device) is not None
    except (usb.core.USBError, NotImplementedError):
        # Better a Canon that cannot be used in the list, with the reason, than none at all.
        return bool(device.idVendor == CANON_VENDOR_ID)


def find_cameras(backend: Any, vendor: int | None = CANON_VENDOR_ID) -> list[Any]:
    """Return the PTP cameras of `vendor` (None: of any) as pyusb devices, and open none.

    They come in the order of bus and address.
    """
    import usb.core

    cameras = []
    for wrapper in backend.enumerate_devices():
        # libusb must not end a context before its devices are given back, and Python drops the two
        # in any order unless one holds the other.
        wrapper.backend = backend
        device = usb.core.Device(wrapper, backend)
        if (vendor is None or device.idVendor == vendor) and _is_camera(device):
            cameras.append(device)
    return sorted(cameras, key=lambda device: (device.bus or 0, device.address or 0))


def describe(device: Any) -> Device:
    """Open a camera for a moment to ask for its names, and whether it could be used."""
    import usb.core
    import usb.util

    model = serial = None
    problem = ""
    device.default_timeout = _STRING_TIMEOUT
    try:
        device.get_active_configuration()
        model, serial = _string(device, device.iProduct), _string(device, device.iSerialNumber)
        interface = still_image_interface(device).bInterfaceNumber
        if not _kernel_driver_active(device, interface):
            usb.util.claim_interface(device, interface)
    except (usb.core.USBError, NotImplementedError) as error:
        problem = str(connect_error(error, device))
    finally:
        usb.util.dispose_resources(device)
    place = location(device)
    bus, _, number = place.partition(":")
    return Device(
        address=f"usb:{place}",
        bus=bus,
        device=number,
        vendor_id=device.idVendor,
        product_id=device.idProduct,
        model=model,
        serial=serial,
        problem=problem,
    )


def _string(device: Any, index: int) -> str | None:
    import usb.core
    import usb.util

    if not index:
        return None
    try:
        return printable(usb.util.get_string(device, index).rstrip("\0"))
    except (usb.core.USBError, ValueError):
        # A camera without this string, or with a broken one, can still be used.
        return None


def _kernel_driver_active(device: Any, interface: int) -> bool:
    try:
        return bool(device.is_kernel_driver_active(interface))
    except NotImplementedError:
        return False


# ---- the choice ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Choice:
    """Which camera an address asks for. None and "" stand for any.

    `serial` and `model` are parts of the camera's string descriptors, in any case.
    """

    bus: int | None = None
    address: int | None = None
    vendor: int | None = CANON_VENDOR_ID
    product: int | None = None
    serial: str = ""
    model: str = ""

    @classmethod
    def parse(cls, rest: str) -> Choice:
        """Read what follows "usb:" in an address. Raises `UsageError`.

        `BUS:ADDRESS` and the options bus, dev, vid (or vendor; "any"), pid (or product), serial
        and model, joined by commas.
        """
        place = re.match(r"(\d{1,3}):(\d{1,3})(?:,|$)", rest)
        bus, address = (int(place[1]), int(place[2])) if place else (None, None)
        options = address_options(rest[place.end() :] if place else rest)
        vendor = _take(options, "vid", "vendor")
        choice = cls(
            bus=_number("bus", options.pop("bus", None), bus),
            address=_number("dev", options.pop("dev", None), address),
            vendor=None if vendor == "any" else _number("vid", vendor, CANON_VENDOR_ID),
            product=_number("pid", _take(options, "pid", "product"), None),
            serial=options.pop("serial", ""),
            model=options.pop("model", ""),
        )
        for key in options:
            raise UsageError(
                f"'{key}' is not an option of a USB address",
                "known are bus, dev, vid, pid, serial and model",
            )
        return choice

    def fits_descriptor(self, device: Any) -> bool:
        """Whether the camera may be meant, as far as can be told without opening it."""
        return (
            self.bus in (None, device.bus)
            and self.address in (None, device.address)
            and self.product in (None, device.idProduct)
        )

    def fits_strings(self, info: Device) -> bool:
        """Whether the camera's own names fit."""
        return (
            self.serial.lower() in (info.serial or "").lower()
            and self.model.lower() in (info.model or "").lower()
        )


def _take(options: dict[str, str], *keys: str) -> str | None:
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


def choose(devices: list[Any], choice: Choice, asked: str) -> Any:
    """Return the one camera among `devices` that `choice` means; `asked` is the user's text.

    Raises `NoDeviceError`, `AmbiguousDeviceError`, or the reason why a camera that might be meant
    could not be asked for its name.
    """
    fitting = [device for device in devices if choice.fits_descriptor(device)]
    if choice.serial or choice.model:
        fitting = _fitting_strings(fitting, choice)
    if not fitting:
        matches = f" that matches '{asked}'" if asked else ""
        raise NoDeviceError(f"there is no camera{matches} on USB")
    if len(fitting) > 1:
        names = ", ".join(_label(describe(device)) for device in fitting)
        raise AmbiguousDeviceError(
            f"{len(fitting)} cameras fit: {names}",
            "name one, as in `connect usb:BUS:ADDRESS` or `connect usb:serial=…`",
        )
    return fitting[0]


def _fitting_strings(devices: list[Any], choice: Choice) -> list[Any]:
    rows = [(device, describe(device)) for device in devices]
    fitting = [device for device, info in rows if choice.fits_strings(info)]
    nameless = [info for _, info in rows if info.problem and info.model is None]
    if not fitting and nameless:
        raise PermissionDeniedError(
            f"no camera with that name; one could not be asked: {nameless[0].problem}",
            permission_hint(),
        )
    return fitting


def _label(info: Device) -> str:
    names = [info.model or "unknown model", *([f"serial {info.serial}"] if info.serial else [])]
    return f"{info.address} ({', '.join(names)})"
