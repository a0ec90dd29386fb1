"""Remote capture on the camera's side: what a script asked for, and what waits to be fetched.

Follows core/remotecap.c of CHDK: the task that takes a picture offers one kind of data after the
other, and waits until each was fetched, timed out, or was called off.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from chdkshell.chdk.constants import CAPTURE_NOT_INITIALISED, CaptureData

if TYPE_CHECKING:
    from chdkshell.sim.clock import Clock
    from chdkshell.streams import Source

DEFAULT_TIMEOUT_MS = 30_000
"""How long data waits for the host (HOOK_WAIT_MAX_DEFAULT)."""

SENSOR_ROWS = {10: 2480, 12: 3504, 14: 3366}
"""Rows of the frame buffer, by the sensor's bits a pixel; `sensor.SENSORS` has the rest."""

WHOLE_SHOT = int(CaptureData.JPEG | CaptureData.RAW | CaptureData.DNG_HEADER)
"""What every camera with remote capture offers; Canon's own raw files are extra."""


class Piece(NamedTuple):
    """Data that RemoteCaptureGetData answers with, and whether more of the file follows."""

    data: Source
    more: bool


class RemoteCapture:
    """The capture that a script set up. `timeout` is in ms, 0 for the default."""

    def __init__(self, support: int = WHOLE_SHOT, rows: int = SENSOR_ROWS[12]) -> None:
        self.support = support
        self.rows = rows
        self.target = 0
        self.first_line = 0
        self.lines = 0
        self.timeout = 0
        self._changed = threading.Condition()
        self._available = 0
        self._image_number = 0
        self._pieces: deque[Source] = deque()

    # ---- what scripts do ----------------------------------------------------------------------

    def set_target(self, bits: int, first_line: int = 0, lines: int = 0) -> bool:
        """Set up a capture of the data `bits`, or end it with 0. Whatever fails ends it, too."""
        in_range = 0 <= first_line < self.rows and 0 <= lines <= self.rows - first_line
        if not bits or bits & ~self.support or not in_range:
            self.reset()
            return not bits
        with self._changed:
            self.target = bits
            self.first_line = first_line
            self.lines = lines or self.rows - first_line
        return True

    def reset(self) -> None:
        """End the capture: nothing is offered any more, and whoever offers goes on."""
        with self._changed:
            self.target = 0
            self._withdraw()

    # ---- what the host does -------------------------------------------------------------------

    def is_ready(self) -> tuple[int, int]:
        """Return what RemoteCaptureIsReady answers: the data that waits, and the picture's number.

        The number is 0 as long as nothing waits.
        """
        with self._changed:
            if not self.target:
                return CAPTURE_NOT_INITIALISED, 0
            return self._available, self._image_number if self._available else 0

    def next_piece(self, bit: int) -> Piece | None:
        """Return the next data of one kind. None: there is none, which ends the capture."""
        with self._changed:
            if bit and bit == bit & self.target & self._available and self._pieces:
                return Piece(self._pieces.popleft(), bool(self._pieces))
        self.reset()
        return None

    def sent(self, bit: int, more: bool) -> bool:
        """Note that a piece was sent. Returns False where the capture ended meanwhile."""
        with self._changed:
            if self._available != bit:
                return False
            if not more:
                self._withdraw()
            return True

    # ---- what the task that takes pictures does -----------------------------------------------

    def offer(self, bit: int, image_number: int, pieces: Sequence[Source], clock: Clock) -> None:
        """Offer data, and return when it was fetched, timed out or is no longer wanted."""
        deadline = clock.ticks() + (self.timeout or DEFAULT_TIMEOUT_MS)
        with self._changed:
            if not self.target & bit:
                return
            self._image_number = image_number
            self._pieces = deque(pieces)
            self._available = bit
            while self._available == bit:
                left = deadline - clock.ticks()
                if left <= 0:
                    self.target = 0
                    self._withdraw()
                    return
                self._changed.wait(clock.seconds(left))

    def _withdraw(self) -> None:
        self._available = 0
        self._pieces.clear()
        self._changed.notify_all()


class Hook:
    """A place in a shot where a script may hold it up (modules/script_shoot_hook.c)."""

    def __init__(self) -> None:
        self.timeout = 0
        self.count = 0
        self.active = False
        self._changed = threading.Condition()

    def reset(self) -> None:
        """A script starts or ends: the hook holds nothing up, and counts from 0."""
        self.timeout = self.count = 0
        self.go_on()

    def go_on(self) -> None:
        """Let the shot that waits go on."""
        with self._changed:
            self.active = False
            self._changed.notify_all()

    def run(self, clock: Clock) -> None:
        """The shot is here: wait until `go_on`, or until the time that a script set is over."""
        with self._changed:
            self.count += 1
            if self.timeout <= 0:
                return
            self.active = True
            deadline = clock.ticks() + self.timeout
            while self.active and (left := deadline - clock.ticks()) > 0:
                self._changed.wait(clock.seconds(left))
            self.active = False
