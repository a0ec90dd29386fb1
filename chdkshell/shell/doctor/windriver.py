"""Which driver Windows has given a camera, as its registry tells it."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Sequence

from chdkshell.errors import printable
from chdkshell.reasons import Reason
from chdkshell.shell.advice import step_for
from chdkshell.shell.doctor.finding import Finding
from chdkshell.transport.base import Device, DeviceState

WINUSB = "winusb"
"""The driver that libusb can use without a library of its own."""


def driver_names(vendor: int, product: int) -> list[str]:
    """Return the drivers of a model of camera, one for each port it ever hung on.

    None are told on other systems, or where the registry does not have it.
    """
    if sys.platform != "win32":
        return []
    import winreg

    names: list[str] = []
    path = rf"SYSTEM\CurrentControlSet\Enum\USB\VID_{vendor:04X}&PID_{product:04X}"
    with contextlib.suppress(OSError), winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, path) as model:
        for index in range(winreg.QueryInfoKey(model)[0]):
            with (
                contextlib.suppress(OSError),
                winreg.OpenKey(model, winreg.EnumKey(model, index)) as one,
            ):
                names.append(str(winreg.QueryValueEx(one, "Service")[0]))
    return names


def understood(device: Device, names: Sequence[str]) -> Device:
    """Return a camera with what its drivers tell about why it cannot be opened.

    Windows says the same of a driver that cannot be used and of a camera that is in use.
    """
    if device.reason is not Reason.NO_DRIVER or _known(names) != {WINUSB}:
        return device
    problem = f"the camera at {device.address} is in use by another program"
    return device._replace(state=DeviceState.IN_USE, reason=Reason.IN_USE, problem=problem)


def check_driver(device: Device, names: Sequence[str]) -> Finding | None:
    """Return what the drivers of a camera come to, None where none is told."""
    known = _known(names)
    if not known:
        return None
    seen = printable(f"{', '.join(dict.fromkeys(names))} ({device.address})")
    if not device.problem or known == {WINUSB}:
        return Finding("driver", True, seen)
    if WINUSB in known:
        return Finding("driver", None, f"{seen}: Windows keeps one for each port")
    mend = step_for(Reason.NO_DRIVER, platform="win32")
    return Finding("driver", False, f"{seen}, which libusb cannot use", mend)


def _known(names: Sequence[str]) -> set[str]:
    return {name.lower() for name in names}
