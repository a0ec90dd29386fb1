"""`@cameras live`: the cameras of a selection side by side."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from chdkshell.shell.binding import bind
from chdkshell.shell.parse import split_command
from chdkshell.shell.segments import steps

if TYPE_CHECKING:
    from chdkshell.rig.members import Member
    from chdkshell.shell.command import Registry
    from chdkshell.shell.context import Context
    from chdkshell.shell.results.liveview import LiveRun


def side_by_side(registry: Registry, line: str) -> dict[str, Any] | None:
    """Return the switches of a line that is `live` alone, None where it is another."""
    found = list(steps(line, registry))
    if len(found) != 1 or found[0].error is not None or found[0].is_redirected:
        return None
    parts = split_command(found[0].text)
    command = registry.get(parts.name) if parts else None
    if parts is None or command is None or command.name != "live":
        return None
    defaults = {param.key: param.default for param in command.switches}
    return defaults | bind(command, parts.rest, parts.start)[1]


def show_side_by_side(
    context: Context, members: Sequence[Member], switches: dict[str, Any]
) -> LiveRun:
    """Show the cameras in the terminal until that is left."""
    from chdkshell.shell.terminal.fullscreen import FullScreen, without_pictures
    from chdkshell.shell.terminal.pictures import painter
    from chdkshell.shell.viewing.tiledview import TiledView, TileOptions
    from chdkshell.shell.viewing.viewfinder import has_true_colour

    options = TileOptions(
        overlay=switches["bm"], fps=switches["fps"], asks_status=not switches["nostatus"]
    )
    with context.alone(), FullScreen(context.cancel) as screen:
        graphics = screen.abilities.graphics
        if switches["blocks"]:
            graphics = without_pictures(sys.stdout)
        view = TiledView(
            context.connections.rig,
            members,
            screen,
            lambda index: painter(graphics, true_colour=has_true_colour(), place=index),
            options,
            context.cancel,
        )
        return view.run()
