"""What the simulated camera is and remembers: mode, lens, exposure, properties, keys, clock.

Numbers are CHDK's own: exposure values are APEX times 96, focus in millimetres, focal lengths in
thousandths of a millimetre.
"""

from __future__ import annotations

import calendar
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from chdkshell.sim.capture import RemoteCapture
from chdkshell.sim.levents import Levent
from chdkshell.sim.memory import Memory
from chdkshell.sim.properties import (
    CAPTURE_MODES,
    MODE_PLAY,
    MODE_REC,
    Prop,
    default_properties,
)
from chdkshell.sim.shutter import Shutter

SWITCH_MS = 100
"""How long the switch between play and record mode takes, in ms."""

FOCUS_INFINITY = 65535
"""The subject distance of a lens that is focused at infinity."""

CONSOLE_LINES = 100
"""Lines of the script console that are kept."""


class Clock:
    """The camera's time. Everything that waits in the simulator waits through it.

    `speed` is how much faster than real time it runs; tests use that.
    """

    def __init__(self, speed: float = 1.0) -> None:
        self.speed = speed
        self._start = time.monotonic()
        self._offset = 0

    def ticks(self) -> int:
        """Return the tick count: milliseconds since the camera was switched on."""
        return 1000 + int((time.monotonic() - self._start) * 1000 * self.speed)

    def now(self) -> int:
        """Return the local time, as seconds since 1970 as if that clock showed UTC."""
        return calendar.timegm(time.localtime()) + self._offset

    def set(self, local: int) -> None:
        """Set the local time."""
        self._offset += local - self.now()

    def seconds(self, ticks: int) -> float:
        """Return how long `ticks` milliseconds of the camera last, in real seconds."""
        return ticks / 1000 / self.speed

    def pause(self, ticks: int, changed: threading.Condition, stopped: Callable[[], bool]) -> None:
        """Let `ticks` milliseconds pass. `changed` is held, and notified when `stopped` changes."""
        end = self.ticks() + ticks
        while not stopped() and (left := end - self.ticks()) > 0:
            changed.wait(self.seconds(left))


@dataclass(slots=True)
class Overrides:
    """What scripts set for the next shot. None: the camera decides."""

    tv96: int | None = None
    av96: int | None = None
    sv96: int | None = None
    nd: int | None = None
    focus: int | None = None


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture as it was taken: its number, its exposure, and the lens.

    `taken` is the camera's local time, and `ticks` the tick count.
    """

    number: int
    tv96: int
    av96: int
    sv96: int
    nd: bool
    focus: int
    taken: int
    ticks: int
    zoom: int


@dataclass(slots=True)
class CameraState:
    """All of the camera but its card and scripts. One lock guards what several threads change."""

    clock: Clock = field(default_factory=Clock)
    model: str = "Canon PowerShot SIM1"
    recording: bool = False
    video_recording: bool = False
    zoom: int = 0
    focal_lengths: tuple[int, ...] = (6200, 7420, 8890, 10640, 12740, 15250, 18250, 21850)
    focus: int = 2000
    manual_focus: bool = False
    nd_in: bool = False
    temperatures: tuple[int, int, int] = (31, 33, 28)
    battery_mv: int = 3987
    raw: bool = False
    canon_raw: bool = False
    raw_noise_reduction: int = 0
    image_format: int = 1
    display: bool = True
    backlight: bool = True
    alt_mode: bool = False
    title_line: int = 1
    autostart: int = 0
    exposure_count: int = 0
    image_dir: str = "A/DCIM/100CANON"
    shots: int = 0
    overrides: Overrides = field(default_factory=Overrides)
    last_shot: Shot | None = None
    capture: RemoteCapture = field(default_factory=RemoteCapture)
    properties: dict[int, bytes] = field(default_factory=default_properties)
    parameters: dict[int, bytes] = field(default_factory=dict)
    config: dict[int, int | str | list[int]] = field(default_factory=dict)
    memory: Memory = field(default_factory=Memory)
    keys_held: set[str] = field(default_factory=set)
    last_clicked: str | None = None
    posted: deque[Levent] = field(default_factory=lambda: deque(maxlen=100))
    active_levents: dict[int, bool] = field(default_factory=dict)
    console: deque[str] = field(default_factory=lambda: deque(maxlen=CONSOLE_LINES))
    powered: bool = True
    on_shoot: Callable[[Shot], None] | None = None
    on_power_off: Callable[[], None] | None = None
    lock: threading.RLock = field(default_factory=threading.RLock)
    shutter: Shutter = field(init=False)
    _switch: tuple[int, bool] | None = None

    def __post_init__(self) -> None:
        self.shutter = Shutter(self)

    # ---- mode -------------------------------------------------------------------------------

    @property
    def record_mode(self) -> bool:
        """Whether the camera is in record mode. A switch takes SWITCH_MS."""
        with self.lock:
            if self._switch is not None and self.clock.ticks() >= self._switch[0]:
                self.recording = self._switch[1]
                self._switch = None
                self.video_recording &= self.recording
            return self.recording

    def switch_mode(self, record: bool) -> None:
        """Begin the switch to record or play mode."""
        with self.lock:
            if self.record_mode != record:
                self._switch = (self.clock.ticks() + SWITCH_MS, record)
            else:
                self._switch = None

    @property
    def mode(self) -> int:
        """The number that get_mode gives: play or record, and the capture mode."""
        canon = self.prop(Prop.SHOOTING_MODE) & 0xFFFF
        capture = next((chdk for chdk, number in CAPTURE_MODES.items() if number == canon), 0)
        return (MODE_REC if self.record_mode else MODE_PLAY) | capture

    # ---- properties -------------------------------------------------------------------------

    def prop(self, number: int) -> int:
        """Return a property as a signed 16-bit number; 0 for one that is not set."""
        data = self.properties.get(number, b"\0\0")
        return int.from_bytes(data[:2], "little", signed=True)

    def set_prop(self, number: int, value: int) -> None:
        """Set the low 16 bits of a property."""
        with self.lock:
            data = (value & 0xFFFF).to_bytes(2, "little")
            self.properties[number] = data + self.properties.get(number, b"")[2:]

    # ---- exposure ---------------------------------------------------------------------------

    @property
    def sv96(self) -> int:
        """The sensitivity of the next shot, as the sensor has it."""
        return self.overrides.sv96 if self.overrides.sv96 is not None else self.prop(Prop.SV)

    @property
    def av96(self) -> int:
        """The aperture of the next shot."""
        return self.overrides.av96 if self.overrides.av96 is not None else self.prop(Prop.AV)

    @property
    def tv96(self) -> int:
        """The shutter speed of the next shot."""
        return self.overrides.tv96 if self.overrides.tv96 is not None else self.prop(Prop.TV)

    # ---- shots and scripts ------------------------------------------------------------------

    def expose(self) -> Shot:
        """Take a picture, and say how it was taken. The shutter alone calls this."""
        with self.lock:
            focus = self.overrides.focus if self.overrides.focus is not None else self.focus
            nd_in = self.nd_in if self.overrides.nd is None else self.overrides.nd == 1
            shot = Shot(
                number=self.exposure_count % 9999 + 1,
                tv96=self.tv96,
                av96=self.av96,
                sv96=self.sv96,
                nd=nd_in,
                focus=focus,
                taken=self.clock.now(),
                ticks=self.clock.ticks(),
                zoom=self.zoom,
            )
            self.focus = focus
        return shot

    def count_shot(self, shot: Shot) -> None:
        """Count a picture, after its exposure. The shutter alone calls this."""
        with self.lock:
            self.exposure_count = shot.number
            self.shots += 1
            self.last_shot = shot

    def power_off(self) -> None:
        """Switch the camera off: `on_power_off` ends its connections."""
        self.powered = False
        if self.on_power_off is not None:
            self.on_power_off()

    def script_started(self) -> None:
        """A script starts: nothing of an earlier one is left."""
        self.keys_held.clear()
        self.last_clicked = None
        self.overrides = Overrides()
        self.shutter.script_changed()

    def script_ended(self) -> None:
        """A script ended or was killed: its keys are released, its overrides forgotten."""
        self.script_started()
        self.title_line = 1
