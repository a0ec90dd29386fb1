"""Why a USB camera cannot be used, and what mends it: errors by errno, and who holds the device."""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path
from typing import Any

from chdkshell.errors import (
    ChdkShellError,
    ConnectError,
    DeviceBusyError,
    DisconnectedError,
    FramingError,
    PermissionDeniedError,
    TransportError,
    printable,
)
from chdkshell.ptp.codes import CANON_VENDOR_ID
from chdkshell.reasons import Reason
from chdkshell.transport import usb_system
from chdkshell.transport.base import OTHER_MAKER
from chdkshell.transport.usb_system import UsbSystem, mac_candidates


def location(device: Any) -> str:
    """Return bus and address as they stand in an address: "001:004"."""
    return f"{device.bus or 0:03d}:{device.address or 0:03d}"


def address_of(device: Any) -> str:
    """Return the address of a camera: one that is no Canon's says that any maker's is meant."""
    more = "" if device.idVendor == CANON_VENDOR_ID else OTHER_MAKER
    return f"usb:{location(device)}{more}"


def port(device: Any) -> str:
    """Return the port that a pyusb device hangs on, through its hubs: "1-4.2" is bus 1, port 4.2.

    It stays the same for a camera that is plugged in again. "" where libusb does not tell it.
    """
    numbers = getattr(device, "port_numbers", None)
    return f"{device.bus or 0}-{'.'.join(map(str, numbers))}" if numbers else ""


def place(device: Any) -> str:
    """Return the port in words, for people and to compare: "USB port 1-4.2"."""
    found = port(device)
    return f"USB port {found}" if found else ""


def connect_error(
    error: OSError | NotImplementedError, device: Any, system: UsbSystem | None = None
) -> ChdkShellError:
    """Return the error to raise where a camera could not be opened or claimed on `system`."""
    system = system or usb_system.SYSTEM
    name = f"the camera at usb:{location(device)}"
    code = error.errno if isinstance(error, OSError) else errno.ENOSYS
    if code == errno.EBUSY or (code == errno.EACCES and system.name == "darwin"):
        return _in_use(name, device, system)
    if system.name == "win32" and code in _DRIVER_CODES:
        other = ", or another program has it" if code == errno.EACCES else ""
        return ConnectError(
            f"{name} has no driver that programs can use{other}", reason=Reason.NO_DRIVER
        )
    if code == errno.EACCES:
        return PermissionDeniedError(f"no permission to open {name}")
    if code in (errno.ENODEV, errno.ENXIO):
        return DisconnectedError(f"{name} went away")
    return ConnectError(
        f"{name} could not be opened: {_told(error)}",
        reason=Reason.CANNOT_OPEN,
    )


_DRIVER_CODES = (errno.EACCES, errno.ENOSYS, errno.ENOENT)
"""How libusb says on Windows that the camera has a driver that it cannot use, or none.

It is EACCES as well where another program has opened the camera: Windows tells no more.
"""


def _in_use(name: str, device: Any, system: UsbSystem) -> DeviceBusyError:
    if system.name == "darwin":
        holder = " or ".join(mac_candidates())
        who = f"another program, most likely {holder}" if holder else "another program"
    else:
        holder = " and ".join(holders(device.bus, device.address))
        who = holder or "another program"
    return DeviceBusyError(f"{name} is in use by {who}", holder=holder)


def _told(error: OSError | NotImplementedError) -> str:
    return (error.strerror if isinstance(error, OSError) else "") or str(error)


def holders(bus: int, address: int) -> list[str]:
    """Return the programs that have the device's node open, as "name (pid)". Linux only.

    Those of other users cannot be seen and are missing.
    """
    node = f"/dev/bus/usb/{bus:03d}/{address:03d}"
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        if process.name == str(os.getpid()):
            continue
        with contextlib.suppress(OSError):
            if any(str(link.readlink()) == node for link in (process / "fd").iterdir()):
                name = printable((process / "comm").read_text(errors="replace").strip())
                found.append(f"{name} (pid {process.name})")
    return found


def transfer_error(error: OSError | NotImplementedError) -> TransportError:
    """Return the error to raise where a transfer to an open camera failed."""
    code = error.errno if isinstance(error, OSError) else errno.ENOSYS
    if code in (errno.ENODEV, errno.ENOENT, errno.ESHUTDOWN):
        return DisconnectedError("the camera went away: unplugged, switched off or asleep")
    if code == errno.EIO:
        return DisconnectedError("the USB transfer failed: the camera or its cable came loose")
    if code == errno.EOVERFLOW:
        return FramingError("the camera sent more in one packet than USB allows")
    return TransportError(f"the USB transfer failed: {_told(error)}")
