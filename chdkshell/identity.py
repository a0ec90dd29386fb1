"""Which camera is the same one, and finding it again after its connection ended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from chdkshell.errors import (
    AmbiguousDeviceError,
    ConnectError,
    NoDeviceError,
    PtpError,
    TransportError,
    printable,
)
from chdkshell.link import CameraLink
from chdkshell.reasons import Reason
from chdkshell.transport.base import (
    OTHER_MAKER,
    Device,
    DeviceState,
    list_devices,
    split_address,
)


class Identity(NamedTuple):
    """What tells a camera from all others.

    A serial number does, wherever the camera is now. A camera that tells none is told by `place`,
    what it hangs on (`Transport.place`): the port on USB; host, port and GUID on PTP/IP. Nothing
    else counts: a camera of the same model at another port may be another camera, even where it is
    the only one.
    """

    model: str
    serial: str
    place: str

    @classmethod
    def of(cls, link: CameraLink) -> Identity:
        """Return the identity of the camera that a link leads to."""
        return cls(link.info.model, link.info.serial_number, link.session.transport.place)

    def is_proven_by(self, other: Identity) -> bool:
        """Whether `other` is this camera for certain."""
        if (self.model, self.serial) != (other.model, other.serial):
            return False
        return bool(self.serial) or (bool(self.place) and self.place == other.place)

    def __str__(self) -> str:
        told = f"serial {self.serial}" if self.serial else self.place or "no serial number"
        return printable(f"{self.model} ({told})")


def find_again(wanted: Identity, address: str, open_at: Callable[[str], CameraLink]) -> CameraLink:
    """Return a link to the camera `wanted`, which was at `address`; `open_at` connects to one.

    On USB it is looked for at its port, and, by its serial number, at all others. Raises the most
    telling thing that went wrong: `ConnectError` where another camera answers in its place.
    """
    if split_address(address)[0] != "usb":
        return _open_same(wanted, address, open_at)
    there = _list_others() if address.endswith(OTHER_MAKER) else list_devices("usb")
    devices = [device for device in there if device.state is not DeviceState.CONNECTED]
    here = [device for device in devices if wanted.place and device.place == wanted.place]
    elsewhere = [device for device in devices if device not in here]
    failures: list[TransportError | PtpError] = []
    for device in here:
        try:
            return _open_same(wanted, device.address, open_at)
        except (TransportError, PtpError) as failure:
            failures.append(failure)
    if wanted.serial:
        found = _open_all(wanted, elsewhere, open_at, failures)
        if len(found) == 1:
            return found[0]
        for link in found:
            link.session.close()
        if found:
            raise AmbiguousDeviceError(
                f"{len(found)} cameras are {wanted}, and none is at the port where it was",
                reason=Reason.TWINS,
            )
    raise failures[0] if failures else _not_there(wanted, elsewhere)


def _list_others() -> list[Device]:
    from chdkshell.transport.usb import list_other_devices

    return list_other_devices()


def _open_all(
    wanted: Identity,
    devices: Sequence[Device],
    open_at: Callable[[str], CameraLink],
    failures: list[TransportError | PtpError],
) -> list[CameraLink]:
    found = []
    for device in devices:
        try:
            found.append(_open_same(wanted, device.address, open_at))
        except (TransportError, PtpError) as failure:
            failures.append(failure)
        except BaseException:
            for link in found:
                link.session.close()
            raise
    return found


def _open_same(wanted: Identity, address: str, open_at: Callable[[str], CameraLink]) -> CameraLink:
    """Connect to `address`. Raises `ConnectError` where that is not `wanted`."""
    link = open_at(address)
    found = Identity.of(link)
    if wanted.is_proven_by(found):
        return link
    link.session.close()
    raise ConnectError(
        f"another camera answered: {found} instead of {wanted}",
        reason=Reason.ANOTHER_CAMERA,
    )


def _not_there(wanted: Identity, elsewhere: Sequence[Device]) -> NoDeviceError:
    alike = [device for device in elsewhere if device.model in (None, wanted.model)]
    if wanted.serial or not alike:
        return NoDeviceError(f"{wanted} is not there", reason=Reason.NOT_THERE)
    return NoDeviceError(
        f"{wanted} is not there; {', '.join(map(_place, alike))} may be another camera, since it"
        " has no serial number",
        reason=Reason.NOT_AT_ITS_PORT,
        data={"address": alike[0].address},
    )


def _place(device: Device) -> str:
    return f"the one at {device.address} ({device.place or 'port unknown'})"
