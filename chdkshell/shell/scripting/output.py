"""What a script prints and sends, as it comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chdkshell.chdk.constants import SCRIPT_QUEUE_LENGTH
from chdkshell.chdk.prints import PrintReader
from chdkshell.shell.results.luasession import Printed
from chdkshell.shell.results.scripts import Message

if TYPE_CHECKING:
    from chdkshell.chdk.messages import ScriptMessage
    from chdkshell.shell.context import Context


class ScriptOutput:
    """Shows the messages of one script: lines that it prints, and values that it sends."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._prints = PrintReader()
        self._lost = 0

    def receive(self, message: ScriptMessage) -> None:
        """Show a message."""
        printed = self._prints.read(message)
        if printed is None:
            self._context.emit(Message(message))
            return
        self._lost += printed.lost
        if printed.text is not None:
            self._context.emit(Printed(printed.text))

    def finish(self) -> None:
        """Tell what did not come."""
        lost, self._lost = self._lost, 0
        if lost:
            lines = "1 printed line is" if lost == 1 else f"{lost} printed lines are"
            self._context.warn(
                f"{lines} missing: the camera keeps {SCRIPT_QUEUE_LENGTH} messages, and print "
                "does not wait for room; a sleep(10) between lines gives it time"
            )
