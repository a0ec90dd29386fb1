"""Connecting several cameras at once."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from chdkshell.camera import Camera, connect
from chdkshell.errors import ChdkShellError
from chdkshell.flow import NEVER, CancelToken
from chdkshell.rig.together import in_parallel

if TYPE_CHECKING:
    from chdkshell.trace.tracer import Tracer


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
