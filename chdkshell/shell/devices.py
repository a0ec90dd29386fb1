"""The cameras that are there, and opening the one that is meant."""

from __future__ import annotations

from chdkshell.camera import Camera, connect
from chdkshell.errors import ChdkShellError, NoDeviceError
from chdkshell.shell.context import Connections
from chdkshell.shell.matching import DeviceMatch
from chdkshell.shell.results import DeviceRow, DeviceStatus
from chdkshell.transport.base import SCHEMES, Device, list_devices


def list_rows(connections: Connections) -> list[DeviceRow]:
    """Return all cameras on USB, then the connected ones that are elsewhere."""
    by_address = {link_address(camera): camera for camera in connections.all()}
    rows = []
    for device in list_devices("usb"):
        camera = by_address.pop(device.address, None)
        if camera:
            rows.append(_connected_row(camera is connections.current, camera, device))
        else:
            rows.append(_free_row(device))
    for camera in by_address.values():
        rows.append(_connected_row(camera is connections.current, camera, None))
    return rows


def link_address(camera: Camera) -> str:
    """Return where a connected camera is, also where it was connected by its serial number."""
    return camera.session.transport.address


def _connected_row(current: bool, camera: Camera, device: Device | None) -> DeviceRow:
    scheme, _, rest = link_address(camera).partition(":")
    return DeviceRow(
        DeviceStatus.CURRENT if current else DeviceStatus.CONNECTED,
        link_address(camera),
        device.bus if device else scheme,
        device.device if device else rest,
        device.vendor_id if device else 0,
        device.product_id if device else 0,
        camera.model,
        camera.serial or None,
        "",
    )


def _free_row(device: Device) -> DeviceRow:
    """Ask a camera that is not connected for its name, and let it go again."""
    status, model, serial, problem = DeviceStatus.FREE, None, None, device.problem
    if not problem:
        try:
            with connect(device.address) as camera:
                model, serial = camera.model, camera.serial or None
        except ChdkShellError as error:
            problem = str(error)
    if problem:
        status = DeviceStatus.FAILED
    return DeviceRow(
        status,
        device.address,
        device.bus,
        device.device,
        device.vendor_id,
        device.product_id,
        model,
        serial,
        problem,
    )


def address_of(word: str | None, host: str | None, port: str | None) -> str:
    """Return the address that the arguments of `connect` give, or "" where they describe one."""
    if host is not None:
        host = f"[{host}]" if host.count(":") > 1 and not host.startswith("[") else host
        return f"ip:{host}:{port}" if port is not None else f"ip:{host}"
    scheme, colon, _ = (word or "").partition(":")
    return str(word) if colon and scheme in SCHEMES else ""


def open_address(connections: Connections, address: str) -> Camera:
    for camera in connections.all():
        if address in (camera.address, link_address(camera)):
            return camera
    return connect(address, tracer=connections.tracer)


def open_match(connections: Connections, wanted: DeviceMatch) -> Camera:
    """Connect the first camera on USB that matches. Those that fail are passed over if possible."""
    failure: ChdkShellError = NoDeviceError("no matching devices found")
    for device in list_devices("usb"):
        if not wanted.fits_device(device):
            continue
        before = connections.all()
        try:
            camera = open_address(connections, device.address)
        except ChdkShellError as error:
            failure = error
            continue
        if wanted.fits_camera(camera.model, camera.serial):
            return camera
        if camera not in before:
            camera.close()
    raise failure
