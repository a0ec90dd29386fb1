"""Small scripts that run on the camera while its live view goes on."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from chdkshell.chdk.constants import MessageType, ScriptStatus
from chdkshell.chdk.messages import ScriptMessage
from chdkshell.chdk.scripts import Scripts
from chdkshell.chdk.shooting.exposure import (
    MAX_APEX96,
    STEP,
    av96_to_f_number,
    sv96_to_iso,
    tv96_to_shutter,
)
from chdkshell.errors import ChdkError, ChdkShellError, ScriptRunningError, TransportError
from chdkshell.lua.values import LuaValue

MAX_WAITING = 8
"""Actions that may wait for their turn: more of a key that repeats would only come late."""

STATUS_SECONDS = 1.0
"""How often the camera is asked for its mode and exposure."""

FINISH_SECONDS = 5.0
"""How long the script that runs at the end is waited for."""

LIBRARY = "viewfinder"
"""The file of `chdk/lua` with the functions that actions call."""

FIRST_ISO = 50
"""Below it, what a camera tells of its ISO menu is a place there and no ISO value."""

_ANSWERS = {
    "record": "record mode",
    "playback": "play mode",
    "play": "the camera is in play mode: r switches to record mode",
    "not ready": "the camera did not get ready",
    "focused": "focused",
    "not focused": "not in focus",
    "not-recording": "the camera is in play mode: r switches to record mode",
    "shutter-mode": "shutter: in TV and M only",
    "aperture-mode": "aperture: in AV and M only",
    "end": "it goes no further",
}


@dataclass(frozen=True, slots=True)
class Action:
    """Lua code, and who hears how it went. `done` gets its values, `failed` its error.

    `libraries` are the files of `chdk/lua` that it needs, `last_word` is a message that ends it.
    """

    code: str
    done: Callable[[tuple[LuaValue, ...]], None]
    failed: Callable[[ChdkShellError], None]
    libraries: tuple[str, ...] = (LIBRARY,)
    last_word: str = ""


@dataclass(slots=True)
class _Running:
    action: Action
    script_id: int
    returns: list[ScriptMessage] = field(default_factory=list)
    error: ScriptMessage | None = None


class CameraActions:
    """Runs actions one after another. `step` never waits for the camera to finish one."""

    def __init__(self, scripts: Scripts) -> None:
        self._scripts = scripts
        self._waiting: deque[Action] = deque()
        self._running: _Running | None = None

    @property
    def busy(self) -> bool:
        """Whether an action runs or waits."""
        return self._running is not None or bool(self._waiting)

    @property
    def crowded(self) -> bool:
        """Whether an action waits for its turn."""
        return bool(self._waiting)

    def submit(self, action: Action) -> bool:
        """Queue `action`. Returns False, and forgets it, where too many wait already."""
        if len(self._waiting) >= MAX_WAITING:
            return False
        self._waiting.append(action)
        return True

    def step(self) -> None:
        """Look at the action that runs, and start the next when it has ended.

        Raises `TransportError` where the camera is gone; other failures go to the action.
        """
        if self._running is not None:
            self._look(self._running)
        if self._running is None and self._waiting:
            self._start(self._waiting.popleft())

    def tell(self, action: Action, message: str) -> bool:
        """Send a message to an action. Returns False where it does not run, or cannot take it.

        Raises `TransportError` where the camera is gone.
        """
        running = self._running
        if running is None or running.action is not action:
            return False
        try:
            self._scripts.send(message, running.script_id)
        except ChdkError:
            return False
        return True

    def finish(self) -> None:
        """Forget what waits, and let what runs come to its end, or kill it."""
        self._waiting.clear()
        running = self._running
        if running is None:
            return
        try:
            if running.action.last_word:
                self.tell(running.action, running.action.last_word)
            self._running = None
            self._scripts.wait(timeout=FINISH_SECONDS)
        except TransportError:
            return
        except ChdkShellError:
            self._kill()

    def _kill(self) -> None:
        try:
            self._scripts.kill(flush=False)
        except ChdkShellError:
            # A CHDK that cannot kill cleanly goes on with the script to its end.
            return

    def _start(self, action: Action) -> None:
        try:
            script_id = self._scripts.start(action.code, libraries=action.libraries, flush=False)
        except TransportError:
            raise
        except ChdkShellError as error:
            action.failed(error)
            return
        self._running = _Running(action, script_id)

    def _look(self, running: _Running) -> None:
        status = self._scripts.status()
        if status & ScriptStatus.MESSAGE_WAITING:
            while (message := self._scripts.receive()) is not None:
                self._receive(running, message)
        elif not status & ScriptStatus.RUNNING:
            self._running = None
            self._report(running)

    def _receive(self, running: _Running, message: ScriptMessage) -> None:
        if message.script_id != running.script_id:
            self._scripts.keep(message)
        elif message.type == MessageType.ERROR:
            running.error = running.error or message
        elif message.type == MessageType.RETURN and len(running.returns) < MAX_WAITING:
            running.returns.append(message)

    def _report(self, running: _Running) -> None:
        if running.error is not None:
            running.action.failed(self._scripts.error_of(running.error))
            return
        try:
            values = tuple(message.value for message in running.returns)
        except ChdkError as error:
            running.action.failed(error)
        else:
            running.action.done(values)


@dataclass(frozen=True, slots=True)
class CameraStatus:
    """What the camera is set to. Exposure values are APEX*96."""

    record: bool
    video: bool
    tv96: int
    av96: int
    sv96: int
    zoom: int
    pictures: int

    @staticmethod
    def from_values(values: tuple[LuaValue, ...]) -> CameraStatus | None:
        """Return what `viewfinder_status` returned, or None where that makes no sense."""
        if len(values) != 7:
            return None
        record, video, *rest = values
        numbers = [value for value in rest if isinstance(value, int)]
        if len(numbers) != len(rest) or any(abs(number) > MAX_APEX96 for number in numbers[:3]):
            return None
        return CameraStatus(bool(record), bool(video), *numbers)

    def __str__(self) -> str:
        if not self.record:
            return f"PLAY  #{self.pictures}"
        mode = "VIDEO" if self.video else "REC"
        return (
            f"{mode}  {shutter_text(self.tv96)} f/{av96_to_f_number(self.av96):.1f}"
            f" ISO {sv96_to_iso(self.sv96):.0f}  zoom {self.zoom}  #{self.pictures}"
        )


def shutter_text(tv96: int) -> str:
    """Return a shutter time as cameras show it."""
    seconds = tv96_to_shutter(tv96)
    return f'{seconds:.1f}"' if seconds > 0.35 else f"1/{1 / seconds:.0f}"


def _setting_text(name: str, value: int) -> str:
    """Return what an exposure key has set."""
    if name != "iso" and abs(value) > MAX_APEX96:
        return ""
    match name:
        case "shutter":
            return f"shutter {shutter_text(value)}"
        case "aperture":
            return f"aperture f/{av96_to_f_number(value):.1f}"
        case "ev":
            return f"EV {value / STEP:+.1f}"
    if value >= FIRST_ISO:
        return f"ISO {value}"
    return f"ISO setting {value}" if value else "ISO auto"


def answer_text(values: tuple[LuaValue, ...]) -> str:
    """Return what the functions that actions call answered, for people; "" for no answer."""
    match values:
        case ("taken", int() as number):
            return f"picture {number} taken"
        case ("set", str() as name, int() as value):
            return _setting_text(name, value)
        case (str() as answer,) | (False, str() as answer):
            return _ANSWERS.get(answer, "")
    return ""


class StatusWatch:
    """Asks the camera every second what it is set to. `failed` hears why it does not say it."""

    def __init__(self, actions: CameraActions, failed: Callable[[ChdkShellError], None]) -> None:
        self._actions = actions
        self._failed = failed
        self._due = 0.0
        self._status: CameraStatus | None = None

    @property
    def text(self) -> str:
        """What is known, "" for nothing."""
        return "" if self._status is None else str(self._status)

    @property
    def pictures(self) -> int | None:
        """The camera's counter of pictures, None as long as it is not known."""
        return None if self._status is None else self._status.pictures

    def ask(self, now: float) -> None:
        """Ask, if it is time and nothing else is to do."""
        if now < self._due or self._actions.busy:
            return
        self._due = now + STATUS_SECONDS
        self._actions.submit(Action("return viewfinder_status()", self._receive, self._fail))

    def refresh(self) -> None:
        """Something has changed: ask as soon as it can be."""
        self._due = 0.0

    def _receive(self, values: tuple[LuaValue, ...]) -> None:
        self._status = CameraStatus.from_values(values) or self._status

    def _fail(self, error: ChdkShellError) -> None:
        # While a script of the user's runs, the camera takes no other.
        if not isinstance(error, ScriptRunningError):
            self._failed(error)
