"""Shooting: pictures that go to the card, and remote captures of several shots.

What runs on the camera stands in `lua/`: shoot.lua, capture_setup.lua and capture_shots.lua.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntFlag

from chdkshell.chdk.constants import MessageType, ScriptStatus
from chdkshell.chdk.luadata import LuaKey, LuaValue, format_value, serialize
from chdkshell.chdk.protocol import ChdkProtocol
from chdkshell.chdk.scripts import Scripts
from chdkshell.chdk.shooting.capture import CapturedShot, CaptureRequest, PathFor, RemoteCapture
from chdkshell.chdk.shooting.exposure import Exposure, tv96_to_shutter
from chdkshell.chdk.shooting.modes import check
from chdkshell.errors import (
    CaptureError,
    ChdkError,
    ChdkShellError,
    UsageError,
)
from chdkshell.flow import NEVER, SILENT, CancelToken, Progress

DEFAULT_SHOT_WAIT = 20.0
EXPOSED_SHOT_WAIT = 10.0
"""Seconds until a shot's data must come: by default, and beside twice a given shutter time.

Twice, since a camera may take a dark frame as long as the picture.
"""

SCRIPT_END_SECONDS = 30.0
"""How long the script of a capture may take to end after its last shot."""

GRACE_SECONDS = 5.0
"""How long data may come after the script that shoots has ended."""

FILE_WAIT_MS = 10_000
"""How long the firmware may take to write a picture after the shot."""

IDLE_MS = 60_000
"""For how long a script waits for the host beyond the time between two shots."""

MAX_SHOTS = 1_000_000


class CanonFormat(IntFlag):
    """Files that Canon's firmware makes of a shot."""

    JPG = 1
    CR2 = 2
    BOTH = 3


# ---- pictures on the card -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CardShotSettings:
    """How a picture is taken to the card; None leaves a setting as it is on the camera."""

    exposure: Exposure = field(default_factory=Exposure)
    raw: bool | None = None
    dng: bool | None = None
    canon_format: CanonFormat | None = None

    def options(self, info: bool = False) -> dict[str, int | str | bool]:
        """Return the options of rlib_shoot (lua/shoot.lua)."""
        options = self.exposure.options()
        if self.dng is not None:
            options["dng"] = int(self.dng)
        raw = True if self.dng else self.raw
        if raw is not None:
            options["raw"] = int(raw)
        if self.canon_format is not None:
            options["cfmt"] = int(self.canon_format)
        if info:
            options["info"] = True
        return options

    def code(self, info: bool = False) -> str:
        """Return the call that takes the picture, over several lines."""
        lines = [f" {key}={serialize(value)}" for key, value in self.options(info).items()]
        return "rlib_shoot({{\n{}\n}})".format(",\n".join(lines)) if lines else "rlib_shoot({})"


@dataclass(frozen=True, slots=True)
class CardPicture:
    """A file that a shot left on the card. `image_format` is JPG, CR2, DNG or RAW."""

    path: str
    image_format: str


def shoot(
    scripts: Scripts, settings: CardShotSettings, cancel: CancelToken = NEVER
) -> list[CardPicture]:
    """Take a picture to the card and return its files. Raises `ChdkError`."""
    answer = scripts.call(f"return {settings.code(info=True)}", libraries=("shoot",), cancel=cancel)
    info = check(answer)
    if not isinstance(info, dict):
        raise ChdkError("the camera does not say what it wrote")
    return card_pictures(info)


def start_shoot(scripts: Scripts, settings: CardShotSettings) -> None:
    """Start a picture to the card without waiting for it."""
    scripts.start(settings.code(), libraries=("shoot",))


def wait_written(scripts: Scripts, path: str, cancel: CancelToken = NEVER) -> None:
    """Wait until the firmware has written a picture. Raises `ChdkError` where it does not."""
    code = f"return wait_file({serialize(path)},{FILE_WAIT_MS})"
    check(scripts.call(code, libraries=("shoot",), cancel=cancel))


_RAW_PREFIXES = {0: "IMG", 1: "CRW", 2: "SND"}
_RAW_SUFFIXES = {0: "JPG", 1: "CRW", 2: "CR2", 3: "THM", 4: "WAV"}
"""What CHDK's settings for the names of raw files mean (core/conf.c)."""

IN_PICTURE_FOLDER, IN_RAW_FOLDER = 1, 2


def card_pictures(info: Mapping[LuaKey, LuaValue]) -> list[CardPicture]:
    """Return the files of a shot in the order in which they are written, from what it told."""
    folder, number, bits = info.get("dir"), info.get("exp"), info.get("format")
    if isinstance(folder, bytes):
        folder = folder.decode("utf-8", "surrogateescape")
    if not isinstance(folder, str) or not isinstance(number, int) or not isinstance(bits, int):
        raise ChdkError("the camera does not say what it wrote")
    files = []
    if info.get("raw"):
        files.append(_raw_picture(info, folder, number))
    if bits & CanonFormat.CR2:
        files.append(CardPicture(f"{folder}/IMG_{number:04d}.CR2", "CR2"))
    if bits & CanonFormat.JPG:
        files.append(CardPicture(f"{folder}/IMG_{number:04d}.JPG", "JPG"))
    return files


def _raw_picture(info: Mapping[LuaKey, LuaValue], folder: str, number: int) -> CardPicture:
    if info.get("raw_dir") == IN_RAW_FOLDER:
        folder = folder.replace("A/DCIM", "A/RAW", 1)
    elif info.get("raw_dir") != IN_PICTURE_FOLDER:
        # Cameras that name folders by date have no 100CANON.
        dated = folder.removeprefix("A/DCIM/")[3:4] == "_"
        folder = "A/DCIM/101___01" if dated else "A/DCIM/100CANON"
    prefix, suffix = info.get("raw_prefix"), info.get("raw_suffix")
    # RAW_ takes the place of a prefix and its underscore, which makes two: CHDK does that, too.
    start = _RAW_PREFIXES.get(prefix, "RAW") if isinstance(prefix, int) else "RAW"
    ending = _RAW_SUFFIXES.get(suffix, "RAW") if isinstance(suffix, int) else "RAW"
    is_dng = bool(info.get("dng"))
    if is_dng and info.get("dng_suffix"):
        ending = "DNG"
    return CardPicture(f"{folder}/{start}_{number:04d}.{ending}", "DNG" if is_dng else "RAW")


# ---- remote capture -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CapturePlan:
    """How the shots of a capture are taken. Raises `UsageError` for what cannot be.

    `interval` is in seconds. `cont` is the camera's continuous mode, `quick` holds the key half way
    down; in both the camera keeps the time. Otherwise it waits for the host's word before each shot
    if `on_request`; with `interactive_idle` the host drives it by `command` instead, and the script
    ends after so many seconds without one. `script` is Lua that shoots in place of this package's
    own, with the options in the table rs_opts. `shot_wait` is how many seconds the camera may take
    until its next data.
    """

    exposure: Exposure = field(default_factory=Exposure)
    shots: int = 1
    interval: float = 0.0
    cont: bool = False
    quick: bool = False
    on_request: bool = False
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
            raise UsageError("cont and quick exclude each other")

    @property
    def wait(self) -> float:
        """Seconds that the camera may take until its next data."""
        if self.shot_wait is not None:
            return self.shot_wait
        tv = self.exposure.tv
        wait = DEFAULT_SHOT_WAIT if tv is None else EXPOSED_SHOT_WAIT + 2 * tv96_to_shutter(tv)
        return max(wait, self.interval + EXPOSED_SHOT_WAIT)

    def options(self, request: CaptureRequest) -> dict[str, LuaValue]:
        """Return the options that the camera-side code takes."""
        milliseconds = round(self.interval * 1000)
        options: dict[str, LuaValue] = {
            **self.exposure.options(),
            "fformat": int(request.data),
            "lstart": request.first_line,
            "lcount": request.lines,
            "shots": self.shots,
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
        if self.on_request:
            options["idle"] = milliseconds + IDLE_MS
        if self.interactive_idle is not None:
            options["idle"] = round(self.interactive_idle * 1000)
            options["needs_hook"] = True
        return options

    @property
    def library(self) -> str:
        """The file of `lua/` whose function shoots."""
        return "capture_shots" if self.interactive_idle is None else "capture_interactive"


class CaptureSession:
    """A capture of several shots: `open`, then `fetch` for each, then `close`, or `abort`.

    With `on_request`, call `request` before each `fetch`. A failure of a shot leaves the session
    open: `abort` brings the camera back from everything.
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
        self._scripts = scripts
        self._request = request
        self._plan = plan
        self._on_message = on_message
        self._saved: LuaValue = None
        self._is_set_up = False
        self._ended_at: float | None = None
        self._returned: list[LuaValue] = []
        self._capture = RemoteCapture(protocol, request, path_for, plan.wait, self._watch)

    @property
    def shot(self) -> CapturedShot:
        """The files that came of the shot that was fetched last, also if it failed."""
        return self._capture.shot

    def open(self, cancel: CancelToken = NEVER) -> None:
        """Set the capture up and start the script that shoots. Raises `ChdkError`."""
        options = serialize(self._plan.options(self._request))
        answer = self._scripts.call(
            f"return rs_init({options})", libraries=("capture_setup",), cancel=cancel
        )
        self._saved = check(answer)
        self._is_set_up = True
        try:
            self._scripts.start(self._code(options), libraries=(self._plan.library,))
        except ChdkShellError:
            self.abort()
            raise

    def _code(self, options: str) -> bytes:
        if self._plan.interactive_idle is not None:
            return f"return rsint_run({options})".encode()
        if self._plan.script is None:
            return f"rs_shoot({options})".encode()
        script = self._plan.script
        data = script if isinstance(script, bytes) else script.encode()
        return f"rs_opts={options} ".encode() + data

    def request(self) -> None:
        """Have the camera take the next shot now."""
        self._scripts.send("shoot")

    def command(self, text: str) -> None:
        """Send a command to the interactive script: s, l, q, exec or pcall."""
        self._scripts.send(text)

    def look(self) -> bool:
        """Hand on what the script says. Returns whether it runs. Raises `ScriptError`."""
        while self._scripts.status() & ScriptStatus.MESSAGE_WAITING:
            self._take_message()
        return bool(self._scripts.status() & ScriptStatus.RUNNING)

    def fetch(self, progress: Progress = SILENT, cancel: CancelToken = NEVER) -> CapturedShot:
        """Fetch the next shot. Raises as `RemoteCapture.fetch_shot`, and `ScriptError`."""
        return self._capture.fetch_shot(progress, cancel)

    def close(self, cancel: CancelToken = NEVER) -> None:
        """Wait for the script to end, and end the capture. Raises `ScriptError`."""
        try:
            if self._plan.on_request:
                with contextlib.suppress(ChdkError):
                    self._scripts.send("quit")
            done = self._scripts.wait(timeout=SCRIPT_END_SECONDS, cancel=cancel)
            self._returned += [message.value for message in done.returns]
        except BaseException:
            self.abort()
            raise
        self._clean_up()
        if self._returned[:1] == [False]:
            check(tuple(self._returned))

    def abort(self) -> None:
        """End script and capture at once, as far as the camera can be reached."""
        with contextlib.suppress(ChdkShellError):
            self._scripts.kill()
            self._clean_up()

    def _clean_up(self) -> None:
        if not self._is_set_up:
            return
        self._is_set_up = False
        code = f"rs_cleanup({serialize(self._saved)})"
        self._scripts.run(code, libraries=("capture_setup",), timeout=SCRIPT_END_SECONDS)

    def _take_message(self) -> None:
        message = self._scripts.read_message()
        if message is None:
            return
        if message.type is MessageType.ERROR:
            raise self._scripts.error_of(message)
        if message.type is MessageType.RETURN:
            self._returned.append(message.value)
        else:
            value = message.value
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
                saved=tuple(str(file.path) for file in self.shot.files),
            )
