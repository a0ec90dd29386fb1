"""Commands that serve cameras over HTTP: the control room, and the picture alone."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from typing import Annotated as Arg

from chdkshell.errors import Cancelled, UsageError, printable
from chdkshell.shell.arguments import Integer, LocalFolder, Named
from chdkshell.shell.command import Needs, command
from chdkshell.shell.commands.liveview import Rate

if TYPE_CHECKING:
    from chdkshell.page.room import RoomOptions
    from chdkshell.shell.context import Context
    from chdkshell.shell.results.liveview import LiveRun

WEB_FPS = 15.0
WEB_PORT = 8156
LOCAL = "127.0.0.1"

SHORTEST_TOKEN = 16
"""Characters of a token that nobody guesses."""

Port = Arg[int, Integer(high=65535), "TCP port, 0 for any free one."]
Host = Arg[str, "Address or name to serve at, in place of this computer alone."]
Fps = Arg[float, Rate(), "Send at most so many frames a second."]
Quality = Arg[int, Integer(low=1, high=95), "Quality of the JPEG pictures."]


class TokenType(Named):
    """A text that stands in the URL and that nobody guesses."""

    def parse(self, text: str) -> str:
        """Return the token. Raises `UsageError`."""
        if len(text) < SHORTEST_TOKEN or not all(c.isalnum() or c in "-_" for c in text):
            raise UsageError(
                f"'{printable(text)}' is no token",
                f"{SHORTEST_TOKEN} letters, digits, - and _ at least",
            )
        return text


Token = Arg[str | None, TokenType("TOKEN"), "Token of the URL, to keep it over restarts."]


@command("serve", topic="live view", needs=Needs.CHDK, interactive=True)
def serve(
    context: Context,
    *,
    port: Port = WEB_PORT,
    host: Host = LOCAL,
    folder: Arg[
        LocalFolder | None, "Folder here for pictures that do not stay on the card."
    ] = None,
    readonly: Arg[bool, "Show only: nothing can be changed."] = False,
    allowlua: Arg[bool, "Let the page run scripts of the card, and Lua."] = False,
    token: Token = None,
    fps: Fps = WEB_FPS,
    quality: Quality = 80,
) -> LiveRun:
    """Serve a page from which the connected cameras are worked, until Ctrl-C.

    All that the page does is a call over HTTP that programs can make, too: openapi.json below the
    URL describes them. Other computers reach it with -host=0.0.0.0 or the address of a network
    card: the URL then has a token, and whoever has the URL can work the cameras. One client at a
    time holds the controls; others watch.
    Example: serve
    Example: serve -host=0.0.0.0 -folder=shots
    """
    from chdkshell.hostnames import expanded
    from chdkshell.page.room import RoomOptions

    target = expanded(folder) if folder else None
    if target is not None:
        target.mkdir(parents=True, exist_ok=True)
    options = RoomOptions(
        fps=fps, quality=quality, folder=target, readonly=readonly, allowlua=allowlua
    )
    return _serve(context, options, host, port, token, "control room")


@command("lvserve", topic="live view", needs=Needs.CHDK, interactive=True)
def lvserve(
    context: Context,
    *,
    port: Port = WEB_PORT,
    host: Host = LOCAL,
    bm: Arg[bool, "Show the overlay on the picture."] = False,
    token: Token = None,
    fps: Fps = WEB_FPS,
    quality: Quality = 80,
) -> LiveRun:
    """Show the viewfinder in browsers, OBS and the like, until Ctrl-C.

    It is `serve` with the picture only: the page that it names has that and a button that shoots.
    Below it, stream is MJPEG and frame.jpg one picture. Frames are fetched while somebody watches.
    Other computers reach it with -host=0.0.0.0 or the address of a network card: the URL then has
    a token, and whoever has the URL can watch and shoot.
    Example: lvserve
    Example: lvserve -host=0.0.0.0 -port=8080 -bm
    """
    from chdkshell.page.room import RoomOptions

    options = RoomOptions(fps=fps, quality=quality, overlay=bm, picture_only=True)
    return _serve(context, options, host, port, token, "live view")


def _serve(
    context: Context, options: RoomOptions, host: str, port: int, token: str | None, name: str
) -> LiveRun:
    """Serve the cameras that are connected until the command is cancelled."""
    from chdkshell.chdk import versions
    from chdkshell.packages import require
    from chdkshell.shell.results.liveview import LiveRun

    require("numpy", "PIL", "starlette", "uvicorn")  # before somebody watches
    context.camera.protocol.require(versions.LIVE_VIEW)
    cameras = [camera for camera in context.connections.all() if camera.chdk_version]
    from chdkshell.page.application import application
    from chdkshell.page.listening import PageServer
    from chdkshell.page.room import ControlRoom

    server = PageServer(host, port, token or "")
    room = ControlRoom(cameras, options, context.connections.rig)
    start = time.monotonic()
    try:
        room.start()
        server.start(application(room, server))
        context.renderer.info(f"{name} at {server.url} (Ctrl-C ends it)")
        while True:
            context.cancel.wait(3600.0)
    except Cancelled:
        return LiveRun(room.frames, time.monotonic() - start)
    finally:
        room.stop()
        server.close()
