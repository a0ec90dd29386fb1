"""Commands about the pictures on the card."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Annotated as Arg

from chdkshell.shell.arguments import CameraPath, Glob, Integer, LocalPath, LuaPattern, Named
from chdkshell.shell.card.overwrite import Overwrite
from chdkshell.shell.command import Needs, command
from chdkshell.shell.commands.trees import download_copies

if TYPE_CHECKING:
    from chdkshell.chdk.card.selection import ImageRange
    from chdkshell.shell.context import Context
    from chdkshell.shell.results import Entries, Thumbnails

IMAGE_NAMES = "%a%a%a_%d%d%d%d%.%w%w%w"

# the switches that choose pictures, which all three commands have
Last = Arg[int | bool, Integer(low=1), "The last n pictures by the camera's file counter, or one."]
FirstImage = Arg[int | None, Integer(), "Pictures with this number or a higher one."]
LastImage = Arg[int | None, Integer(), "Pictures with this number or a lower one."]
FirstDir = Arg[int | None, Integer(), "Pictures in folders with this number or a higher one."]
LastDir = Arg[int | None, Integer(), "Pictures in folders with this number or a lower one."]
Names = Arg[LuaPattern, "Only files with paths that match."]
Folders = Arg[LuaPattern | None, "Look only into folders with names that match."]
AsGlob = Arg[Glob | None, "Only files that a shell glob means, such as *.JPG."]
Depth = Arg[int, Integer(), "Look only into this many levels of folders."]
BatchSize = Arg[int | None, Integer(low=1), "Files that the camera tells at a time."]
ShowMemory = Arg[bool, "Show how much memory the camera has left."]
Order = Arg[str, Named("order"), "path, name, date, size, shot, or a text such as ${mdate,%H}."]
Reverse = Arg[bool, "Sort from the last to the first."]
Quiet = Arg[bool, "Do not show what is done."]
Pretend = Arg[bool, "Show what would be done, and do nothing."]


@command("imdl", topic="images", needs=Needs.CHDK)
def imdl(
    context: Context,
    *source: Arg[CameraPath, "Folders on the card; A/DCIM if none is given."],
    d: Arg[str, Named("name"), "How files are called here."] = "${subdir}/${name}",
    ddir: Arg[LocalPath | None, "A folder to put before all names."] = None,
    last: Last = False,
    imin: FirstImage = None,
    imax: LastImage = None,
    dmin: FirstDir = None,
    dmax: LastDir = None,
    fmatch: Names = IMAGE_NAMES,
    rmatch: Folders = None,
    glob: AsGlob = None,
    maxdepth: Depth = 2,
    pretend: Pretend = False,
    nomtime: Arg[bool, "Do not keep the times of files."] = False,
    batchsize: BatchSize = None,
    dbgmem: ShowMemory = False,
    overwrite: Arg[Overwrite, "What to do with files that are there."] = "ask",
    quiet: Quiet = False,
    rm: Arg[bool, "Delete each file from the card when it has arrived and is checked."] = False,
    seq: Arg[int, Integer(), "Where ${dlseq} and ${shotseq} begin."] = 1,
    sort: Order = "date",
    r: Reverse = False,
) -> None:
    """Download pictures.

    In -d, these stand for each file: ${serial}, ${pid}, ${ldate}, ${lts}, ${lms}, ${mdate}, ${mts},
    ${name}, ${basename}, ${ext}, ${subdir}, ${imgnum}, ${imgpfx}, ${dirnum}, ${dirmonth},
    ${dirday}, ${dlseq} (counts files), ${shotseq} (counts numbers of pictures, where the order
    keeps them together), and the string functions such as ${s_lower,${name}}.
    -rm deletes only what was downloaded in this run; what it keeps, and why, is told.
    Example: imdl -last=10 -ddir=shots
    Example: imdl -d=${mdate,%Y-%m-%d}/${name} -rm
    """
    from chdkshell.chdk.card.downloading import DownloadOptions
    from chdkshell.chdk.card.targets import ImageTargets
    from chdkshell.shell.card.copyoutput import camera_facts, selection

    targets = ImageTargets(d, ddir or "", camera_facts(context, d), seq)
    wanted = selection(
        context,
        fmatch=fmatch,
        rmatch=rmatch,
        glob=glob,
        maxdepth=maxdepth,
        batchsize=batchsize,
        dbgmem=dbgmem,
    )
    numbers = _numbers(last, imin, imax, dmin, dmax)
    items = context.camera.trees.images(source, numbers, wanted, sort, r, cancel=context.cancel)
    copies = context.camera.trees.plan_images(items, targets)
    options = DownloadOptions(keep_time=not nomtime, remove=rm, pretend=pretend)
    download_copies(context, copies, overwrite, options, quiet and not pretend)


@command("imls", topic="images", needs=Needs.CHDK)
def imls(
    context: Context,
    *path: Arg[CameraPath, "Folders on the card; A/DCIM if none is given."],
    last: Last = False,
    imin: FirstImage = None,
    imax: LastImage = None,
    dmin: FirstDir = None,
    dmax: LastDir = None,
    fmatch: Names = IMAGE_NAMES,
    rmatch: Folders = None,
    glob: AsGlob = None,
    maxdepth: Depth = 2,
    sort: Order = "date",
    r: Reverse = False,
    batchsize: BatchSize = None,
    dbgmem: ShowMemory = False,
    quiet: Quiet = False,
    thumbs: Arg[bool, "Show the pictures, where the terminal can."] = False,
) -> Entries | Thumbnails:
    """List pictures.

    Example: imls -last=5
    Example: imls -sort=size -r DCIM/101CANON
    """
    from chdkshell.chdk.card.facts import DirEntry
    from chdkshell.shell.card.copyoutput import selection
    from chdkshell.shell.results import Entries, Thumbnail, Thumbnails

    wanted = selection(
        context,
        fmatch=fmatch,
        rmatch=rmatch,
        glob=glob,
        maxdepth=maxdepth,
        batchsize=batchsize,
        dbgmem=dbgmem,
    )
    numbers = _numbers(last, imin, imax, dmin, dmax)
    items = context.camera.trees.images(path, numbers, wanted, sort, r, cancel=context.cancel)
    entries = [DirEntry(i.path, i.size, i.mtime, 0, False, True) for i in items]
    if not thumbs:
        return Entries(tuple(entries))
    from chdkshell.chdk.card.thumbnails import read_thumbnail

    camera = context.camera
    return Thumbnails(
        tuple(
            Thumbnail(entry, read_thumbnail(camera.scripts, item, context.cancel))
            for entry, item in zip(entries, items, strict=True)
        )
    )


@command("imrm", topic="images", needs=Needs.CHDK)
def imrm(
    context: Context,
    *path: Arg[CameraPath, "Folders on the card; A/DCIM if none is given."],
    last: Last = False,
    imin: FirstImage = None,
    imax: LastImage = None,
    dmin: FirstDir = None,
    dmax: LastDir = None,
    fmatch: Names = IMAGE_NAMES,
    rmatch: Folders = None,
    glob: AsGlob = None,
    maxdepth: Depth = 2,
    pretend: Pretend = False,
    batchsize: BatchSize = None,
    dbgmem: ShowMemory = False,
    quiet: Quiet = False,
) -> None:
    """Delete pictures from the card.

    Example: imrm -pretend -imax=99 DCIM/100CANON
    """
    from chdkshell.chdk.card.copying import SourceRemoved
    from chdkshell.shell.card.copyoutput import selection, teller

    wanted = selection(
        context,
        fmatch=fmatch,
        rmatch=rmatch,
        glob=glob,
        maxdepth=maxdepth,
        batchsize=batchsize,
        dbgmem=dbgmem,
    )
    numbers = _numbers(last, imin, imax, dmin, dmax)
    items = context.camera.trees.images(path, numbers, wanted, "path", cancel=context.cancel)
    tell = teller(context, quiet and not pretend)
    if pretend:
        for item in items:
            tell(SourceRemoved(item.path))
        return
    context.camera.trees.remove(items, tell, context.cancel)


def _numbers(
    last: int | bool, imin: int | None, imax: int | None, dmin: int | None, dmax: int | None
) -> ImageRange:
    from chdkshell.chdk.card.selection import ImageRange

    # `-last` alone is True, which is the 1 it means
    return ImageRange(imin, imax, dmin, dmax, int(last) or None)
