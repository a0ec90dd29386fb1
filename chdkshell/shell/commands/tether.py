"""Pictures taken at the camera itself, fetched as they come."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Annotated as Arg

from chdkshell.errors import ChdkShellError, TransportError, UsageError
from chdkshell.shell.arguments import Integer, MadePath, ProgramType
from chdkshell.shell.command import Needs, command

if TYPE_CHECKING:
    from pathlib import Path

    from chdkshell.shell.context import Context
    from chdkshell.standard.objecttree import Node

AWAY_SECONDS = 600
"""How long a camera is looked for that dropped off: its battery may be changed."""


@command("tether", topic="ptp", needs=Needs.CAMERA)
def tether(
    context: Context,
    dest: Arg[MadePath | None, "The folder that gets them; else here."] = None,
    *,
    rm: Arg[bool, "Delete each picture from the card when it is safe here."] = False,
    count: Arg[int | None, Integer(1), "End after so many pictures."] = None,
    exec: Arg[  # noqa: A002
        str | None, ProgramType("cmd"), "Run this after each; its file is in $ARGUMENT."
    ] = None,
) -> None:
    """Fetch each picture that is taken at the camera's own button, until Ctrl-C.

    A file that is here under its name stays: the new one gets a number. A camera that drops off is
    waited for, and what was taken meanwhile is fetched then.
    Example: tether pictures/
    """
    from pathlib import Path

    from chdkshell.standard.tethering import Tether

    folder = Path(dest or ".")
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder", "make it first, or name another")
    camera = context.camera
    tethered = Tether(lambda: camera.ptp, context.cancel)
    context.notice("take pictures at the camera; Ctrl-C ends this")
    fetched = 0
    waiting: list[Node] = []
    while count is None or fetched < count:
        try:
            waiting += tethered.wait(context.cancel)
            while waiting:
                _fetch(context, waiting[0], folder, rm, exec)
                waiting.pop(0)
                fetched += 1
        except TransportError as error:
            context.warn(f"the camera is gone: {error}; waiting for it")
            camera.reconnect(AWAY_SECONDS, context.cancel)
            context.notice("the camera is back")


def _fetch(context: Context, node: Node, folder: Path, remove: bool, program: str | None) -> None:
    """Copy one picture, and tell it. One that cannot be had is told, and the next one comes."""
    from chdkshell.chdk.paths import escaped_name
    from chdkshell.chdk.transfer import free_path
    from chdkshell.shell.results.ptp import StoredObject
    from chdkshell.standard.transfer import get

    device = context.camera.ptp
    target = free_path(folder / escaped_name(node.name))
    try:
        with context.progress(node.path) as progress:
            size = get(device, node, target, progress=progress, cancel=context.cancel)
    except TransportError:
        raise
    except ChdkShellError as error:
        context.warn(f"{node.path} was not fetched: {error}")
        return
    result = StoredObject(node.path, node.handle, str(target), size)
    context.output.event("picture", result)
    context.after_download(str(target), node.path, program)
    if remove:
        device.delete_object(node.handle, context.cancel)
