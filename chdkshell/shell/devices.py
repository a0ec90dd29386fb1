"""The cameras that are there, and opening the one that is meant."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from chdkshell.camera import Camera, connect
from chdkshell.connection import RECONNECT_SECONDS
from chdkshell.errors import (
    AmbiguousDeviceError,
    ChdkShellError,
    ConnectError,
    NoDeviceError,
    NotConnectedError,
    PtpError,
    TransportError,
)
from chdkshell.flow import NEVER, CancelToken, Progress
from chdkshell.shell.leftscripts import settle_scripts
from chdkshell.shell.matching import DeviceMatch
from chdkshell.transport.base import (
    OTHER_MAKER,
    SCHEMES,
    Device,
    list_devices,
)

if TYPE_CHECKING:
    from chdkshell.shell.connections import Connections
    from chdkshell.shell.context import Context


class Place(NamedTuple):
    """A camera that is there: what is seen on USB, what is connected, or both."""

    number: int
    device: Device | None
    camera: Camera | None

    @property
    def address(self) -> str:
        """Where the camera is, or was last."""
        return self.device.address if self.device else link_address(self.camera)


def link_address(camera: Camera | None) -> str:
    """Return where a camera is, or was last, also where it was connected by its serial number."""
    if camera is None:
        return ""
    return camera.session.transport.address if camera.is_connected else camera.address


def places(connections: Connections, all_makers: bool = False) -> list[Place]:
    """Return the cameras in the order of `list`: those on USB, then the others that are known.

    `all_makers` has those of other makers on USB at the end, unless they are known.
    """
    connected = {link_address(camera): camera for camera in connections.all()}
    seen: list[tuple[Device | None, Camera | None]] = [
        (device, connected.get(device.address)) for device in list_devices("usb")
    ]
    on_bus = {device.address for device, _ in seen if device}
    for camera in connections.known():
        gone = not camera.is_connected and camera.address.startswith("usb:")
        if link_address(camera) not in on_bus and not gone:
            seen.append((None, camera))
    if all_makers:
        from chdkshell.transport.usb import list_other_devices

        known = [link_address(camera) for device, camera in seen if device is None]
        others = [device for device in list_other_devices() if device.address not in known]
        seen += [(device, None) for device in others]
    return [Place(number, *place) for number, place in enumerate(seen, 1)]


# ---- opening one --------------------------------------------------------------------------------


def address_of(word: str | None, host: str | None, port: str | None) -> str:
    """Return the address that the arguments of `connect` give, or "" where they describe one."""
    if host is not None:
        host = f"[{host}]" if host.count(":") > 1 and not host.startswith("[") else host
        return f"ip:{host}:{port}" if port is not None else f"ip:{host}"
    if re.fullmatch(r"\d{1,3}:\d{1,3}", word or ""):
        return f"usb:{word}"
    scheme, colon, _ = (word or "").partition(":")
    return str(word) if colon and scheme in SCHEMES else ""


def numbered_address(connections: Connections, word: str | None) -> str:
    """Return the address of the camera with that number in `list`, or "" where there is none."""
    if not re.fullmatch(r"[1-9]\d?", word or ""):
        return ""
    found = {str(place.number): place.address for place in places(connections)}
    if word not in found:
        found = {str(p.number): p.address for p in places(connections, all_makers=True)}
    return found.get(word or "", "")


def open_address(connections: Connections, address: str, cancel: CancelToken = NEVER) -> Camera:
    """Return the camera at `address`, the one that is connected already if there is one."""
    for camera in connections.all():
        if is_at(camera, address):
            return camera
    timeout, tracer = connections.timeout, connections.tracer
    return connect(address, timeout=timeout, tracer=tracer, cancel=cancel)


@contextlib.contextmanager
def asking(context: Context, address: str) -> Iterator[None]:
    """Let ssh ask its user for what it lacks, where there is one at a terminal."""
    if context.ask is None or not address.startswith("ssh:"):
        yield
        return
    from chdkshell.transport.ssh_process import may_ask

    before = may_ask.set(True)
    try:
        yield
    finally:
        may_ask.reset(before)


def is_at(camera: Camera, address: str) -> bool:
    """Whether a connected camera is the one that `address` means.

    Where it was on USB before it was replugged another one may be now.
    """
    if address == link_address(camera):
        return True
    return address == camera.address and not re.fullmatch(rf"usb:\d+:\d+({OTHER_MAKER})?", address)


def open_match(
    connections: Connections,
    wanted: DeviceMatch,
    cancel: CancelToken = NEVER,
    takes_first: bool = False,
) -> Camera:
    """Connect the one camera that matches: on USB, or elsewhere if it is known and named.

    Those that cannot be used are passed over. `takes_first`: of several, the first.
    Raises `AmbiguousDeviceError` where several match, `NoDeviceError`, or the reason why one that
    may be meant cannot be used.
    """
    near = [p for p in places(connections) if _may_be_meant(p, wanted)]
    before = connections.all()
    found: list[tuple[Place, Camera]] = []
    failure: ChdkShellError = NoDeviceError("no matching devices found")
    try:
        for place in near:
            try:
                camera = open_address(connections, place.address, cancel)
            except (TransportError, PtpError) as error:
                failure = error
                continue
            if wanted.fits_camera(camera.model, camera.serial):
                found.append((place, camera))
                if takes_first:
                    break
            elif camera not in before:
                camera.close()
        if len(found) == 1:
            return found.pop()[1]
    finally:
        for _, camera in found:
            if camera not in before:
                camera.close()
    raise _ambiguous(found) if found else failure


def _may_be_meant(place: Place, wanted: DeviceMatch) -> bool:
    if place.device:
        return wanted.fits_device(place.device)
    camera = place.camera
    if camera is None or camera.address.startswith("usb:"):
        return False
    return wanted.names_one and wanted.fits_camera(camera.model, camera.serial)


def _ambiguous(found: list[tuple[Place, Camera]]) -> AmbiguousDeviceError:
    names = [_name(place.number, camera.model, camera.serial, place) for place, camera in found]
    return AmbiguousDeviceError(
        f"{len(found)} cameras fit: {', '.join(names)}",
        f"name one by its number, as in `connect {found[0][0].number}`, or by its serial or bus",
    )


def _name(number: int, model: str | None, serial: str | None, place: Place) -> str:
    port = place.device.place if place.device else ""
    told = [f"serial {serial}"] if serial else [port] if port else []
    return f"{number} ({', '.join([model or 'unknown model', *told, place.address])})"


# ---- without being asked ------------------------------------------------------------------------


def connect_unasked(context: Context) -> Camera:
    """Return a camera for a command that needs one where none is connected.

    That is the last camera again, unless the user disconnected it, or else the only one on USB.
    Says so. Raises `NotConnectedError` where there is none, or where `autoconnect` is off.
    """
    connections = context.connections
    last = connections.current
    if not context.prefs.flag("autoconnect") or (last is not None and connections.left):
        raise NotConnectedError(
            detail="" if last is None else "`reconnect` opens the last camera again"
        )
    if last is not None:
        bring_back(context, last)
        return last
    camera = _only_camera(context)
    connections.use(camera)
    context.notice(f"connected by itself: {camera.model} ({link_address(camera)})")
    settle_scripts(context, camera)
    return camera


def _only_camera(context: Context) -> Camera:
    there: list[Place] = []
    with contextlib.suppress(ConnectError):
        there = places(context.connections)
    if not there:
        raise NotConnectedError
    if len(there) > 1:
        names = [_name(p.number, p.device.model, p.device.serial, p) for p in there if p.device]
        raise NotConnectedError(
            f"not connected, and there are {len(there)} cameras: {', '.join(names)}",
            "name one by its number, as in `connect 1`, or by its serial or bus",
        )
    return open_address(context.connections, there[0].address, context.cancel)


def bring_back(context: Context, camera: Camera, seconds: float | None = None) -> None:
    """Connect to `camera` again, and tell where that takes a while and that it worked.

    Without `seconds` it is waited for, but not by one command after another. Raises what
    `Camera.reconnect` raises.
    """
    connections = context.connections
    unasked = seconds is None
    if seconds is None:
        seconds = 0 if connections.gave_up else RECONNECT_SECONDS
    connections.gave_up = True
    if connections.made_rig is not None:
        connections.made_rig.leave_to(camera)
    with asking(context, camera.address):
        camera.reconnect(seconds, context.cancel, _WaitNotice(context))
    connections.use(camera)
    if unasked:
        context.notice(
            f"connected again: {camera.model} ({link_address(camera)}{_told_by(camera)})"
        )
    settle_scripts(context, camera)


def _told_by(camera: Camera) -> str:
    """Return by what a camera without a serial number was known again."""
    return "" if camera.serial or not camera.place else f", known by {camera.place}"


class _WaitNotice(Progress):
    """Tells once what is waited for."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._told = False

    def describe(self, text: str) -> None:
        if not self._told:
            self._context.notice(f"{text} ... (Ctrl-C ends that)")
        self._told = True
