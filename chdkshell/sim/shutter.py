"""The task that takes pictures: from a pressed key to files, while scripts go on."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from chdkshell import waits
from chdkshell.bugs import log_bug
from chdkshell.packages import missing_package
from chdkshell.sim.autoexposure import tv96_to_usec
from chdkshell.sim.properties import Prop
from chdkshell.sim.remotecap import Hook
from chdkshell.sim.shot import Body

log = logging.getLogger(__name__)

COUNT_MS = 40
"""From the opening of the shutter until the picture is counted, at least."""

REMOTE_MS = 10_000
"""How long a shot waits for the 5 V on the USB line to go away (DELAY_TIMEOUT of usb_remote.h)."""

FULL_KEYS = ("shoot_full", "shoot_full_only")
HALF_KEYS = ("shoot_half", *FULL_KEYS)

CONTINUOUS = (1, 2)
"""Drive modes that go on shooting while the key is held."""

END_SECONDS = 5.0
"""How long `close` waits for the task."""


class Shutter:
    """Takes one shot after the other in a thread of its own, which starts with the first one.

    The hooks lie in the order of a shot: before it is measured, before the shutter opens, and when
    the raw data are there.
    """

    def __init__(self, body: Body) -> None:
        self.hook_preshoot, self.hook_shoot, self.hook_raw = Hook(), Hook(), Hook()
        self._body = body
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._focused_at: int | None = None
        self._half_pressed = False
        self._prepared = False
        self._ready = False
        self._begins = False
        self._busy = False
        self._asked = 0
        self._done = 0
        self._closed = False
        self._wake: Callable[[], None] = lambda: None

    # ---- keys ---------------------------------------------------------------------------------

    def press(self, key: str, wake: Callable[[], None] = lambda: None) -> int:
        """Note that `key` went down; a full press takes a shot. Returns the shot's number.

        `finished` then tells when that shot is over, and `wake` is called.
        """
        body = self._body
        if not body.record_mode or body.filming or key not in HALF_KEYS:
            return 0
        number = 0
        with self._changed:
            # a camera that does nothing else begins at once, however late this task hears of it
            self._begins |= (
                key in FULL_KEYS and self._focused_at is None and self._done == self._asked
            )
            if self._focused_at is None:
                self._focused_at = body.clock.ticks() + body.pace.focus_ms
                self._half_pressed, self._prepared = True, False
                self._ready = False
                body.begin_half_press()
            if key in FULL_KEYS:
                self._asked += 1
                number = self._asked
                self._wake = wake
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._work, name="shutter", daemon=True)
                self._thread.start()
            self._changed.notify_all()
        return number

    def released(self) -> None:
        """Note that keys went up."""
        if self._body.keys_seen.isdisjoint(HALF_KEYS):
            with self._changed:
                self._focused_at = None
                self._changed.notify_all()
            self._body.end_half_press()

    def finished(self, number: int) -> bool:
        """Whether a shot is over, with all that was fetched of it."""
        return self._done >= number

    @property
    def shooting(self) -> bool:
        """What get_shooting gives: focused and measured, or taking a shot."""
        return self._busy or (self._focused_at is not None and self._ready)

    def script_changed(self) -> None:
        """A script starts or ends: its hooks are gone, and shots that did not begin yet."""
        for hook in (self.hook_preshoot, self.hook_shoot, self.hook_raw):
            hook.reset()
        with self._changed:
            self._asked = self._done + (self._busy or self._begins)
            self._focused_at = None
            self._changed.notify_all()

    def look_again(self) -> None:
        """Note that something changed which a shot may wait for."""
        with self._changed:
            self._changed.notify_all()

    def close(self) -> None:
        """End the task. A shot that goes on is not waited for longer than END_SECONDS."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self.script_changed()
        self._body.capture.reset()
        if self._thread is not None:
            waits.ended(self._thread, END_SECONDS)

    # ---- the task -----------------------------------------------------------------------------

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._closed and self._done == self._asked and not self._half_pressed:
                    self._changed.wait()
                if self._closed:
                    return
                if self._done < self._asked:
                    self._busy, self._half_pressed, self._begins = True, False, False
            if not self._busy:
                self._prepare()
                continue
            try:
                self._take()
                while self._continues():
                    self._take()
            except Exception as error:
                lacking = missing_package(error)
                if lacking is None:
                    log_bug(log, "simulated camera: a shot failed", error)
                else:
                    log.error("simulated camera: no picture: %s", lacking)
            with self._changed:
                self._busy = False
                self._done += 1
                wake = self._wake
            wake()

    def _prepare(self) -> None:
        """Focus and measure for a half press, unless it ends before that."""
        with self._changed:
            self._half_pressed = False
            focused = self._focused_at
            left = 0 if focused is None else focused - self._body.clock.ticks()
            self._body.clock.pause(left, self._changed, lambda: self._closed or self._given_up)
            if self._closed or self._given_up:
                return
            self._prepared = True
        self._make_ready()

    @property
    def _given_up(self) -> bool:
        """Whether no key is half pressed any more, and no shot is asked for."""
        return self._focused_at is None and self._done == self._asked

    def _make_ready(self) -> None:
        """Expose and focus as scripts want, and let one of them look."""
        self._body.make_ready()
        self._ready = True
        self.hook_preshoot.run(self._body.clock)

    def _continues(self) -> bool:
        body = self._body
        if self._asked > self._done + 1:  # the key went down anew, which is the next shot
            return False
        held = "shoot_full_only" in body.keys_seen and not self._closed and body.record_mode
        return held and body.prop(Prop.DRIVE_MODE) in CONTINUOUS

    def _take(self) -> None:
        body = self._body
        if not self._prepared:
            focused = self._focused_at
            self._pause(body.pace.focus_ms if focused is None else focused - body.clock.ticks())
        self._pause(body.self_timer_ms)
        if not body.measured:
            body.measure()
        if not self._prepared:
            self._make_ready()
        self._prepared = False
        self.hook_shoot.run(body.clock)
        self._await_remote()
        self._pause(body.shutter_lag())
        shot = body.expose()
        self._pause(max(tv96_to_usec(shot.tv96) / 1000, COUNT_MS))
        body.count_shot(shot)
        if body.on_raw is not None:
            body.on_raw(shot)
        self.hook_raw.run(body.clock)
        if body.on_shoot is not None and not self._closed:
            body.on_shoot(shot)
        self._pause(body.pace.process_ms)

    def _await_remote(self) -> None:
        """Hold up a shot that is to wait for the remote, but not for ever."""
        usb = self._body.usb
        if usb.sync_wait:
            falls = usb.falls
            with self._changed:
                self._body.clock.pause(
                    REMOTE_MS,
                    self._changed,
                    lambda: self._closed or not usb.powered or usb.falls > falls,
                )
            usb.sync_wait = False

    def _pause(self, ticks: float) -> None:
        with self._changed:
            self._body.clock.pause(ticks, self._changed, lambda: self._closed)
