"""What users read where a camera on USB cannot be used: a table by system and by libusb's error."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from types import SimpleNamespace

import usb.core

from chdkshell.errors import ChdkShellError
from chdkshell.shell.advice import next_step
from chdkshell.transport import usb_system
from chdkshell.transport.usb_errors import connect_error, transfer_error

PLATFORMS = ("linux", "darwin", "win32")

MAC_PROGRAMS = "    1 launchd\n  412 /usr/libexec/ptpcamerad\n  700 Photos\n"

CODES: dict[str, tuple[str, int | None]] = {
    "IO": ("Input/Output Error", errno.EIO),
    "INVALID_PARAM": ("Invalid parameter", errno.EINVAL),
    "ACCESS": ("Access denied (insufficient permissions)", errno.EACCES),
    "NO_DEVICE": ("No such device (it may have been disconnected)", errno.ENODEV),
    "NOT_FOUND": ("Entity not found", errno.ENOENT),
    "BUSY": ("Resource busy", errno.EBUSY),
    "TIMEOUT": ("Operation timed out", errno.ETIMEDOUT),
    "OVERFLOW": ("Overflow", errno.EOVERFLOW),
    "PIPE": ("Pipe error", errno.EPIPE),
    "INTERRUPTED": ("System call interrupted (perhaps due to signal)", errno.EINTR),
    "NO_MEM": ("Insufficient memory", errno.ENOMEM),
    "NOT_SUPPORTED": ("Operation not supported or unimplemented on this platform", errno.ENOSYS),
    "OTHER": ("Unknown error", None),
}
"""libusb's errors as pyusb tells them: text, and errno."""


def raised(name: str) -> OSError | NotImplementedError:
    """Return what pyusb raises for an error of libusb."""
    text, code = CODES[name]
    if name == "NOT_SUPPORTED":
        return NotImplementedError(text)
    error: OSError = usb.core.USBError(text, -1, code)
    return error


def shown(error: ChdkShellError, platform: str) -> str:
    """Return an error as the program prints it."""
    step = next_step(error, platform)
    return f"ERROR: {error}; {step}" if step else f"ERROR: {error}"


def table() -> Iterator[str]:
    """Yield the lines of the table."""
    device = SimpleNamespace(bus=1, address=5, port_numbers=(4,))
    for platform in PLATFORMS:
        yield f"==== {platform}: a camera that cannot be opened"
        for name in CODES:
            error = connect_error(raised(name), device, usb_system.usb_system(platform))
            yield f"{name} [{error.reason.value}]"
            yield f"  {shown(error, platform)}"
        yield f"==== {platform}: a transfer that failed"
        for name in CODES:
            failed = transfer_error(raised(name))
            yield f"{name} [{failed.reason.value}]"
            yield f"  {shown(failed, platform)}"
