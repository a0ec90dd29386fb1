"""Scripts on the camera: starting, waiting, collecting what they return and send, and killing."""

from __future__ import annotations

import contextlib
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from chdkshell.chdk import versions
from chdkshell.chdk.answers import ExecutedScript
from chdkshell.chdk.collecting import Collector, MessageHandler, Room, ScriptResult, Waiter
from chdkshell.chdk.constants import (
    SCRIPT_QUEUE_LENGTH,
    ErrorType,
    MessageStatus,
    MessageType,
    ScriptFlag,
    ScriptStart,
    ScriptStatus,
    ScriptSupport,
)
from chdkshell.chdk.library import Program, build
from chdkshell.chdk.messages import ScriptMessage, format_message
from chdkshell.chdk.protocol import ChdkProtocol
from chdkshell.errors import (
    ChdkError,
    ChdkShellError,
    ChdkVersionError,
    NoScriptError,
    PtpError,
    QueueFullError,
    ScriptError,
    ScriptRunningError,
    ScriptTimeoutError,
    UsageError,
)
from chdkshell.flow import NEVER, CancelToken
from chdkshell.lua.literals import LuaValue, encode_string

__all__ = ["MessageHandler", "ScriptResult", "Scripts"]

DEFAULT_LIBRARIES = ("serialize", "restore")
"""What every script gets: a table arrives with its types and nesting, and the end by a key is told.
"""

ENDED_BY_KEY = b"\0chdkshell: ended by a key"
"""What a script sends when a person ends it at the camera (lua/restore.lua)."""

KEPT_MESSAGES = 256
"""Messages of other scripts that are kept for `read_message`; the oldest go first."""

KILL_TIMEOUT = 10.0
"""Seconds within which a killed script has to end."""

LEFT_OVER_SECONDS = 2.0
"""How long a new connection waits for a script that an earlier one left running."""


class Scripts:
    """The one script that a camera runs at a time, and its messages."""

    def __init__(self, protocol: ChdkProtocol) -> None:
        self.protocol = protocol
        self.last_id: int | None = None
        self._program = Program((), b"")
        self._kept: deque[ScriptMessage] = deque(maxlen=KEPT_MESSAGES)
        self._is_new = True
        self._is_unheard = False

    # ---- running ----

    def start(
        self,
        code: str | bytes,
        *,
        libraries: Sequence[str] = (),
        kill_running: bool = False,
        flush: bool = True,
    ) -> int:
        """Start a script and return its id without waiting for it.

        `libraries` are files of `chdk/lua` that the code uses. `flush` discards the messages that
        earlier scripts left. Raises `ScriptRunningError` where one runs, unless `kill_running`
        (protocol 2.6), and `ScriptError` where the code does not compile.
        """
        program = build(code, (*DEFAULT_LIBRARIES, *libraries))
        if flush:
            self._kept.clear()
        started = self._execute(program.source, self._start_flags(kill_running, flush))
        if started.start == ScriptStart.RUNNING and self._wait_for_left_over():
            started = self._execute(program.source, self._start_flags(kill_running, flush))
        if started.start == ScriptStart.RUNNING:
            raise ScriptRunningError
        self._is_new = False
        self.last_id = started.script_id
        self._program = program
        if started.start == ScriptStart.COMPILE_ERROR:
            raise self._compile_error()
        self._is_unheard = True
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
        cancel: CancelToken = NEVER,
    ) -> ScriptResult:
        """Run a script to its end and return what it returned and sent.

        `timeout` is in seconds, None waits for ever. With `on_message`, messages go there as they
        come instead of into the result. Raises as `start` and `wait`. On `Cancelled`, or an error
        in `on_message`, the script is killed first where CHDK can do that (protocol 2.6).
        """
        cancel.check()
        self.start(code, libraries=libraries, kill_running=kill_running, flush=flush)
        try:
            return self.wait(timeout=timeout, on_message=on_message, cancel=cancel)
        except (ScriptError, ScriptTimeoutError):
            raise
        except BaseException:
            self._kill_quietly()
            raise

    def call(
        self,
        code: str | bytes,
        *,
        libraries: Sequence[str] = (),
        timeout: float | None = None,
        on_message: MessageHandler | None = None,
        cancel: CancelToken = NEVER,
    ) -> LuaValue | tuple[LuaValue, ...]:
        """Run a script as `run` does and return its values (`ScriptResult.read`)."""
        return self.run(
            code, libraries=libraries, timeout=timeout, on_message=on_message, cancel=cancel
        ).read(cancel)

    def wait(
        self,
        *,
        timeout: float | None = None,
        on_message: MessageHandler | None = None,
        cancel: CancelToken = NEVER,
    ) -> ScriptResult:
        """Wait for the script that was started last to end, and collect its messages.

        Messages of other scripts are kept for `read_message`. Raises `ScriptError` where the script
        failed (after all its messages were read), and `ScriptTimeoutError` and `Cancelled`, which
        leave it running.
        """
        if self.last_id is None:
            raise NoScriptError("no script was started")
        collector = Collector(self.last_id, on_message, self._kept)
        deadline = None if timeout is None else time.monotonic() + timeout
        waiter = Waiter(deadline, cancel)
        while True:
            status = self.protocol.script_status()
            if status & ScriptStatus.MESSAGE_WAITING:
                waiter.restart()
                waiter.check()
                while (message := self.receive()) is not None:
                    collector.take(message)
                    waiter.check()
            elif not status & ScriptStatus.RUNNING:
                break
            else:
                waiter.pause()
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

    def status(self) -> ScriptStatus:
        """Say whether a script runs and whether a message waits on the camera."""
        return self.protocol.script_status()

    @property
    def keeps_messages(self) -> bool:
        """Whether messages were taken from the camera that nobody has read yet."""
        return bool(self._kept)

    def kill(self, flush: bool = True, force: bool = False) -> None:
        """End the running script, and discard all waiting messages if `flush`.

        Before protocol 2.6 that can crash the camera: `ChdkVersionError`, unless `force`.
        """
        clean = self.protocol.supports(versions.SCRIPT_FLAGS)
        if not clean and not force:
            raise ChdkVersionError(
                "camera does not support clean kill", "-force kills anyway; crashes are likely"
            )
        flags = ScriptFlag(0)
        if flush:
            self._kept.clear()
            flags = ScriptFlag.FLUSH_CAMERA_MESSAGES | ScriptFlag.FLUSH_HOST_MESSAGES
        started = self.protocol.execute_script(b"", flags if clean else ScriptFlag(0))
        self._is_unheard = False
        self.last_id = started.script_id
        self._program = Program((), b"")
        waiter = Waiter(time.monotonic() + KILL_TIMEOUT, NEVER)
        while self.protocol.script_status() & ScriptStatus.RUNNING:
            waiter.pause()
        if flush and not clean:
            self.drain()

    # ---- messages ----

    def read_message(self) -> ScriptMessage | None:
        """Take the oldest message that waits, or None."""
        if self._kept:
            return self._kept.popleft()
        return self.receive()

    def receive(self) -> ScriptMessage | None:
        """Take the oldest message from the camera, past those that are kept.

        That a person ended a script with the shutter button arrives as an error of the script's.
        """
        message = self.protocol.read_message()
        if message is None or message.data != ENDED_BY_KEY:
            return message
        text = b"ended by the shutter button of the camera"
        return replace(message, type=MessageType.ERROR, subtype=ErrorType.RUNTIME, data=text)

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
        return errors

    def keep(self, message: ScriptMessage) -> None:
        """Keep a message that was read from the camera for `read_message`."""
        self._kept.append(message)

    def drain(self) -> list[ScriptMessage]:
        """Take all messages that wait. A script that runs may go on sending meanwhile.

        Raises `ChdkError` where there is no end to them.
        """
        messages = []
        room = Room()
        while (message := self.read_message()) is not None:
            room.take(message.data)
            messages.append(message)
        return messages

    def send(self, data: str | bytes, script_id: int = 0) -> None:
        """Queue a message for the running script, or only for the one with the id `script_id`.

        Raises `NoScriptError`, `QueueFullError`, and `UsageError` for an empty message.
        """
        encoded = encode_string(data)
        if not encoded:
            raise UsageError("invalid data", "a message needs at least one byte")
        match self.protocol.write_message(encoded, script_id):
            case MessageStatus.NO_SCRIPT:
                raise NoScriptError(hint=self._last_words())
            case MessageStatus.BAD_SCRIPT_ID:
                raise NoScriptError(f"no script with the id {script_id} is running")
            case MessageStatus.QUEUE_FULL:
                raise QueueFullError("message queue full")

    def _last_words(self) -> str | None:
        """Return the hint to messages that a script left which does not run any more."""
        waits = self._kept or self.status() & ScriptStatus.MESSAGE_WAITING
        return "it has ended; `getm` shows what it left" if waits else None

    def error_of(self, message: ScriptMessage) -> ScriptError:
        """Return an error message as an exception, its line mapped where its script is known."""
        kind = "compile" if message.subtype == ErrorType.COMPILE else "runtime"
        known = message.script_id == self.last_id
        program = self._program if known else Program((), b"")
        return program.error(kind, message.text)

    def format_message(self, message: ScriptMessage) -> str:
        """Return a message as `format_message` does, with an error's line in the user's code."""
        if message.type != MessageType.ERROR:
            return format_message(message)
        error = self.error_of(message)
        return f"{message.script_id}:error:{error.kind}:{error.position}{error.reason}"

    # ---- inside ----

    def _start_flags(self, kill_running: bool, flush: bool) -> ScriptFlag:
        """Return the flags for a start; where the camera has none, do what they would."""
        if not self.protocol.supports(versions.SCRIPT_FLAGS):
            self._make_way(flush)
            return ScriptFlag(0)
        flags = ScriptFlag(0) if kill_running else ScriptFlag.NO_KILL
        if flush:
            flags |= ScriptFlag.FLUSH_CAMERA_MESSAGES | ScriptFlag.FLUSH_HOST_MESSAGES
        return flags

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

    def _compile_error(self) -> ScriptError:
        # No script runs, so that nothing is added to what the queue holds.
        for _ in range(SCRIPT_QUEUE_LENGTH):
            message = self.receive()
            if message is None:
                break
            if message.type == MessageType.ERROR and message.script_id == self.last_id:
                return self.error_of(message)
            self._kept.append(message)
        return ScriptError(
            "compile", "the script does not compile, and the camera does not say why"
        )

    def _kill_quietly(self) -> None:
        """End a script that nobody waits for any more, where that can be done."""
        with contextlib.suppress(ChdkShellError):
            self.kill()
