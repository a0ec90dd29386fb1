"""Scripts on the camera: starting, waiting, collecting what they return and send, and killing."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from chdkshell.chdk import versions
from chdkshell.chdk.answers import ExecutedScript
from chdkshell.chdk.changes import GIVE_UP_SECONDS, Changes, PutBack
from chdkshell.chdk.collecting import Collector, MessageHandler, ScriptResult, Waiter
from chdkshell.chdk.constants import (
    SCRIPT_QUEUE_LENGTH,
    MessageType,
    ScriptFlag,
    ScriptStart,
    ScriptStatus,
    ScriptSupport,
)
from chdkshell.chdk.library import LuaProgram, build
from chdkshell.chdk.lifesigns import LifeSigns
from chdkshell.chdk.marks import Mark, leave_mark
from chdkshell.chdk.protocol import ChdkProtocol
from chdkshell.chdk.scriptmessages import ScriptMessages
from chdkshell.errors import (
    ChdkError,
    ChdkShellError,
    ChdkVersionError,
    NoScriptError,
    PtpError,
    ScriptError,
    ScriptRunningError,
    ScriptTimeoutError,
)
from chdkshell.flow import NEVER, CancelToken
from chdkshell.lua.values import LuaValue
from chdkshell.reasons import Reason

__all__ = ["MessageHandler", "ScriptResult", "Scripts"]

DEFAULT_LIBRARIES = ("serialize", "restore")
"""What every script gets: a table arrives with its types and nesting, and the end by a key is told.
"""

KILL_TIMEOUT = 10.0
"""Seconds within which a killed script has to end."""

LEFT_OVER_SECONDS = 2.0
"""How long a new connection waits for a script that an earlier one left running."""

_FLUSH = ScriptFlag.FLUSH_CAMERA_MESSAGES | ScriptFlag.FLUSH_HOST_MESSAGES


class Scripts(ScriptMessages):
    """The one script that a camera runs at a time."""

    def __init__(self, protocol: ChdkProtocol) -> None:
        super().__init__(protocol)
        self._is_new = True
        self._changes = Changes()

    # ---- running ----

    def start(
        self,
        code: str | bytes,
        *,
        libraries: Sequence[str] = (),
        kill_running: bool = False,
        flush: bool = True,
        put_back: PutBack | None = None,
        mark: Mark | None = None,
    ) -> int:
        """Start a script and return its id without waiting for it.

        `libraries` are files of `chdk/lua` that the code uses. `flush` discards the messages that
        earlier scripts left. `put_back` is what is run where the script does not come to its own
        end. Raises `ScriptRunningError` where one runs, unless `kill_running` (protocol 2.6), and
        `ScriptError` where the code does not compile.
        """
        program = build(code, (*DEFAULT_LIBRARIES, *libraries))
        self._settle(kill_running)
        if flush:
            self._kept.clear()
        # This is what is known where the answer is lost: nothing of others' ran before.
        self._changes.owned &= not self._is_unheard
        before = self._changes.put_back
        self._changes.put_back = put_back or before
        started = self._execute(program.source, self._start_flags(kill_running, flush))
        if started.start == ScriptStart.RUNNING and self._wait_for_left_over():
            started = self._execute(program.source, self._start_flags(kill_running, flush))
        if started.start == ScriptStart.RUNNING:
            self._changes.owned, self._changes.put_back = False, before
            raise ScriptRunningError
        self._changes.owned = True
        self._is_new = False
        self.last_id = started.script_id
        self._program = program
        if started.start == ScriptStart.COMPILE_ERROR:
            raise self.compile_error()
        self._is_unheard = True
        leave_mark(self.protocol, mark, started.script_id)
        return started.script_id

    def run(
        self,
        code: str | bytes,
        *,
        libraries: Sequence[str] = (),
        kill_running: bool = False,
        flush: bool = True,
        timeout: float | None = None,
        on_message: MessageHandler | None = None,
        put_back: PutBack | None = None,
        mark: Mark | None = None,
        watch_queue: bool = False,
        cancel: CancelToken = NEVER,
    ) -> ScriptResult:
        """Run a script to its end and return what it returned and sent.

        `timeout` is in seconds, None waits for ever. With `on_message`, messages go there as they
        come instead of into the result. Raises as `start` and `wait`. On `Cancelled`, or an error
        in `on_message`, the script is killed first where CHDK can do that (protocol 2.6).
        """
        cancel.check()
        self.start(
            code,
            libraries=libraries,
            kill_running=kill_running,
            flush=flush,
            put_back=put_back,
            mark=mark,
        )
        try:
            result = self.wait(
                timeout=timeout, on_message=on_message, watch_queue=watch_queue, cancel=cancel
            )
        except ScriptTimeoutError:
            self.leave()
            raise
        except BaseException as error:
            if self._changes.put_back or not isinstance(error, ScriptError):
                self.end_own()
            raise
        if put_back is not None:
            self.keep_changes()
        return result

    def call(
        self,
        code: str | bytes,
        *,
        libraries: Sequence[str] = (),
        timeout: float | None = None,
        on_message: MessageHandler | None = None,
        put_back: PutBack | None = None,
        cancel: CancelToken = NEVER,
    ) -> LuaValue | tuple[LuaValue, ...]:
        """Run a script as `run` does and return its values (`ScriptResult.read`)."""
        return self.run(
            code,
            libraries=libraries,
            timeout=timeout,
            on_message=on_message,
            put_back=put_back,
            cancel=cancel,
        ).read(cancel)

    def wait(
        self,
        *,
        timeout: float | None = None,
        on_message: MessageHandler | None = None,
        watch_queue: bool = False,
        cancel: CancelToken = NEVER,
    ) -> ScriptResult:
        """Wait for the script that was started last to end, and collect its messages.

        `watch_queue`: find out whether the queue was full at its end (`filled_queue`). Messages of
        other scripts are kept for `read_message`. Raises `ScriptError` where the script failed
        (after all its messages were read), and `ScriptTimeoutError` and `Cancelled`, which leave
        it running.
        """
        if self.last_id is None:
            raise NoScriptError("no script was started")
        collector = Collector(self.last_id, on_message, self._kept)
        deadline = None if timeout is None else time.monotonic() + timeout
        with LifeSigns(self) if self._program.hears_host else contextlib.nullcontext():
            self.collect(collector, Waiter(deadline, cancel), watch_queue)
        self._is_unheard = False
        if collector.error is not None:
            raise self.error_of(collector.error)
        return collector.result

    @contextmanager
    def aside(self) -> Iterator[bool]:
        """Give True where scripts may be run on the side, with the session held meanwhile.

        False where the session is in use, a script runs, or messages wait: those would be
        disturbed. Afterwards `last_id` and the lines of errors are those of before.
        """
        with self.protocol.session.exclusive(wait=False) as free:
            if not free or self._kept or self.status():
                yield False
                return
            before = self.last_id, self._program, self._is_unheard
            try:
                yield True
            finally:
                self.last_id, self._program, self._is_unheard = before

    def kill(
        self, flush: bool = True, force: bool = False, give_up: float = GIVE_UP_SECONDS
    ) -> None:
        """End the running script, and discard all waiting messages if `flush`.

        What it changed for its own sake is put back, after a shot that is under way or `give_up`
        seconds. Before protocol 2.6 this can crash the camera: `ChdkVersionError`, unless `force`.
        """
        clean = self.protocol.supports(versions.SCRIPT_FLAGS)
        if not clean and not force:
            raise ChdkVersionError(
                "camera does not support clean kill", reason=Reason.NO_CLEAN_KILL
            )
        flags = _FLUSH if clean and flush else ScriptFlag(0)
        if flush:
            self._kept.clear()
        # One transaction kills and puts back: nothing can come between.
        program = self._changes.ending(give_up) if clean else LuaProgram((), b"")
        started = self.protocol.execute_script(program.source, flags)
        self._is_unheard = False
        self.last_id = started.script_id
        self._program = program
        waiter = Waiter(time.monotonic() + KILL_TIMEOUT + give_up, NEVER)
        while self.protocol.script_status() & ScriptStatus.RUNNING:
            waiter.pause()
        if clean:
            self.keep_changes()
        else:
            self.put_back(give_up)
        if flush and not clean:
            self.drain()

    # ---- what a command leaves ----

    @property
    def owns_running(self) -> bool:
        """Whether a script that runs now must be one of this program's commands."""
        return self._changes.owned

    def end_own(self, give_up: float = GIVE_UP_SECONDS) -> None:
        """End what this program's command left running, and put back what it changed.

        A script that somebody else started is left alone. Nothing is raised: what cannot be done
        now, with the camera gone, is done before the next script.
        """
        if not self._changes.owned:
            return
        self.leave()
        self._changes.is_dropped = self._changes.is_left
        with contextlib.suppress(ChdkShellError):
            self._end(give_up)

    def put_back(self, give_up: float | None = None) -> None:
        """Put back what a command changed, now that its script has ended."""
        put_back = self._changes.put_back
        if put_back is None:
            return
        self.keep_changes()
        try:
            seconds = KILL_TIMEOUT + (give_up or KILL_TIMEOUT)
            self.run(put_back.code(give_up), libraries=("settings",), timeout=seconds)
        except BaseException:
            self._changes.is_left, self._changes.put_back = True, put_back
            raise

    def keep_changes(self) -> None:
        """Note that nothing is to be put back (any more)."""
        self._changes.put_back = None
        self._changes.is_left = self._changes.is_dropped = False

    def leave(self) -> None:
        """Leave the script that runs to itself. What it fails to put back comes before the next."""
        self._changes.is_left = self._changes.put_back is not None

    def follow(self, before: Scripts) -> None:
        """Go on from an earlier connection to the same camera, with what is known of its script."""
        self._changes = before._changes
        self.leave()

    def late_errors(self) -> list[ScriptError]:
        """Take the errors of a script that was started, not waited for, and has ended.

        Its other messages are kept for `read_message`. Nothing is asked where no such script is.
        """
        if not self._is_unheard or self.status() & ScriptStatus.RUNNING:
            return []
        self._is_unheard = False
        errors = []
        # No script runs, so that nothing is added to what the queue holds.
        for _ in range(SCRIPT_QUEUE_LENGTH):
            message = self.receive()
            if message is None:
                break
            if message.type == MessageType.ERROR:
                errors.append(self.error_of(message))
            else:
                self._kept.append(message)
        if errors:
            self.put_back()
        else:
            self.keep_changes()
        return errors

    # ---- inside ----

    def _start_flags(self, kill_running: bool, flush: bool) -> ScriptFlag:
        """Return the flags for a start; where the camera has none, do what they would."""
        if not self.protocol.supports(versions.SCRIPT_FLAGS):
            self._make_way(flush)
            return ScriptFlag(0)
        flags = ScriptFlag(0) if kill_running else ScriptFlag.NO_KILL
        return flags | _FLUSH if flush else flags

    def _execute(self, source: bytes, flags: ScriptFlag) -> ExecutedScript:
        try:
            return self.protocol.execute_script(source, flags)
        except PtpError as error:
            if not self.protocol.script_support() & ScriptSupport.LUA:
                raise ChdkError("the CHDK on this camera was built without Lua") from error
            raise

    def _make_way(self, flush: bool) -> None:
        # Before protocol 2.6, starting a script while another runs can crash the camera.
        status = self.protocol.script_status()
        if status & ScriptStatus.RUNNING:
            raise ScriptRunningError
        if flush and status & ScriptStatus.MESSAGE_WAITING:
            self.drain()

    def _wait_for_left_over(self) -> bool:
        """Give a script of a connection that broke the time to end; return whether it did.

        It may wait for the host to take its messages, which are kept for `read_message`.
        """
        if not self._is_new:
            return False
        self._is_new = False
        deadline = time.monotonic() + LEFT_OVER_SECONDS
        waiter = Waiter(None, NEVER)
        while time.monotonic() < deadline:
            status = self.protocol.script_status()
            if not status & ScriptStatus.RUNNING:
                return True
            message = self.receive()
            if message is None:
                waiter.pause()
            else:
                self._kept.append(message)
        return False

    def _settle(self, kill_running: bool) -> None:
        """Put back what an earlier command left changed, and end its script if it was to end."""
        if self._changes.is_dropped or (self._changes.is_left and kill_running):
            self._end(GIVE_UP_SECONDS)
        elif self._changes.is_left:
            self.put_back()

    def _end(self, give_up: float) -> None:
        """End the script that runs, and put back what it changed."""
        if self.protocol.supports(versions.SCRIPT_FLAGS):
            if self.status() & ScriptStatus.RUNNING:
                self.kill(give_up=give_up)
            else:
                self.discard(self.last_id)
        elif self._changes.put_back:
            self._ask_to_end(give_up)
        self.put_back(give_up)

    def _ask_to_end(self, seconds: float) -> None:
        """Have a script end that cannot be killed, before protocol 2.6."""
        with contextlib.suppress(ChdkError):
            self.send("quit")
        waiter = Waiter(time.monotonic() + seconds, NEVER)
        while self.status() & ScriptStatus.RUNNING:
            waiter.pause()
