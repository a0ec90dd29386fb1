"""A link to a simulated camera that is lost at every transaction that a rule names."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chdkshell import link
from chdkshell.chdk.constants import ChdkCommand
from chdkshell.errors import DisconnectedError
from chdkshell.flow import NEVER, CancelToken
from chdkshell.ptp.codes import OperationCode
from chdkshell.ptp.transaction import Request, Response
from chdkshell.sim.camera import SimCamera
from chdkshell.sim.interfaces import transport
from chdkshell.sim.interfaces.transport import SimTransport
from chdkshell.streams import BytesSource, Sink, Source

Rule = Callable[[ChdkCommand, bytes], bool]
"""Says of a command of CHDK, and of the data that go with it, whether the link is lost at it."""


def never(command: ChdkCommand, data: bytes) -> bool:
    """Hold for ever."""
    return False


class Breaks:
    """When links are lost: `before` the camera hears of the transaction, or `after` it did it.

    `count` is how many were lost. The camera goes on, as one does whose cable was pulled.
    """

    def __init__(self) -> None:
        self.before: Rule = never
        self.after: Rule = never
        self.count = 0


class BreakingLink(SimTransport):
    """One of the links, which holds until its rule says otherwise, and is lost from there on."""

    def __init__(self, camera: SimCamera, breaks: Breaks) -> None:
        super().__init__(camera)
        self._breaks = breaks
        self._lost = False

    def transact(
        self,
        request: Request,
        source: Source | None = None,
        sink: Sink | None = None,
        cancel: CancelToken = NEVER,
    ) -> Response:
        data = b"" if source is None else b"".join(bytes(chunk) for chunk in source.chunks())
        command = ChdkCommand(request.params[0]) if request.code == OperationCode.CHDK else None
        self._lose_if(command is not None and self._breaks.before(command, data))
        response = super().transact(
            request, None if source is None else BytesSource(data), sink, cancel
        )
        self._lose_if(command is not None and self._breaks.after(command, data))
        return response

    def _lose_if(self, now: bool) -> None:
        if now and not self._lost:
            self._lost = True
            self._breaks.count += 1
        if self._lost:
            raise DisconnectedError("the camera went away")


def breaking_links(patch: pytest.MonkeyPatch) -> Breaks:
    """Have `sim:` addresses give such links from now on; return when they are lost."""
    breaks = Breaks()

    def open_transport(address: str, cancel: CancelToken) -> BreakingLink:
        return BreakingLink(transport._cameras[address], breaks)

    patch.setattr(link, "open_transport", open_transport)
    return breaks
