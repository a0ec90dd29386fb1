"""Marks of scripts: by them a later connection knows whose a script is that still runs.

A mark stands in the camera's temporary buffer with the script's id. It is lost with the camera's
power, as the ids are.
"""

from __future__ import annotations

import contextlib
from enum import Enum

from chdkshell.chdk.protocol import ChdkProtocol
from chdkshell.errors import PtpError


class Mark(Enum):
    """Whose a script is: of a command of this program, or the user's own code."""

    OWN = b"chdkshell: own script "
    USERS = b"chdkshell: user's script "


def leave_mark(protocol: ChdkProtocol, mark: Mark | None, script_id: int) -> None:
    """Have a later connection know the script that was just started."""
    if mark is not None:
        with contextlib.suppress(PtpError):  # a camera without the memory for it
            protocol.set_temp_data(mark.value + str(script_id).encode())


def marked(protocol: ChdkProtocol) -> tuple[Mark | None, int]:
    """Return what the mark says: whose script, and its id."""
    try:
        data = protocol.get_temp_data()
    except PtpError:  # there is none
        return None, 0
    for mark in Mark:
        number = data.removeprefix(mark.value)
        if number != data and number.isdigit() and len(number) < 10:
            return mark, int(number)
    return None, 0
