"""The cameras of this computer, as another one can connect to them."""

from __future__ import annotations

import json
from collections import Counter

from chdkshell.errors import ChdkShellError
from chdkshell.share.forwarding import ForwardedCamera
from chdkshell.transport.base import Device, DeviceState, list_devices

_PORT = "USB port "


def lasting_addresses(devices: list[Device]) -> list[str]:
    """Return addresses that stay right when cameras are replugged: by serial number, or by port."""
    serials = Counter(device.serial for device in devices)
    return [
        f"usb:serial={device.serial}"
        if device.serial and serials[device.serial] == 1
        else f"usb:port={device.place.removeprefix(_PORT)}"
        if device.place.startswith(_PORT)
        else device.address
        for device in devices
    ]


def named(device: Device) -> Device:
    """Return a camera with the names that only it can tell, where it can be asked."""
    if device.state is not DeviceState.FREE or (device.model and device.serial):
        return device
    try:
        camera = ForwardedCamera(device.address)
    except ChdkShellError as error:
        return device._replace(state=DeviceState.FAILED, problem=str(error), reason=error.reason)
    camera.lose()
    return device._replace(model=camera.info.model, serial=camera.info.serial_number or None)


def cameras_line() -> bytes:
    """Return a line of JSON with the cameras on USB."""
    devices = [named(device) for device in list_devices("usb")]
    rows = [
        {
            "address": address,
            "model": device.model,
            "serial": device.serial,
            "place": device.place,
            "state": device.state.value,
            "holder": device.holder,
            "problem": device.problem,
            "reason": device.reason and device.reason.value,
            "vendor_id": device.vendor_id,
            "product_id": device.product_id,
        }
        for device, address in zip(devices, lasting_addresses(devices), strict=True)
    ]
    return json.dumps(rows).encode() + b"\n"
