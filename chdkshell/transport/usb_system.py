"""Where systems differ on USB: which libusb there is, what it can do, who takes cameras."""

from __future__ import annotations

import ctypes.util
import sys
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import NamedTuple

from chdkshell.errors import printable

CAMERA_DAEMONS = ("ptpcamerad", "PTPCamera")
"""What macOS starts by itself where a camera appears."""

CAMERA_PROGRAMS = (*CAMERA_DAEMONS, "Image Capture", "Photos", "Preview")
"""Programs of macOS that take cameras for themselves, by the names of their processes."""

_COMMAND_SECONDS = 5.0


class UsbSystem(NamedTuple):
    """A system, by the name that `sys.platform` has there.

    `libraries` are the names of its own libusb; libusb-package's goes first with `package_first`.
    `detaches`: a driver of the system gives the camera up when it is told to. `resets_port`: a port
    can be reset, and the camera is still ours after it. `read_floor`: milliseconds that a read must
    be allowed to take, since the bytes of one that ends sooner are lost. `claim_seconds`: how long
    a camera that another program has is tried again.
    """

    name: str
    libraries: tuple[str, ...] = ()
    package_first: bool = False
    detaches: bool = True
    resets_port: bool = True
    read_floor: int = 1
    claim_seconds: float = 1.0


LINUX = UsbSystem("linux", ("libusb-1.0.so.0",))

DARWIN = UsbSystem(
    "darwin",
    (
        "libusb-1.0.dylib",
        "/opt/homebrew/lib/libusb-1.0.dylib",
        "/usr/local/lib/libusb-1.0.dylib",
        "/opt/local/lib/libusb-1.0.dylib",
    ),
    # Both make the camera appear anew, and macOS gives it to ptpcamerad then.
    detaches=False,
    resets_port=False,
    # IOKit ends the transfer and does not tell what it had taken until then.
    read_floor=1000,
    # launchd starts ptpcamerad again after it was ended: one has to be quicker than it is.
    claim_seconds=5.0,
)

WINDOWS = UsbSystem(
    "win32",
    ("libusb-1.0.dll",),
    # What lies in System32 was put there by some other program, maybe long ago.
    package_first=True,
    detaches=False,
    # WinUSB resets the pipes and leaves the camera as it is.
    resets_port=False,
)


def usb_system(platform: str) -> UsbSystem:
    """Return the system with that `sys.platform`."""
    for system in (LINUX, DARWIN, WINDOWS):
        if system.name == platform:
            return system
    found = ctypes.util.find_library("usb-1.0")
    return UsbSystem(platform, () if found is None else (found,))


SYSTEM = usb_system(sys.platform)
"""The system that this program runs on."""


def command_output(command: list[str]) -> str:
    """Return what a command prints that only tells something, "" where it cannot be had."""
    import subprocess

    try:
        result = subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_COMMAND_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return result.stdout


def mac_programs(output_of: Callable[[list[str]], str]) -> list[tuple[int, str]]:
    """Return process ids and names of the programs that run on macOS; none where it is not told."""
    found = []
    for line in output_of(["ps", "axco", "pid=,comm="]).splitlines():
        number, _, name = line.strip().partition(" ")
        if number.isdigit():
            found.append((int(number), PurePosixPath(name.strip()).name))
    return found


def mac_candidates() -> list[str]:
    """Return the programs that may have the camera on macOS, which does not tell which one has."""
    programs = mac_programs(command_output)
    return [printable(f"{name} (pid {pid})") for pid, name in programs if name in CAMERA_PROGRAMS]
