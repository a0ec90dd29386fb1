"""Messages to and from the script on the camera."""

from __future__ import annotations

from collections import deque

from chdkshell.chdk.collecting import Collector, MessageBudget, MessageHandler, Waiter
from chdkshell.chdk.constants import (
    SCRIPT_QUEUE_LENGTH,
    ErrorType,
    MessageStatus,
    MessageType,
    ScriptStatus,
)
from chdkshell.chdk.library import LuaProgram
from chdkshell.chdk.messages import ScriptMessage, format_message
from chdkshell.chdk.protocol import ChdkProtocol
from chdkshell.errors import NoScriptError, QueueFullError, ScriptError, UsageError
from chdkshell.lua.values import encode_string
from chdkshell.reasons import Reason

ENDED_BY_KEY = b"\0chdkshell: ended by a key"
"""What a script sends when a person ends it at the camera (lua/restore.lua)."""

KEPT_MESSAGES = 256
"""Messages of other scripts that are kept for `read_message`; the oldest go first."""


class ScriptMessages:
    """The messages of the one script that a camera runs at a time.

    `last_id` is the id of the script that was started last, None for none.
    """

    def __init__(self, protocol: ChdkProtocol) -> None:
        self.protocol = protocol
        self.last_id: int | None = None
        self._program = LuaProgram((), b"")
        self._kept: deque[ScriptMessage] = deque(maxlen=KEPT_MESSAGES)
        self._is_unheard = False

    def status(self) -> ScriptStatus:
        """Say whether a script runs and whether a message waits on the camera."""
        return self.protocol.script_status()

    @property
    def keeps_messages(self) -> bool:
        """Whether messages were taken from the camera that nobody has read yet."""
        return bool(self._kept)

    def read_message(self) -> ScriptMessage | None:
        """Take the oldest message that waits, or None."""
        if self._kept:
            return self._kept.popleft()
        return self.receive()

    def discard(self, script_id: int | None) -> None:
        """Discard what a script that has ended left in the queue, and keep what others left."""
        for _ in range(SCRIPT_QUEUE_LENGTH):
            message = self.receive()
            if message is None:
                return
            if message.script_id != script_id:
                self._kept.append(message)

    def receive(self) -> ScriptMessage | None:
        """Take the oldest message from the camera, past those that are kept.

        That a person ended a script with the shutter button arrives as an error of the script's.
        """
        message = self.protocol.read_message()
        if message is None or message.data != ENDED_BY_KEY:
            return message
        text = b"ended by the shutter button of the camera"
        return message._replace(type=MessageType.ERROR, subtype=ErrorType.RUNTIME, data=text)

    def keep(self, message: ScriptMessage) -> None:
        """Keep a message that was read from the camera for `read_message`."""
        self._kept.append(message)

    def drain(self) -> list[ScriptMessage]:
        """Take all messages that wait. A script that runs may go on sending meanwhile.

        Raises `ChdkError` where there is no end to them.
        """
        messages = []
        budget = MessageBudget()
        while (message := self.read_message()) is not None:
            budget.add(message.data)
            messages.append(message)
        return messages

    def collector(self, script_id: int, on_message: MessageHandler) -> Collector:
        """Return what sorts the messages of a script that nobody waits for (`poll`)."""
        return Collector(script_id, on_message, self._kept)

    def poll(self, collector: Collector) -> bool:
        """Take what waits of a script's messages; return whether it still runs.

        Messages of other scripts are kept for `read_message`.
        """
        kept = list(self._kept)
        self._kept.clear()
        for message in kept:
            collector.add(message)
        status = self.status()
        is_last = self.last_id == collector.result.script_id
        if status & ScriptStatus.MESSAGE_WAITING:
            while (waiting := self.receive()) is not None:
                collector.add(waiting)
        runs = is_last and bool(status & ScriptStatus.RUNNING)
        if is_last and not runs:
            self._is_unheard = False
        return runs

    def collect(self, collector: Collector, waiter: Waiter, watch_queue: bool = False) -> None:
        """Give `collector` what the script sends, until it ends; `watch_queue` as in `wait`."""
        taken = 0  # since the script was seen running
        while True:
            status = self.protocol.script_status()
            if status & ScriptStatus.RUNNING:
                taken = 0
            if status & ScriptStatus.MESSAGE_WAITING:
                waiter.restart()
                waiter.check()
                while (message := self.receive()) is not None:
                    collector.add(message)
                    waiter.check()
                    taken += 1
                    if watch_queue and taken == SCRIPT_QUEUE_LENGTH:
                        runs = self.protocol.script_status() & ScriptStatus.RUNNING
                        taken = 0 if runs else taken
            elif not status & ScriptStatus.RUNNING:
                collector.result.filled_queue = watch_queue and taken >= SCRIPT_QUEUE_LENGTH
                return
            else:
                waiter.pause()

    def send(self, data: str | bytes, script_id: int = 0) -> None:
        """Queue a message for the running script, or only for the one with the id `script_id`.

        Raises `NoScriptError`, `QueueFullError`, and `UsageError` for an empty message.
        """
        encoded = encode_string(data)
        if not encoded:
            raise UsageError("invalid data", "a message needs at least one byte")
        match self.protocol.write_message(encoded, script_id):
            case MessageStatus.NO_SCRIPT:
                raise NoScriptError(reason=self._reason_for_no_script())
            case MessageStatus.BAD_SCRIPT_ID:
                raise NoScriptError(f"no script with the id {script_id} is running")
            case MessageStatus.QUEUE_FULL:
                raise QueueFullError("message queue full")

    def _reason_for_no_script(self) -> Reason:
        """Say whether the script that does not run any more left messages."""
        waits = self._kept or self.status() & ScriptStatus.MESSAGE_WAITING
        return Reason.SCRIPT_ENDED if waits else Reason.NO_SCRIPT

    def error_of(self, message: ScriptMessage) -> ScriptError:
        """Return an error message as an exception, its line mapped where its script is known."""
        kind = "compile" if message.subtype == ErrorType.COMPILE else "runtime"
        known = message.script_id == self.last_id
        program = self._program if known else LuaProgram((), b"")
        return program.error(kind, message.text)

    def compile_error(self) -> ScriptError:
        """Take the error message of the last script, which did not compile."""
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

    def format_message(self, message: ScriptMessage) -> str:
        """Return a message as `format_message` does, with an error's line in the user's code."""
        if message.type != MessageType.ERROR:
            return format_message(message)
        error = self.error_of(message)
        return f"{message.script_id}:error:{error.kind}:{error.position}{error.message}"
