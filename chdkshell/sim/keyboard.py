"""The keys of the simulated camera: what scripts hold, what a hand holds, and who sees which.

In alt mode the camera sees the keys that a script holds, and CHDK those under a hand; without it
the camera sees the hand's alone (core/kbd_common.c, core/kbd_process.c).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

from chdkshell.sim.clock import Clock
from chdkshell.sim.shown import ShownScreen
from chdkshell.sim.shutter import Shutter

SWITCHES = {"shoot_full": frozenset(("shoot_half", "shoot_full_only"))}
"""Keys that close several of the camera's switches; any other closes one of its own name."""

ALT_KEY = "print"
"""The key that enters and leaves alt mode (its setting: alt_mode_button)."""

EXIT_KEY = "shoot_full"
"""The key that ends a script, unless it names another."""

START_KEY = "shoot_full"
"""The key that starts the chosen script in alt mode."""

NO_KEYS = frozenset(("remote", "no_key"))
"""Names that scripts may use for keys, without a switch."""

REPEAT_MS = 250
"""How long a key is held until what it does is done once more."""


def switches_of(key: str) -> frozenset[str]:
    """Return the switches that a key closes."""
    if key in NO_KEYS:
        return frozenset()
    return SWITCHES.get(key, frozenset((key,)))


REPEATED = frozenset(("left", "right", "zoom_in", "zoom_out"))
"""Keys that go on doing what they do while they are held."""


class KeyedCamera(Protocol):
    """The camera, as far as its keys know it."""

    clock: Clock
    shutter: Shutter
    shown: ShownScreen
    script_running: bool

    @property
    def alt_mode(self) -> bool:
        """Whether CHDK has the keys."""
        ...

    @alt_mode.setter
    def alt_mode(self, on: bool) -> None: ...


class Keyboard:
    """Which switches are closed. All methods may be called by any thread.

    `held` are those that the script holds, `touched` those under a hand. `last_clicked` is the key
    that a hand pressed last in alt mode. `on_key` is called with each key that the camera sees
    pressed, `on_exit` when a hand presses the exit key of a script that runs, `on_start` when it
    presses the shutter button in alt mode while none does, and `on_hand` after all a hand does.
    """

    def __init__(self, state: KeyedCamera) -> None:
        self.held: set[str] = set()
        self.touched: set[str] = set()
        self.last_clicked: str | None = None
        self.exit_key = EXIT_KEY
        self._new_click = False
        self.on_key: Callable[[str], None] = lambda key: None
        self.on_exit: Callable[[], None] = lambda: None
        self.on_hand: Callable[[], None] = lambda: None
        self.on_start: Callable[[], None] = lambda: None
        self._state = state
        self._seen: frozenset[str] = frozenset()
        self._since: dict[str, int] = {}
        self._lock = threading.RLock()

    # ---- the script's ---------------------------------------------------------------------------

    def press(self, key: str) -> None:
        """The script presses a key."""
        with self._lock:
            self.held |= switches_of(key)
            self._look()

    def release(self, key: str, at: int | None = None) -> None:
        """The script lets a key go, at the tick `at` where that is known: it may be told late."""
        with self._lock:
            self.held -= switches_of(key)
            self._look(at)

    def forget_script(self) -> None:
        """A script starts or ends: its keys go up, and what it knew of a hand's is forgotten."""
        with self._lock:
            self.held.clear()
            self.last_clicked, self._new_click = None, False
            self.exit_key = EXIT_KEY
            self._look()

    # ---- a hand's -------------------------------------------------------------------------------

    def touch(self, key: str) -> None:
        """A hand presses a key."""
        with self._lock:
            self.touched |= switches_of(key)
            dialog = self._state.shown.dialog
            ends = starts = False
            if dialog is not None and key != ALT_KEY:
                dialog.key(key)
            elif self._state.alt_mode and key != ALT_KEY:
                self.last_clicked, self._new_click = key, True
                running = self._state.script_running
                ending = switches_of(self.exit_key)
                ends = running and bool(ending) and switches_of(key) >= ending
                starts = not running and switches_of(key) >= switches_of(START_KEY)
            self._look()
        if ends:
            self.on_exit()
        elif starts:
            self.on_start()
        self.on_hand()

    def let_go(self, key: str, at: int | None = None) -> None:
        """A hand lets a key go, as `release`. Alt mode changes when its key comes up."""
        with self._lock:
            self.touched -= switches_of(key)
            if key == ALT_KEY:
                self._state.alt_mode = not self._state.alt_mode
            self._look(at)
        self.on_hand()

    def is_touched(self, key: str) -> bool:
        """Whether a hand holds a key down."""
        switches = switches_of(key)
        return bool(switches) and switches <= self.touched

    def expect_click(self) -> None:
        """Forget the last click, unless no `take_click` has seen it."""
        if not self._new_click:
            self.last_clicked = None

    def take_click(self) -> bool:
        """Whether there was a click; it is not a new one from now on."""
        if self.last_clicked is None:
            return False
        self._new_click = False
        return True

    def miss_click(self) -> None:
        """Note that none came in time."""
        self.last_clicked = "no_key"

    # ---- the camera's ---------------------------------------------------------------------------

    @property
    def seen(self) -> frozenset[str]:
        """The switches that the camera takes for closed."""
        return self._seen

    def look(self) -> None:
        """Note that alt mode changed, and with it whose keys the camera sees."""
        with self._lock:
            self._look()

    def _look(self, at: int | None = None) -> None:
        state = self._state
        now = state.clock.ticks()
        closed = frozenset(self.held if state.alt_mode else self.touched - {ALT_KEY})
        went_down, came_up = closed - self._seen, self._seen - closed
        self._seen = closed
        if "shoot_full_only" in went_down:
            state.shutter.press("shoot_full")
        elif "shoot_half" in went_down:
            state.shutter.press("shoot_half")
        if came_up & {"shoot_half", "shoot_full_only"}:
            state.shutter.released()
        for switch in sorted(came_up):
            self._repeat(switch, now if at is None else at)
        for switch in sorted(went_down):
            self._since[switch] = now
            self.on_key(switch)

    def _repeat(self, switch: str, until: int) -> None:
        """Do what a held key has done in the time that it was held."""
        held = until - self._since.pop(switch, until)
        if switch in REPEATED:
            for _ in range(held // REPEAT_MS):
                self.on_key(switch)
