"""Signs of life to cameras while nobody types: a PowerShot without PTP traffic sleeps in 30 s."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

from chdkshell import waits
from chdkshell.errors import ChdkShellError
from chdkshell.flow import CancelToken

if TYPE_CHECKING:
    from chdkshell.camera import Camera

_FINISH_SECONDS = 0.5
"""How long a sign of life that is under way may take when the person goes on."""


class KeepAlive:
    """Gives the `cameras` a sign of life every `seconds` inside of the `with` block; 0 for none.

    A camera that does not answer is noticed by the command that needs it.
    """

    def __init__(self, cameras: Callable[[], Sequence[Camera]], seconds: float) -> None:
        self._cameras = cameras
        self._seconds = seconds
        self._ended = threading.Event()
        self._cancel = CancelToken()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        if self._seconds and self._cameras():
            self._thread = threading.Thread(target=self._run, name="keep-alive", daemon=True)
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        if self._thread is not None:
            waits.ended(self._thread, _FINISH_SECONDS)
            self._cancel.set()

    def _run(self) -> None:
        while not self._ended.wait(self._seconds):
            for camera in self._cameras():
                give_sign(camera, self._cancel)


def give_sign(camera: Camera, cancel: CancelToken) -> None:
    """Run one cheap transaction, unless another thread is using the camera."""
    with contextlib.suppress(ChdkShellError), camera.session.exclusive(wait=False) as free:
        if not free:
            return
        if camera.chdk_version is None:
            camera.session.get_device_info(cancel)
        else:
            camera.protocol.script_status(cancel=cancel)
