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
    from chdkshell.chdk.controls import read_zoom, set_zoom, zoom_steps
    from chdkshell.shell.results.camera import ZoomPosition

    scripts = context.camera.scripts
    if position is not None:
        set_zoom(scripts, position, context.cancel)
        return None
    steps = zoom_steps(scripts, context.cancel)
    return ZoomPosition(read_zoom(scripts, context.cancel), steps)


@command("focus", topic="camera", needs=Needs.CHDK)
def focus(context: Context, distance: Distance = None) -> FocusDistance | None:
    """Show or set the distance that the lens is focused at.

    The distance holds while the camera is in manual focus or has its focus locked.
    Example: focus
    Example: focus 1.5m
    """
    from chdkshell.chdk.controls import read_focus, set_focus
    from chdkshell.shell.results.camera import FocusDistance

    if distance is None:
        return FocusDistance(read_focus(context.camera.scripts, context.cancel))
    set_focus(context.camera.scripts, distance, context.cancel)
    return None
