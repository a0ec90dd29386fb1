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
    """Tells what one script prints from its other messages."""

    def __init__(self) -> None:
        self._count = 0

    def read(self, message: ScriptMessage) -> PrintedText | None:
        """Return what was printed; None for a message of another kind."""
        match = _PRINTED.match(message.data) if message.type == MessageType.USER else None
        if match is None:
            return None
        number = int(match[2])
        lost = number - self._count - (match[1] is None)
        self._count = number
        text = None if match[1] else (match[3] or b"").decode("utf-8", "backslashreplace")
        return PrintedText(text, max(lost, 0))
