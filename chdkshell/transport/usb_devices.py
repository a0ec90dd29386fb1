"""The USB cameras that are there: libusb, and what each camera says of itself.

pyusb is imported where it is first used, since it costs start-up time that most commands need not
pay.
"""

from __future__ import annotations

import ctypes
import os
import threading
import weakref
from collections.abc import Callable
from typing import Any

from chdkshell.errors import (
    ChdkShellError,
    ConnectError,
    DeviceBusyError,
    NoDeviceError,
    PermissionDeniedError,
    printable,
)
from chdkshell.ptp.codes import CANON_VENDOR_ID
from chdkshell.reasons import Reason
from chdkshell.transport import usb_system
from chdkshell.transport.base import Device, DeviceState
from chdkshell.transport.usb_errors import (
    address_of,
    connect_error,
    location,
    place,
)

STILL_IMAGE_INTERFACE = (6, 1, 1)
"""Class, subclass and protocol of a PTP interface (USB still image capture device, 1.0)."""

LIBRARY_VARIABLE = "CHDKSHELL_LIBUSB"
"""Environment variable that chooses libusb: "system", "package" (libusb-package), or a path."""

_STRING_TIMEOUT = 500
"""Milliseconds for one string descriptor: a listing must not hang on a camera that is stuck."""

_pyusb_state = threading.Lock()


# ---- libusb -------------------------------------------------------------------------------------


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def _system_library() -> str | None:
    return next(filter(_loads, usb_system.SYSTEM.libraries), None)


def _package_library() -> str | None:
    try:
        import libusb_package
    except ImportError:
        return None
    path = libusb_package.get_library_path()
    return str(path) if path is not None and _loads(str(path)) else None


def find_libusb() -> str:
    """Return the name or path of the libusb 1.0 to use: the system's, else libusb-package's.

    On Windows that of the package goes first. `CHDKSHELL_LIBUSB` overrides the order. Raises
    `ConnectError` where none can be loaded.
    """
    wanted = os.environ.get(LIBRARY_VARIABLE, "")
    both = (_system_library, _package_library)
    known: dict[str, tuple[Callable[[], str | None], ...]] = {
        "": both[::-1] if usb_system.SYSTEM.package_first else both,
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
            reason=Reason.NO_LIBUSB,
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


def outlives(backend: Any, wrapper: Any) -> None:
    """Have a libusb context end only when one of its devices has been given back.

    Else the process crashes. An attribute alone is not enough: where both are in a cycle, such as
    one with the traceback of an error, Python finalizes them in any order. What `finalize` holds
    until the wrapper goes is no part of the cycle, so it is finalized after that. The context does
    not lead to its devices, which would then stay.
    """
    wrapper.backend = backend
    weakref.finalize(wrapper, lambda _: None, backend)


def find_cameras(backend: Any, vendor: int | None = CANON_VENDOR_ID) -> list[Any]:
    """Return the PTP cameras of `vendor` (None: of any) as pyusb devices, and open none.

    They come in the order of bus and address.
    """
    import usb.core

    cameras = []
    for wrapper in list(backend.enumerate_devices()):
        outlives(backend, wrapper)
        device = usb.core.Device(wrapper, backend)
        if (vendor is None or device.idVendor == vendor) and _is_camera(device):
            cameras.append(device)
    return sorted(cameras, key=lambda device: (device.bus or 0, device.address or 0))


held: set[str] = set()
"""Where the cameras are that this process has open, as "001:004". `UsbLink` keeps it."""


def describe(device: Any, *, claims: bool = True) -> Device:
    """Open a camera for a moment to ask for its names, and whether it could be used.

    One that this process has open is left alone. Where it `claims` the camera no other program can
    use it for that moment; else only what opening it tells is known of whether it could be used.
    """
    where = location(device)
    bus, _, number = where.partition(":")
    there = Device(
        address=address_of(device),
        bus=bus,
        device=number,
        vendor_id=device.idVendor,
        product_id=device.idProduct,
        place=place(device),
    )
    if where in held:
        return there._replace(state=DeviceState.CONNECTED)
    return _asked(device, there, claims)


def _asked(device: Any, there: Device, claims: bool) -> Device:
    import usb.core
    import usb.util

    device.default_timeout = _STRING_TIMEOUT
    try:
        device.get_active_configuration()
        model, serial = _string(device, device.iProduct), _string(device, device.iSerialNumber)
        there = there._replace(model=model, serial=serial)
        interface = still_image_interface(device).bInterfaceNumber
        if claims and not (usb_system.SYSTEM.detaches and _kernel_driver_active(device, interface)):
            usb.util.claim_interface(device, interface)
    except (usb.core.USBError, NotImplementedError) as error:
        return with_problem(there, connect_error(error, device))
    finally:
        usb.util.dispose_resources(device)
    return there


def with_problem(device: Device, error: ChdkShellError) -> Device:
    """Return `device` with the reason why it cannot be used."""
    state, holder = DeviceState.FAILED, ""
    if isinstance(error, DeviceBusyError):
        state, holder = DeviceState.IN_USE, error.holder
    elif isinstance(error, PermissionDeniedError):
        state = DeviceState.NOT_PERMITTED
    return device._replace(state=state, holder=holder, problem=str(error), reason=error.reason)


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
