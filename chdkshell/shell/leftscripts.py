"""What is done at a new connection about a script that runs on the camera already."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from chdkshell.chdk.leftovers import LeftOver, end_left_over
from chdkshell.errors import PtpError
from chdkshell.shell.console import is_terminal

if TYPE_CHECKING:
    from chdkshell.camera import Camera
    from chdkshell.shell.context import Context


def settle_scripts(context: Context, camera: Camera) -> None:
    """End a script that a command left on the camera when its connection broke.

    At a terminal, one of which nothing is known is named. Raises `TransportError`.
    """
    if camera.chdk_version is None:
        return
    found = LeftOver.NOTHING
    with suppress(PtpError):  # a camera that does not tell
        found = end_left_over(camera.scripts, context.cancel)
    if context.compat or not is_terminal(context.renderer.stderr):
        return
    if found is LeftOver.ENDED:
        context.notice("a script was ended that an earlier command had left on the camera")
    elif found is LeftOver.UNKNOWN and not camera.scripts.owns_running:
        context.notice("a script runs on the camera; `killscript` ends it")
