"""The loop behind `lvserve`: it alone talks to the camera, for all viewers."""

from __future__ import annotations

import io
import queue
import time
from typing import TYPE_CHECKING

from chdkshell.errors import Cancelled, ChdkShellError, LiveViewError
from chdkshell.lua.values import LuaValue
from chdkshell.packages import require
from chdkshell.shell.output.errortext import error_message
from chdkshell.shell.results.liveview import LiveRun
from chdkshell.shell.viewing.cameraactions import Action, CameraActions, StatusWatch, answer_text
from chdkshell.shell.viewing.liveserver import LiveServer, ShotRequest
from chdkshell.shell.viewing.screensource import RateMeter, ScreenSource, rest_after

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from chdkshell.camera import Camera
    from chdkshell.flow import CancelToken

IDLE_SECONDS = 0.05
"""How often to look for a viewer while there is none."""


class ViewService:
    """Fetches frames while somebody watches, and shoots when somebody asks for it."""

    def __init__(
        self, camera: Camera, cancel: CancelToken, *, overlay: bool, fps: float, quality: int
    ) -> None:
        require("numpy", "PIL")  # before somebody watches
        self._cancel = cancel
        self._fps = fps
        self._quality = quality
        self._source = ScreenSource(camera.protocol, overlay=overlay)
        self._actions = CameraActions(camera.scripts)
        self._watch = StatusWatch(self._actions, lambda error: None)
        self._meter = RateMeter()
        self._frames = 0
        self._trouble = ""

    def status(self) -> str:
        """Return what the page shows under the picture. Any thread may ask."""
        if self._trouble:
            return self._trouble
        return f"{self._meter.rate:.1f} fps  {self._watch.text}"

    def run(self, server: LiveServer) -> LiveRun:
        """Serve until the token is set. Raises `TransportError` where the camera is gone."""
        start = time.monotonic()
        try:
            while True:
                self._cancel.wait(self._turn(server))
        except Cancelled:
            return LiveRun(self._frames, time.monotonic() - start)
        finally:
            self._actions.finish()
            while (shot := _next(server)) is not None:
                shot.finish(False, "the server was stopped")

    def _turn(self, server: LiveServer) -> float:
        """Do what is to do, and return the seconds until the next turn."""
        turn = time.monotonic()
        watched = server.feed.viewers > 0
        while (shot := _next(server)) is not None:
            self._shoot(shot)
        if watched:
            self._watch.ask(turn)
        self._actions.step()
        if watched:
            self._show(server)
            return rest_after(time.monotonic() - turn, self._fps)
        return 0.0 if self._actions.busy else IDLE_SECONDS

    def _show(self, server: LiveServer) -> None:
        try:
            frame = self._source.fetch(self._cancel)
            picture = self._source.picture(frame)
        except LiveViewError as error:
            # A camera that changes modes has no picture for a moment.
            self._trouble = error_message(error)
            return
        self._trouble = ""
        server.feed.publish(_jpeg(picture, self._quality))
        self._meter.count()
        self._frames += 1

    def _shoot(self, shot: ShotRequest) -> None:
        def done(values: tuple[LuaValue, ...]) -> None:
            shot.finish(values[:1] == ("taken",), answer_text(values))
            self._watch.refresh()

        def failed(error: ChdkShellError) -> None:
            shot.finish(False, error_message(error))

        if not self._actions.submit(Action("return viewfinder_shoot()", done, failed)):
            shot.finish(False, "the camera is busy")


def _next(server: LiveServer) -> ShotRequest | None:
    try:
        return server.shots.get_nowait()
    except queue.Empty:
        return None


def _jpeg(picture: NDArray[np.uint8], quality: int) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(picture).save(out, "JPEG", quality=quality)
    return out.getvalue()
