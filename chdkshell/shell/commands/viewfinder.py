"""Commands that show the camera's display as it moves: in the terminal, and in browsers."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING
from typing import Annotated as Arg

from chdkshell.shell.arguments import Integer
from chdkshell.shell.command import Needs, command
from chdkshell.shell.commands.liveview import Rate

if TYPE_CHECKING:
    from chdkshell.shell.context import Context
    from chdkshell.shell.results.liveview import LiveRun

TERMINAL_FPS = 30.0
WEB_FPS = 15.0
WEB_PORT = 8156


@command("live", topic="live view", needs=Needs.CHDK, interactive=True)
def live(
    context: Context,
    *,
    bm: Arg[bool, "Begin with the overlay on the picture."] = False,
    fps: Arg[float, Rate(), "Show at most so many frames a second."] = TERMINAL_FPS,
    blocks: Arg[bool, "Draw with half blocks, also where the terminal shows pictures."] = False,
    nostatus: Arg[bool, "Do not ask the camera for its mode and exposure."] = False,
) -> LiveRun:
    """Show the viewfinder in the terminal, and take pictures with its keys.

    q leaves, space takes a picture, h half-presses (focuses and measures), + and - zoom, r switches
    between record and play mode, o shows or hides the overlay, s saves the frame as PNG. The
    arrows, Enter (set), m (menu) and d (display) are the camera's own keys. A colon begins a
    command of this shell.
    It is drawn with kitty's or sixel pictures where the terminal has them. A slow link makes it
    slower: 30 frames a second are the most. The names of saved frames are told at the end.
    Example: live -bm
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


@command("lvserve", topic="live view", needs=Needs.CHDK, interactive=True)
def lvserve(
    context: Context,
    *,
    port: Arg[int, Integer(high=65535), "TCP port, 0 for any free one."] = WEB_PORT,
    host: Arg[str, "Address or name to serve at, in place of this computer alone."] = "127.0.0.1",
    bm: Arg[bool, "Show the overlay on the picture."] = False,
    fps: Arg[float, Rate(), "Send at most so many frames a second."] = WEB_FPS,
    quality: Arg[int, Integer(low=1, high=95), "Quality of the JPEG pictures."] = 80,
) -> LiveRun:
    """Show the viewfinder in browsers, OBS and the like, until Ctrl-C.

    The page that it names has the picture and a button that takes one. Below it, stream is MJPEG
    and frame.jpg one picture. Frames are fetched while somebody watches. Other computers reach it
    with -host=0.0.0.0 or the address of a network card: the URL then has a token, and whoever has
    the URL can watch and shoot.
    Example: lvserve
    Example: lvserve -host=0.0.0.0 -port=8080 -bm
    """
    from chdkshell.shell.viewing.liveserver import LiveServer
    from chdkshell.shell.viewing.serveview import ViewService

    camera = context.camera
    service = ViewService(camera, context.cancel, overlay=bm, fps=fps, quality=quality)
    server = LiveServer(host, port, service.status)
    try:
        context.renderer.info(f"live view at {server.url} (Ctrl-C ends it)")
        return service.run(server)
    finally:
        server.close()
