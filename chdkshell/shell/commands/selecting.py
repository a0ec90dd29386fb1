"""The command that is in front of commands for several cameras."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Annotated as Arg

from chdkshell.errors import Cancelled
from chdkshell.shell.arguments import SelectedCommand
from chdkshell.shell.command import Needs, command
from chdkshell.shell.language import SELECT

if TYPE_CHECKING:
    from chdkshell.shell.context import Context


@command(
    SELECT, topic="several cameras", needs=Needs.MAYBE_CAMERA, alone="cameras are selected once"
)
def select(
    context: Context, what: Arg[SelectedCommand, "The cameras, a blank, and the command."]
) -> None:
    """Run a command on several cameras at the same time.

    The cameras are `all`, names and numbers of `rig list` with commas between, ranges of numbers,
    or ^ and those that are left out. Each line that a camera gives has its name in front; records,
    as of `df`, are a table at a terminal. None is skipped because another failed; at the end it is
    told how many did well. In paths and templates ${camera}, ${id} and ${serial} are the camera's
    name, number and serial number: files of two cameras that would have the same names are refused.
    Ctrl-C ends the command on all cameras. `@all live` shows them side by side in the terminal.
    Example: @all luar return get_mode()
    Example: @left,right imdl -d=${camera}/${name}
    Example: @1,4-6 shoot
    Example: @^3 df
    Example: @left,right live
    """
    from chdkshell.shell.many.running import ManyRun, some_failed
    from chdkshell.shell.many.synchronised import shoot_together, synchronised
    from chdkshell.shell.viewing.manycameras import show_side_by_side, side_by_side

    cameras, line = what
    rig = context.connections.rig
    together = synchronised(context.registry, line)
    if together is not None:
        shoot_together(context, rig.select(cameras), line, together)
        return
    view = side_by_side(context.registry, line)
    if view is not None:
        context.emit(show_side_by_side(context, rig.select(cameras), view))
        return
    results = ManyRun(context, rig.select(cameras), line).run()
    failed = len(results.errors)
    context.output.summary = {
        "cameras": len(results),
        "ok": len(results) - failed,
        "failed": failed,
    }
    if context.cancel.is_set():
        raise Cancelled(f"cancelled: {len(results) - failed} of {len(results)} had ended")
    if failed:
        raise some_failed(results)
    if len(results) > 1:
        context.tell(results.summary)
