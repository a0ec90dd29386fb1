"""Looking in the background for cameras that dropped off."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from chdkshell import waits
from chdkshell.chdk.leftovers import end_left_over
from chdkshell.errors import Cancelled, ChdkShellError
from chdkshell.flow import CancelToken

if TYPE_CHECKING:
    from chdkshell.rig.members import Member

LOOK_SECONDS = 60.0
"""How long one look for a camera takes; then the next one begins."""

PAUSE_SECONDS = 0.5
"""Between looks that failed at once."""

STOP_SECONDS = 10.0
"""How long a look may take to end that is not wanted any more."""


class Seeker:
    """Looks for cameras until they are back, each in a thread of its own. `tell` hears of it."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._threads: dict[Member, threading.Thread] = {}

    def look_for(self, member: Member, reason: str) -> None:
        """Begin to look for a camera, unless that is done already."""
        if member.gone:
            return
        member.gone = reason
        member.seeking = cancel = CancelToken()
        self._tell(f"{member.label}: the camera is gone: {reason}; it is looked for")
        thread = threading.Thread(
            target=self._look, args=(member, cancel), name=f"seek {member.label}", daemon=True
        )
        self._threads[member] = thread
        thread.start()

    def stop(self, member: Member) -> None:
        """Look for a camera no more."""
        if member.seeking is not None:
            member.seeking.set()
        thread = self._threads.pop(member, None)
        if thread is not None and thread is not threading.current_thread():
            waits.ended(thread, STOP_SECONDS)

    def _look(self, member: Member, cancel: CancelToken) -> None:
        with suppress(Cancelled):
            while True:
                try:
                    member.camera.reconnect(LOOK_SECONDS, cancel)
                    break
                except Cancelled:
                    raise
                except ChdkShellError:
                    cancel.wait(PAUSE_SECONDS)
            if member.camera.chdk_version is not None:
                with suppress(ChdkShellError):  # it is told by the next call
                    end_left_over(member.camera.scripts, cancel)
            member.gone = ""
            self._tell(f"{member.label}: the camera is back")
