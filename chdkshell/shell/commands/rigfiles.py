"""Commands that fetch what several cameras took."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Annotated as Arg

from chdkshell.errors import Cancelled
from chdkshell.shell.command import Needs, command
from chdkshell.shell.commands.rig import OF_THE_RIG
from chdkshell.shell.substitutions import SHOOT

if TYPE_CHECKING:
    from pathlib import Path

    from chdkshell.rig.members import Member
    from chdkshell.shell.context import Context


@command("rig collect", topic="several cameras", needs=Needs.MAYBE_CAMERA, alone=OF_THE_RIG)
def rig_collect(
    context: Context,
    dest: Arg[str, SHOOT, "Where to."] = "${camera}_${name}",
    *,
    rm: Arg[bool, "Delete each from the card when it is safe here."] = False,
) -> None:
    """Fetch the pictures that commands after @ took and that did not come yet.

    Those are what @CAMERAS shoot left on the cards, and what a download that failed left there,
    which goes to where it was to go. Once more after a failure fetches the rest.
    Example: rig collect
    Example: rig collect shots/${camera}/${name} -rm
    """
    from threading import Lock

    from chdkshell.shell.many.checks import check_names
    from chdkshell.shell.many.running import some_failed
    from chdkshell.shell.results.files import CopiedFile

    rig = context.connections.rig
    members = [member for member in rig.members if member.left_on_card]
    if not members:
        context.tell("nothing is left on the cards that @CAMERAS shoot took")
        return
    check_names(dest, members)
    lock = Lock()

    def tell(member: Member, path: str, local: Path) -> None:
        with lock:
            context.emit(CopiedFile(f"{member.label}:{path}", str(local), local.stat().st_size))
            context.after_download(str(local), path)

    cameras = ",".join(str(member.number) for member in members)
    results = rig.collect(dest, cameras, remove=rm, listener=tell, cancel=context.cancel)
    if context.cancel.is_set():
        raise Cancelled
    if results.errors:
        raise some_failed(results)
    count = sum(results.results.values())
    context.tell(f"{count} picture{'s' * (count != 1)} of {len(members)} cameras")
