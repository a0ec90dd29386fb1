"""The shutter button, held half down from the terminal until a key lets it go.

A terminal does not tell when a key goes up. The script on the camera ends the half press by itself
when it hears nothing for a while, so that it ends with the program, too, however that ends.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from chdkshell.errors import ChdkShellError
from chdkshell.lua.values import LuaValue
from chdkshell.shell.viewing.cameraactions import Action, CameraActions, answer_text

SILENCE_MS = 2000
"""How long the camera goes on with a half press without a word from here."""

WORD_SECONDS = 0.5
"""How often it gets one."""


class HalfHold:
    """Holds the button half down as an action of the camera. `say` hears what becomes of it."""

    def __init__(self, actions: CameraActions, say: Callable[[str], None]) -> None:
        self._actions = actions
        self._say = say
        self._action: Action | None = None
        self._count = 0
        self._word = ""
        self._due = 0.0

    @property
    def is_held(self) -> bool:
        """Whether the button is held, or will be as soon as the camera is free."""
        return self._word == "hold"

    def hold(self) -> None:
        """Press the button half down."""
        self.step(self._due)  # the word that ends the one before, which may not have had it yet
        self._count += 1
        action = Action(
            f"return room_half({SILENCE_MS})",
            partial(self._done, self._count),
            partial(self._failed, self._count),
            libraries=("controlroom",),
            last_word="release",
        )
        if not self._actions.submit(action):
            self._say("the camera is busy")
            return
        self._action, self._word, self._due = action, "hold", 0.0
        self._say("")

    def shoot(self) -> None:
        """Press it down from there."""
        self._word, self._due = "shoot", 0.0
        self._say("taking a picture")

    def release(self) -> None:
        """Let it go."""
        self._word, self._due = "release", 0.0
        self._say("released")

    def forget(self) -> None:
        """The camera's actions have ended."""
        self._action, self._word = None, ""

    def step(self, now: float) -> None:
        """Tell the camera what is wanted: once, or again and again for a button that is held."""
        if self._action is None or not self._word or now < self._due:
            return
        if self._actions.tell(self._action, self._word):
            self._due = now + WORD_SECONDS
            if not self.is_held:
                self._word = ""

    def _done(self, count: int, values: tuple[LuaValue, ...]) -> None:
        is_last = count == self._count  # else the next one waits for this to end
        lapsed = is_last and self.is_held
        if is_last:
            self.forget()
        match values:
            case ({"exp": int() as number},):
                self._say(f"picture {number} taken")
            case (True,) if lapsed:
                self._say("the camera let go after 2 s without a word")
            case (True,):
                pass
            case _:
                self._say(answer_text(values) or "no picture was taken")

    def _failed(self, count: int, error: ChdkShellError) -> None:
        if count == self._count:
            self.forget()
        self._say(str(error))
