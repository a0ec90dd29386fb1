"""The camera's zoom and focus."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Annotated as Arg

from chdkshell.shell.arguments import Integer
from chdkshell.shell.command import Needs, command
from chdkshell.shell.shots.switches import Distance

if TYPE_CHECKING:
    from chdkshell.shell.context import Context
    from chdkshell.shell.results.camera import FocusDistance, ZoomPosition


@command("zoom", topic="camera", needs=Needs.CHDK)
def zoom(
    context: Context,
    position: Arg[
        int | None, Integer(0, 1000), "The step to zoom to, from 0 (wide); else it is shown."
    ] = None,
) -> ZoomPosition | None:
    """Show or set the zoom position.

    Example: zoom
    Example: zoom 3
    """
    from chdkshell.errors import UsageError
    from chdkshell.shell.results.camera import ZoomPosition

    steps = _number(context, "get_zoom_steps()")
    if position is None:
        return ZoomPosition(_number(context, "get_zoom()"), steps)
    if position >= steps:
        raise UsageError(f"{position} is out of range", f"allowed are 0 to {steps - 1}")
    _record_mode(context)
    context.camera.lua(f"set_zoom({position})", cancel=context.cancel)
    return None


@command("focus", topic="camera", needs=Needs.CHDK)
def focus(context: Context, distance: Distance = None) -> FocusDistance | None:
    """Show or set the distance that the lens is focused at.

    The distance holds while the camera is in manual focus or has its focus locked.
    Example: focus
    Example: focus 1.5m
    """
    from chdkshell.chdk.shooting.exposure import FocusMode
    from chdkshell.chdk.shooting.refusals import ask
    from chdkshell.lua.literals import serialize
    from chdkshell.shell.results.camera import FocusDistance
    from chdkshell.shell.shots.exposuretext import parse_distance

    if distance is None:
        return FocusDistance(_number(context, "get_focus()"))
    options = {"sd": parse_distance(distance), "sdprefmode": FocusMode.MF.value}
    code = (
        "if not get_mode() then return false,'not-recording' end "
        f"expose({serialize(options)}) return true"
    )
    ask(context.camera.scripts, code, ("exposure",), context.cancel)
    return None


def _number(context: Context, call: str) -> int:
    from chdkshell.errors import ChdkError

    value = context.camera.lua(f"return {call}", cancel=context.cancel)
    if not isinstance(value, int):
        raise ChdkError(f"the camera does not answer {call}")
    return value


def _record_mode(context: Context) -> None:
    from chdkshell.chdk.shooting.modes import shooting_mode
    from chdkshell.errors import ChdkError

    if not shooting_mode(context.camera.scripts, context.cancel)[0]:
        from chdkshell.chdk.shooting.refusals import TEXTS
        from chdkshell.reasons import Reason

        raise ChdkError(TEXTS[Reason.NOT_RECORDING], reason=Reason.NOT_RECORDING)
