"""What keys have a camera do while its live view goes on, and what it is set to."""

from __future__ import annotations

from collections.abc import Callable

from chdkshell.chdk.scripts import Scripts
from chdkshell.errors import ChdkShellError
from chdkshell.lua.values import LuaValue
from chdkshell.shell.viewing.cameraactions import (
    LIBRARY,
    Action,
    CameraActions,
    StatusWatch,
    answer_text,
)
from chdkshell.shell.viewing.halfhold import HalfHold
from chdkshell.shell.viewing.viewfinderkeys import CLICKS, STEPS

STEP_SECONDS = 0.25
"""How long the camera's actions may go unlooked at between two frames."""


class CameraHand:
    """Gives a camera the keys that are its own. `say` hears what becomes of them.

    One thread calls it. Without `asks_status` the camera is not asked what it is set to.
    """

    def __init__(
        self, scripts: Scripts, say: Callable[[str], None], *, asks_status: bool = True
    ) -> None:
        self._say = say
        self.actions = CameraActions(scripts)
        self._half = HalfHold(self.actions, self._half_said)
        self._watch = StatusWatch(self.actions, self._failed)
        self._asks_status = asks_status
        self._keys: dict[str, Callable[[], None]] = {
            " ": self._shoot,
            "H": self._toggle_half,
            "h": lambda: self._run("viewfinder_half()", "half-pressed"),
            "r": lambda: self._run("viewfinder_switch()", "switching"),
            "+": lambda: self._run("viewfinder_zoom(1)", "zooming in"),
            "=": lambda: self._run("viewfinder_zoom(1)", "zooming in"),
            "-": lambda: self._run("viewfinder_zoom(-1)", "zooming out"),
        }

    @property
    def holds_half(self) -> bool:
        """Whether the button is held half down."""
        return self._half.is_held

    @property
    def status(self) -> str:
        """What the camera is set to, "" as long as that is not known."""
        return self._watch.text

    @property
    def pictures(self) -> int | None:
        """The camera's counter of pictures, None as long as it is not known."""
        return self._watch.pictures

    def press(self, key: str) -> bool:
        """Do what a key stands for. Returns False for one that is none of the camera's."""
        if key in CLICKS:
            name = CLICKS[key]
            self._run(f"click('{name}')", f"clicked {name}")
        elif key in STEPS:
            name, by = STEPS[key]
            self._run(f"room_step('{name}',{by})", f"setting {name}", ("controlroom",))
        elif key in self._keys:
            self._keys[key]()
        else:
            return False
        return True

    def click(self, key: str) -> bool:
        """Do what a key stands for that was clicked on: no single click takes a picture.

        The first on the shutter's holds it half down, as the finger does on its way. Returns as
        `press`.
        """
        return self.press("H" if key == " " and not self._half.is_held else key)

    def touch(self) -> None:
        """The picture was clicked on: focus, as a screen to be touched does."""
        if not self.actions.crowded and not self._half.is_held:
            self.press("h")

    def turn(self, wheel: int) -> None:
        """Zoom by a turn of the wheel; more of them than the lens follows are left out."""
        if not self.actions.crowded:
            self.press("+" if wheel > 0 else "-")

    def ask(self, now: float) -> None:
        """Ask the camera what it is set to, if it is time for that."""
        if self._asks_status:
            self._watch.ask(now)

    def step(self, now: float) -> None:
        """Look after what the camera does, without waiting for it.

        Raises `TransportError` where the camera is gone.
        """
        self.actions.step()
        self._half.step(now)

    def finish(self) -> None:
        """Let what runs come to its end."""
        self.actions.finish()
        self._half.forget()

    def refresh(self) -> None:
        """Something has changed: ask the camera as soon as it can be."""
        self._watch.refresh()

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
        self._say(doing if self.actions.submit(action) else "the camera is busy")

    def _done(self, values: tuple[LuaValue, ...]) -> None:
        self._watch.refresh()
        if text := answer_text(values):
            self._say(text)

    def _failed(self, error: ChdkShellError) -> None:
        self._say(str(error))
