"""What a script prints and sends, as it comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chdkshell.chdk.constants import SCRIPT_QUEUE_LENGTH
from chdkshell.chdk.prints import PrintReader
from chdkshell.shell.results.scripts import Message

if TYPE_CHECKING:
    from chdkshell.chdk.collecting import ScriptResult
    from chdkshell.chdk.messages import ScriptMessage
    from chdkshell.shell.context import Context


class ScriptOutput:
    """Shows the messages of scripts: lines that they print, and values that they send.

    `from_start` as in `PrintReader`.
    """

    def __init__(self, context: Context, from_start: bool = True) -> None:
        self._context = context
        self._prints = PrintReader(from_start)
        self._lost = 0

    def receive(self, message: ScriptMessage) -> None:
        """Show a message."""
        printed = self._prints.read(message)
        if printed is None:
            self._context.emit(Message(message))
            return
        self._lost += printed.lost
        if printed.text is not None:
            from chdkshell.shell.results.luasession import Printed

            self._context.emit(Printed(printed.text))

    def show_returns(self, done: ScriptResult) -> None:
        """Show what a script returned, and tell where that may not be all."""
        for message in done.returns:
            self.receive(message)
        if done.filled_queue and not self._context.compat:
            self._context.warn(
                f"the script left {SCRIPT_QUEUE_LENGTH} messages, and the camera keeps no more: "
                "what it sent or returned after them, if anything, is missing; "
                "write_usb_msg(value, 1000) waits for room"
            )

    def finish(self) -> None:
        """Tell which lines did not come."""
        tell_lost_lines(self._context, self._lost)
        self._lost = 0


def tell_lost_lines(context: Context, count: int) -> None:
    """Warn of printed lines that did not come, if there are any."""
    if count:
        lines = "1 printed line is" if count == 1 else f"{count} printed lines are"
        context.warn(
            f"{lines} missing: the camera keeps {SCRIPT_QUEUE_LENGTH} messages, and print "
            "does not wait for room; a sleep(10) between lines gives it time"
        )
