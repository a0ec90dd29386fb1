"""A half press that lasts as long as the page says so: the camera itself lets go when it is silent.

The keys that a script holds go up as it ends, so that the script lives as long as the press.
"""

from __future__ import annotations

import time
from contextlib import suppress

from chdkshell.camera import Camera
from chdkshell.chdk.constants import ScriptStatus
from chdkshell.chdk.messages import ScriptMessage
from chdkshell.errors import Cancelled, ChdkError, ScriptError
from chdkshell.flow import NEVER, CancelToken
from chdkshell.lua.values import LuaValue

SILENCE_SECONDS = 2.0
"""How long the page may be silent until the half press ends."""

END_SECONDS = 15.0
"""How long the script may take to end once it was told to let go."""


class HalfPress:
    """Holds the shutter button half down. The camera's thread alone calls it."""

    def __init__(self, camera: Camera) -> None:
        self._camera = camera
        self._script: int | None = None
        self._due = 0.0

    @property
    def is_held(self) -> bool:
        """Whether the button is held, as far as is known."""
        return self._script is not None

    def hold(self) -> None:
        """Press the button half down, or keep it there."""
        scripts = self._camera.scripts
        if self._script is not None and self._runs():
            try:
                scripts.send("hold", self._script)
            except ChdkError:  # it has just ended
                self._script = None
            else:
                return
        silence = round(SILENCE_SECONDS * 1000)
        self._script = scripts.start(f"return room_half({silence})", libraries=("controlroom",))

    def shoot(self, cancel: CancelToken) -> LuaValue:
        """Press the button down from half down, and return what is known of the shot.

        That takes as long as the exposure. Anything but a table says that there was none.
        """
        if not self._tell("shoot"):
            return None
        try:
            return self._result(None, cancel)
        except Cancelled:
            self._camera.scripts.end_own()
            raise

    def end(self) -> None:
        """Let the button go, if it is held."""
        if self._tell("release"):
            with suppress(ScriptError):
                self._result(END_SECONDS)

    def look(self) -> None:
        """Note where the camera has let go by itself."""
        now = time.monotonic()
        if now >= self._due:
            self._due = now + 0.5
            if not self._runs():
                self._script = None

    def forget(self) -> None:
        """The connection is another one: nothing is held."""
        self._script = None

    def _runs(self) -> bool:
        return bool(self._camera.scripts.status() & ScriptStatus.RUNNING)

    def _tell(self, message: str) -> bool:
        """Tell the script its last message. Returns whether there was one to be told."""
        script, self._script = self._script, None
        try:
            if script is not None:
                self._camera.scripts.send(message, script)
        except ChdkError:  # it has ended by itself
            return False
        return script is not None

    def _result(self, timeout: float | None, cancel: CancelToken = NEVER) -> LuaValue:
        def ignore(_: ScriptMessage) -> None:
            return None

        done = self._camera.scripts.wait(timeout=timeout, on_message=ignore, cancel=cancel)
        value = done.read(cancel)
        return value if not isinstance(value, tuple) else None
