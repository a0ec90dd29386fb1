"""The viewfinder in the terminal: frames, keys, and a status line, until it is left."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from chdkshell.api.screensource import RateMeter, ScreenSource, rest_after
from chdkshell.chdk.imaging.liveview import Frame
from chdkshell.errors import (
    Cancelled,
    ChdkShellError,
    HostFileError,
    LiveViewError,
    printable,
)
from chdkshell.lua.values import LuaValue
from chdkshell.shell.results.liveview import LiveRun
from chdkshell.shell.terminal.fullscreen import FullScreen, Window
from chdkshell.shell.terminal.pictures import Painter, fit
from chdkshell.shell.viewing.cameraactions import (
    LIBRARY,
    Action,
    CameraActions,
    StatusWatch,
    answer_text,
)
from chdkshell.shell.viewing.frameoutput import Format, FrameOutput, FrameView
from chdkshell.shell.viewing.halfhold import HalfHold
from chdkshell.shell.viewing.histogram import FrameHistogram
from chdkshell.shell.viewing.screenrecording import ScreenRecording
from chdkshell.shell.viewing.viewfinderkeys import CLICKS, FEW_KEYS, HELP, KEYS, LEAVE, STEPS

if TYPE_CHECKING:
    from chdkshell.shell.context import Context

STEP_SECONDS = 0.25
"""How long the camera's actions may go unlooked at between two frames."""


class Viewfinder:
    """Shows a camera's screen in a terminal and gives its keys to the camera."""

    def __init__(
        self,
        context: Context,
        screen: FullScreen,
        painter: Painter,
        *,
        overlay: bool,
        fps: float,
        asks_status: bool = True,
    ) -> None:
        camera = context.camera
        self._context = context
        # A command that is run from here gets a token of its own.
        self._cancel = context.cancel
        self._screen = screen
        self._painter = painter
        self._fps = fps
        self._source = ScreenSource(camera.protocol, overlay=overlay)
        self._actions = CameraActions(camera.scripts)
        self._half = HalfHold(self._actions, self._half_said)
        self._histogram = FrameHistogram.NONE
        self._recording: ScreenRecording | None = None
        self._meter = RateMeter()
        self._window: Window | None = None
        self._shape = (0, 0)
        self._frame: Frame | None = None
        self._frames = 0
        self._saved: list[str] = []
        self._watch = StatusWatch(self._actions, self._failed)
        self._asks_status = asks_status
        self._message = KEYS
        self._helps = False
        self._line = ""
        self._typed: str | None = None
        self._left = False
        self._keys: dict[str, Callable[[], None]] = {
            " ": self._shoot,
            "H": self._toggle_half,
            "g": self._change_histogram,
            "v": self._toggle_recording,
            "h": lambda: self._run("viewfinder_half()", "half-pressed"),
            "r": lambda: self._run("viewfinder_switch()", "switching"),
            "+": lambda: self._run("viewfinder_zoom(1)", "zooming in"),
            "=": lambda: self._run("viewfinder_zoom(1)", "zooming in"),
            "-": lambda: self._run("viewfinder_zoom(-1)", "zooming out"),
            "o": self._toggle_overlay,
            "s": self._save,
            "?": self._help,
            ":": lambda: self._type(""),
        }

    def run(self) -> LiveRun:
        """Show frames until a key leaves the view, or the token is set.

        Raises `TransportError` where the camera is gone, and `PtpError`.
        """
        start = time.monotonic()
        with contextlib.suppress(Cancelled):
            self._show()
        return LiveRun(self._frames, time.monotonic() - start, tuple(self._saved))

    def _show(self) -> None:
        try:
            while not self._left:
                turn = time.monotonic()
                if self._asks_status:
                    self._watch.ask(turn)
                self._step()
                if not self._helps:
                    self._show_frame()
                    self._show_status()
                self._rest(time.monotonic() - turn)
        finally:
            try:
                self._finish_actions()
            finally:
                self._end_recording()

    def _step(self) -> None:
        self._actions.step()
        self._half.step(time.monotonic())

    def _finish_actions(self) -> None:
        self._actions.finish()
        self._half.forget()

    # ---- what is shown ----

    def _show_frame(self) -> None:
        self._follow_window()
        try:
            self._frame = self._source.fetch(self._cancel)
            self._record(self._frame)
            picture = self._histogram.draw(self._source.picture(self._frame))
        except LiveViewError as error:
            # A camera that changes modes has no picture for a moment.
            self._say(str(error))
            return
        self._meter.count()
        self._frames += 1
        window = self._screen.window
        shape = picture.shape[:2]
        if shape != self._shape:
            self._shape = shape
            self._erase()
        box = fit(shape[1], shape[0], window)
        self._screen.write(self._painter.paint(picture, box, window.cell))

    def _follow_window(self) -> None:
        window = self._screen.window
        if window != self._window:
            self._window = window
            self._erase()

    def _erase(self) -> None:
        self._painter.forget()
        self._line = ""
        self._screen.write("\x1b[0m\x1b[2J")

    def _show_status(self) -> None:
        if self._typed is not None:
            # The end is what is being typed.
            self._write_status(f":{self._typed}_"[-max(self._screen.window.columns - 1, 1) :])
            return
        rate = f"{self._meter.rate:4.1f} fps"
        half = "half" if self._half.is_held else ""
        recording = f"[{self._recording.frames} recorded]" if self._recording else ""
        states = (rate, self._watch.text, half, recording)
        line = "  ".join(filter(None, (*states, self._message)))
        if self._message == KEYS and len(line) >= self._screen.window.columns:
            line = "  ".join(filter(None, (*states, FEW_KEYS)))
        self._write_status(line)

    def _write_status(self, text: str) -> None:
        window = self._screen.window
        # The last column stays free: writing there may scroll.
        line = printable(text).replace("\n", " ")[: max(window.columns - 1, 0)]
        if line != self._line:
            self._line = line
            self._screen.write(f"\x1b[{window.rows};1H\x1b[0m{line}\x1b[K")

    def _say(self, text: str) -> None:
        self._message = text

    # ---- keys ----

    def _rest(self, took: float) -> None:
        """Wait for the next frame's turn, and act on keys at once."""
        end = time.monotonic() + rest_after(took, self._fps)
        while not self._left:
            for key in self._screen.keys(min(max(end - time.monotonic(), 0), STEP_SECONDS)):
                self._press(key)
            if time.monotonic() >= end:
                return
            self._step()

    def _help(self) -> None:
        """Show what the keys do, until one is pressed."""
        self._erase()
        rows = self._screen.window.rows
        lines = [line[: self._screen.window.columns - 1] for line in HELP[: max(rows - 1, 1)]]
        self._screen.write("".join(f"\x1b[{row};1H{line}" for row, line in enumerate(lines, 1)))
        self._helps = True

    def _press(self, key: str) -> None:
        if self._helps:
            self._helps = False
            self._erase()
            self._left = key in LEAVE
        elif self._typed is not None:
            self._type(key)
        elif key in LEAVE:
            self._left = True
        elif key in CLICKS:
            name = CLICKS[key]
            self._run(f"click('{name}')", f"clicked {name}")
        elif key in STEPS:
            name, by = STEPS[key]
            self._run(f"room_step('{name}',{by})", f"setting {name}", ("controlroom",))
        elif key in self._keys:
            self._keys[key]()

    def _type(self, key: str) -> None:
        """Take a key of the command line that begins with a colon."""
        typed = self._typed or ""
        if key in ("c-m", "c-j"):
            self._typed = None
            self._command(typed)
        elif key == "escape" or (key == "c-h" and not typed):
            self._typed = None
        elif key == "c-h":
            self._typed = typed[:-1]
        else:
            self._typed = typed + (key if len(key) == 1 and key.isprintable() else "")

    def _command(self, line: str) -> None:
        """Run a command of the shell between two frames, where its output can be read."""
        if not line.strip():
            return
        # The camera runs one script at a time, and the command may bring its own.
        self._finish_actions()
        with self._screen.left():
            done = self._context.run_line(line)
        self._window = None
        self._left = self._context.finished
        self._watch.refresh()
        self._say(f"{'done' if done else 'failed'}: {line}")

    def _toggle_overlay(self) -> None:
        self._source.overlay = not self._source.overlay
        self._say("with overlay" if self._source.overlay else "without overlay")

    def _save(self) -> None:
        if self._frame is None:
            self._say("there is no frame yet")
            return
        now = time.time()
        output = FrameOutput(FrameView.COMPOSITE, True, Format.PNG)
        try:
            values = {"frame": self._frames, "time": now, "date": now}
            picture = output.write(self._frames, self._frame, values)
        except (HostFileError, LiveViewError) as error:
            self._say(str(error))
            return
        self._saved.append(picture.path)
        self._say(f"saved {picture.path}")

    def _change_histogram(self) -> None:
        self._histogram = self._histogram.next
        self._say(self._histogram.value)

    def _toggle_recording(self) -> None:
        try:
            if self._recording is not None:
                self._end_recording()
                return
            self._recording = ScreenRecording(self._context.camera.product_id)
        except HostFileError as error:
            self._say(str(error))
        else:
            self._say(f"recording {self._recording.path}")

    def _record(self, frame: Frame) -> None:
        if self._recording is None:
            return
        try:
            self._recording.write(frame)
        except HostFileError as error:
            with contextlib.suppress(HostFileError):  # the first says why
                self._end_recording()
            self._say(str(error))

    def _end_recording(self) -> None:
        recording, self._recording = self._recording, None
        if recording is None:
            return
        if recording.close():
            self._saved.append(str(recording.path))
            self._say(f"recorded {recording.path}")
        else:
            self._say("nothing was recorded")

    # ---- the camera ----

    def _shoot(self) -> None:
        if self._half.is_held:
            self._half.shoot()
        else:
            self._run("viewfinder_shoot()", "taking a picture")

    def _toggle_half(self) -> None:
        if self._half.is_held:
            self._half.release()
        else:
            self._half.hold()

    def _half_said(self, text: str) -> None:
        self._watch.refresh()
        self._say(text)

    def _run(self, call: str, doing: str, libraries: tuple[str, ...] = (LIBRARY,)) -> None:
        if self._half.is_held:  # the camera runs one script at a time
            self._half.release()
        action = Action(f"return {call}", self._done, self._failed, libraries)
        self._say(doing if self._actions.submit(action) else "the camera is busy")

    def _done(self, values: tuple[LuaValue, ...]) -> None:
        self._watch.refresh()
        if text := answer_text(values):
            self._say(text)

    def _failed(self, error: ChdkShellError) -> None:
        self._say(str(error))


def has_true_colour() -> bool:
    """Whether the terminal says that it shows more than 256 colours."""
    if os.environ.get("COLORTERM", "") in ("truecolor", "24bit"):
        return True
    return "WT_SESSION" in os.environ or os.environ.get("TERM", "").endswith("-direct")
