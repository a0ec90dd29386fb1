"""The checks, in the order in which a connection needs what they look at."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chdkshell.chdk.constants import PROTOCOL_VERSION, ScriptSupport
from chdkshell.chdk.luamodules import CORE_SETTINGS, known_fields
from chdkshell.errors import ChdkShellError, printable
from chdkshell.reasons import Reason
from chdkshell.shell.advice import next_step, step_for
from chdkshell.shell.doctor.access import check_node, check_rule
from chdkshell.shell.doctor.buses import check_buses
from chdkshell.shell.doctor.finding import Finding
from chdkshell.shell.doctor.programs import check_programs
from chdkshell.shell.doctor.system import SystemView, UsbNode
from chdkshell.shell.doctor.windriver import check_driver, understood
from chdkshell.transport.base import Device
from chdkshell.transport.usb_devices import find_libusb

if TYPE_CHECKING:
    from chdkshell.camera import Camera


SELFTEST = "the command `selftest`"
"""What comes after this, where a camera is fine."""


USB_REMOTE = "CHDK's USB remote (Enable Remote)"


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


_UNSEEN = {
    "linux": "what programs of other users have open",
    "darwin": "which program has a camera, and whether macOS holds an accessory back",
    "win32": "which program has a camera",
}
"""What a system does not tell."""


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
        yield self._check_system()
        yield self._check_libusb()
        devices, problem = self._listed()
        nodes = self._nodes(devices)
        refused: set[str] = set()
        if not nodes and self._lacks_usb():
            yield self._no_usb()
        else:
            if self.system.is_linux:
                yield Finding("usb", True, "this computer has USB")
            yield self._camera_finding(nodes, problem)
            for address, finding in self._check_access(nodes, devices):
                if finding.ok is False:
                    refused.add(address)
                yield finding
        if self.system.is_linux:
            yield from check_buses(self.system)
            yield check_rule(self.system, nodes)
        yield from check_programs(self.system, nodes, devices)
        yield from self._check_cameras(nodes, refused)

    def _check_system(self) -> Finding:
        """Name the system, and what cannot be seen there."""
        system = self.system
        unseen = _UNSEEN.get(system.platform, "")
        if unseen and not (system.is_linux and system.user == "root"):
            return Finding("system", None, f"{system.label}; cannot be seen here: {unseen}")
        return Finding("system", True, system.label)

    # ---- libusb and USB -------------------------------------------------------------------------

    def _check_libusb(self) -> Finding:
        try:
            info = self.libusb()
        except ChdkShellError as error:
            return Finding("libusb", False, str(error), next_step(error, self.system.platform))
        except (OSError, AttributeError) as error:
            return Finding("libusb", False, f"broken: {error}", self._step(Reason.NO_LIBUSB))
        return Finding("libusb", True, f"{info.version} of {info.origin} ({info.library})")

    def _listed(self) -> tuple[list[Device], str]:
        """Return the cameras that libusb lists, and why if that failed."""
        try:
            return [understood(d, self._drivers(d)) for d in self.devices()], ""
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
        mend = f"switch the camera on and plug it in, with {USB_REMOTE} off"
        if self.system.platform == "darwin":
            mend += ', and allow it where macOS asks "Allow accessory to connect?"'
        return Finding("camera", self._fault, seen, mend)

    def _check_access(
        self, nodes: list[UsbNode], devices: list[Device]
    ) -> Iterator[tuple[str, Finding]]:
        """Yield whether cameras can be opened, as far as that can be told, and their addresses."""
        if self.system.is_linux:
            yield from ((node.address, check_node(self.system, node)) for node in nodes)
            return
        for device in devices:
            yield from ((device.address, finding) for finding in self._elsewhere(device))

    def _elsewhere(self, device: Device) -> Iterator[Finding]:
        """Yield what keeps a camera from being opened where no node tells: one line a fault."""
        driver = check_driver(device, self._drivers(device))
        if driver:
            yield driver
        if device.problem and not (driver and driver.ok is False):
            yield Finding("access", False, device.problem, self._step(device.reason))

    def _drivers(self, device: Device) -> list[str]:
        return self.system.drivers(device.vendor_id, device.product_id)

    def _step(self, reason: Reason | None) -> str:
        return step_for(reason, platform=self.system.platform) if reason else ""

    # ---- the camera itself ----------------------------------------------------------------------

    def _check_cameras(self, nodes: list[UsbNode], refused: set[str]) -> Iterator[Finding]:
        ours = {camera.session.transport.address: camera for camera in self.connected}
        addresses = list(dict.fromkeys([*ours, *(node.address for node in nodes)]))
        for address in addresses:
            if address in ours:
                yield from _ask(ours[address], address)
            elif address in refused:
                yield Finding("PTP", None, f"not asked: it cannot be opened ({address})")
            else:
                yield from self._connected(address)
        if not addresses:
            for check in ("PTP", "CHDK", "scripts"):
                yield Finding(check, None, "not checked: there is no camera to ask")

    def _connected(self, address: str) -> Iterator[Finding]:
        try:
            camera = self.connect(address)
        except ChdkShellError as error:
            step = next_step(error, self.system.platform)
            where = "" if address in str(error) else f" ({address})"
            yield Finding("PTP", False, f"{error}{where}", step)
            return
        with camera:
            yield from _ask(camera, address)


def _ask(camera: Camera, address: str) -> Iterator[Finding]:
    """Check a camera that is connected."""
    serial = f", serial {camera.serial}" if camera.serial else ""
    yield Finding("PTP", True, printable(f"{camera.model}{serial} ({address})"))
    version = camera.chdk_version
    if version is None:
        missing = camera.protocol.no_chdk()
        yield Finding("CHDK", False, f"{missing} ({address})", next_step(missing))
        return
    yield _version_finding(address, version)
    try:
        support = camera.protocol.script_support()
    except ChdkShellError as error:
        yield Finding("scripts", False, f"{error} ({address})", next_step(error))
        return
    if ScriptSupport.LUA in support:
        yield Finding("scripts", True, f"it runs Lua scripts ({address})")
        yield from _check_remote(camera, address)
        yield Finding("next", None, f"each part of it can be tried ({address})", SELFTEST)
    else:
        mend = "install a full CHDK build on the card"
        yield Finding("scripts", False, f"this CHDK has no Lua ({address})", mend)


def _check_remote(camera: Camera, address: str) -> Iterator[Finding]:
    """Tell where a camera that can be used now will not be seen the next time."""
    number = known_fields(CORE_SETTINGS, None)["remote_enable"]
    try:
        with camera.scripts.aside() as free:
            is_on = free and camera.scripts.call(f"return get_config_value({number})") == 1
    except ChdkShellError:  # older builds have no such setting
        return
    if is_on:
        seen = f"{USB_REMOTE} is on: it takes the cable for a switch when it is plugged in"
        mend = "switch it off in CHDK's menu, or the camera is not seen on USB"
        yield Finding("remote", None, f"{seen} ({address})", mend)


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
