"""Remote captures of several shots: how they are taken, and the script that takes them.

What runs on the camera stands in `lua/capture_setup.lua` and `lua/capture_shots.lua`.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from chdkshell.chdk.changes import PutBack
from chdkshell.chdk.collecting import Pauses
from chdkshell.chdk.constants import MessageType, ScriptStatus
from chdkshell.chdk.lifesigns import DATA_TIMEOUT, LifeSigns
from chdkshell.chdk.marks import Mark
from chdkshell.chdk.messages import ScriptMessage
from chdkshell.chdk.protocol import ChdkProtocol
from chdkshell.chdk.scripts import Scripts
from chdkshell.chdk.shooting.capture import CaptureRequest, PathFor, ShotFetcher
from chdkshell.chdk.shooting.exposure import LONGEST_SHOT_BESIDE_TV, Exposure
from chdkshell.chdk.shooting.modes import switch_mode
from chdkshell.chdk.shooting.refusals import check, refused
from chdkshell.chdk.shooting.settings import settings_before
from chdkshell.errors import (
    CaptureError,
    ChdkError,
    ScriptError,
    UsageError,
)
from chdkshell.flow import NEVER, CancelToken
from chdkshell.lua.literals import format_value, serialize
from chdkshell.lua.values import LuaValue

SCRIPT_END_SECONDS = 30.0
"""How long the script of a capture may take to end after its last shot."""

GRACE_SECONDS = 5.0
"""How long data may come after the script that shoots has ended."""

READY = b"\0chdkshell: ready to capture"
"""What the script says once the capture is set up: before, data of an earlier one may wait."""

MAX_SHOTS = 1_000_000


@dataclass(frozen=True, slots=True)
class CapturePlan:
    """How the shots of a capture are taken. Raises `UsageError` for what cannot be.

    `interval` is in seconds. `cont` is the camera's continuous mode, `quick` holds the key half way
    down; in both the camera keeps the time. Otherwise it waits for the host's word before each of
    several shots; with `interactive_idle` the host drives it by `command` instead, and the script
    ends after so many seconds without one. `script` is Lua that shoots in place of this package's
    own, with the options in the table rs_opts. `shot_wait` is how many seconds the camera may take
    until its next data.
    """

    exposure: Exposure = field(default_factory=Exposure)
    shots: int = 1
    interval: float = 0.0
    cont: bool = False
    quick: bool = False
    interactive_idle: float | None = None
    dummy_files: bool = False
    script: str | bytes | None = None
    shot_wait: float | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.shots <= MAX_SHOTS:
            raise UsageError("invalid shot count", f"1 to {MAX_SHOTS}")
        if not 0 <= self.interval <= 1_000_000:
            raise UsageError("invalid interval", "seconds, like 0.5 or 30")
        if self.cont and self.quick:
            raise UsageError(
                "cont and quick exclude each other",
                "cont is the camera's own continuous drive; quick needs none",
            )

    @property
    def on_request(self) -> bool:
        """Whether the camera waits for the host's word before each shot."""
        camera_decides = self.cont or self.quick or self.script is not None
        return self.shots > 1 and not camera_decides and self.interactive_idle is None

    @property
    def wait(self) -> float:
        """Seconds that the camera may take until its next data."""
        if self.shot_wait is not None:
            return self.shot_wait
        return max(self.exposure.longest_shot, self.interval + LONGEST_SHOT_BESIDE_TV)

    def options(self, request: CaptureRequest, shots: int | None = None) -> dict[str, LuaValue]:
        """Return the options that the camera-side code takes, for all shots or for `shots`."""
        milliseconds = round(self.interval * 1000)
        options: dict[str, LuaValue] = {
            **self.exposure.options(),
            "fformat": int(request.data),
            "lstart": request.first_line,
            "lcount": request.lines,
            "shots": self.shots if shots is None else shots,
            "int": milliseconds,
        }
        for name, flag in (
            ("cont", self.cont),
            ("quick", self.quick),
            ("filedummy", self.dummy_files),
            ("on_request", self.on_request),
        ):
            if flag:
                options[name] = True
        if self.interactive_idle is not None:
            options["idle"] = round(self.interactive_idle * 1000)
            options["needs_hook"] = True
        return options

    @property
    def library(self) -> str:
        """The file of `lua/` whose function shoots."""
        return "capture_shots" if self.interactive_idle is None else "capture_interactive"


class CaptureSession:
    """A capture: `look_before`, `start`, `fetcher.fetch_shot` a shot, then `close`, or `abort`.

    Where the plan is `on_request`, call `request` before each shot. A failure of a shot leaves
    the session open: `abort` brings the camera back from everything. `fetcher` is the present
    connection's; it raises what the script ends with, too (`ScriptError`).
    """

    def __init__(
        self,
        protocol: ChdkProtocol,
        scripts: Scripts,
        request: CaptureRequest,
        plan: CapturePlan,
        path_for: PathFor,
        on_message: Callable[[str], None] = lambda text: None,
    ) -> None:
        self._request = request
        self._plan = plan
        self._path_for = path_for
        self._on_message = on_message
        self._put_back: PutBack | None = None
        self._is_answered = True
        self._signs = LifeSigns(scripts)
        self._use(protocol, scripts)

    def _use(self, protocol: ChdkProtocol, scripts: Scripts) -> None:
        self._protocol, self._scripts = protocol, scripts
        self._signs.stop()
        self._signs = LifeSigns(scripts)
        self._ended_at: float | None = None
        self._is_ready = False
        self._has_failed = False
        self._returned: list[LuaValue] = []
        self.fetcher = ShotFetcher(
            protocol,
            self._request,
            self._path_for,
            self._plan.wait,
            self._watch,
            lambda: self._signs.allow(DATA_TIMEOUT),
        )

    def look_before(self, cancel: CancelToken = NEVER) -> None:
        """Note how the camera is set. Raises `ChdkError`, and changes nothing."""
        self._protocol.require_capture(self._request.data)
        if self._put_back is None:
            options = self._plan.options(self._request)
            self._put_back = settings_before(self._scripts, options, cancel)

    def start(self, shots: int | None = None, cancel: CancelToken = NEVER) -> None:
        """Start the script that sets the capture up and shoots, all of the plan or `shots`.

        Raises `ChdkError`; after any failure call `abort`.
        """
        self._is_ready = False
        self._scripts.start(
            self._code(serialize(self._plan.options(self._request, shots))),
            libraries=("capture_setup", "capture_end", self._plan.library),
            put_back=self._put_back,
            mark=Mark.OWN if self._plan.script is None else Mark.USERS,
        )
        self._signs.start()  # a script of the user's does not see them: read_usb_msg is ours
        self.fetcher.prepare()
        pauses = Pauses()
        while not self._is_ready:
            # The last words of a script that has ended are there only then.
            if not self.look(cancel) and not self.look(cancel):
                break
            cancel.wait(0.0 if self._is_ready else pauses.next())
        if not self._is_ready and self._returned[:1] == [False]:
            self._scripts.keep_changes()  # it refused, and the camera is as it was
            self._check_returned()

    def _code(self, options: str) -> bytes:
        """Return the script, which puts back by itself what it changes where it comes to its end.

        In the line of the user's script, so that its lines keep their numbers.
        """
        before = self._put_back.text if self._put_back else "{}"
        begin = (
            f"settings_kept={before} local ready,why=begin_capture({options}) "
            f"if not ready then return false,why end write_usb_msg({serialize(READY)}) "
        )
        if self._plan.interactive_idle is not None:
            end = "end_capture() return done,why"
            return f"{begin}local done,why=rsint_run({options}) {end}".encode()
        if self._plan.script is None:
            return f"{begin}rs_shoot({options}) end_capture()".encode()
        script = self._plan.script
        data = script if isinstance(script, bytes) else script.encode()
        # the function that such scripts for chdkptp call where filedummy is asked for
        return f"{begin}rs_opts={options} rlib_shoot_filedummy=write_dummies ".encode() + data

    def go_over_to(
        self, protocol: ChdkProtocol, scripts: Scripts, cancel: CancelToken = NEVER
    ) -> None:
        """End what is left of the capture, over the camera's new connection.

        `start` then begins it anew.
        """
        self._use(protocol, scripts)
        give_up = self._plan.exposure.longest_shot
        scripts.end_own(give_up)
        if switch_mode(scripts, True, cancel) and self._put_back:
            # In play mode not everything can be put back.
            scripts.run(self._put_back.code(give_up), libraries=("settings",))

    def request(self) -> None:
        """Have the camera take the next shot now."""
        self._scripts.send("shoot")

    def command(self, text: str) -> None:
        """Send a command to the interactive script: s, l, q, exec or pcall."""
        self._is_answered = False
        self._scripts.send(text)

    def wait_answered(self, cancel: CancelToken = NEVER) -> None:
        """Hand on what an exec or pcall answers, until it is done or has ended the script."""
        pauses = Pauses()
        while self.look(cancel) and not self._is_answered:
            cancel.wait(pauses.next())

    def look(self, cancel: CancelToken = NEVER) -> bool:
        """Hand on what the script says. Returns whether it runs. Raises `ScriptError`."""
        while self._scripts.status() & ScriptStatus.MESSAGE_WAITING:
            cancel.check()  # it may say things without end
            self._take_message(cancel)
        return bool(self._scripts.status() & ScriptStatus.RUNNING)

    def close(self, cancel: CancelToken = NEVER) -> None:
        """Wait for the script to end, and end the capture. Raises `ScriptError`."""
        try:
            if self._plan.on_request:
                with contextlib.suppress(ChdkError):
                    self._scripts.send("quit")
            self._signs.stop()
            done = self._scripts.wait(
                timeout=SCRIPT_END_SECONDS, on_message=self._hand_on, cancel=cancel
            )
            self._returned += [message.value for message in done.returns]
        except BaseException as error:
            self.abort()
            if isinstance(error, ScriptError):
                raise refused(error) from None
            raise
        if self._plan.script is None and not self._has_failed:
            self._scripts.keep_changes()
        else:
            self._scripts.put_back()
        self._check_returned()

    def abort(self) -> None:
        """End script and capture at once; what cannot be done now comes before the next script."""
        self._signs.stop()
        self._scripts.end_own()

    def _check_returned(self) -> None:
        """Raise `ChdkError` where the script returned that it did not succeed."""
        if self._returned[:1] == [False]:
            check(tuple(self._returned))

    def _take_message(self, cancel: CancelToken = NEVER) -> None:
        message = self._scripts.read_message()
        if message is None:
            return
        if message.type is MessageType.ERROR:
            self._has_failed = True
            raise refused(self._scripts.error_of(message))
        if message.type is MessageType.RETURN:
            self._returned.append(message.read(cancel))
        else:
            self._hand_on(message, cancel)

    def _hand_on(self, message: ScriptMessage, cancel: CancelToken = NEVER) -> None:
        """Hand on what the script sent."""
        if message.data == READY:
            self._is_ready = True
            return
        value = message.read(cancel)
        if value is None and self._plan.interactive_idle is not None:
            self._is_answered = True  # how capture_interactive.lua ends its answers
        else:
            self._on_message(value if isinstance(value, str) else format_value(value))

    def _watch(self) -> None:
        """Look at what the script says, and whether it still runs, while data are waited for."""
        status = self._scripts.status()
        if status & ScriptStatus.MESSAGE_WAITING:
            self._take_message()
        if status & ScriptStatus.RUNNING:
            self._ended_at = None
            return
        now = time.monotonic()
        if self._ended_at is None:
            self._ended_at = now
        elif now - self._ended_at > GRACE_SECONDS:
            raise CaptureError(
                "the script ended, and no more pictures came",
                saved=tuple(str(file.path) for file in self.fetcher.shot.files),
            )
