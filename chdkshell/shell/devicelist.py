"""The cameras that are there, as `list` shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chdkshell.camera import connect
from chdkshell.errors import ChdkShellError
from chdkshell.shell.advice import next_step, step_for
from chdkshell.shell.devices import Place, places
from chdkshell.shell.results.devices import DeviceRow, DeviceStatus
from chdkshell.transport.base import Device, DeviceState

if TYPE_CHECKING:
    from chdkshell.shell.connections import Connections

_STATUS = {
    DeviceState.FREE: DeviceStatus.FREE,
    DeviceState.CONNECTED: DeviceStatus.CONNECTED,
    DeviceState.IN_USE: DeviceStatus.IN_USE,
    DeviceState.NOT_PERMITTED: DeviceStatus.NOT_PERMITTED,
    DeviceState.FAILED: DeviceStatus.FAILED,
}


def list_rows(connections: Connections) -> list[DeviceRow]:
    """Return all cameras on USB, then those elsewhere that are connected, or were before."""
    return [_row(connections, place) for place in places(connections)]


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
