"""The checks, in the order in which a connection needs what they look at."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chdkshell.chdk.constants import PROTOCOL_VERSION, ScriptSupport
from chdkshell.errors import ChdkShellError, printable
from chdkshell.reasons import Reason
from chdkshell.shell.advice import next_step, step_for
from chdkshell.shell.doctor.rules import find_rule, udev_rule
from chdkshell.shell.doctor.system import Program, SystemView, UsbNode
from chdkshell.transport.base import Device
from chdkshell.transport.usb_devices import find_libusb

if TYPE_CHECKING:
    from chdkshell.camera import Camera

_STOP_GVFS = "systemctl --user stop gvfs-gphoto2-volume-monitor && gio mount -s gphoto2"

_GRABBERS = {
    "gvfs-gphoto2-volume-monitor": _STOP_GVFS,
    "gvfsd-gphoto2": "gio mount -s gphoto2",
    "gphoto2": "",
    "darktable": "",
    "ptpcamerad": "killall -9 ptpcamerad",
    "PTPCamera": "killall -9 PTPCamera",
}
"""Programs that take cameras for themselves, and what makes them let go ("": end the program)."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found.

    `ok` is None where nothing was wrong but something is worth knowing, or where there was nothing
    to check. `mend` is the command, or the one step, that mends it; "" where nothing has to be.
    """

    check: str
    ok: bool | None
    seen: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class LibusbInfo:
    """The libusb in use. `origin` says where it comes from."""

    library: str
    version: str
    origin: str


class _LibusbVersion(ctypes.Structure):
    """What libusb_get_version returns a pointer to (libusb.h, struct libusb_version)."""

    _fields_ = (
        ("major", ctypes.c_uint16),
        ("minor", ctypes.c_uint16),
        ("micro", ctypes.c_uint16),
        ("nano", ctypes.c_uint16),
    )


def libusb_info() -> LibusbInfo:
    """Return the libusb that connections over USB use. Raises `ConnectError` without one."""
    library = find_libusb()
    get_version = ctypes.CDLL(library).libusb_get_version
    get_version.restype = ctypes.POINTER(_LibusbVersion)
    version = get_version().contents
    origin = "libusb-package" if "libusb_package" in library else "the system"
    return LibusbInfo(library, f"{version.major}.{version.minor}.{version.micro}", origin)


def _list_usb() -> list[Device]:
    from chdkshell.transport.base import list_devices

    return list_devices("usb")


def _connect(address: str) -> Camera:
    from chdkshell.camera import connect

    return connect(address)


@dataclass(frozen=True, slots=True)
class Doctor:
    """Runs the checks. Everything that they look at can be replaced.

    `libusb` tells which libusb is used, `devices` lists the cameras on USB, `connect` connects to
    one. `connected` are the cameras that this program holds already: they are asked as they are.
    """

    system: SystemView = field(default_factory=SystemView)
    libusb: Callable[[], LibusbInfo] = libusb_info
    devices: Callable[[], list[Device]] = _list_usb
    connect: Callable[[str], Camera] = _connect
    connected: Sequence[Camera] = ()

    def findings(self) -> Iterator[Finding]:
        """Yield what each check finds. Changes nothing, and raises nothing for what is wrong."""
        yield self._check_libusb()
        devices, problem = self._listed()
        nodes = self._nodes(devices)
        if not nodes and self._lacks_usb():
            yield self._no_usb()
        else:
            yield Finding("usb", True, "this computer has USB")
            yield self._camera_finding(nodes, problem)
            yield from self._check_access(nodes, devices)
        yield self._check_rule(nodes)
        yield from self._check_programs(nodes)
        yield from self._check_cameras(nodes)

    # ---- libusb and USB -------------------------------------------------------------------------

    def _check_libusb(self) -> Finding:
        try:
            info = self.libusb()
        except ChdkShellError as error:
            return Finding("libusb", False, str(error), "pip install libusb-package")
        except (OSError, AttributeError) as error:
            return Finding("libusb", False, f"broken: {error}", "pip install libusb-package")
        return Finding("libusb", True, f"{info.version} of {info.origin} ({info.library})")

    def _listed(self) -> tuple[list[Device], str]:
        """Return the cameras that libusb lists, and why if that failed."""
        try:
            return self.devices(), ""
        except ChdkShellError as error:
            return [], str(error)

    def _nodes(self, devices: list[Device]) -> list[UsbNode]:
        """Return the cameras on USB, by what the kernel shows and by what libusb lists."""
        nodes = {node.address: node for node in self.system.cameras()}
        for device in devices:
            if not (device.bus.isdigit() and device.device.isdigit()):
                continue
            known = nodes.get(device.address)
            nodes[device.address] = UsbNode(
                int(device.bus),
                int(device.device),
                device.vendor_id,
                device.product_id,
                device.model or (known.model if known else ""),
            )
        return list(nodes.values())

    def _lacks_usb(self) -> bool:
        system = self.system
        return system.is_linux and not (system.has_usb_nodes and system.has_usb_kernel)

    def _no_usb(self) -> Finding:
        system = self.system
        if not system.has_usb_kernel:
            seen = "there is no USB on this computer: /sys/bus/usb is missing"
            seen += ", and so is /dev/bus/usb" if not system.has_usb_nodes else ""
        else:
            seen = "the kernel has USB, but there are no device nodes: /dev/bus/usb is missing"
        mend = "sudo modprobe -a usbcore xhci_pci ehci_pci"
        if system.is_container:
            seen += "; this looks like a container, to which USB must be passed in"
            mend = "docker run --device=/dev/bus/usb …"
        return Finding("usb", self._fault, seen, mend)

    @property
    def _fault(self) -> bool | None:
        """What the lack of a USB camera is: a fault, unless another camera is connected."""
        return None if self.connected else False

    def _camera_finding(self, nodes: list[UsbNode], problem: str) -> Finding:
        if nodes:
            names = ", ".join(f"{printable(n.model) or 'a camera'} at {n.address}" for n in nodes)
            return Finding("camera", True, names)
        seen = "there is no camera on USB" + (f" ({problem})" if problem else "")
        return Finding("camera", self._fault, seen, "switch the camera on and plug it in")

    # ---- access ---------------------------------------------------------------------------------

    def _check_access(self, nodes: list[UsbNode], devices: list[Device]) -> Iterator[Finding]:
        if not self.system.is_linux:
            for device in devices:
                if device.problem:
                    yield Finding("access", False, device.problem, self._driver_mend())
            return
        for node in nodes:
            yield self._node_finding(node)

    def _driver_mend(self) -> str:
        if self.system.platform == "win32":
            return "install the WinUSB driver for the camera with Zadig (https://zadig.akeo.ie)"
        return "killall -9 ptpcamerad"

    def _node_finding(self, node: UsbNode) -> Finding:
        path = self.system.path(node.path)
        try:
            mode = f"mode {path.stat().st_mode & 0o777:04o}"
        except OSError:
            mend = "unplug the camera and plug it in again"
            if self.system.is_container:
                mend = "docker run -v /dev/bus/usb:/dev/bus/usb --privileged …"
            return Finding("access", False, f"{node.path}, the camera's node, is missing", mend)
        if self.system.may_open(path):
            return Finding("access", True, f"{node.path} may be read and written ({mode})")
        seen = f"{node.path} may not be read and written by this user ({mode})"
        return Finding("access", False, seen, udev_rule().command)

    def _check_rule(self, nodes: list[UsbNode]) -> Finding:
        system = self.system
        if not system.is_linux:
            return Finding("udev rule", None, "not needed on this system")
        if not system.runs_udev:
            return Finding("udev rule", None, "udev does not run here, so no rule has an effect")
        found = find_rule(system, [node.product_id for node in nodes])
        if found:
            return Finding("udev rule", True, f"{found} gives access to Canon cameras")
        seen = "no rule gives access to Canon cameras"
        if nodes and all(system.may_open(system.path(node.path)) for node in nodes):
            return Finding("udev rule", None, f"{seen}, but this user has it without one")
        return Finding("udev rule", False, seen, udev_rule().command)

    # ---- other programs -------------------------------------------------------------------------

    def _check_programs(self, nodes: list[UsbNode]) -> Iterator[Finding]:
        programs = self.system.programs()
        paths = {node.path: node for node in nodes}
        holding = [p for p in programs if p.open_nodes & paths.keys()]
        idle = [p for p in programs if p.name in _GRABBERS and p not in holding]
        for program in holding:
            cameras = ", ".join(paths[n].address for n in sorted(program.open_nodes & paths.keys()))
            yield Finding("programs", False, f"{program.label} holds {cameras}", _mend(program))
        for program in idle:
            # macOS does not tell who has the camera open, and its own daemon always takes it
            takes = bool(nodes) and self.system.platform == "darwin"
            yield Finding(
                "programs",
                False if takes else None,
                f"{program.label} runs; it takes cameras, but holds none now"
                if self.system.is_linux
                else f"{program.label} runs; it takes cameras",
                _mend(program),
            )
        if not holding and not idle:
            yield Finding("programs", True, "no program that takes cameras runs")

    # ---- the camera itself ----------------------------------------------------------------------

    def _check_cameras(self, nodes: list[UsbNode]) -> Iterator[Finding]:
        ours = {camera.session.transport.address: camera for camera in self.connected}
        addresses = list(dict.fromkeys([*ours, *(node.address for node in nodes)]))
        for address in addresses:
            if address in ours:
                yield from _ask(ours[address], address)
                continue
            try:
                camera = self.connect(address)
            except ChdkShellError as error:
                yield Finding("PTP", False, f"{error} ({address})", next_step(error))
                continue
            with camera:
                yield from _ask(camera, address)
        if not addresses:
            for check in ("PTP", "CHDK", "scripts"):
                yield Finding(check, None, "not checked: there is no camera to ask")


def _mend(program: Program) -> str:
    return _GRABBERS.get(program.name) or f"kill {program.pid}"


def _ask(camera: Camera, address: str) -> Iterator[Finding]:
    """Check a camera that is connected."""
    serial = f", serial {camera.serial}" if camera.serial else ""
    yield Finding("PTP", True, printable(f"{camera.model}{serial} ({address})"))
    version = camera.chdk_version
    if version is None:
        seen = f"the camera does not run CHDK ({address})"
        yield Finding("CHDK", False, seen, step_for(Reason.NO_CHDK))
        return
    yield _version_finding(address, version)
    try:
        support = camera.protocol.script_support()
    except ChdkShellError as error:
        yield Finding("scripts", False, f"{error} ({address})", next_step(error))
        return
    if ScriptSupport.LUA in support:
        yield Finding("scripts", True, f"it runs Lua scripts ({address})")
    else:
        mend = "install a full CHDK build on the card"
        yield Finding("scripts", False, f"this CHDK has no Lua ({address})", mend)


def _version_finding(address: str, version: tuple[int, int]) -> Finding:
    seen = f"protocol {version[0]}.{version[1]} ({address})"
    newest = f"{PROTOCOL_VERSION[0]}.{PROTOCOL_VERSION[1]}"
    if version[0] != PROTOCOL_VERSION[0]:
        mend = "install a current CHDK build on the card"
        return Finding("CHDK", False, f"{seen}; this program speaks {newest}", mend)
    if version < PROTOCOL_VERSION:
        return Finding("CHDK", None, f"{seen}; some commands need a newer one, up to {newest}")
    return Finding("CHDK", True, seen)


def diagnose(connected: Sequence[Camera] = ()) -> list[Finding]:
    """Run all checks on this computer. `connected` are the cameras that are in use already."""
    return list(Doctor(connected=connected).findings())
