"""What the simulated camera is and remembers: mode, lens, exposure, properties, keys, clock.

Numbers are CHDK's own: exposure values are APEX times 96, focus in millimetres, focal lengths in
thousandths of a millimetre.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from chdkshell.sim.autoexposure import (
    BASE_SV96,
    MARKET_OFFSET,
    SUNLIT_BV96,
    Program,
    automatic,
)
from chdkshell.sim.clock import Clock
from chdkshell.sim.console import Console
from chdkshell.sim.keyboard import Keyboard
from chdkshell.sim.levents import Levent
from chdkshell.sim.memory import Memory
from chdkshell.sim.models import SIM1, CameraModel
from chdkshell.sim.movie import Movie
from chdkshell.sim.pace import FAST, CameraPace
from chdkshell.sim.properties import (
    CAPTURE_MODES,
    MODE_PLAY,
    MODE_REC,
    PROGRAMS,
    Prop,
    default_properties,
)
from chdkshell.sim.remotecap import RemoteCapture
from chdkshell.sim.settings import RAW_SAVE, Settings
from chdkshell.sim.shot import RawPixels, Shot, UsbLine
from chdkshell.sim.shown import ShownScreen
from chdkshell.sim.shutter import Shutter

SWITCH_MS = 100
"""How long the switch between play and record mode takes, in ms."""

SELF_TIMER_MS = (0, 10_000, 2000)
"""How long a shot is held up, by the timer's mode."""

FOCUS_INFINITY = 65535
"""The subject distance of a lens that is focused at infinity."""


@dataclass(slots=True)
class Overrides:
    """What scripts set for the next shot, and for it alone. None: the camera decides."""

    tv96: int | None = None
    av96: int | None = None
    sv96: int | None = None
    nd: int | None = None
    focus: int | None = None


@dataclass(slots=True)
class CameraState:
    """All of the camera but its card and scripts. One lock guards what several threads change.

    `raw_frame` is there between a shot's exposure and its files; `shot_histogram` has the values of
    the last one, where a script wants one. `bv96` is how bright the scene is, and `measured` says
    that the exposure of the next shot is set already: by a half press, or by a script after one.
    `serial_log` is the file that the firmware's serial line goes to.
    """

    clock: Clock = field(default_factory=Clock)
    pace: CameraPace = FAST
    model: str = "Canon PowerShot SIM1"
    recording: bool = False
    zoom: int = 0
    focal_lengths: tuple[int, ...] = (6200, 7420, 8890, 10640, 12740, 15250, 18250, 21850)
    focus: int = 2000
    manual_focus: bool = False
    nd_in: bool = False
    bv96: int = SUNLIT_BV96
    measured: bool = False
    temperatures: tuple[int, int, int] = (31, 33, 28)
    battery_mv: int = 3987
    canon_raw: bool = False
    image_format: int = 1
    display: bool = True
    backlight: bool = True
    script_running: bool = False
    title_line: int = 1
    exposure_count: int = 0
    image_dir: str = ""
    shots: int = 0
    overrides: Overrides = field(default_factory=Overrides)
    usb: UsbLine = field(default_factory=UsbLine)
    last_shot: Shot | None = None
    capture: RemoteCapture = field(default_factory=RemoteCapture)
    properties: dict[int, bytes] = field(default_factory=default_properties)
    parameters: dict[int, bytes] = field(default_factory=dict)
    config: Settings = field(default_factory=Settings)
    memory: Memory = field(default_factory=Memory)
    shown: ShownScreen = field(default_factory=ShownScreen)
    posted: deque[Levent] = field(default_factory=lambda: deque(maxlen=100))
    active_levents: dict[int, bool] = field(default_factory=dict)
    console: Console = field(default_factory=Console)
    event_procedures: set[str] = field(default_factory=set)
    serial_log: str | None = None
    powered: bool = True
    raw_frame: RawPixels | None = None
    shot_histogram: list[int] | None = None
    identity: CameraModel = SIM1
    sensor_bits: int | None = None
    shutter_lag: Callable[[], float] = lambda: 0.0
    on_open: Callable[[Shot], None] | None = None
    on_raw: Callable[[Shot], None] | None = None
    on_shoot: Callable[[Shot], None] | None = None
    on_power_off: Callable[[], None] | None = None
    on_usb_lost: Callable[[], None] | None = None
    lock: threading.RLock = field(default_factory=threading.RLock)
    shutter: Shutter = field(init=False)
    keyboard: Keyboard = field(init=False)
    movie: Movie = field(init=False)
    _alt_mode: bool = False
    _alt_before: bool = False
    _switch: tuple[int, bool] | None = None

    def __post_init__(self) -> None:
        self.shutter = Shutter(self)
        self.keyboard = Keyboard(self)
        self.movie = Movie(self)

    # ---- time -------------------------------------------------------------------------------

    @property
    def tick_count(self) -> int:
        """What the camera's tick count shows: it goes on in steps, where its pace is a camera's."""
        ticks = self.clock.ticks()
        return ticks - ticks % (self.pace.tick or 1)

    # ---- mode -------------------------------------------------------------------------------

    @property
    def record_mode(self) -> bool:
        """Whether the camera is in record mode. A switch takes SWITCH_MS."""
        with self.lock:
            if self._switch is not None and self.clock.ticks() >= self._switch[0]:
                self.recording = self._switch[1]
                self._switch = None
                if not self.recording:
                    self.movie.stop()
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

    # ---- keys -------------------------------------------------------------------------------

    @property
    def alt_mode(self) -> bool:
        """Whether CHDK has the keys: the camera then sees what scripts press, and no hand."""
        return self._alt_mode

    @alt_mode.setter
    def alt_mode(self, on: bool) -> None:
        """Set it as a script or a hand wants it, also for the time after the script."""
        self._alt_mode = self._alt_before = on
        self.keyboard.look()

    @property
    def keys_held(self) -> set[str]:
        """The switches of keys that a script holds."""
        return self.keyboard.held

    @property
    def keys_seen(self) -> frozenset[str]:
        """The switches of keys that the camera takes for closed."""
        return self.keyboard.seen

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

    # ---- raw files --------------------------------------------------------------------------

    @property
    def raw(self) -> bool:
        """Whether raw files are saved beside the pictures."""
        return self.config.number(RAW_SAVE) != 0

    @raw.setter
    def raw(self, on: bool) -> None:
        self.config[RAW_SAVE] = int(on)

    # ---- lens -------------------------------------------------------------------------------

    def move_zoom(self, position: int) -> None:
        """Move the lens to a step, or to the end of its range. In play mode it is drawn in."""
        if self.record_mode:
            self.zoom = max(0, min(len(self.focal_lengths) - 1, position))
            self.set_prop(Prop.OPTICAL_ZOOM_POSITION, self.zoom)

    @property
    def focus_state(self) -> int:
        """What get_focus_state gives: -1 with manual focus, 1 with a half press, else 0."""
        return -1 if self.manual_focus else self.prop(Prop.FOCUS_STATE)

    # ---- exposure ---------------------------------------------------------------------------

    @property
    def sv96(self) -> int:
        """The sensitivity, as the sensor has it: measured last, or overridden since."""
        return self.prop(Prop.SV)

    @property
    def av96(self) -> int:
        """The aperture: measured last, or overridden since."""
        return self.prop(Prop.AV)

    @property
    def tv96(self) -> int:
        """The shutter speed: measured last, or overridden since."""
        return self.prop(Prop.TV)

    def begin_half_press(self) -> None:
        """A key is half pressed: close the menu, and measure for a shot."""
        self.shown.menu = False
        self.measure()

    def end_half_press(self) -> None:
        """No key is half pressed any more: nothing is in focus."""
        self.set_prop(Prop.FOCUS_STATE, 0)

    def measure(self) -> None:
        """Let the automatic exposure set shutter speed, aperture and sensitivity for a shot."""
        with self.lock:
            self.measured = True
            self._move_nd_filter(False)
            if self.prop(Prop.AE_LOCK):
                return
            program = PROGRAMS.get(self.prop(Prop.SHOOTING_MODE) & 0xFFFF, Program.AUTO)
            exposure = automatic(
                program,
                self.bv96 - self.prop(Prop.EV_CORRECTION_1),
                self.prop(Prop.ISO_MODE),
                self.prop(Prop.USER_TV),
                self.prop(Prop.USER_AV),
            )
            self.set_prop(Prop.BV, self.bv96)
            self.set_prop(Prop.TV, exposure.tv96)
            self.set_prop(Prop.AV, exposure.av96)
            self.set_prop(Prop.SV, exposure.sv96)
            self.set_prop(Prop.SV_MARKET, exposure.sv96 + MARKET_OFFSET)
            self.set_prop(Prop.DELTA_SV, 0)

    def override(self, name: str, value: int | None) -> None:
        """Set a field of the overrides, which play mode ignores. A shot that goes on has it now."""
        with self.lock:
            if not self.record_mode:
                return
            setattr(self.overrides, name, value)
            if self.shutter.shooting:
                self.apply_overrides()
                self.measured = True

    def make_ready(self) -> None:
        """Focus and expose for a shot, as measured or as scripts want it."""
        with self.lock:
            if self.overrides.focus is not None:
                self.focus, self.overrides.focus = self.overrides.focus, None
            self.set_prop(Prop.FOCUS_STATE, 1)
            self.apply_overrides()

    def apply_overrides(self) -> None:
        """Expose as scripts want the next shot, instead of as measured."""
        with self.lock:
            wanted = self.overrides
            if wanted.tv96 is not None:
                self.set_prop(Prop.TV, wanted.tv96)
            if wanted.av96 is not None:
                self.set_prop(Prop.AV, wanted.av96)
            if wanted.sv96 is not None:
                # the menu's sensitivity goes to the base, and the difference is noted
                self.set_prop(Prop.SV, wanted.sv96)
                self.set_prop(Prop.SV_MARKET, BASE_SV96 + MARKET_OFFSET)
                self.set_prop(Prop.DELTA_SV, wanted.sv96 - BASE_SV96)
            if wanted.nd is not None:
                self._move_nd_filter(wanted.nd == 1)
            wanted.tv96 = wanted.av96 = wanted.sv96 = wanted.nd = None

    def _move_nd_filter(self, into: bool) -> None:
        """Put the grey filter into the lens's way, or out of it."""
        self.nd_in = into
        self.set_prop(Prop.ND_FILTER_STATE, int(into))

    # ---- shots and scripts ------------------------------------------------------------------

    def expose(self) -> Shot:
        """Take a picture, and say how it was taken. The shutter alone calls this."""
        with self.lock:
            shot = Shot(
                number=self.exposure_count % 9999 + 1,
                bv96=self.bv96,
                tv96=self.tv96,
                av96=self.av96,
                sv96=self.sv96,
                nd=self.nd_in,
                focus=self.focus,
                taken=self.clock.now(),
                ticks=self.clock.ticks(),
                zoom=self.zoom,
                wb_mode=self.prop(Prop.WB_MODE),
            )
            self.measured = False
        if self.on_open is not None:
            self.on_open(shot)
        return shot

    @property
    def filming(self) -> bool:
        """Whether a movie is being recorded."""
        return self.movie.recording

    @property
    def self_timer_ms(self) -> int:
        """How long the self-timer holds up a shot."""
        mode = self.prop(Prop.TIMER_MODE)
        return SELF_TIMER_MS[mode] if 0 <= mode < len(SELF_TIMER_MS) else 0

    def count_shot(self, shot: Shot) -> None:
        """Count a picture, after its exposure. The shutter alone calls this."""
        with self.lock:
            self.exposure_count = shot.number
            self.shots += 1
            self.last_shot = shot

    def power_usb(self, on: bool) -> None:
        """Switch the 5 V on the USB line. Without them the camera leaves the bus, unless forced."""
        if self.usb.powered and not on:
            self.usb.falls += 1
        self.usb.powered = on
        self.shutter.look_again()
        if not on and not self.usb.forced and self.on_usb_lost is not None:
            self.on_usb_lost()

    def power_off(self) -> None:
        """Switch the camera off: `on_power_off` ends its connections."""
        self.powered = False
        if self.on_power_off is not None:
            self.on_power_off()

    def script_started(self) -> None:
        """A script starts, in alt mode: nothing of an earlier one is left."""
        self._forget_script()
        self.script_running = True
        self._alt_mode, self._alt_before = True, self._alt_mode
        self.keyboard.look()

    def script_ended(self) -> None:
        """A script ended or was killed: its keys are released, its overrides forgotten.

        Alt mode is what it was before, unless the script or a hand changed it since.
        """
        self.script_running = False
        self._forget_script()
        self._alt_mode = self._alt_before
        self.keyboard.look()
        self.title_line = 1

    def _forget_script(self) -> None:
        self.shot_histogram = None
        self.config.autosave = True
        self.overrides = Overrides()
        self.console.forget_script()
        self.shown.dialog = None
        self.shown.shapes.clear()
        self.keyboard.forget_script()
        self.shutter.script_changed()
