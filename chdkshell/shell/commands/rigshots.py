"""Commands that have several cameras shoot at a key or a pedal."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Annotated as Arg

from chdkshell.errors import Cancelled, UsageError
from chdkshell.shell.arguments import Integer, MadePath, Members, MemberType, Named
from chdkshell.shell.command import Needs, command
from chdkshell.shell.commands.rig import OF_THE_RIG, one
from chdkshell.shell.substitutions import SCAN, SHOOT

if TYPE_CHECKING:
    from chdkshell.rig.members import Member
    from chdkshell.shell.context import Context


@command(
    *("rig trigger",),
    topic="several cameras",
    needs=Needs.MAYBE_CAMERA,
    interactive=True,
    alone=OF_THE_RIG,
)
def rig_trigger(
    context: Context,
    cameras: Arg[Members, "Which: names, numbers, 4-6, ^3; else all."] = "all",
    *,
    key: Arg[str, Named("key"), "The key that shoots: space, enter, or a letter."] = "space",
    dl: Arg[bool | str, SHOOT, "Download the files; where to, else ${camera}_${name}."] = False,
    rm: Arg[bool, "With -dl: delete each from the card when it is safe here."] = False,
) -> None:
    """Have all cameras shoot at the same moment, at each press of a key or pedal.

    The pictures are shown side by side where the terminal can. q or Ctrl-C ends it. Without a
    terminal each line of standard input is a press.
    Example: rig trigger
    Example: rig trigger left,right -key=enter -dl=shots/${camera}/${name}
    """
    from chdkshell.chdk.shooting.destinations import DownloadDestination
    from chdkshell.rig.syncreport import SyncRequest
    from chdkshell.shell.many.checks import check_names
    from chdkshell.shell.many.presses import check_key, presses, show_pictures
    from chdkshell.shell.many.synchronised import SyncPrinter

    check_key(key)

    if rm and not dl:
        raise UsageError("-rm deletes what was downloaded", "add -dl")
    rig = context.connections.rig
    members = rig.select(cameras)
    text = "${camera}_${name}" if dl is True else dl
    downloads = {}
    if text:
        check_names(text, members)
        downloads = {m.label: DownloadDestination(text, m.camera.naming) for m in members}
    request = SyncRequest(downloads=downloads, remove=rm)
    context.notice(f"{key} shoots, q ends")
    for pressed in presses(context):
        if pressed != key:
            continue
        report = rig.shoot(
            request, selection=cameras, listener=SyncPrinter(context), cancel=context.cancel
        )
        if isinstance(report.ended, Cancelled):
            raise Cancelled
        for problem in report.problems:
            context.warn(str(problem))
        pictures = []
        for member in members:
            for shot in report.shots:
                own = shot.cameras.get(member.label)
                if own is not None and own.pictures:
                    local = own.downloads[0] if own.downloads else None
                    pictures.append((member, own.pictures[0].path, local))
        show_pictures(context, pictures)


@command(
    *("rig scan",),
    topic="several cameras",
    needs=Needs.MAYBE_CAMERA,
    interactive=True,
    alone=OF_THE_RIG,
)
def rig_scan(
    context: Context,
    folder: Arg[MadePath, "The folder for the pages."],
    *,
    left: Arg[str, MemberType("camera"), "The camera of the left pages."] = "left",
    right: Arg[str, MemberType("camera"), "The camera of the right pages."] = "right",
    page: Arg[int, Integer(0, 999_999), "The number of the first left page."] = 1,
    d: Arg[str, SCAN, "How files are called in the folder."] = "${page}${ext}",
) -> None:
    """Scan a book with two cameras: each press of the space key takes two pages.

    r takes the last two once more, in place of their files; q or Ctrl-C ends it. Started again, it
    goes on after the highest page in the folder. Both pictures are shown where the terminal can.
    Without a terminal each line of standard input is a press. The pictures stay on the cards, too.
    Example: rig scan book/ -left=1 -right=2
    Example: rig scan book/ -page=11
    """
    from pathlib import Path

    from chdkshell.shell.many.presses import presses
    from chdkshell.shell.many.scanning import Scan

    sides = _side(context, left, "left"), _side(context, right, "right")
    if sides[0] is sides[1]:
        raise UsageError("both sides are the same camera", "name two: -left=1 -right=2")
    scan = Scan(context, Path(folder), sides, d, page)
    context.notice(f"space takes pages {scan.page} and {scan.page + 1}, r the last two, q ends")
    for key in presses(context):
        if key == "r":
            if scan.page == scan.first:
                context.warn("there is no page to take once more")
            elif scan.retake():
                context.notice(f"pages {scan.page - 2} and {scan.page - 1} are taken once more")
        elif key in ("space", "enter") and scan.take():
            context.notice(f"next: pages {scan.page} and {scan.page + 1}")


def _side(context: Context, text: str, side: str) -> Member:
    """Return the camera of a side. Raises `UsageError`."""
    try:
        return one(context, text)
    except UsageError as error:
        if text == side:  # the default, of which nobody may know
            error.detail += f"; name one as in `rig name 1 {side}`, or give -left and -right"
        raise
