"""The viewfinder in the terminal: frames, keys, and a status line, until it is left."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from chdkshell.api.screensource import RateMeter, ScreenSource, rest_after
from chdkshell.chdk.imaging.liveview import Frame
from chdkshell.errors import Cancelled, LiveViewError
from chdkshell.shell.results.liveview import LiveRun
from chdkshell.shell.terminal.fullscreen import FullScreen, Window
from chdkshell.shell.terminal.mouse import Mouse
from chdkshell.shell.terminal.pictures import Painter, fit
from chdkshell.shell.viewing.camerahand import STEP_SECONDS, CameraHand
from chdkshell.shell.viewing.framekeeping import FrameKeeping
from chdkshell.shell.viewing.histogram import FrameHistogram
from chdkshell.shell.viewing.lastpictures import LastPicture, LastPictures
from chdkshell.shell.viewing.statusline import StatusLine
from chdkshell.shell.viewing.strip import beside, has_room, strip_text
from chdkshell.shell.viewing.viewfinderkeys import HELD_HINTS, HELP, HINTS, LEAVE

if TYPE_CHECKING:
    from chdkshell.shell.context import Context


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
        self._hand = CameraHand(camera.scripts, self._say, asks_status=asks_status)
        self._keeping = FrameKeeping(camera.product_id, self._say)
        self._last = LastPictures(self._hand.actions)
        self._wants_strip = True
        self._strip: tuple[LastPicture, ...] = ()
        self._histogram = FrameHistogram.NONE
        self._meter = RateMeter()
        self._window: Window | None = None
        self._shape = (0, 0)
        self._frame: Frame | None = None
        self._frames = 0
        self._mouse = Mouse()
        self._status = StatusLine()
        self._message = ""
        self._helps = False
        self._line = ""
        self._typed: str | None = None
        self._left = False
        self._keys: dict[str, Callable[[], None]] = {
            "g": self._change_histogram,
            "v": self._keeping.toggle,
            "o": self._toggle_overlay,
            "p": self._toggle_strip,
            "s": lambda: self._keeping.save(self._frames, self._frame),
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
        return LiveRun(self._frames, time.monotonic() - start, tuple(self._keeping.saved))

    def _show(self) -> None:
        try:
            while not self._left:
                turn = time.monotonic()
                # Before the status, which is due again and again where frames are slow.
                if self._wants_strip and has_room(self._screen.window):
                    self._last.ask(turn, self._hand.pictures)
                self._hand.ask(turn)
                self._step()
                if not self._helps:
                    self._show_frame()
                    self._show_status()
                self._rest(time.monotonic() - turn)
        finally:
            try:
                self._hand.finish()
            finally:
                self._keeping.end()

    def _step(self) -> None:
        self._hand.step(time.monotonic())

    # ---- what is shown ----

    def _show_frame(self) -> None:
        self._follow_window()
        try:
            self._frame = self._source.fetch(self._cancel)
            self._keeping.record(self._frame)
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
        box = fit(shape[1], shape[0], self._show_strip(window))
        self._screen.write(self._painter.paint(picture, box, window.cell))

    def _show_strip(self, window: Window) -> Window:
        """Show the last pictures, where that is new. Returns the window without them."""
        wanted = self._last.shown if self._wants_strip and has_room(window) else ()
        if wanted != self._strip:
            self._erase()
            self._strip = wanted
            self._screen.write(strip_text(wanted, window, self._painter))
        return beside(window) if wanted else window

    def _follow_window(self) -> None:
        window = self._screen.window
        if window != self._window:
            self._window = window
            self._erase()

    def _erase(self) -> None:
        self._painter.forget()
        self._line = ""
        self._strip = ()
        self._screen.write("\x1b[0m\x1b[2J")

    def _show_status(self) -> None:
        if self._typed is not None:
            # The end is what is being typed.
            self._write_status(f":{self._typed}_"[-max(self._screen.window.columns - 1, 1) :])
            return
        hand, width = self._hand, self._screen.window.columns - 1
        half = "half" if hand.holds_half else ""
        states = f"{self._meter.rate:4.1f} fps", hand.status, half, self._keeping.status
        hints = HELD_HINTS if hand.holds_half else HINTS
        self._write_status(self._status.compose((*states, self._message), hints, width))

    def _write_status(self, line: str) -> None:
        # The last column stays free: writing there may scroll.
        if line != self._line:
            self._line = line
            self._screen.write(f"\x1b[{self._screen.window.rows};1H\x1b[0m{line}\x1b[K")

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
        if self._mouse.is_meant(key):
            self._do_mouse(key)
        elif self._helps:
            self._helps = False
            self._erase()
            self._left = key in LEAVE
        elif self._typed is not None:
            self._type(key)
        else:
            self._do(key, self._hand.press)

    def _do(self, key: str, of_camera: Callable[[str], bool]) -> None:
        if key in LEAVE:
            self._left = True
        elif not of_camera(key) and key in self._keys:
            self._keys[key]()

    def _do_mouse(self, report: str) -> None:
        act = self._mouse.take(report)
        if act is None or self._typed is not None:
            return
        if self._helps:
            self._press("")
        elif act.wheel:
            self._hand.turn(act.wheel)
        elif act.row == self._screen.window.rows - 1:
            self._do(self._status.key_at(act.column), self._hand.click)
        else:
            self._hand.touch()

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
        self._hand.finish()
        with self._screen.left():
            done = self._context.run_line(line)
        self._window = None
        self._left = self._context.finished
        self._hand.refresh()
        self._say(f"{'done' if done else 'failed'}: {line}")

    def _toggle_overlay(self) -> None:
        self._source.overlay = not self._source.overlay
        self._say("with overlay" if self._source.overlay else "without overlay")

    def _toggle_strip(self) -> None:
        self._wants_strip = not self._wants_strip
        self._say("with the last pictures" if self._wants_strip else "without the last pictures")

    def _change_histogram(self) -> None:
        self._histogram = self._histogram.next
        self._say(self._histogram.value)


def has_true_colour() -> bool:
    """Whether the terminal says that it shows more than 256 colours."""
    if os.environ.get("COLORTERM", "") in ("truecolor", "24bit"):
        return True
    return "WT_SESSION" in os.environ or os.environ.get("TERM", "").endswith("-direct")
