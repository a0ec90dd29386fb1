"""Commands about the pictures on the card."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Annotated as Arg

from chdkshell.shell.arguments import CameraPath, Integer, MadePath
from chdkshell.shell.card.choices import (
    PICTURES,
    PICTURES_BY_DATE,
    ExecAfterDownload,
    ImageChoice,
    OrderedChoice,
    Quiet,
)
from chdkshell.shell.card.confirming import Verify, Yes
from chdkshell.shell.card.overwrite import Overwrite
from chdkshell.shell.command import Needs, command
from chdkshell.shell.commands.trees import download_copies
from chdkshell.shell.substitutions import IMAGES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chdkshell.chdk.cardentry import CardEntry
    from chdkshell.shell.context import Context
    from chdkshell.shell.results.images import Pictures

Pretend = Arg[bool, "Show what would be done, and do nothing."]


@command("imdl", topic="images", needs=Needs.CAMERA)
def imdl(
    context: Context,
    *source: Arg[CameraPath, "Folders on the card; A/DCIM if none is given."],
    d: Arg[str, IMAGES, "How files are called here."] = "${subdir}/${name}",
    ddir: Arg[MadePath | None, "A folder to put before all names."] = None,
    chosen: OrderedChoice = PICTURES_BY_DATE,
    pretend: Pretend = False,
    nomtime: Arg[bool, "Do not keep the times of files."] = False,
    overwrite: Arg[Overwrite, "What to do with files that are there."] = "ask",
    quiet: Quiet = False,
    rm: Arg[bool, "Delete each file from the card when it has arrived and is checked."] = False,
    verify: Verify = False,
    y: Yes = False,
    seq: Arg[int, Integer(), "Where ${dlseq} and ${shotseq} begin."] = 1,
    exec_: ExecAfterDownload = None,
) -> None:
    """Download pictures.

    ${dlseq} counts files, ${shotseq} numbers of pictures, where the order keeps them together.
    -rm deletes only what was downloaded in this run; what it keeps, and why, is told.
    Example: imdl -last=10 -ddir=shots
    Example: imdl -d=${mdate,%Y-%m-%d}/${name} -rm
    """
    from chdkshell.chdk.card.copying import CopyOptions
    from chdkshell.chdk.card.copyplan import Copy
    from chdkshell.chdk.card.targets import ImageTargets
    from chdkshell.shell.card.confirming import can_be_asked, confirm

    if rm:
        _check_not_root(source)
    targets = ImageTargets(d, ddir, context.camera.naming, seq)
    items = chosen.find(context, source)
    copies = [Copy(item, targets.target(item)) for item in items]
    if rm and can_be_asked(context, y, pretend):
        confirm(context, items, "picture", doing="download {}, and delete them from the card")
    options = CopyOptions(not nomtime, remove=rm, pretend=pretend, verify=verify)
    download_copies(context, copies, overwrite, options, quiet and not pretend, exec_)


@command("imls", topic="images", needs=Needs.CAMERA)
def imls(
    context: Context,
    *path: Arg[CameraPath, "Folders on the card; A/DCIM if none is given."],
    chosen: OrderedChoice = PICTURES_BY_DATE,
    quiet: Quiet = False,
    thumbs: Arg[bool, "Show the pictures, where the terminal can."] = False,
) -> Pictures | None:
    """List pictures.

    With -sort=path they are shown while the camera lists them. All other orders can be known only
    when the last picture is.
    Example: imls -last=5
    Example: imls -sort=size -r DCIM/101CANON
    """
    if thumbs:
        found = chosen.find(context, path)
        _tell_if_none(context, chosen, found)
        _show_thumbnails(context, found)
    elif chosen.sort == "path":
        return _show_by_path(context, path, chosen)
    else:
        from chdkshell.shell.results.images import Pictures

        found = chosen.find(context, path)
        _tell_if_none(context, chosen, found)
        return Pictures(tuple(found))
    return None


def _tell_if_none(context: Context, chosen: OrderedChoice, found: Sequence[CardEntry]) -> None:
    """Say what -last counts, where that leaves nothing."""
    if found or not chosen.last or context.compat:
        return
    count = context.camera.files.card.picture_counter(context.cancel)
    if count is not None:
        context.tell(
            f"no pictures: -last={chosen.last} counts numbers back from {count:04d}, "
            "where the camera's own counter is"
        )


def _show_by_path(context: Context, paths: tuple[str, ...], chosen: OrderedChoice) -> Pictures:
    """Show pictures as they are found. Returns the last part, in which nothing is left."""
    from chdkshell.shell.results.images import Pictures

    continues = False

    def show(items: Sequence[CardEntry]) -> None:
        nonlocal continues
        context.emit(Pictures(tuple(items), continues))
        continues = True

    chosen.find_by_path(context, paths, show)
    return Pictures((), continues)


def _show_thumbnails(context: Context, items: Sequence[CardEntry]) -> None:
    from chdkshell.shell.results.images import Thumbnails

    def read(picture: CardEntry) -> bytes | None:
        return context.camera.files.card.thumbnail(picture, context.cancel)

    context.emit(Thumbnails(tuple(items), read, context.alone))


@command("imrm", topic="images", needs=Needs.CAMERA)
def imrm(
    context: Context,
    *path: Arg[CameraPath, "Folders on the card; A/DCIM if none is given."],
    chosen: ImageChoice = PICTURES,
    pretend: Pretend = False,
    quiet: Quiet = False,
    y: Yes = False,
) -> None:
    """Delete pictures from the card.

    At a terminal it asks before it deletes many, or all because no switch chooses some.
    Example: imrm -pretend -imax=99 DCIM/100CANON
    """
    from chdkshell.chdk.card.copying import SourceRemoved
    from chdkshell.shell.card.confirming import can_be_asked, confirm
    from chdkshell.shell.card.copyoutput import CopyPrinter

    _check_not_root(path)
    found = context.camera.files.images(
        path, chosen.numbers(), chosen.selection(context), "path", cancel=context.cancel
    )
    show = CopyPrinter(context, quiet and not pretend, pretend=pretend)
    if can_be_asked(context, y, pretend):
        confirm(context, found, "picture", always=not chosen.has_filter)
    if pretend:
        for item in found:
            show(SourceRemoved(item.path))
        return
    context.camera.files.remove_entries(found, show, context.cancel)


def _check_not_root(paths: Sequence[str]) -> None:
    """Raise `UsageError` where pictures of the whole card would be deleted."""
    from chdkshell.chdk.paths import below_root

    for path in paths:
        below_root(path, "deleted")
