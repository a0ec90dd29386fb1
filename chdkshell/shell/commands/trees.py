"""Commands that copy whole trees between the card and this computer."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Annotated as Arg

from chdkshell.shell.arguments import CopyTarget, Glob, Integer, LuaPattern, PathOnEitherSide
from chdkshell.shell.card.choices import ExecAfterDownload, Quiet
from chdkshell.shell.card.confirming import Verify, Yes
from chdkshell.shell.card.overwrite import Overwrite
from chdkshell.shell.command import Needs, command

if TYPE_CHECKING:
    from chdkshell.chdk.card.copying import CopyOptions
    from chdkshell.chdk.card.copyplan import Copy
    from chdkshell.chdk.card.selection import Selection
    from chdkshell.chdk.card.uploading import LocalItem
    from chdkshell.shell.card.copyoutput import CopyPrinter
    from chdkshell.shell.context import Context


@command("mdownload", "mdl", topic="files", needs=Needs.CAMERA)
def mdownload(
    context: Context,
    *path: Arg[CopyTarget, "Files and folders on the card; the last is where to, here."],
    fmatch: Arg[LuaPattern | None, "Download only files with paths that match."] = None,
    dmatch: Arg[LuaPattern | None, "Make only folders with paths that match."] = None,
    rmatch: Arg[LuaPattern | None, "Look only into folders with names that match."] = None,
    glob: Arg[Glob | None, "Download only files that a shell glob means, such as *.JPG."] = None,
    nodirs: Arg[bool, "Make only folders that a file needs."] = False,
    maxdepth: Arg[int, Integer(), "Look only into this many levels of folders."] = 100,
    pretend: Arg[bool, "Show what would be done, and do nothing."] = False,
    nomtime: Arg[bool, "Do not keep the times of files."] = False,
    batchsize: Arg[int | None, Integer(low=1), "Files that the camera tells at a time."] = None,
    dbgmem: Arg[bool, "Show how much memory the camera has left."] = False,
    overwrite: Arg[Overwrite, "What to do with files that are there."] = "ask",
    nosubst: Arg[bool, "Take a $ in the target for a letter."] = False,
    quiet: Quiet = False,
    exec_: ExecAfterDownload = None,
) -> None:
    """Download files and folders with all that is in them.

    In a source, * stands for any letters and ? for one. A pattern of a switch is a Lua pattern such
    as %.JPG$.
    In the target, ${name} and the like stand for each file: ${serial}, ${pid}, ${ldate}, ${lts},
    ${lms}, ${mdate}, ${mts}, ${name}, ${basename}, ${ext}, ${dir} (such as CHDK/SCRIPTS/),
    ${reldir} (the same below the folder that was named), and the string functions ${s_lower,...},
    ${s_upper,...}, ${s_sub,...}, ${s_format,...}, ${s_match,...}, ${s_gsub,...}, ${s_rep,...} and
    ${s_reverse,...}.
    With -overwrite=ask, files that are there with the same size and time are left as they are.
    Example: mdownload -fmatch=%.JPG$ DCIM pictures
    Example: mdl -overwrite=old CHDK/SCRIPTS scripts/${mdate,%Y}/${s_lower,${name}}
    """
    from chdkshell.chdk.card.copying import CopyOptions
    from chdkshell.chdk.card.copyplan import plan
    from chdkshell.chdk.card.targets import TreeTargets
    from chdkshell.chdk.paths import camera_path
    from chdkshell.shell.card.copyoutput import selection, sources_and_target
    from chdkshell.shell.card.meaning import meant_paths

    sources, target = sources_and_target(path)
    typed = [context.from_folder(source) for source in sources]
    remotes = [camera_path(source) for source in meant_paths(context, typed)]
    targets = TreeTargets(target, context.camera.naming, literal=nosubst)
    wanted = selection(
        context,
        fmatch=fmatch,
        dmatch=dmatch,
        rmatch=rmatch,
        glob=glob,
        maxdepth=maxdepth,
        batchsize=batchsize,
        dbgmem=dbgmem,
    )
    found = context.camera.files.walk(remotes, wanted, cancel=context.cancel)
    copies = plan(found, targets, folders=not nodirs)
    if not copies:
        context.warn("no matching files")
    options = CopyOptions(keep_time=not nomtime, pretend=pretend)
    download_copies(context, copies, overwrite, options, quiet, exec_)


def download_copies(
    context: Context,
    copies: list[Copy],
    overwrite: str,
    options: CopyOptions,
    quiet: bool = False,
    command: str | None = None,
) -> None:
    """Download what was selected, and tell it. `command` runs after each file."""
    from chdkshell.shell.card.copyoutput import CopyPrinter
    from chdkshell.shell.card.overwrite import download_rule

    rule = download_rule(context, overwrite, copies)
    show = CopyPrinter(context, quiet, pretend=options.pretend, command=command)
    with context.progress(f"{len(copies)} files") as progress, show.summing_up():
        context.camera.files.download_copies(copies, rule, options, show, progress, context.cancel)


@command("mupload", "mup", topic="files", needs=Needs.CAMERA)
def mupload(
    context: Context,
    *path: Arg[PathOnEitherSide, "Files and folders here; the last is the folder on the card."],
    fmatch: Arg[LuaPattern | None, "Upload only files with paths that match."] = None,
    dmatch: Arg[LuaPattern | None, "Make only folders with paths that match."] = None,
    rmatch: Arg[LuaPattern | None, "Look only into folders with paths that match."] = None,
    glob: Arg[Glob | None, "Upload only files that a shell glob means, such as *.LUA."] = None,
    nodirs: Arg[bool, "Make only folders that a file needs."] = False,
    maxdepth: Arg[int, Integer(), "Look only into this many levels of folders."] = 100,
    pretend: Arg[bool, "Show what would be done, and do nothing."] = False,
    nomtime: Arg[bool, "Do not keep the times of files."] = False,
    overwrite: Arg[Overwrite, "What to do with files that are there."] = "y",
    quiet: Quiet = False,
) -> None:
    """Upload files and folders with all that is in them.

    A pattern is a Lua pattern such as %.LUA$. A file on the card is replaced when the new one has
    arrived whole.
    Example: mupload scripts CHDK/SCRIPTS
    """
    from chdkshell.chdk.card.copying import CopyOptions
    from chdkshell.chdk.card.uploading import find_local
    from chdkshell.shell.card.copyoutput import selection, sources_and_target

    sources, target = sources_and_target(path)
    wanted = selection(
        context, fmatch=fmatch, dmatch=dmatch, rmatch=rmatch, glob=glob, maxdepth=maxdepth
    )
    items = find_local(sources, context.card_path(target), wanted)
    if nodirs:
        items = [item for item in items if not item.is_dir]
    if not items:
        context.warn("no matching files")
        return
    upload_items(context, items, overwrite, CopyOptions(not nomtime, pretend=pretend), quiet)


def upload_items(
    context: Context, items: list[LocalItem], overwrite: str, options: CopyOptions, quiet: bool
) -> None:
    """Upload what was selected, and tell it."""
    from chdkshell.shell.card.copyoutput import CopyPrinter
    from chdkshell.shell.card.overwrite import upload_rule

    rule = upload_rule(context, overwrite)
    show = CopyPrinter(
        context, quiet, folders=options.pretend, replaced=False, pretend=options.pretend
    )
    with context.progress(f"{len(items)} files") as progress, show.summing_up():
        context.camera.files.upload_items(items, rule, options, show, progress, context.cancel)


@command("sync", topic="files", needs=Needs.CAMERA)
def sync(
    context: Context,
    source: Arg[PathOnEitherSide, "The folder to copy from; with A/ before it, on the card."],
    target: Arg[CopyTarget, "The folder to copy to."],
    *,
    up: Arg[bool, "From this computer to the card, whatever the names look like."] = False,
    delete: Arg[bool, "Move: delete each source when its copy has arrived and is checked."] = False,
    verify: Verify = False,
    y: Yes = False,
    pretend: Arg[bool, "Show what would be done, and do nothing."] = False,
    fmatch: Arg[LuaPattern | None, "Only files with paths that match."] = None,
    glob: Arg[Glob | None, "Only files that a shell glob means, such as *.JPG."] = None,
    overwrite: Arg[Overwrite, "What to do with files that are there and differ."] = "old",
    quiet: Quiet = False,
    exec_: ExecAfterDownload = None,
) -> None:
    """Copy what a folder has and another lacks, or has otherwise.

    The first folder is that on the card, unless the second begins with A/, or with -up. Files
    differ where their sizes or times do. With -overwrite=old, those that were changed later at the
    target than at the source are kept.
    -delete makes a move of it: it deletes the source of each file that was copied in this run, and
    says what it keeps and why. It never deletes anything at the target, as `rsync --delete` does:
    files that only the target has stay.
    At a terminal it asks before.
    Example: sync DCIM pictures
    Example: sync scripts A/CHDK/SCRIPTS
    Example: sync -delete -glob=*.JPG A/DCIM pictures
    """
    from chdkshell.chdk.card.copying import CopyOptions
    from chdkshell.errors import UsageError
    from chdkshell.shell.card.copyoutput import CopyPrinter, selection

    if not up and _is_on_card(source) and _is_on_card(target):
        raise UsageError(
            f"{source} and {target} are both on the card",
            f"`mv` moves there; the folder of this computer is ./{target}",
        )
    wanted = selection(context, fmatch=fmatch, glob=glob, maxdepth=100)
    goes_up = up or (_is_on_card(target) and not _is_on_card(source))
    if goes_up and exec_ is not None:
        raise UsageError("-exec is for files that arrive here", "leave it out")
    options = CopyOptions(remove=delete, pretend=pretend, verify=verify)
    show = CopyPrinter(context, quiet, pretend=pretend, command=exec_)
    run = _sync_up if goes_up else _sync_down
    run(context, source, target, wanted, overwrite, options, show, y)


def _is_on_card(path: str) -> bool:
    return path.replace("\\", "/").upper().startswith("A/")


def _sync_down(
    context: Context,
    source: str,
    target: str,
    wanted: Selection,
    overwrite: str,
    options: CopyOptions,
    show: CopyPrinter,
    yes: bool,
) -> None:
    from chdkshell.chdk.card.copyplan import check_apart
    from chdkshell.chdk.card.sync import difference, replaces
    from chdkshell.chdk.paths import below_root
    from chdkshell.shell.card.confirming import can_be_asked, confirm
    from chdkshell.shell.card.overwrite import download_rule

    if options.remove:
        below_root(context.card_path(source), "moved")
    files = context.camera.files
    found = difference(files.card, context.card_path(source), target, wanted, context.cancel)
    check_apart([*found.copies, *found.same])
    rule = replaces if overwrite == "old" else download_rule(context, overwrite, found.copies)
    if options.remove:
        _tell_kept(context, [copy.item.path for copy in found.same])
        if can_be_asked(context, yes, options.pretend):
            moved = [copy.item for copy in found.copies if not copy.item.is_dir]
            confirm(context, moved, always=True, doing="move {} off the card")
    with context.progress(f"{len(found.copies)} files") as progress, show.summing_up():
        files.download_copies(found.copies, rule, options, show, progress, context.cancel)


def _sync_up(
    context: Context,
    source: str,
    target: str,
    wanted: Selection,
    overwrite: str,
    options: CopyOptions,
    show: CopyPrinter,
    yes: bool,
) -> None:
    from pathlib import Path

    from chdkshell.chdk.card.sync import difference_local, replaces_on_card
    from chdkshell.chdk.paths import below_root
    from chdkshell.errors import UsageError
    from chdkshell.shell.card.confirming import can_be_asked, check_not_here, confirm
    from chdkshell.shell.card.overwrite import upload_rule

    if not Path(source).is_dir():
        raise UsageError(f"not a folder: {source}")
    if options.remove:
        check_not_here(source)
        below_root(context.card_path(target), "replaced")
    files, directory = context.camera.files, context.card_path(target)
    changed, same = difference_local(files.card, source, directory, wanted, context.cancel)
    rule = replaces_on_card if overwrite == "old" else upload_rule(context, overwrite)
    if options.remove:
        _tell_kept(context, [str(item.source) for item in same if not item.is_dir])
        if can_be_asked(context, yes, options.pretend):
            moved = [item for item in changed if not item.is_dir]
            confirm(context, moved, always=True, doing="move {} off this computer")
    with context.progress(f"{len(changed)} files") as progress, show.summing_up():
        files.upload_items(changed, rule, options, show, progress, context.cancel)


def _tell_kept(context: Context, paths: list[str]) -> None:
    for path in paths:
        context.warn(f"kept {path}: the same file was there before this run")
