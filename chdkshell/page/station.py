"""One camera of the control room: a thread that works with it, and one that fetches its frames.

The first has the camera's scripts for itself: what calls ask for comes as jobs, one after another.
The second only fetches what the screen shows, which goes on while a job runs.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, TypeVar

from chdkshell import waits
from chdkshell.errors import (
    Cancelled,
    ChdkShellError,
    NotConnectedError,
    ScriptRunningError,
    TransportError,
)
from chdkshell.flow import CancelToken
from chdkshell.page.cameralook import Look, read_look
from chdkshell.page.feeds import EventHub
from chdkshell.page.frames import FrameLoop
from chdkshell.page.gallery import CardGallery
from chdkshell.page.halfpress import HalfPress
from chdkshell.page.problems import CallRefusedError, text_of
from chdkshell.page.shapes import CameraReport
from chdkshell.rig.members import Member

Answer = TypeVar("Answer")

MAX_WAITING = 8
"""Jobs that may wait for their turn: more of a key that repeats would only come late."""

LOOK_SECONDS = 1.0
"""How often the camera is asked what it is set to, while somebody watches."""

RECONNECT_STEP = 2.0
"""Seconds that one try to find a camera again may take."""

IDLE_SECONDS = 0.1

STOPPED = "the server was stopped"


class Station:
    """A camera, and what it does for the page.

    It has the number and the name that it has in its rig. `folder` is where pictures go on this
    computer.
    """

    def __init__(
        self,
        member: Member,
        hub: EventHub,
        *,
        fps: float,
        quality: int,
        folder: Path | None = None,
    ) -> None:
        self.member = member
        self.number = number = member.number
        self.camera = camera = member.camera
        self.hub = hub
        self.cancel = CancelToken()
        self.half = HalfPress(camera)
        self.gallery = CardGallery(camera, self.publish, self.cancel)
        self.folder = folder
        self.frames = FrameLoop(self, fps, quality)
        self.busy_with = ""
        self.found = 0
        self._lock = threading.Lock()
        self._has_ended = False
        self.nd: Literal["auto", "in", "out"] = "auto"
        self._jobs: queue.Queue[tuple[Callable[[], Any], Future[Any]]] = queue.Queue(MAX_WAITING)
        self._present = threading.Event()
        self._present.set()
        self._trouble = ""
        self.look: Look | None = None
        self._look_due = 0.0
        self._told: CameraReport | None = None
        self._tell_due = 0.0
        self._thread = threading.Thread(target=self._work, name=f"camera {number}", daemon=True)

    # ---- from any thread --------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The camera's name in its rig, or else its model."""
        return self.member.name or self.camera.model

    @property
    def label(self) -> str:
        """The camera's name in its rig, or else its number, for people."""
        return self.member.name or f"camera {self.number}"

    def publish(self, kind: str, value: dict[str, Any]) -> None:
        """Tell all who listen what has happened at this camera."""
        self.hub.publish(kind, value | {"camera": self.number, "name": self.name})

    @property
    def is_present(self) -> bool:
        """Whether the camera is connected, as far as is known."""
        return self._present.is_set()

    def submit(
        self, work: Callable[[], Answer], *, keeps_half: bool = False, busy: str = ""
    ) -> Future[Answer]:
        """Have the camera's thread do something. Raises `CallRefusedError` where it cannot now.

        A half press ends before it, unless it is to be kept. `busy` says what the camera is busy
        with from now on, so that nothing else is taken: `free` ends that.
        """
        done: Future[Answer] = Future()

        def whole() -> Answer:
            if not keeps_half:
                self.half.end()
            return work()

        with self._lock:
            if self._has_ended:
                raise CallRefusedError(503, STOPPED)
            if not self.is_present:
                raise CallRefusedError(503, f"the camera is gone: {self._trouble}")
            if self.busy_with:
                raise CallRefusedError(409, f"the camera is busy: {self.busy_with}")
            if self._jobs.full():
                raise CallRefusedError(409, "the camera is busy: too much waits for it")
            self.busy_with = busy  # first: the job may be over as soon as it is there
            self._jobs.put_nowait((whole, done))
        return done

    def free(self) -> None:
        """What the camera was busy with is over."""
        self.busy_with = ""

    def report(self) -> CameraReport:
        """Return what is known of the camera."""
        return CameraReport(
            camera=self.number,
            name=self.name,
            model=self.camera.model,
            address=self.camera.address,
            stream="gone" if not self.is_present else self.frames.condition,
            trouble=self._trouble or self.frames.trouble,
            fps=round(self.frames.rate, 1),
            busy=self.busy_with,
            half=self.half.is_held,
            nd=self.nd,
            recording=self.frames.recording,
            look=self.look.answer() if self.look else None,
        )

    def refresh(self) -> None:
        """Something has changed: ask the camera as soon as it can be, and tell all."""
        self._look_due = 0.0

    def lost(self, error: ChdkShellError, found: int) -> None:
        """The camera is gone, unless it was found again since, which `found` counts."""
        with self._lock:
            if found != self.found or not self.is_present:
                return
            self._trouble = text_of(error)
            self._present.clear()
        self.publish("problem", {"error": text_of(error)})

    def wait_present(self, seconds: float) -> bool:
        """Wait until the camera is there; return whether it is."""
        return self._present.wait(seconds)

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()
        self.frames.start()

    def stop(self) -> None:
        """End all that runs for the page, and wait for it."""
        self.cancel.set()
        self.frames.stop()
        waits.ended(self._thread)

    # ---- the camera's thread ----------------------------------------------------------------

    def _work(self) -> None:
        while not self.cancel.is_set():
            try:
                self._turn()
            except Cancelled:
                break
            except (TransportError, NotConnectedError) as error:
                self.lost(error, self.found)
        with self._lock:
            self._has_ended = True
        self._refuse_jobs(STOPPED)
        try:
            self.half.end()
        except ChdkShellError:
            return

    def _turn(self) -> None:
        if not self.is_present:
            self._find_again()
        elif (job := self._next()) is not None:
            self._do(*job)
        elif self.half.is_held:
            self.half.look()
        elif self._is_watched and time.monotonic() >= self._look_due:
            self._look_at_camera()
        self.tell()

    @property
    def _is_watched(self) -> bool:
        return self.hub.listeners > 0 or self.frames.is_watched

    def _next(self) -> tuple[Callable[[], Any], Future[Any]] | None:
        try:
            return self._jobs.get(timeout=IDLE_SECONDS)
        except queue.Empty:
            return None

    def _do(self, work: Callable[[], Any], done: Future[Any]) -> None:
        if not done.set_running_or_notify_cancel():
            return
        try:
            done.set_result(work())
        except (TransportError, NotConnectedError) as error:
            self.lost(error, self.found)
            done.set_exception(error)
        except BaseException as error:
            done.set_exception(error)
        self.refresh()

    def look_again(self) -> None:
        """Ask the camera what it is set to now, and tell all. The camera's thread calls it."""
        self._look_at_camera()
        self.tell()

    def _look_at_camera(self) -> None:
        self._look_due = time.monotonic() + LOOK_SECONDS
        try:
            self.look = read_look(self.camera.scripts, self.cancel)
        except ScriptRunningError:
            return  # a script of the user's: the camera takes no other meanwhile
        except (TransportError, Cancelled):
            raise
        except ChdkShellError as error:
            self.publish("problem", {"error": text_of(error)})

    def _find_again(self) -> None:
        self._refuse_jobs(f"the camera is gone: {self._trouble}")
        try:
            self.camera.reconnect(RECONNECT_STEP, self.cancel)
        except Cancelled:
            raise
        except ChdkShellError as error:
            self._trouble = text_of(error)
            self.cancel.wait(IDLE_SECONDS)
            return
        self.half.forget()
        with self._lock:
            self._trouble = ""
            self.found += 1
            self._present.set()
        self.refresh()
        self.publish("back", {})

    def _refuse_jobs(self, reason: str) -> None:
        while True:
            try:
                _, done = self._jobs.get_nowait()
            except queue.Empty:
                return
            done.set_exception(CallRefusedError(503, reason))

    def tell(self) -> None:
        """Tell all who listen what is known, where that has changed."""
        report, now = self.report(), time.monotonic()
        known = replace(report, fps=0.0)  # which is told from time to time
        if known != self._told or now >= self._tell_due:
            self._told, self._tell_due = known, now + LOOK_SECONDS
            self.publish("state", report.as_json())
