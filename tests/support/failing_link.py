"""A link to a simulated camera that is lost at a transaction; those after it hold."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chdkshell import link
from chdkshell.errors import DisconnectedError
from chdkshell.flow import NEVER, CancelToken
from chdkshell.ptp.transaction import Request, Response
from chdkshell.sim.camera import SimCamera
from chdkshell.sim.interfaces import transport
from chdkshell.sim.interfaces.transport import SimTransport
from chdkshell.streams import Sink, Source


class FailingLink(SimTransport):
    """Is lost at the transaction that `before` or `after` names by its number, from 1 on.

    The camera goes on, as one does whose cable was pulled.
    """

    def __init__(self, camera: SimCamera) -> None:
        super().__init__(camera)
        self.count = 0
        self.lost = False
        self.before: Callable[[int], bool] = lambda number: False
        self.after: Callable[[int], bool] = lambda number: False

    def transact(
        self,
        request: Request,
        source: Source | None = None,
        sink: Sink | None = None,
        cancel: CancelToken = NEVER,
    ) -> Response:
        self.count += 1
        self._lose_if(self.before(self.count))
        response = super().transact(request, source, sink, cancel)
        self._lose_if(self.after(self.count))
        return response

    def _lose_if(self, now: bool) -> None:
        self.lost = self.lost or now
        if self.lost:
            raise DisconnectedError("the camera went away")


def failing_links(patch: pytest.MonkeyPatch) -> list[FailingLink]:
    """Have `sim:` addresses give such links from now on; return them as they are made."""
    links: list[FailingLink] = []

    def open_transport(address: str, cancel: CancelToken) -> FailingLink:
        links.append(FailingLink(transport._cameras[address]))
        return links[-1]

    patch.setattr(link, "open_transport", open_transport)
    return links
