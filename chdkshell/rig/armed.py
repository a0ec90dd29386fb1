"""One camera of a synchronised shot: a script that gets ready, waits for its tick, and fires.

What runs on the camera stands in `chdk/lua/sync_shot.lua`.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass

from chdkshell.camera import Camera
from chdkshell.chdk.collecting import Pauses
from chdkshell.chdk.constants import MessageType, ScriptStatus
from chdkshell.chdk.lifesigns import DATA_TIMEOUT, LifeSigns
from chdkshell.chdk.marks import Mark
from chdkshell.chdk.shooting.capture import CapturedShot, ShotFetcher
from chdkshell.chdk.shooting.capturesession import CapturePlan
from chdkshell.chdk.shooting.cardpictures import TakenShot, taken_shot
from chdkshell.chdk.shooting.refusals import check, refused
from chdkshell.chdk.shooting.settings import settings_before
from chdkshell.errors import ChdkError, ChdkShellError
from chdkshell.flow import NEVER, SILENT, CancelToken, Progress
from chdkshell.lua.literals import serialize
from chdkshell.lua.values import LuaValue
from chdkshell.reasons import Reason
from chdkshell.rig.clock import TickClock
from chdkshell.rig.clockscript import AskedClock, ask_clock
from chdkshell.rig.syncreport import SyncRequest
from chdkshell.rig.targets import CameraTarget

ARM_SECONDS = 15.0
"""How long a camera may take to get ready: a shot that is under way ends before."""

END_SECONDS = 10.0
"""How long a script may take to end, beside what the shot takes."""

EDGE_SECONDS = 10.0
"""How long a camera waits for the USB line before it takes the shot all the same."""

CALLED_OFF = "called off"


@dataclass(slots=True)
class EndedShot:
    """What the script of a shot told: the tick count at which it fired, None where it did not.

    `count` is the counter of shots afterwards, `taken` what the shot left on the card, and
    `captured` what was fetched of it.
    """

    fired_at: int | None = None
    count: int | None = None
    taken: TakenShot | None = None
    captured: CapturedShot | None = None


class ArmedCamera:
    """A camera from its half press to the end of its shot.

    `arm` it, `read_clock`, `aim` it, and `release` it; it fires by itself then. `end` waits for
    that, `call_off` has it not fire. After an error, `abort`.
    """

    def __init__(self, name: str, camera: Camera, request: SyncRequest) -> None:
        self.name = name
        self.camera = camera
        self.count_before: int | None = None
        self.slowest = 0.0
        self.is_released = False
        self._request = request
        self._scripts = camera.scripts
        self._signs = LifeSigns(self._scripts)
        self._said: dict[str, str] = {}
        self._returned: list[LuaValue] = []
        self.ended = EndedShot()

    # ---- before the shot ------------------------------------------------------------------------

    def arm(self, cancel: CancelToken = NEVER) -> None:
        """Have the camera half press its shutter. Raises where it does not get ready."""
        request, scripts = self._request, self._scripts
        options: dict[str, LuaValue] = {"shot_ms": round(self.longest * 1000)}
        if request.edge:
            options["edge"] = True
        if request.files is None:
            options |= request.settings.options()
            options["card"] = True
            library, call = "sync_card", "sync_card_shot"
        else:
            self.camera.protocol.require_capture(request.files.data)
            options |= CapturePlan(request.settings.exposure).options(request.files)
            library, call = "sync_capture", "sync_capture"
        put_back = settings_before(scripts, options, cancel)
        before = "nil" if put_back is None else put_back.text
        scripts.start(
            f"settings_kept={before} return {call}({serialize(options)})",
            libraries=(library,),
            put_back=put_back,
            mark=Mark.OWN,
        )
        self._signs.start()
        self.count_before = int(self._answer("ready", ARM_SECONDS, cancel))

    @property
    def longest(self) -> float:
        """Seconds that the shot may take from its tick on."""
        edge = EDGE_SECONDS if self._request.edge else 0.0
        return self._request.settings.exposure.longest_shot + edge

    def read_clock(
        self, known: TickClock | None, questions: int, cancel: CancelToken = NEVER
    ) -> TickClock:
        """Narrow the camera's clock down."""
        self._scripts.send("clock")
        asked: AskedClock = ask_clock(self._scripts, known, questions, cancel)
        self._scripts.send("end")
        self.slowest = asked.longest
        return asked.clock

    def aim(self, target: CameraTarget, seconds: float, cancel: CancelToken = NEVER) -> None:
        """Tell the camera when to fire; it does not do so yet. Raises where it does not hear."""
        self._scripts.send(f"at {target.tick} {target.turns}")
        self._answer("set", seconds, cancel)
        self._signs.stop()  # nothing is to come between the camera and its moment

    def release(self, seconds: float) -> bool:
        """Have the camera fire at its time. Returns False where that was too late for it.

        After an error it is not known whether it will.
        """
        self._scripts.send("go")
        self.is_released = self._answer("go", seconds, NEVER) == "on"
        return self.is_released

    # ---- the shot and after ---------------------------------------------------------------------

    def call_off(self) -> None:
        """Have the camera not fire, if it is not too late. `end` tells what came of it."""
        with contextlib.suppress(ChdkError):  # a script that has ended takes no message
            self._scripts.send("off")

    def end(self, progress: Progress = SILENT, cancel: CancelToken = NEVER) -> EndedShot:
        """Wait for the shot and the end of the script, and fetch what there is to fetch.

        `ended` has what is known so far, also after an error.
        """
        self._signs.start()
        if self._request.files is not None and self._await_fire():
            with contextlib.suppress(_CalledOff):
                self._fetch(progress, cancel)
        self._await_end(self.longest + END_SECONDS)
        self._signs.stop()
        self._scripts.keep_changes()
        self._note_words()
        answer = self._returned[0] if self._returned else None
        if answer != CALLED_OFF:
            check(tuple(self._returned))
            if isinstance(answer, dict):
                self.ended.taken = taken_shot(answer)
                self.ended.count = self.ended.taken.number
        return self.ended

    def abort(self, give_up: float = END_SECONDS) -> None:
        """End the script at once; what cannot be done now comes before the next one."""
        self._signs.stop()
        self._scripts.end_own(min(give_up, self.longest))
        self._note_words()

    def _await_fire(self) -> bool:
        """Wait until the camera fires: to end it before could leave others to fire without it."""
        pauses = Pauses()
        while "fired" not in self._said:
            if not self._look(NEVER) and not self._look(NEVER):
                return False
            NEVER.wait(pauses.next())
        return True

    def _fetch(self, progress: Progress, cancel: CancelToken) -> None:
        request = self._request
        assert request.files is not None
        fetcher = ShotFetcher(
            self.camera.protocol,
            request.files,
            request.captures[self.name].path,
            self.longest,
            self._watch,
            lambda: self._signs.allow(DATA_TIMEOUT),
        )
        try:
            self.ended.captured = fetcher.fetch_shot(progress, cancel)
        except BaseException:
            self.ended.captured = fetcher.shot
            raise

    def _watch(self) -> None:
        """Look at what the script says, while data are waited for."""
        if not self._look(NEVER) and not self._look(NEVER) and "counted" not in self._said:
            raise _CalledOff

    # ---- what the script says -------------------------------------------------------------------

    def _answer(self, word: str, seconds: float, cancel: CancelToken) -> str:
        """Wait until the script says a word, and return what follows it."""
        deadline = time.monotonic() + seconds
        pauses = Pauses()
        while word not in self._said:
            # the last words of a script that has ended are there only then
            if not self._look(cancel) and not self._look(cancel):
                self._raise_end()
            if time.monotonic() >= deadline:
                raise told_too_late(self.name)
            cancel.wait(min(pauses.next(), max(0.0, deadline - time.monotonic())))
        return self._said.pop(word)

    def _await_end(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        pauses = Pauses()
        while self._look(NEVER) or self._look(NEVER):
            if time.monotonic() >= deadline:
                raise ChdkError(
                    "the script does not end after the shot", reason=Reason.SCRIPT_STILL_RUNNING
                )
            NEVER.wait(pauses.next())

    def _look(self, cancel: CancelToken) -> bool:
        """Take what the script says; return whether it runs. Raises what it failed with."""
        while (status := self._scripts.status()) & ScriptStatus.MESSAGE_WAITING:
            cancel.check()
            message = self._scripts.read_message()
            if message is None:
                break
            if message.type is MessageType.ERROR:
                raise refused(self._scripts.error_of(message))
            if message.type is MessageType.RETURN:
                self._returned.append(message.read(cancel))
            elif isinstance(value := message.read(cancel), str):
                word, _, rest = value.partition(" ")
                self._said[word] = rest
        return bool(status & ScriptStatus.RUNNING)

    def _note_words(self) -> None:
        if "fired" in self._said:
            self.ended.fired_at = int(self._said["fired"])
        if "counted" in self._said:
            self.ended.count = int(self._said["counted"])

    def _raise_end(self) -> None:
        """Raise why the script has ended already."""
        self._signs.stop()
        self._scripts.keep_changes()  # it has put back what it changed
        check(tuple(self._returned))
        raise ChdkError("the script ended before the shot")


def told_too_late(name: str) -> ChdkError:
    """Return the error for a camera that does not say in time that it heard."""
    return ChdkError(f"{name} did not answer in time", reason=Reason.NOT_TOLD_IN_TIME)


class _CalledOff(ChdkShellError):  # noqa: N818 - it is no failure
    """The script ended without a shot, so that there is nothing to fetch."""
