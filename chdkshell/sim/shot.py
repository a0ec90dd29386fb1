"""One picture, and what the task that takes it asks of the camera around it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from chdkshell.sim.autoexposure import SUNLIT_BV96
from chdkshell.sim.clock import Clock
from chdkshell.sim.pace import CameraPace
from chdkshell.sim.remotecap import RemoteCapture

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DAYLIGHT_KELVIN = 5200
AUTO_WHITE_BALANCE = 0
PRESET_KELVIN = {1: DAYLIGHT_KELVIN, 2: 6000, 3: 3200, 4: 4000}
"""Modes of white balance: daylight, cloudy, tungsten and fluorescent light."""

KELVIN_PER_STOP = 200
"""How much colder the light is taken to be where it is twice as bright: light indoors is warm."""


@dataclass(slots=True)
class UsbLine:
    """The 5 V that the camera's USB socket gets. `forced`: it sees them where there are none.

    `sync_wait`: the next shot waits until they go away. `falls` counts how often they did.
    """

    powered: bool = True
    forced: bool = False
    sync_wait: bool = False
    falls: int = 0


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture as it was taken: its number, its exposure, and the lens.

    `bv96` is the brightness of what was before the lens, whatever the camera measured. `taken` is
    the camera's local time, and `ticks` the tick count. `wb_mode` is that of white balance.
    """

    number: int
    bv96: int
    tv96: int
    av96: int
    sv96: int
    nd: bool
    focus: int
    taken: int
    ticks: int
    zoom: int
    wb_mode: int

    @property
    def kelvin(self) -> int:
        """The light for which white is white: automatically, what comes through the lens."""
        if self.wb_mode == AUTO_WHITE_BALANCE:
            return DAYLIGHT_KELVIN + KELVIN_PER_STOP * (self.bv96 - SUNLIT_BV96) // 96
        return PRESET_KELVIN.get(self.wb_mode, DAYLIGHT_KELVIN)


class RawPixels(Protocol):
    """The raw frame of a shot, which scripts may look at and change while the shot is held up."""

    changed: bool

    @property
    def pixels(self) -> NDArray[np.uint16]:
        """The values, rows x columns. `changed` has to be set where they are changed."""
        ...

    def lines(self, first: int = 0, count: int = 0) -> Iterator[bytes]:
        """Yield lines of the frame buffer as the camera keeps them; 0: all from `first` on."""
        ...

    def histogram(self) -> list[int]:
        """Return how many of the active area's pixels, some of them, have each value."""
        ...


class Body(Protocol):
    """The camera, as far as its shutter knows it."""

    clock: Clock
    pace: CameraPace
    measured: bool
    usb: UsbLine
    capture: RemoteCapture
    on_raw: Callable[[Shot], None] | None
    on_shoot: Callable[[Shot], None] | None

    @property
    def record_mode(self) -> bool:
        """Whether the camera is in record mode."""
        ...

    @property
    def filming(self) -> bool:
        """Whether a movie is being recorded."""
        ...

    @property
    def keys_seen(self) -> frozenset[str]:
        """The switches of keys that the camera takes for closed."""
        ...

    @property
    def self_timer_ms(self) -> int:
        """How long the self-timer holds up a shot, in ms."""
        ...

    def begin_half_press(self) -> None:
        """A key is half pressed: measure for a shot."""
        ...

    def end_half_press(self) -> None:
        """No key is half pressed any more."""
        ...

    def prop(self, number: int) -> int:
        """Return a property as a signed 16-bit number."""
        ...

    def measure(self) -> None:
        """Let the automatic exposure set shutter speed, aperture and sensitivity for a shot."""
        ...

    def make_ready(self) -> None:
        """Focus and expose for a shot, as measured or as scripts want it."""
        ...

    def shutter_lag(self) -> float:
        """Return how long the shutter takes to open this time, in ms."""
        ...

    def expose(self) -> Shot:
        """Take a picture, and say how it was taken."""
        ...

    def count_shot(self, shot: Shot) -> None:
        """Count a picture, after its exposure."""
        ...
