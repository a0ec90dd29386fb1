"""Why something on the card failed: where the camera does not say it, a look at the card does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chdkshell.errors import CardError, ChdkShellError
from chdkshell.reasons import Reason

if TYPE_CHECKING:
    from chdkshell.shell.context import Context


def explain(context: Context, error: BaseException) -> None:
    """Set what a look at the card finds about an error of which the camera says too little."""
    if not isinstance(error, CardError) or not error.is_vague or not error.path or context.compat:
        return
    camera = context.connections.current
    if camera is None or not camera.is_connected or context.cancel.is_set():
        return
    try:
        error.finding = camera.files.card.look_why(error.path, error.is_making, context.cancel)
    except ChdkShellError:
        return  # the error itself is told
    if error.finding == "no such file or folder":
        error.reason = Reason.NOT_ON_CARD
