"""A link to a simulated camera that stalls at uploads of particular sizes."""

from __future__ import annotations

from collections.abc import Callable

from chdkshell.chdk.constants import ChdkCommand
from chdkshell.chdk.transfersizes import is_risky
from chdkshell.errors import CameraTimeoutError, TransferStalledError
from chdkshell.flow import NEVER, CancelToken
from chdkshell.ptp.codes import OperationCode
from chdkshell.ptp.transaction import Request, Response
from chdkshell.sim.camera import SimCamera
from chdkshell.sim.interfaces.transport import SimTransport
from chdkshell.streams import BytesSource, Sink, Source


class StallingLink(SimTransport):
    """Stalls at uploads in a data phase of a size that `stalls` at.

    `hangs`: it is silent then, until it is reset. `revives` says whether that helps. `sizes` are
    those of the data phases of uploads.
    """

    stalls: Callable[[int], bool] = staticmethod(is_risky)
    hangs = False
    revives = True

    def __init__(self, camera: SimCamera) -> None:
        super().__init__(camera)
        self.sizes: list[int] = []
        self._is_silent = False

    def transact(
        self,
        request: Request,
        source: Source | None = None,
        sink: Sink | None = None,
        cancel: CancelToken = NEVER,
    ) -> Response:
        if self._is_silent:
            raise CameraTimeoutError("the camera is silent")
        if request.code == OperationCode.CHDK and request.params[0] == ChdkCommand.UPLOAD_FILE:
            assert source is not None
            data = b"".join(bytes(chunk) for chunk in source.chunks())
            self.sizes.append(len(data))
            if self.stalls(len(data)):
                # half of it is on the card
                super().transact(request, BytesSource(data[: len(data) // 2]), sink, cancel)
                self._stall()
            source = BytesSource(data)
        return super().transact(request, source, sink, cancel)

    def _stall(self) -> None:
        if self.hangs:
            self._is_silent = True
            raise CameraTimeoutError("the camera is silent")
        raise TransferStalledError("the camera stopped the transfer")

    def reset(self) -> None:
        super().reset()
        if not self.revives:
            raise CameraTimeoutError("the camera does not recover")
        self._is_silent = False
