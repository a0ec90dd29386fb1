"""Waiting for a script on the camera, and collecting what it sends meanwhile."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from chdkshell.chdk.constants import MessageType
from chdkshell.chdk.messages import ScriptMessage
from chdkshell.errors import ChdkError, ScriptTimeoutError
from chdkshell.flow import NEVER, CancelToken
from chdkshell.lua.values import LuaValue

MAX_COLLECTED = 256 << 20
"""Bytes of messages that are kept of one script: it may be a hostile camera's."""

MAX_COUNT = 1_000_000
"""How many messages are kept of one script."""

_FIRST_PAUSES = (0.0, 0.001, 0.002, 0.005)
"""Seconds before each of the first looks: the camera itself looks at a script every 10 ms."""

_SHARE = 1 / 8
"""Later pauses are this share of what was waited so far: so much is lost of a wait at most."""

_LONGEST_PAUSE = 0.25
"""Seconds between looks at most."""

MessageHandler = Callable[[ScriptMessage], None]


class ScriptResult:
    """What a script left behind: its return values, and the messages it sent while it ran.

    `filled_queue`: the queue of messages was full when the script had ended, so that values which
    it sent or returned last may be missing; false where the waiting did not look for that.
    """

    def __init__(self, script_id: int) -> None:
        self.script_id = script_id
        self.filled_queue = False
        self.returns: list[ScriptMessage] = []
        self.messages: list[ScriptMessage] = []

    @property
    def value(self) -> LuaValue | tuple[LuaValue, ...]:
        """What `read` returns."""
        return self.read()

    def read(self, cancel: CancelToken = NEVER) -> LuaValue | tuple[LuaValue, ...]:
        """Return the return values: None for none, the value for one, a tuple for several."""
        values = tuple(message.read(cancel) for message in self.returns)
        if len(values) > 1:
            return values
        return values[0] if values else None


class Collector:
    """Sorts the messages that come while one script runs."""

    def __init__(
        self, script_id: int, on_message: MessageHandler | None, kept: deque[ScriptMessage]
    ) -> None:
        self.result = ScriptResult(script_id)
        self.error: ScriptMessage | None = None
        self._on_message = on_message
        self._kept = kept
        self._budget = MessageBudget()

    def add(self, message: ScriptMessage) -> None:
        """Take a message. Raises `ChdkError` where the script sent more than can be kept."""
        if message.script_id != self.result.script_id:
            self._kept.append(message)
        elif message.type == MessageType.RETURN:
            self._collect(message, self.result.returns)
        elif message.type == MessageType.ERROR:
            self.error = self.error or message
        elif self._on_message is not None:
            self._on_message(message)
        else:
            self._collect(message, self.result.messages)

    def _collect(self, message: ScriptMessage, messages: list[ScriptMessage]) -> None:
        self._budget.add(message.data)
        messages.append(message)


class MessageBudget:
    """Counts what is kept of messages: a camera must not fill the host's memory with them."""

    def __init__(self) -> None:
        self._bytes = 0
        self._count = 0

    def add(self, data: bytes) -> None:
        """Count a message's data. Raises `ChdkError` where that is more than can be kept."""
        self._bytes += len(data)
        self._count += 1
        if self._bytes > MAX_COLLECTED or self._count > MAX_COUNT:
            raise ChdkError("the script sent more messages than can be kept")


class Pauses:
    """Seconds between looks at a camera that has nothing to say: more the longer it takes."""

    def __init__(self) -> None:
        self._looks = 0
        self._waited = 0.0

    def restart(self) -> None:
        """Something happened: look often again."""
        self._looks, self._waited = 0, 0.0

    def next(self) -> float:
        """Return how long to wait before the next look."""
        pause = _FIRST_PAUSES[min(self._looks, len(_FIRST_PAUSES) - 1)]
        pause = min(max(pause, self._waited * _SHARE), _LONGEST_PAUSE)
        self._looks += 1
        self._waited += pause
        return pause


class Waiter:
    """Pauses between looks at the camera: short at first, longer while nothing happens."""

    def __init__(self, deadline: float | None, cancel: CancelToken) -> None:
        self._deadline = deadline
        self._cancel = cancel
        self._pauses = Pauses()

    def restart(self) -> None:
        """Something happened: look often again."""
        self._pauses.restart()

    def check(self) -> None:
        """Raise `Cancelled`, or `ScriptTimeoutError` when the time is up."""
        self._cancel.check()
        if self._deadline is not None and time.monotonic() >= self._deadline:
            raise ScriptTimeoutError("the script did not end in time")

    def pause(self) -> None:
        """Wait before the next look."""
        self.check()
        seconds = self._pauses.next()
        if self._deadline is not None:
            seconds = min(seconds, max(0.0, self._deadline - time.monotonic()))
        self._cancel.wait(seconds)
