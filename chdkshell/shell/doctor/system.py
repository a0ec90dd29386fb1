"""What a computer shows of its USB and its programs. Reads only, and from any root folder."""

from __future__ import annotations

import contextlib
import csv
import getpass
import os
import platform
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from chdkshell.errors import printable
from chdkshell.ptp.codes import CANON_VENDOR_ID
from chdkshell.shell.doctor.windriver import driver_names
from chdkshell.transport.usb_system import command_output, mac_programs

STILL_IMAGE_CLASS = "06"
"""The class of a PTP interface, as sysfs writes it (USB still image capture device, 1.0)."""


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
class RunningProgram:
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


def _release() -> str:
    """Return name and version of this system."""
    if sys.platform == "darwin":
        return f"macOS {platform.mac_ver()[0]}"
    return f"{platform.system()} {platform.release()}"


def _python() -> str:
    width = "" if sys.maxsize > 1 << 32 else ", 32 bits"
    return f"Python {platform.python_version()} ({platform.machine()}{width})"


def _own_groups() -> frozenset[str]:
    """Return the names of the groups in which this process is. None are told on Windows."""
    if sys.platform == "win32":
        return frozenset()
    import grp

    names = set()
    for number in {os.getegid(), *os.getgroups()}:
        with contextlib.suppress(KeyError):
            names.add(grp.getgrgid(number).gr_name)
    return frozenset(names)


def _own_name() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "USER"


@dataclass(frozen=True, slots=True)
class SystemView:
    """A computer, seen through its files below `root`.

    `may_open` tells whether this user may read and write a device node, and `output_of` runs a
    command that only tells something. `own` are this process and the one that started it, which
    are left out of the programs. `drivers` tells the drivers of a model by its USB ids. `release`
    names the system where no file does, and `python` what runs this program.
    """

    root: Path = Path("/")
    platform: str = sys.platform
    own: tuple[int, ...] = field(default_factory=lambda: (os.getpid(), os.getppid()))
    may_open: Callable[[Path], bool] = _may_open
    output_of: Callable[[list[str]], str] = command_output
    user: str = field(default_factory=_own_name)
    groups: frozenset[str] = field(default_factory=_own_groups)
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    drivers: Callable[[int, int], list[str]] = driver_names
    release: str = field(default_factory=_release)
    python: str = field(default_factory=_python)

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
        return [node for entry in entries if (node := camera_at(entry)) is not None]

    def programs(self) -> list[RunningProgram] | None:
        """Return the other programs that run, or None where the system does not tell.

        Those of other users may lack their open nodes.
        """
        found: list[RunningProgram] = []
        if self.is_linux:
            folders = [p for p in self.path("/proc").glob("[0-9]*") if p.name.isdigit()]
            found = [_program(p) for p in sorted(folders, key=lambda p: int(p.name))]
        elif self.platform == "darwin":
            found = [RunningProgram(pid, name) for pid, name in mac_programs(self.output_of)]
        elif self.platform == "win32":
            found = list(_parse_tasklist(self.output_of(["tasklist", "/fo", "csv", "/nh"])))
        if not found and not self.is_linux:
            return None
        return [program for program in found if program.pid not in self.own]

    # ---- this user's session --------------------------------------------------------------------

    def has_seat(self) -> bool | None:
        """Whether this user has the session at screen and keyboard; None where nothing tells.

        Only that user is given what udev's uaccess gives.
        """
        told = self.output_of(["loginctl", "show-seat", "seat0", "-p", "Id", "-p", "ActiveSession"])
        seat = dict(line.partition("=")[::2] for line in told.splitlines())
        if "Id" in seat:
            session = seat.get("ActiveSession", "")
            if not session:
                return False
            name = self.output_of(["loginctl", "show-session", session, "-p", "Name"])
            return name.strip() == f"Name={self.user}"
        if self.environ.get("XDG_SEAT"):
            return True
        return False if self.environ.get("SSH_CONNECTION") else None

    def group_members(self) -> dict[str, list[str]]:
        """Return the groups and who was put into each, which counts from the next login on."""
        lines = [line.split(":") for line in contents(self.path("/etc/group")).splitlines()]
        return {fields[0]: fields[-1].split(",") for fields in lines if len(fields) == 4}

    # ---- the system -----------------------------------------------------------------------------

    @property
    def label(self) -> str:
        """System and computer as they are shown to people."""
        names = re.findall(
            r'^PRETTY_NAME="?([^"\n]+)', contents(self.path("/etc/os-release")), re.M
        )
        name = names[0] if names and self.is_linux else self.release
        board = contents(self.path("/proc/device-tree/model")).rstrip("\0")
        return printable(", ".join(filter(None, (name, board, self.python))))


def contents(path: Path) -> str:
    """Return the text of a file without white space around it; "" where it cannot be read."""
    try:
        return path.read_text(errors="replace").strip()
    except OSError:
        return ""


def camera_at(entry: Path) -> UsbNode | None:
    """Read a device in sysfs. Returns None where it is no camera."""
    try:
        vendor, product = (
            int(contents(entry / "idVendor"), 16),
            int(contents(entry / "idProduct"), 16),
        )
        bus, device = int(contents(entry / "busnum")), int(contents(entry / "devnum"))
    except ValueError:
        return None
    classes = {contents(path) for path in entry.glob("*:*/bInterfaceClass")}
    if STILL_IMAGE_CLASS not in classes and (classes or vendor != CANON_VENDOR_ID):
        return None
    return UsbNode(bus, device, vendor, product, contents(entry / "product"))


def _program(folder: Path) -> RunningProgram:
    # the name in `comm` is cut after 15 letters
    command = contents(folder / "cmdline").partition("\0")[0]
    name = PurePosixPath(command).name or contents(folder / "comm")
    nodes = set()
    with contextlib.suppress(OSError):
        for link in (folder / "fd").iterdir():
            with contextlib.suppress(OSError):
                target = str(link.readlink())
                if target.startswith("/dev/bus/usb/"):
                    nodes.add(target)
    return RunningProgram(int(folder.name), name, frozenset(nodes))


def _parse_tasklist(output: str) -> Iterator[RunningProgram]:
    for row in csv.reader(output.splitlines()):
        if len(row) > 1 and row[1].isdigit():
            yield RunningProgram(int(row[1]), row[0])
