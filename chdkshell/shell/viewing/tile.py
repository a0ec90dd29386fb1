"""One camera of several in the terminal: a thread that fetches its frames and does its keys.

So one that hangs, or is gone, holds up no other. What the view wants of it comes as jobs.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from chdkshell import waits
from chdkshell.api.screensource import RateMeter, ScreenSource, rest_after
from chdkshell.chdk.imaging.liveview import Frame
from chdkshell.errors import (
    Cancelled,
    ChdkShellError,
    HostFileError,
    LiveViewError,
    NotConnectedError,
    TransportError,
)
from chdkshell.flow import CancelToken
from chdkshell.rig.members import Member
from chdkshell.shell.viewing.camerahand import STEP_SECONDS, CameraHand
from chdkshell.shell.viewing.framekeeping import FrameKeeping
from chdkshell.shell.viewing.histogram import FrameHistogram

if TYPE_CHECKING:
    from chdkshell.rig.rig import Rig
    from chdkshell.shell.terminal.pictures import Picture

FROZEN_SECONDS = 2.0
"""How old the newest frame may be until the picture is called frozen."""

AWAY_SECONDS = 0.1
"""How often to look whether a camera that is gone is back."""

STOP_SECONDS = 8.0
"""How long a camera may take for what it does, when the view is left."""

MOST_JOBS = 16

State = Literal["live", "frozen", "gone", "shooting"]


class Tile:
    """A camera of the rig and what is seen of it. `fps` is how many frames a second are wanted.

    `picture` is the newest, None before the first; `frames` counts them.
    """

    def __init__(
        self, rig: Rig, member: Member, *, overlay: bool, fps: float, asks_status: bool
    ) -> None:
        self.member = member
        self.fps = fps
        self.picture: Picture | None = None
        self.frames = 0
        self.message = ""
        self.histogram = FrameHistogram.NONE
        self._rig = rig
        self._overlay = overlay
        self._asks_status = asks_status
        self._frame: Frame | None = None
        self._last = time.monotonic()
        self._is_shooting = False
        self._meter = RateMeter()
        self._jobs: deque[Callable[[CameraHand], object]] = deque()
        self._wake = threading.Event()
        self._cancel = CancelToken()
        self._is_over = threading.Event()
        self._hand: CameraHand | None = None
        self._keeping = FrameKeeping(member.camera.product_id, self.say)
        self._thread = threading.Thread(
            target=self._work, name=f"tile of {member.label}", daemon=True
        )

    # ---- from the view's thread --------------------------------------------------------------

    @property
    def state(self) -> State:
        """Whether frames come."""
        if self.member.gone or not self.member.camera.is_connected:
            return "gone"
        if self._is_shooting:
            return "shooting"
        oldest = max(FROZEN_SECONDS, 2 / self.fps)
        return "frozen" if time.monotonic() - self._last > oldest else "live"

    @property
    def rate(self) -> float:
        """Frames a second, lately."""
        return self._meter.rate

    @property
    def holds_half(self) -> bool:
        """Whether the camera's button is held half down."""
        return self._hand is not None and self._hand.holds_half

    @property
    def states(self) -> tuple[str, ...]:
        """What the camera is set to and what goes on."""
        hand = self._hand
        status = hand.status if hand else ""
        return status, "half" if self.holds_half else "", self._keeping.status

    @property
    def saved(self) -> tuple[str, ...]:
        """The names of files that were made of its frames."""
        return tuple(self._keeping.saved)

    def say(self, text: str) -> None:
        """Tell something of the camera."""
        self.message = text

    def do(self, job: Callable[[CameraHand], object]) -> None:
        """Have the camera's thread do something with it."""
        if self.state == "gone":
            self.say("the camera is gone")
        elif len(self._jobs) >= MOST_JOBS:
            self.say("the camera is busy")
        else:
            self._jobs.append(job)
            self._wake.set()

    def hold(self, ready: threading.Semaphore, over: threading.Event) -> None:
        """Have nothing done with the camera from `ready` on, until it is over."""

        def wait(hand: CameraHand) -> None:
            hand.finish()
            self._is_shooting = True
            ready.release()
            waits.until(over.wait, None)
            self._is_shooting = False
            self._last = time.monotonic()
            hand.refresh()

        self.do(wait)

    def change_histogram(self) -> None:
        """Go on to the next kind of histogram."""
        self.histogram = self.histogram.next
        self.say(self.histogram.value)

    def toggle_overlay(self) -> None:
        """Show or hide what the camera draws over the picture."""
        self._overlay = not self._overlay
        self.say("with overlay" if self._overlay else "without overlay")

    def toggle_recording(self) -> None:
        """Begin to record what the camera shows, or end it."""
        self.do(lambda _: self._keeping.toggle())

    def save(self) -> None:
        """Save the frame that is shown."""
        self.do(lambda _: self._keeping.save(self.frames, self._frame))

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Have all come to its end."""
        self._cancel.set()
        self._wake.set()

    def wait_end(self) -> None:
        """Wait until it has come to its end, but for no camera that hangs."""
        if not self._is_over.is_set() and not waits.ended(self._thread, STOP_SECONDS):
            self._rig.break_off([self.member])

    # ---- the camera's thread -----------------------------------------------------------------

    def _work(self) -> None:
        try:
            while not self._cancel.is_set():
                try:
                    self._turn()
                except Cancelled:
                    break
                except ChdkShellError as error:
                    self._failed(error)
            self._end()
        finally:
            self._is_over.set()

    def _failed(self, error: ChdkShellError) -> None:
        self.say(str(error))
        self._rig.heed(self.member, error)
        if isinstance(error, TransportError | NotConnectedError):
            self._hand = None
            self._jobs.clear()
        self._pause(AWAY_SECONDS)

    def _pause(self, seconds: float) -> None:
        self._wake.wait(seconds)
        self._wake.clear()

    def _turn(self) -> None:
        if self.member.gone:
            self._pause(AWAY_SECONDS)
            return
        self.member.check_there()
        turn, camera = time.monotonic(), self.member.camera
        if self._hand is None:
            if self.frames:
                self.say("the camera is back")
            self._hand = CameraHand(camera.scripts, self.say, asks_status=self._asks_status)
            self._last = turn
        self._act(self._hand)
        self._hand.ask(turn)
        self._look(ScreenSource(camera.protocol, overlay=self._overlay))
        end = time.monotonic() + rest_after(time.monotonic() - turn, self.fps)
        while not self._cancel.is_set():
            self._act(self._hand)
            left = end - time.monotonic()
            if left <= 0:
                return
            self._pause(min(left, STEP_SECONDS))

    def _act(self, hand: CameraHand) -> None:
        while self._jobs and not self._cancel.is_set():
            self._jobs.popleft()(hand)
        hand.step(time.monotonic())

    def _look(self, source: ScreenSource) -> None:
        try:
            frame = source.fetch(self._cancel)
            self._keeping.record(frame)
            picture = self.histogram.draw(source.picture(frame))
        except LiveViewError as error:
            # A camera that changes modes has no picture for a moment.
            self.say(str(error))
            return
        self._frame, self.picture = frame, picture
        self.frames += 1
        self._last = time.monotonic()
        self._meter.count()

    def _end(self) -> None:
        try:
            if self._hand is not None:
                self._hand.finish()
            self._keeping.end()
        except HostFileError as error:
            self.say(str(error))
