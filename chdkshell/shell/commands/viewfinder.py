"""The command that shows the camera's display as it moves in the terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING
from typing import Annotated as Arg

from chdkshell.shell.command import Needs, command
from chdkshell.shell.commands.liveview import Rate

if TYPE_CHECKING:
    from chdkshell.shell.context import Context
    from chdkshell.shell.results.liveview import LiveRun

TERMINAL_FPS = 30.0


@command("live", topic="live view", needs=Needs.CHDK, interactive=True, alone="")
def live(
    context: Context,
    *,
    bm: Arg[bool, "Begin with the overlay on the picture."] = False,
    fps: Arg[float, Rate(), "Show at most so many frames a second."] = TERMINAL_FPS,
    blocks: Arg[bool, "Draw with half blocks, also where the terminal shows pictures."] = False,
    nostatus: Arg[bool, "Do not ask the camera for its mode and exposure."] = False,
) -> LiveRun:
    """Show the viewfinder in the terminal, and take pictures with its keys.

    q leaves, space takes a picture, h half-presses (focuses and measures), H holds the button half
    down until H, space or another key of the camera; + and - zoom, t a i e set shutter time,
    aperture, ISO and EV a step down, T A I E up. r switches between record and play mode, o shows
    or hides the overlay, g the histogram, p the last pictures taken, s saves the frame as PNG, v
    records a dump file and ends it. The arrows, Enter (set), m (menu) and d (display) are the
    camera's own keys. A colon begins a command of this shell. Where the terminal has a mouse its
    wheel zooms, a click in the picture half-presses, and one on a key in the last line is that key:
    but it takes two to take a picture.
    `@all live` and `@left,right live` show several cameras side by side, each with its name and
    whether it is live, frozen or gone; one that is gone is looked for. Tab, a number or a click
    selects the one that gets the keys, z shows it large, S has all shoot at the same moment.
    It is drawn with kitty's or sixel pictures where the terminal has them. A slow link makes it
    slower: 30 frames a second are the most. The names of what was saved are told at the end.
    Example: live -bm
    Example: @left,right live
    """
    from chdkshell.shell.terminal.fullscreen import FullScreen, without_pictures
    from chdkshell.shell.terminal.pictures import painter
    from chdkshell.shell.viewing.viewfinder import Viewfinder, has_true_colour

    with FullScreen(context.cancel) as screen:
        graphics = without_pictures(sys.stdout) if blocks else screen.abilities.graphics
        view = Viewfinder(
            context,
            screen,
            painter(graphics, true_colour=has_true_colour()),
            overlay=bm,
            fps=fps,
            asks_status=not nostatus,
        )
        return view.run()
