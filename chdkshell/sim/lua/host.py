"""Scripts of the simulated camera: one at a time, its messages, its start and its end.

Behaves as core/ptp.c, core/script.c and modules/luascript.c of CHDK do.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from typing import TYPE_CHECKING, Any

from chdkshell import waits
from chdkshell.chdk.constants import (
    SCRIPT_QUEUE_LENGTH,
    ErrorType,
    MessageStatus,
    MessageType,
    ScriptFlag,
    ScriptStart,
    ScriptStatus,
    ValueType,
)
from chdkshell.sim.lua.api import Library, Wait, to_lua
from chdkshell.sim.lua.heap import HEAP_LIMIT
from chdkshell.sim.lua.mailbox import Mailbox, SimMessage
from chdkshell.sim.lua.script import Script
from chdkshell.sim.lua.values import Result
from chdkshell.sim.scriptmenu import starter

if TYPE_CHECKING:
    from chdkshell.sim.card import Card
    from chdkshell.sim.state import CameraState

log = logging.getLogger(__name__)

TICK = 0.010
"""Seconds between two looks at a wait that nothing announces the end of."""

_STATUS = {
    (False, False): ScriptStatus(0),
    (True, False): ScriptStatus.RUNNING,
    (False, True): ScriptStatus.MESSAGE_WAITING,
    (True, True): ScriptStatus.RUNNING | ScriptStatus.MESSAGE_WAITING,
}
"""What the camera answers by whether a script runs and a message waits: it is asked most often."""

STARTED, FINISHED, INTERRUPTED, TERMINATED = (
    *("*** STARTED ***", "*** FINISHED ***", "*** INTERRUPTED ***", "*** TERMINATED ***"),
)
"""What the console says of a script: that a key has started it, that it has come to its end, that
a key has ended it, and that an error has.
"""

KILL_SECONDS = 5.0
"""How long a killed script may take to end before it is left to itself."""


class ScriptHost:
    """Runs scripts, one at a time, each in a thread of its own. All methods may be called by any
    thread.
    """

    def __init__(
        self,
        card: Card,
        state: CameraState,
        library: Library,
        heap_limit: int | None = HEAP_LIMIT,
    ) -> None:
        self.card = card
        self.state = state
        self.library = library
        self.heap_limit = heap_limit
        self.last_id = 0
        self._mailbox = Mailbox()
        self._lock = threading.RLock()
        self._script: Script | None = None
        self._thread: threading.Thread | None = None
        state.keyboard.on_exit = self.interrupt
        state.keyboard.on_hand = self._mailbox.wake
        state.keyboard.on_start = self.start_chosen

    # ---- what PTP sees ----------------------------------------------------------------------

    @property
    def running(self) -> bool:
        """Whether a script runs."""
        return self._script is not None

    @property
    def outbox(self) -> deque[SimMessage]:
        """Messages to the host, oldest first."""
        return self._mailbox.outbox

    @property
    def inbox(self) -> deque[SimMessage]:
        """Messages from the host that no script has read, oldest first."""
        return self._mailbox.inbox

    def status(self) -> ScriptStatus:
        """Return what ScriptStatus answers."""
        # Running is looked at first: an ending script queues its values before it stops running.
        running = self._script is not None
        return _STATUS[running, bool(self._mailbox.outbox)]

    def execute(self, source: bytes, flags: int = 0) -> tuple[int, ScriptStart]:
        """Start a script as ExecuteScript does, with its flags. Returns its id and the status."""
        with self._lock:
            if self.running and flags & ScriptFlag.NO_KILL:
                return self.last_id, ScriptStart.RUNNING
            self.kill()
            with self._mailbox.changed:
                if flags & ScriptFlag.FLUSH_CAMERA_MESSAGES:
                    self.outbox.clear()
                if flags & ScriptFlag.FLUSH_HOST_MESSAGES:
                    self.inbox.clear()
            return self.start(source)

    def start(self, source: bytes) -> tuple[int, ScriptStart]:
        """Compile and start a script; one that runs is killed first. The source ends at a NUL."""
        with self._lock:
            self.kill()
            self.last_id += 1
            started = self._begin(source.partition(b"\0")[0], by_host=True)
            return self.last_id, ScriptStart.STARTED if started else ScriptStart.COMPILE_ERROR

    def start_chosen(self) -> None:
        """Start the script that is chosen in CHDK's menu, unless one runs. It is nobody's over PTP:
        what it returns and how it fails goes to the console alone.
        """
        with self._lock:
            if not self.running:
                self._say(STARTED)
                self._begin(starter(self.card, self.state.config), by_host=False)

    def _begin(self, source: bytes, by_host: bool) -> bool:
        """Compile and start a script. Returns False where it is no Lua."""
        script = Script(
            self.card, self.state, self._mailbox, self.library, self.last_id, self.heap_limit
        )
        script.by_host = by_host
        problem = script.start(source)
        if problem is not None:
            self._report(script, problem, ErrorType.COMPILE)
            return False
        self.state.script_started()
        self._script = script
        self._thread = threading.Thread(
            target=self._run, args=(script,), name=f"script {self.last_id}", daemon=True
        )
        self._thread.start()
        return True

    def kill(self) -> None:
        """End the running script. It leaves no message."""
        with self._lock:
            script, thread = self._script, self._thread
            if script is None or thread is None:
                return
            script.killed.set()
            self._mailbox.wake()
            if thread is threading.current_thread():
                return
            if not waits.ended(thread, KILL_SECONDS):
                log.warning("a script of the simulated camera does not end; it is left alone")
                self._ended(script)

    def interrupt(self) -> None:
        """End the running script as its exit key does: its function `restore` is called first."""
        script = self._script
        if script is not None:
            self._say(INTERRUPTED)
            script.interrupted = True
            script.killed.set()
            self._mailbox.wake()

    def read_message(self) -> SimMessage:
        """Take the oldest message to the host; one of type NONE where there is none."""
        with self._mailbox.changed:
            if not self.outbox:
                return SimMessage(MessageType.NONE, 0, 0, b"")
            message = self.outbox.popleft()
            self._mailbox.changed.notify_all()
            return message

    def write_message(self, data: bytes, script_id: int = 0) -> MessageStatus:
        """Queue a message for the running script (0: whichever runs)."""
        with self._mailbox.changed:
            if not self.running:
                return MessageStatus.NO_SCRIPT
            if script_id not in (0, self.last_id):
                return MessageStatus.BAD_SCRIPT_ID
            if len(self.inbox) >= SCRIPT_QUEUE_LENGTH:
                return MessageStatus.QUEUE_FULL
            message = SimMessage(MessageType.USER, ValueType.STRING, script_id, data)
            self.inbox.append(message)
            self._mailbox.changed.notify_all()
            return MessageStatus.QUEUED

    def wait_ended(self, seconds: float | None = None) -> bool:
        """Wait until no script runs. Returns False where `seconds` were not enough."""
        with self._mailbox.changed:
            return self._mailbox.changed.wait_for(lambda: not self.running, seconds)

    def wait_news(self, seconds: float | None = None) -> bool:
        """Wait until a message to the host waits, or no script runs. False: not in `seconds`."""
        with self._mailbox.changed:
            return self._mailbox.changed.wait_for(self._has_news, seconds)

    def _has_news(self) -> bool:
        return bool(self.outbox) or not self.running

    def close(self) -> None:
        """Kill the running script and wait for its thread."""
        self.kill()
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            waits.ended(thread, KILL_SECONDS)

    # ---- the script's thread ----------------------------------------------------------------

    def _run(self, script: Script) -> None:
        problem: bytes | None = None
        try:
            values: tuple[Any, ...] = ()
            going = self._next_look(script) and self._next_look(script)
            while going and not script.killed.is_set():
                going, problem = script.run_slice(*values)
                if going:
                    values = self._await(script)
        except Exception as error:
            log.debug("the thread of a script failed", exc_info=True)
            problem = f"simulated camera: internal error: {error!r}".encode()
        finally:
            if not script.killed.is_set():
                if problem is not None:
                    self._report(script, problem)
                elif not script.by_host:
                    self._say(FINISHED)
            if script.interrupted:
                self._restore(script)
            script.close()
            self._ended(script)

    def _restore(self, script: Script) -> None:
        """Run what a script does when it is interrupted; what goes wrong is on the console."""
        script.killed.clear()
        problem = script.restore()
        if problem:
            self._say(problem.decode("utf-8", "replace"))

    def _report(self, script: Script, problem: bytes, kind: ErrorType = ErrorType.RUNTIME) -> None:
        """Tell of the error that ended a script."""
        self._say(problem.decode("utf-8", "replace") or "ERROR: empty error message")
        self._say(TERMINATED)
        if script.by_host:
            self._mailbox.error(script.id, problem, kind)

    def _say(self, line: str) -> None:
        self.state.console.say(line, self.state.clock.ticks())

    def _ended(self, script: Script) -> None:
        with self._mailbox.changed:
            if self._script is script:
                self.state.script_ended()
                self._script = None
            self._mailbox.changed.notify_all()

    def _await(self, script: Script) -> tuple[Any, ...]:
        """Wait as the script asked for. Returns the values that its call gives."""
        result: Result | None = script.wait or Wait(self.state.clock.ticks())
        while isinstance(result, Wait):
            result = self._outcome(script, result)
        return to_lua(script, result)

    def _outcome(self, script: Script, wait: Wait) -> Result | None:
        """Return what a wait gives; nothing where the script is killed meanwhile."""
        clock = self.state.clock
        if self.state.pace.tick:
            return self._outcome_at_looks(script, wait)
        changed = self._mailbox.changed
        with changed:
            if wait.ticked:
                changed.wait_for(script.killed.is_set, TICK)
            while not script.killed.is_set():
                now = clock.ticks()
                result = wait.result(now)
                if result is not None:
                    return result
                seconds = clock.seconds(wait.deadline - now)
                if wait.ticked:
                    changed.wait_for(script.killed.is_set, min(seconds, TICK))
                else:
                    changed.wait(min(seconds, TICK) if wait.polled else seconds)
        return None

    def _outcome_at_looks(self, script: Script, wait: Wait) -> Result | None:
        """Return what `_outcome` does; a camera looks at its script now and then.

        Looks that nothing new was announced for are left out.
        """
        clock, pace, changed = self.state.clock, self.state.pace, self._mailbox.changed
        until = 0 if wait.ready else wait.deadline
        while self._next_look(script, until):
            with changed:
                now = clock.ticks()
                result = wait.result(now)
                if result is not None or script.killed.is_set():
                    return result
                if not wait.polled:
                    # up to a moment before which no look comes that would end the wait
                    last = pace.aligned(wait.deadline) - pace.tick / 2
                    changed.wait(max(clock.seconds(int(last) - now), 0))
        return None

    def _next_look(self, script: Script, until: int = 0) -> bool:
        """Wait until the camera looks at scripts again, at tick `until` or later.

        Returns False where the script was killed.
        """
        clock, pace = self.state.clock, self.state.pace
        look = max(pace.next_look(clock.exact_ticks()), pace.aligned(until))
        with self._mailbox.changed:
            clock.pause_until(look, self._mailbox.changed, script.killed.is_set)
        return not script.killed.is_set()
