"""What a script prints, among its messages (`lua/print.lua`)."""

from __future__ import annotations

import re
from typing import NamedTuple

from chdkshell.chdk.constants import MessageType
from chdkshell.chdk.messages import ScriptMessage

LIBRARY = "print"
"""The file of `chdk/lua` by which a script's lines come here."""

_PRINTED = re.compile(rb"\0chdkshell: printed (in all )?([0-9]{1,9})(?: (.*))?\Z", re.DOTALL)


class PrintedText(NamedTuple):
    """What came of a script's print: `lost` lines that did not come, and then `text`, if any."""

    text: str | None
    lost: int


class PrintReader:
    """Tells what scripts print from their other messages.

    `from_start`: it gets the messages of each script from the first on.
    """

    def __init__(self, from_start: bool = True) -> None:
        self._from_start = from_start
        self._counts: dict[int, int] = {}

    def read(self, message: ScriptMessage) -> PrintedText | None:
        """Return what was printed; None for a message of another kind."""
        match = _PRINTED.match(message.data) if message.type == MessageType.USER else None
        if match is None:
            return None
        number = int(match[2])
        before = number - (match[1] is None)
        lost = before - self._counts.get(message.script_id, 0 if self._from_start else before)
        self._counts[message.script_id] = number
        text = None if match[1] else (match[3] or b"").decode("utf-8", "backslashreplace")
        return PrintedText(text, max(lost, 0))
