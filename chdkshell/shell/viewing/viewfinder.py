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
from chdkshell.shell.viewing.cameraactions import Action, CameraActions, StatusWatch, answer_text
from chdkshell.shell.viewing.frameoutput import Format, FrameOutput, FrameView

if TYPE_CHECKING:
    from chdkshell.shell.context import Context

KEYS = "space shoot  +- zoom  s save  q quit  ? help"
"""What stands in the last line at first, where it fits; else `FEW_KEYS`."""

FEW_KEYS = "q quit  ? help"

HELP = (
    "space     take a picture",
    "h         half-press",
    "+ -       zoom",
    "r         record or play mode",
    "arrows    the camera's up, down, left and right; Enter is set",
    "m  d      the camera's menu and display keys",
    "o         with or without what the camera draws over the picture",
    "s         save the picture that is shown",
    ":         a command of the shell",
    "q         leave",
    "",
    "any key goes back to the picture",
)

LEAVE = ("q", "Q", "c-c", "c-d")

CLICKS = {
    "up": "up",
    "down": "down",
    "left": "left",
    "right": "right",
    "c-m": "set",
    "c-j": "set",
    "m": "menu",
    "d": "display",
}
"""Keys of the keyboard, and the camera's keys that they click."""


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
            " ": lambda: self._run("viewfinder_shoot()", "taking a picture"),
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
                self._actions.step()
                if not self._helps:
                    self._show_frame()
                    self._show_status()
                self._rest(time.monotonic() - turn)
        finally:
            self._actions.finish()

    # ---- what is shown ----

    def _show_frame(self) -> None:
        self._follow_window()
        try:
            self._frame = self._source.fetch(self._cancel)
            picture = self._source.picture(self._frame)
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
        line = "  ".join(filter(None, (rate, self._watch.text, self._message)))
        if self._message == KEYS and len(line) >= self._screen.window.columns:
            line = "  ".join(filter(None, (rate, self._watch.text, FEW_KEYS)))
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
            for key in self._screen.keys(max(end - time.monotonic(), 0)):
                self._press(key)
            if time.monotonic() >= end:
                return
            self._actions.step()

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
        self._actions.finish()
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

    # ---- the camera ----

    def _run(self, call: str, doing: str) -> None:
        action = Action(f"return {call}", self._done, self._failed)
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
