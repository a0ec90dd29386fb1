"""Commands about the clocks of several cameras."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Annotated as Arg

from chdkshell.errors import UsageError
from chdkshell.shell.arguments import Members
from chdkshell.shell.command import Needs, command
from chdkshell.shell.commands.rig import OF_THE_RIG, rig_list

if TYPE_CHECKING:
    from chdkshell.shell.context import Context
    from chdkshell.shell.results.rig import RigList


@command("rig sync", topic="several cameras", needs=Needs.MAYBE_CAMERA, alone=OF_THE_RIG)
def rig_sync(
    context: Context, cameras: Arg[Members, "Which: names, numbers, 4-6, ^3; else all."] = "all"
) -> RigList:
    """Measure the clocks of the cameras, for shots that all take at the same moment.

    A synchronised shot does that itself where it has to. Two measurements some time apart tell how
    much faster or slower a clock runs, so that it is known for longer.
    Example: rig sync
    """
    from chdkshell.shell.many.running import some_failed

    rig = context.connections.rig
    results = rig.sync(cameras, context.cancel)
    if results.errors:
        raise some_failed(results)
    return rig_list(context)


@command("rig clock", topic="several cameras", needs=Needs.MAYBE_CAMERA, alone=OF_THE_RIG)
def rig_clock(
    context: Context, cameras: Arg[Members, "Which: names, numbers, 4-6, ^3; else all."] = "all"
) -> None:
    """Set the date and time of the cameras to those of this computer.

    Example: rig clock
    """
    from chdkshell.shell.many.running import some_failed

    cancel = context.cancel
    rig = context.connections.rig
    if not len(rig):
        raise UsageError("no camera is connected", "`rig connect` connects all on USB")
    results = rig.each(lambda camera: camera.sync_clock(cancel=cancel), cameras)
    if results.errors:
        raise some_failed(results)
    context.tell(results.summary)
