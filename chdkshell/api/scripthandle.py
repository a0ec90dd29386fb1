"""A script that runs on the camera while the program goes on."""

from __future__ import annotations

import time

from chdkshell.chdk.collecting import MessageBudget, Waiter
from chdkshell.chdk.messages import ScriptMessage
from chdkshell.chdk.scripts import Scripts
from chdkshell.errors import ScriptRunningError
from chdkshell.flow import NEVER, CancelToken
from chdkshell.lua.values import LuaValue


class ScriptHandle:
    """A script that was started with `Camera.lua(..., wait=False)`. `id` is its number.

    >>> script = cam.lua("write_usb_msg('begun') return read_usb_msg(60000)", wait=False)
    >>> script.send("go on")
    >>> script.wait()
    'go on'
    >>> script.messages()
    ['begun']
    """

    def __init__(self, scripts: Scripts, script_id: int) -> None:
        self.id = script_id
        self._scripts = scripts
        self._arrived: list[ScriptMessage] = []
        self._budget = MessageBudget()
        self._collector = scripts.collector(script_id, self._keep)
        self._is_done = False

    def __repr__(self) -> str:
        return f"<ScriptHandle {self.id}, {'ended' if self._is_done else 'running'}>"

    def _keep(self, message: ScriptMessage) -> None:
        self._budget.add(message.data)
        self._arrived.append(message)

    @property
    def done(self) -> bool:
        """Whether the script has ended, in whatever way. Asks the camera."""
        if not self._is_done:
            self._is_done = not self._scripts.poll(self._collector)
        return self._is_done

    def wait(
        self, timeout: float | None = None, cancel: CancelToken = NEVER
    ) -> LuaValue | tuple[LuaValue, ...]:
        """Wait for the script to end and return what it returned, as `result` does.

        `timeout` is in seconds. Raises `ScriptTimeoutError` and `Cancelled`, which leave it
        running, and `ScriptError` where it failed.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        waiter = Waiter(deadline, cancel)
        while not self.done:
            waiter.pause()
        return self.result

    @property
    def result(self) -> LuaValue | tuple[LuaValue, ...]:
        """What the script returned: None, the value, or a tuple of several.

        Raises `ScriptError` where it failed, and `ScriptRunningError` while it runs.
        """
        if not self.done:
            raise ScriptRunningError(f"script {self.id} has not ended yet")
        if self._collector.error is not None:
            raise self._scripts.error_of(self._collector.error)
        return self._collector.result.value

    def messages(self) -> list[LuaValue]:
        """Take what the script has sent with write_usb_msg since the last call."""
        if not self.done:
            self._scripts.poll(self._collector)
        arrived, self._arrived, self._budget = self._arrived, [], MessageBudget()
        return [message.value for message in arrived]

    def send(self, text: str | bytes) -> None:
        """Send a message, which the script takes with read_usb_msg.

        Raises `NoScriptError` where it has ended, and `QueueFullError`.
        """
        self._scripts.send(text, self.id)

    def kill(self) -> None:
        """End the script, and put back what it changed for its own sake. One that ended is fine.

        Raises `ChdkVersionError` where the camera's CHDK cannot end one safely (before 2.6).
        """
        if not self.done:
            self._scripts.kill(flush=False)
            self._scripts.poll(self._collector)
            self._is_done = True
