"""Which cameras `rig connect` means, and connecting them all at once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from chdkshell.camera import Camera
from chdkshell.errors import ChdkShellError, NoDeviceError, printable
from chdkshell.reasons import Reason
from chdkshell.rig.connecting import cameras_at, connect_all
from chdkshell.rig.rigfile import find_saved, read_rig
from chdkshell.rig.selection import ALL
from chdkshell.shell.devices import address_of, is_at, link_address
from chdkshell.shell.leftscripts import settle_scripts
from chdkshell.shell.matching import DeviceMatch
from chdkshell.transport.base import list_devices

if TYPE_CHECKING:
    from chdkshell.shell.context import Context


def connect_many(context: Context, words: Sequence[str]) -> None:
    """Connect all cameras that the words mean. Raises what says which of them are not."""
    failures: list[ChdkShellError] = []
    addresses: list[str] = []
    patterns: list[str] = []
    for word in words or [ALL]:
        if address := address_of(word, None, None):
            addresses.append(address)
        elif Path(word).is_file():
            failures += load(context, word)
        else:
            patterns.append("" if word == ALL else word)
    count = len(context.connections.all())
    addresses, hosts = cameras_at(addresses, context.cancel)
    failures += hosts + _connect_addresses(context, addresses)
    if patterns:
        failures += _connect_on_usb(context, patterns)
    count = len(context.connections.all()) - count
    if failures:
        raise _failure(failures, count)


def connect_saved(context: Context, path: str) -> None:
    """Connect the cameras of a file. Raises what says which of them are not."""
    count = len(context.connections.all())
    failures = load(context, path)
    if failures:
        raise _failure(failures, len(context.connections.all()) - count)


def load(context: Context, path: str) -> list[ChdkShellError]:
    """Connect the cameras of a file, and give them its numbers and names.

    Returns why some are not there.
    """
    connections = context.connections
    entries = read_rig(path)
    found = find_saved(
        entries, connections.all(), connections.timeout, connections.tracer, context.cancel
    )
    wanted = []
    for entry, camera in zip(entries, found, strict=True):
        if isinstance(camera, Camera):
            _take_in(context, camera)
            wanted.append((camera, entry.number, entry.name))
    connections.rig.arrange(wanted)
    return [each for each in found if not isinstance(each, Camera)]


def _connect_addresses(context: Context, addresses: Sequence[str]) -> list[ChdkShellError]:
    connections = context.connections
    new = [
        address
        for address in dict.fromkeys(addresses)
        if not any(is_at(camera, address) for camera in connections.all())
    ]
    failures = []
    for each in connect_all(new, connections.timeout, connections.tracer, context.cancel):
        if isinstance(each, Camera):
            _take_in(context, each)
        else:
            failures.append(each)
    return failures


def _connect_on_usb(context: Context, patterns: Sequence[str]) -> list[ChdkShellError]:
    """Connect the cameras on USB whose model or serial number one of the patterns fits.

    A camera that nobody can say more of than that it cannot be connected is told with "" alone.
    """
    connections = context.connections
    matches = [DeviceMatch(model=pattern or None) for pattern in patterns]
    before = connections.all()
    here = {link_address(camera) for camera in before}
    addresses = [d.address for d in list_devices("usb") if d.address not in here]
    failures: list[ChdkShellError] = []
    fits = [
        any(match.fits_camera(camera.model, camera.serial) for camera in before)
        for match in matches
    ]
    for each in connect_all(addresses, connections.timeout, connections.tracer, context.cancel):
        if not isinstance(each, Camera):
            failures += [each] if "" in patterns else []
            continue
        found = [match.fits_camera(each.model, each.serial) for match in matches]
        fits = [a or b for a, b in zip(fits, found, strict=True)]
        if any(found):
            _take_in(context, each)
        else:
            each.close()
    for pattern, fit in zip(patterns, fits, strict=True):
        if not fit and not failures:
            what = f"no camera is like '{printable(pattern)}'" if pattern else "no camera is there"
            failures.append(NoDeviceError(what))
    return failures


def _take_in(context: Context, camera: Camera) -> None:
    connections = context.connections
    current = connections.current
    if current is None or not current.is_connected:
        connections.use(camera)
    elif camera not in connections.all():
        connections.keep(camera)
        settle_scripts(context, camera)
    connections.rig.add(camera)


def _failure(failures: Sequence[ChdkShellError], count: int) -> ChdkShellError:
    if len(failures) == 1 and not count:
        return failures[0]
    told = "; ".join(" ".join([str(error), *error.notes]) for error in failures)
    total = count + len(failures)
    return ChdkShellError(f"{count} of {total} connected; {told}", reason=Reason.SOME_CAMERAS)
