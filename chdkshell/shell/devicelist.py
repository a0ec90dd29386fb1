"""The cameras that are there, as `list` shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chdkshell.camera import connect
from chdkshell.errors import ChdkShellError
from chdkshell.shell.advice import next_step, step_for
from chdkshell.shell.devices import Place, asking, places
from chdkshell.shell.results.devices import DeviceRow, DeviceStatus
from chdkshell.transport.base import Device, DeviceState

if TYPE_CHECKING:
    from chdkshell.shell.connections import Connections
    from chdkshell.shell.context import Context

_STATUS = {
    DeviceState.FREE: DeviceStatus.FREE,
    DeviceState.CONNECTED: DeviceStatus.CONNECTED,
    DeviceState.IN_USE: DeviceStatus.IN_USE,
    DeviceState.NOT_PERMITTED: DeviceStatus.NOT_PERMITTED,
    DeviceState.FAILED: DeviceStatus.FAILED,
}


def list_rows(connections: Connections, all_makers: bool = False) -> list[DeviceRow]:
    """Return all cameras on USB, then those elsewhere that are connected, or were before.

    Cameras of other makers than Canon come with `all_makers`.
    """
    return [_row(connections, place) for place in places(connections, all_makers)]


def list_far_rows(context: Context, host: str) -> list[DeviceRow]:
    """Return the cameras of a computer that is reached over ssh.

    Raises `UsageError`, `ConnectError`, `Cancelled`.
    """
    from chdkshell.transport.ssh import cameras_of

    with asking(context, host):
        devices = cameras_of(host.removeprefix("ssh:"), context.cancel)
    connected = {camera.address: camera for camera in context.connections.all()}
    return [
        DeviceRow(
            number,
            DeviceStatus.CONNECTED if device.address in connected else _STATUS[device.state],
            device.address,
            "ssh",
            device.address.removeprefix("ssh:"),
            device.vendor_id,
            device.product_id,
            device.model,
            device.serial,
            device.holder,
            device.problem,
            step_for(device.reason) if device.reason else "",
            device.place,
        )
        for number, device in enumerate(devices, 1)
    ]


def _row(connections: Connections, place: Place) -> DeviceRow:
    device, camera = place.device, place.camera
    if camera is None and device is not None:
        return _row_of_other(connections, place.number, device)
    assert camera is not None
    status = DeviceStatus.CONNECTED
    if not camera.is_connected:
        status = DeviceStatus.FREE
    elif camera is connections.current:
        status = DeviceStatus.CURRENT
    scheme, _, rest = place.address.partition(":")
    return DeviceRow(
        place.number,
        status,
        place.address,
        device.bus if device else scheme,
        device.device if device else rest,
        device.vendor_id if device else 0,
        device.product_id if device else 0,
        camera.model,
        camera.serial or None,
        place=camera.place,
    )


def _row_of_other(connections: Connections, number: int, device: Device) -> DeviceRow:
    """Ask a camera that is not connected for its names, and let it go again."""
    model, serial = device.model, device.serial
    status, error, hint = (
        _STATUS[device.state],
        device.problem,
        step_for(device.reason) if device.reason else "",
    )
    if status is DeviceStatus.FREE:
        try:
            timeout, tracer = connections.timeout, connections.tracer
            with connect(device.address, timeout=timeout, tracer=tracer) as camera:
                model, serial = camera.model, camera.serial or None
        except ChdkShellError as failure:
            status, error, hint = DeviceStatus.FAILED, str(failure), next_step(failure)
    return DeviceRow(
        number,
        status,
        device.address,
        device.bus,
        device.device,
        device.vendor_id,
        device.product_id,
        model,
        serial,
        device.holder,
        error,
        hint,
        device.place,
    )
