"""What USB controllers and ports give: room for cameras, power and speed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from chdkshell.errors import printable
from chdkshell.shell.doctor.finding import Finding
from chdkshell.shell.doctor.system import SystemView, UsbNode, camera_at, contents

CONTEXTS = 96
"""Endpoints that the xHCI controllers of most computers have room for, those of hubs counted."""

CAMERA_ENDPOINTS = 4
"""What a PTP camera takes of them: two for data, one for events, and that of every device."""

NEAR = 2 * CAMERA_ENDPOINTS
"""Fewer endpoints left than this are told of."""

PORT_MA = 100
"""What a hub without a supply of its own has for each of its ports (USB 2.0, 7.2.1)."""

HUB_CLASS = "09"
_SELF_POWERED = 0x40
_FULL_SPEED = 12.0


@dataclass(frozen=True, slots=True)
class BusDevice:
    """A device as sysfs has it. `name` is its port, like 1-4.2, or usb1 for a controller's own hub.

    `power_ma` is what it may take; `speed` is in Mbit/s.
    """

    name: str
    folder: Path
    endpoints: int
    is_hub: bool
    is_configured: bool
    self_powered: bool
    power_ma: int
    speed: float
    camera: UsbNode | None

    @property
    def is_root(self) -> bool:
        """Whether it is a controller's own hub."""
        return self.name.startswith("usb")

    @property
    def hub(self) -> str:
        """The name of the hub that it hangs on."""
        above, dot, _ = self.name.rpartition(".")
        return above if dot else f"usb{self.name.partition('-')[0]}"

    @property
    def label(self) -> str:
        """The camera as it is shown to people, with its port."""
        model = printable(self.camera.model) if self.camera else ""
        return f"{model or 'the camera'} at port {self.name}"


def check_buses(system: SystemView) -> Iterator[Finding]:
    """Yield what keeps cameras from being many on a controller, and ports from serving one."""
    folder = system.path("/sys/bus/usb/devices")
    entries = sorted(folder.iterdir()) if folder.is_dir() else []
    devices = {d.name: d for entry in entries if (d := _device(entry)) is not None}
    yield from _check_room(devices.values())
    for device in devices.values():
        if device.camera:
            yield from _check_power(device, devices)
            yield from _check_speed(device, devices)
    for hub in devices.values():
        if hub.is_hub:
            yield from _check_ports(hub)


# ---- room ---------------------------------------------------------------------------------------


def _check_room(devices: Iterable[BusDevice]) -> Iterator[Finding]:
    """Yield how full the controllers are that have several cameras, or are nearly full."""
    controllers: dict[Path, list[BusDevice]] = defaultdict(list)
    roots = {}
    for device in devices:
        if device.is_root:
            roots[device.name] = device.folder.resolve().parent
    for device in devices:
        root = roots.get(device.name if device.is_root else f"usb{device.name.partition('-')[0]}")
        if root is not None and _is_xhci(root):
            controllers[root].append(device)
    for root, own in sorted(controllers.items()):
        cameras = sum(device.camera is not None for device in own)
        # the hub of the controller itself takes nothing
        used = sum(device.endpoints for device in own if not device.is_root)
        left = CONTEXTS - used
        if not cameras or (cameras < 2 and left >= NEAR):
            continue
        hubs = sum(device.is_hub and not device.is_root for device in own)
        seen = (
            f"{_counted(cameras, 'camera')} and {_counted(hubs, 'hub')} on the controller "
            f"{root.name} take {used} of about {CONTEXTS} endpoints"
        )
        if left < NEAR:
            room = "there is room for one more" if left >= CAMERA_ENDPOINTS else "it is full"
            mend = "plug further cameras into another controller, such as a USB card of its own"
            yield Finding("USB load", None, f"{seen}: {room}", mend)
        else:
            room = _counted(left // CAMERA_ENDPOINTS, "more camera")
            yield Finding("USB load", True, f"{seen}: room for {room}")


def _is_xhci(controller: Path) -> bool:
    return any(
        "xhci" in contents(root / "product").lower() for root in controller.glob("usb[0-9]*")
    )


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}" + ("" if number == 1 else "s")


# ---- power --------------------------------------------------------------------------------------


def _check_power(camera: BusDevice, devices: dict[str, BusDevice]) -> Iterator[Finding]:
    hub = devices.get(camera.hub)
    if hub is None or hub.is_root or hub.self_powered:
        return
    mend = "use a hub with a power supply of its own, or a port of the computer"
    if not camera.is_configured:
        yield Finding(
            "USB power",
            False,
            f"{camera.label} was not switched on: the hub at port {hub.name} has no supply of its "
            f"own, and {PORT_MA} mA for each port, of which the camera wants {camera.power_ma}",
            mend,
        )
    elif camera.power_ma > PORT_MA:
        yield Finding(
            "USB power",
            None,
            f"{camera.label} may take {camera.power_ma} mA, and the hub at port {hub.name} has "
            f"{PORT_MA} mA for each port",
            mend,
        )


def _check_ports(hub: BusDevice) -> Iterator[Finding]:
    """Yield the ports that were switched off since too much was drawn from them."""
    for port in sorted(hub.folder.glob(f"*:1.0/{hub.name}-port*")):
        times = contents(port / "over_current_count")
        if times.isdigit() and int(times):
            number = port.name.rpartition("-port")[2]
            bus = hub.name.removeprefix("usb")
            name = f"{bus}-{number}" if hub.is_root else f"{hub.name}.{number}"
            yield Finding(
                "USB power",
                None,
                f"port {name} was overloaded {_counted(int(times), 'time')} since the computer was "
                "switched on, and was off then",
                "try another cable or port there; a hub with a power supply of its own helps, too",
            )


# ---- speed --------------------------------------------------------------------------------------


def _check_speed(camera: BusDevice, devices: dict[str, BusDevice]) -> Iterator[Finding]:
    """Tell of a camera of USB 2.0 that runs at the speed of USB 1."""
    if camera.speed > _FULL_SPEED or not contents(camera.folder / "version").startswith("2"):
        return
    hub = devices.get(camera.hub)
    slow = hub is not None and 0 < hub.speed <= _FULL_SPEED
    cause = f": the hub at port {camera.hub} is no faster" if slow else ""
    yield Finding(
        "USB speed",
        None,
        f"{camera.label} runs at {camera.speed:g} Mbit/s where USB 2.0 has 480{cause}",
        "use another hub or a port of the computer" if slow else "try another cable or port",
    )


# ---- sysfs --------------------------------------------------------------------------------------


def _device(entry: Path) -> BusDevice | None:
    """Read a device; None for what is none, such as an interface."""
    if ":" in entry.name or not contents(entry / "busnum"):
        return None
    interfaces = [contents(path) for path in entry.glob("*:*/bNumEndpoints")]
    endpoints = sum(int(number, 16) for number in interfaces if number)
    attributes = contents(entry / "bmAttributes")
    power = contents(entry / "bMaxPower").removesuffix("mA")
    return BusDevice(
        entry.name,
        entry,
        endpoints + 1,
        contents(entry / "bDeviceClass") == HUB_CLASS,
        bool(contents(entry / "bConfigurationValue")),
        bool(int(attributes or "c0", 16) & _SELF_POWERED),
        int(power) if power.isdigit() else 0,
        _number(contents(entry / "speed")),
        camera_at(entry),
    )


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
