"""The user's own hands on the simulated camera: lines of text that say which keys they press."""

from __future__ import annotations

import logging
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from chdkshell.chdk.constants import KEY_NAMES
from chdkshell.errors import UsageError
from chdkshell.sim.pipes import open_pipe

if TYPE_CHECKING:
    from chdkshell.sim.state import CameraState

log = logging.getLogger(__name__)

CLICK_MS = 100
"""How long a key is held, unless the line says so."""

MAX_MS = 600_000

_FORM = "write 'press KEY [MS]', 'hold KEY', 'release KEY' or 'type TEXT'"


class Hands:
    """Presses keys of the camera `state`, line by line."""

    def __init__(self, state: CameraState) -> None:
        self._state = state
        self._closed = threading.Event()
        self._changed = threading.Condition()

    def do(self, line: str) -> None:
        """Do what a line says: `press KEY [MS]`, `hold KEY`, `release KEY`, or `type TEXT`.

        `press` returns when the key is up again, after MS milliseconds of the camera's. A text goes
        to the box that a script shows. Raises `UsageError`.
        """
        if line.startswith("type "):
            dialog = self._state.shown.dialog
            if dialog is None:
                raise UsageError("nothing on the camera's screen takes a text", _FORM)
            dialog.type(line.removeprefix("type ").rstrip("\r\n"))
            return
        verb, key, milliseconds = _parsed(line)
        keyboard, clock = self._state.keyboard, self._state.clock
        comes_up = clock.ticks() + milliseconds if verb == "press" else None
        if verb != "release":
            keyboard.touch(key)
        if verb == "press":
            with self._changed:
                clock.pause(milliseconds, self._changed, self._closed.is_set)
        if verb != "hold":
            keyboard.let_go(key, comes_up)

    def follow(self, path: Path) -> None:
        """Do, in a thread, what is written to the pipe `path`, which is made where it is missing.

        It outlives its writers. Raises `UsageError` for what is no pipe.
        """
        pipe = open_pipe(path)
        threading.Thread(target=self._read, args=(pipe,), name="hands", daemon=True).start()

    def close(self) -> None:
        """Let go of what is held."""
        self._closed.set()
        with self._changed:
            self._changed.notify_all()

    def _read(self, pipe: int) -> None:
        with os.fdopen(pipe, encoding="utf-8", errors="replace") as lines:
            for line in lines:
                if self._closed.is_set():
                    return
                if not line.strip():
                    continue
                try:
                    self.do(line)
                except UsageError as error:
                    log.warning("%s; %s", error, error.detail)


def _parsed(line: str) -> tuple[str, str, int]:
    words = line.split()
    if not 2 <= len(words) <= (3 if words[0] == "press" else 2):
        raise UsageError(f"'{line.strip()}' is nothing that hands can do", _FORM)
    verb, key, *rest = words
    if verb not in ("press", "hold", "release"):
        raise UsageError(f"'{verb}' is nothing that hands can do", _FORM)
    if key not in KEY_NAMES:
        raise UsageError(f"there is no key '{key}'", f"there are: {', '.join(sorted(KEY_NAMES))}")
    text = rest[0] if rest else str(CLICK_MS)
    if not (text.isascii() and text.isdigit() and len(text) < 7 and int(text) <= MAX_MS):
        raise UsageError(f"'{text}' is no time in ms", f"0 to {MAX_MS}")
    return verb, key, int(text)
