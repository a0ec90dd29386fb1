"""The simulated camera on the network: PTP/IP for any client."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from chdkshell.errors import DisconnectedError
from chdkshell.flow import CancelToken
from chdkshell.ptp.transaction import Event, Request, Response
from chdkshell.share.served import ServedCamera, ServedLink
from chdkshell.share.server import CameraServer
from chdkshell.streams import Sink, Source

if TYPE_CHECKING:
    from chdkshell.sim.camera import SimCamera


class IpServer(CameraServer):
    """The simulated camera at a port; see `CameraServer`."""

    def __init__(self, camera: SimCamera, host: str = "127.0.0.1", port: int = 0) -> None:
        self._served = ServedSim(camera)
        super().__init__(self._served, host, port)

    @property
    def camera(self) -> SimCamera:
        """The camera. Another one may take its place, for the next client."""
        return self._served.camera

    @camera.setter
    def camera(self, camera: SimCamera) -> None:
        self._served.camera = camera


class ServedSim(ServedCamera):
    """The simulated camera as a server has it."""

    def __init__(self, camera: SimCamera) -> None:
        self.model = camera.device_info.model
        known = camera.device_info.serial_number or str(camera.card.root)
        self.guid = hashlib.md5(known.encode(), usedforsecurity=False).digest()
        self.camera = camera

    def open(self, tell: Callable[[Event], None]) -> ServedLink:
        return _SimLink(self.camera, tell)


class _SimLink(ServedLink):
    def __init__(self, camera: SimCamera, tell: Callable[[Event], None]) -> None:
        self._camera = camera
        self._times_off = camera.times_off
        self._end_events = camera.standard.events.listen(tell)

    def transact(
        self, request: Request, source: Source | None, sink: Sink, cancel: CancelToken
    ) -> Response:
        return self._camera.responder.transact(request, source, sink)

    def look(self) -> None:
        if self._camera.times_off != self._times_off:
            raise DisconnectedError("the camera was switched off")

    def close(self) -> None:
        self._end_events()
        self._camera.responder.end_session()
