"""Connecting several cameras at once."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from chdkshell.camera import Camera, connect
from chdkshell.errors import ChdkShellError, NoDeviceError
from chdkshell.flow import NEVER, CancelToken
from chdkshell.rig.together import in_parallel

if TYPE_CHECKING:
    from chdkshell.trace.tracer import Tracer


def cameras_at(
    addresses: Iterable[str], cancel: CancelToken = NEVER
) -> tuple[list[str], list[ChdkShellError]]:
    """Return where the single cameras are, each once: `ssh:pi1` alone stands for all on its USB.

    The errors are those of computers that cannot tell, or have no camera.
    """
    places = list(dict.fromkeys(addresses))
    found: list[str] = []
    failures: list[ChdkShellError] = []
    for result in in_parallel([partial(_cameras_of_one, place, cancel) for place in places]):
        if isinstance(result, ChdkShellError):
            failures.append(result)
        elif isinstance(result, BaseException):
            raise result
        else:
            found += result
    return list(dict.fromkeys(found)), failures


def _cameras_of_one(place: str, cancel: CancelToken) -> list[str]:
    scheme, _, rest = place.partition(":")
    if scheme != "ssh" or "/" in rest:
        return [place]
    from chdkshell.transport.ssh import cameras_of

    devices = cameras_of(rest, cancel)
    if not devices:
        raise NoDeviceError(f"{place}: there is no camera on USB")
    return [device.address for device in devices]


def connect_all(
    addresses: Iterable[str],
    timeout: float | None = None,
    tracer: Tracer | None = None,
    cancel: CancelToken = NEVER,
) -> list[Camera | ChdkShellError]:
    """Connect to all cameras at once. Returns each, or why it cannot be connected."""
    places = list(addresses)

    def open_one(address: str) -> Camera:
        return connect(address, timeout=timeout, tracer=tracer, cancel=cancel)

    found: list[Camera | ChdkShellError] = []
    came = in_parallel([partial(open_one, address) for address in places])
    for address, result in zip(places, came, strict=True):
        if isinstance(result, ChdkShellError):
            result.add_note(f"at {address}")
        elif isinstance(result, BaseException):
            raise result
        found.append(result)
    return found
