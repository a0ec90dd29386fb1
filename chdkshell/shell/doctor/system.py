"""What a computer shows of its USB and its programs. Reads only, and from any root folder."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from chdkshell.errors import printable

STILL_IMAGE_CLASS = "06"
"""The class of a PTP interface, as sysfs writes it (USB still image capture device, 1.0)."""

CANON_VENDOR_ID = 0x04A9

_COMMAND_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class UsbNode:
    """A camera that the kernel has found, and the node through which programs reach it."""

    bus: int
    device: int
    vendor_id: int
    product_id: int
    model: str

    @property
    def address(self) -> str:
        """The camera's address, as `connect` takes it."""
        return f"usb:{self.bus:03d}:{self.device:03d}"

    @property
    def path(self) -> str:
        """The node's path."""
        return f"/dev/bus/usb/{self.bus:03d}/{self.device:03d}"


@dataclass(frozen=True, slots=True)
class Program:
    """A running program. `open_nodes` are the USB device nodes that it has open."""

    pid: int
    name: str
    open_nodes: frozenset[str] = frozenset()

    @property
    def label(self) -> str:
        """The program as it is shown to people."""
        return printable(f"{self.name} (pid {self.pid})")


def _may_open(path: Path) -> bool:
    return os.access(path, os.R_OK | os.W_OK)


def _output_of(command: list[str]) -> str:
    try:
        result = subprocess.run(
            command, capture_output=True, text=True, timeout=_COMMAND_SECONDS, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return result.stdout


@dataclass(frozen=True, slots=True)
class SystemView:
    """A computer, seen through its files below `root`.

    `may_open` tells whether this user may read and write a device node, and `output_of` runs a
    command that only tells something. `pid` is this process, which is left out of the programs.
    """

    root: Path = Path("/")
    platform: str = sys.platform
    pid: int = field(default_factory=os.getpid)
    may_open: Callable[[Path], bool] = _may_open
    output_of: Callable[[list[str]], str] = _output_of

    def path(self, path: str) -> Path:
        """Return where the absolute `path` of the computer lies."""
        return self.root / path.lstrip("/")

    @property
    def is_linux(self) -> bool:
        """Whether there are Linux's /proc, /sys and udev to look at."""
        return self.platform == "linux"

    @property
    def is_container(self) -> bool:
        """Whether this looks like a container, in which USB is there only if it is passed in."""
        return any(self.path(p).exists() for p in ("/.dockerenv", "/run/.containerenv"))

    @property
    def has_usb_nodes(self) -> bool:
        """Whether there is a folder of USB device nodes."""
        return self.path("/dev/bus/usb").is_dir()

    @property
    def has_usb_kernel(self) -> bool:
        """Whether the kernel shows a USB bus."""
        return self.path("/sys/bus/usb/devices").is_dir()

    @property
    def runs_udev(self) -> bool:
        """Whether udev runs, so that its rules have an effect."""
        return self.path("/run/udev").is_dir()

    def cameras(self) -> list[UsbNode]:
        """Return the devices with a PTP interface that the kernel shows."""
        folder = self.path("/sys/bus/usb/devices")
        entries = sorted(folder.iterdir()) if folder.is_dir() else []
        return [node for entry in entries if (node := _camera(entry)) is not None]

    def programs(self) -> list[Program]:
        """Return the other programs that run. Those of other users may lack their open nodes."""
        if self.platform == "darwin":
            return list(_parse_ps(self.output_of(["ps", "-axco", "pid=,comm="])))
        if not self.is_linux:
            return []
        folders = [p for p in self.path("/proc").glob("[0-9]*") if p.name != str(self.pid)]
        return [_program(p) for p in sorted(folders, key=lambda p: int(p.name))]


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace").strip()
    except OSError:
        return ""


def _camera(entry: Path) -> UsbNode | None:
    """Read a device in sysfs. Returns None where it is no camera."""
    try:
        vendor, product = int(_read(entry / "idVendor"), 16), int(_read(entry / "idProduct"), 16)
        bus, device = int(_read(entry / "busnum")), int(_read(entry / "devnum"))
    except ValueError:
        return None
    classes = {_read(path) for path in entry.glob("*:*/bInterfaceClass")}
    if STILL_IMAGE_CLASS not in classes and (classes or vendor != CANON_VENDOR_ID):
        return None
    return UsbNode(bus, device, vendor, product, _read(entry / "product"))


def _program(folder: Path) -> Program:
    # the name in `comm` is cut after 15 letters
    command = _read(folder / "cmdline").partition("\0")[0]
    name = PurePosixPath(command).name or _read(folder / "comm")
    nodes = set()
    with contextlib.suppress(OSError):
        for link in (folder / "fd").iterdir():
            with contextlib.suppress(OSError):
                target = str(link.readlink())
                if target.startswith("/dev/bus/usb/"):
                    nodes.add(target)
    return Program(int(folder.name), name, frozenset(nodes))


def _parse_ps(output: str) -> Iterator[Program]:
    for line in output.splitlines():
        number, _, name = line.strip().partition(" ")
        if number.isdigit():
            yield Program(int(number), PurePosixPath(name.strip()).name)
