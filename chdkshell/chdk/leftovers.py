"""Scripts that an earlier connection left on the camera: whose they are, and how ours are ended.

A script is known by its mark (marks.py).
"""

from __future__ import annotations

import time
from enum import Enum

from chdkshell.chdk import versions
from chdkshell.chdk.collecting import Waiter
from chdkshell.chdk.constants import ScriptFlag, ScriptStart, ScriptStatus
from chdkshell.chdk.lifesigns import ANSWER, sign
from chdkshell.chdk.marks import Mark, marked
from chdkshell.chdk.protocol import ChdkProtocol
from chdkshell.chdk.scripts import Scripts
from chdkshell.errors import ScriptTimeoutError
from chdkshell.flow import NEVER, CancelToken

END_SECONDS = 4.0
"""How long a script may take to end that was told to."""


class LeftOver(Enum):
    """What was found at a new connection: nothing, a script of the user's, one of a command that
    was ended, or a script of which nothing is known.
    """

    NOTHING = "nothing"
    USERS = "the user's"
    ENDED = "ended"
    UNKNOWN = "unknown"


def end_left_over(scripts: Scripts, cancel: CancelToken = NEVER) -> LeftOver:
    """End a script of this program's commands that an earlier connection left; no others.

    It is asked to end, which puts back what it changed, and killed only where it has answered that
    it is ours. Messages of others stay. Raises `TransportError`, `PtpError` and `Cancelled`.
    """
    if not scripts.status() & ScriptStatus.RUNNING:
        return LeftOver.NOTHING
    mark, script_id = marked(scripts.protocol)
    if not _runs(scripts.protocol, script_id):
        return LeftOver.UNKNOWN
    if mark is not Mark.OWN:
        return LeftOver.UNKNOWN if mark is None else LeftOver.USERS
    scripts.protocol.write_message(sign(0), script_id)
    answered, waiter = False, Waiter(time.monotonic() + END_SECONDS, cancel)
    try:
        while scripts.status() & ScriptStatus.RUNNING:
            message = scripts.receive()
            if message is None:
                waiter.pause()
            elif message.script_id != script_id:
                scripts.keep(message)
            else:  # what it says has lost its reader
                answered |= message.data == ANSWER
    except ScriptTimeoutError:
        if not answered or not scripts.protocol.supports(versions.SCRIPT_FLAGS):
            return LeftOver.UNKNOWN
        scripts.kill()
    return LeftOver.ENDED


def _runs(protocol: ChdkProtocol, script_id: int) -> bool:
    """Whether the script that runs has this id, as far as can be told."""
    if not protocol.supports(versions.SCRIPT_FLAGS):
        return True
    # does nothing where a script runs, but tell its id
    started = protocol.execute_script(b"", ScriptFlag.NO_KILL)
    return started.start == ScriptStart.RUNNING and started.script_id == script_id
