"""Commands that look at, move and edit files on the card."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Annotated as Arg

from chdkshell.errors import UsageError
from chdkshell.shell.arguments import CameraPath, Integer
from chdkshell.shell.card.choices import TREES, TreeChoice
from chdkshell.shell.command import Needs, command

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from chdkshell.chdk.cardentry import CardEntry
    from chdkshell.shell.context import Context
    from chdkshell.shell.results.files import Edited, Space
    from chdkshell.shell.results.trees import TreeRow, Usage


@command("cat", topic="files", needs=Needs.CAMERA)
def cat(
    context: Context,
    path: Arg[CameraPath, "A file on the card."],
    *more: Arg[CameraPath, "More of them."],
) -> None:
    """Show what is in files on the card.

    Where the output is no terminal it gets the bytes as they are.
    Example: cat CHDK/SCRIPTS/HELLO.LUA
    """
    from chdkshell.chdk.card.lookup import stat_file
    from chdkshell.shell.card.meaning import meant_files

    card = context.camera.files.card
    for name in meant_files(context, (path, *more)):
        # a path that is no file has a clear message
        file = stat_file(card, name, context.cancel)
        with context.output.content(name) as sink:
            card.read(file.path, sink, cancel=context.cancel)


@command("edit", topic="files", needs=Needs.CHDK, interactive=True)
def edit(
    context: Context, path: Arg[CameraPath, "A file on the card; a new one if there is none."]
) -> Edited:
    """Edit a file on the card.

    It is downloaded, opened with the program that $VISUAL or $EDITOR names, and uploaded if it was
    changed.
    Example: edit CHDK/SCRIPTS/HELLO.LUA
    """
    from chdkshell.shell.card.editfile import edit_file
    from chdkshell.shell.results.files import Edited

    return Edited(path, edit_file(context, path))


@command("mv", topic="files", needs=Needs.CAMERA)
def mv(
    context: Context,
    *path: Arg[CameraPath, "Files and folders on the card; the last is the new name or folder."],
) -> None:
    """Rename or move files and folders on the card.

    What is there is never replaced.
    Example: mv CHDK/SCRIPTS/OLD.LUA CHDK/SCRIPTS/NEW.LUA
    Example: mv A/ONE.TXT A/TWO.TXT A/DOCS
    """
    from chdkshell.shell.results.files import Moved

    sources, target = _moving(context, path, "moved")
    files = context.camera.files
    for source in sources:
        context.emit(Moved(source, files.move(source, target, context.cancel)))


@command("cp", topic="files", needs=Needs.CAMERA)
def cp(
    context: Context,
    *path: Arg[CameraPath, "Files and folders on the card; the last is the new name or folder."],
) -> None:
    """Copy files and folders on the card, which the camera does itself.

    What is there is never replaced. A file has its name when the copy is whole.
    Example: cp CHDK/SCRIPTS/ONE.LUA CHDK/SCRIPTS/TWO.LUA
    Example: cp A/ONE.TXT A/TWO.TXT A/DOCS
    """
    from chdkshell.shell.results.files import Moved

    sources, target = _moving(context, path, "copied")
    for source in sources:
        with context.progress(source) as progress:
            context.camera.files.copy(
                source,
                target,
                lambda old, new: context.emit(Moved(old, new)),
                progress,
                context.cancel,
            )


def _moving(context: Context, paths: Sequence[str], doing: str) -> tuple[list[str], str]:
    """Return the sources and the target of a command that is `doing` something to the sources.

    Raises `UsageError` before anything is done.
    """
    from chdkshell.chdk.paths import below_root
    from chdkshell.shell.card.copyoutput import sources_and_target

    sources, target = sources_and_target(tuple(paths))
    for source in sources:
        below_root(source, doing)
    if len(sources) > 1 and not context.camera.files.stat(target, context.cancel).is_dir:
        raise UsageError(f"not a directory: {target}", "several files can only go into a folder")
    return sources, target


@command("df", topic="files", needs=Needs.CAMERA)
def df(context: Context) -> Space:
    """Show how much room the card has.

    Example: df
    """
    from chdkshell.shell.results.files import Space

    space = context.camera.files.space(context.cancel)
    return Space(space.total, space.free)


@command("du", topic="files", needs=Needs.CAMERA)
def du(
    context: Context,
    *path: Arg[CameraPath, "Folders on the card; the current one if none is given."],
    s: Arg[bool, "Show only a sum for each of them."] = False,
    h: Arg[bool, "Show sizes in the unit that suits them."] = False,
) -> None:
    """Show how much files take up, folder by folder, each after those in it.

    Example: du DCIM
    """
    for top in path or (context.folder,):
        _show_usage(context, top, s, h)


def _show_usage(context: Context, top: str, only_sum: bool, in_units: bool) -> None:
    from chdkshell.shell.card.branches import Usages
    from chdkshell.shell.card.counting import counting

    usages = Usages()

    def show(known: Iterable[tuple[Usage, bool]]) -> None:
        for usage, is_top in known:
            if is_top or not only_sum:
                context.emit(usage.in_units() if in_units else usage)

    def receive(items: Sequence[CardEntry]) -> None:
        show(usages.known(items))

    with counting(context, "files") as on_count:
        context.camera.files.walk(top, on_entries=receive, cancel=context.cancel, on_count=on_count)
    show(usages.rest())


@command("tree", topic="files", needs=Needs.CAMERA)
def tree(
    context: Context,
    path: Arg[CameraPath | None, "The folder; the current one if none is given."] = None,
    *,
    l: Arg[bool, "Show sizes."] = False,  # noqa: E741
    maxdepth: Arg[int, Integer(), "Show only so many levels."] = 100,
) -> None:
    """Show a folder of the card with all that is in it.

    Example: tree CHDK
    """
    from chdkshell.chdk.card.selection import Selection
    from chdkshell.shell.card.branches import TreeRows
    from chdkshell.shell.card.counting import counting
    from chdkshell.shell.results.trees import TreePart

    wanted, files = Selection(maxdepth=maxdepth), context.camera.files
    top = path or context.folder
    tree = TreeRows()

    def show(rows: Iterable[TreeRow]) -> None:
        if known := tuple(rows):
            context.emit(TreePart(top, known, l))

    def receive(items: Sequence[CardEntry]) -> None:
        show(tree.rows(items))

    with counting(context, "files") as on_count:
        files.walk(top, wanted, receive, context.cancel, on_count)
    show(tree.rest())


@command("find", topic="files", needs=Needs.CAMERA)
def find(
    context: Context,
    *path: Arg[CameraPath, "Files and folders to look at; the current one if none is given."],
    chosen: TreeChoice = TREES,
    nodirs: Arg[bool, "Only files."] = False,
) -> None:
    """Find files and folders on the card, and show them as they are found.

    With -fmatch or -glob, only files are shown.
    Example: find -glob=*.LUA
    Example: find -dmatch=/1%d%d[^/]*$ DCIM
    """
    from chdkshell.shell.card.counting import counting
    from chdkshell.shell.results.trees import Found

    by_file = chosen.fmatch is not None or chosen.glob is not None
    files_only = nodirs or (by_file and chosen.dmatch is None)
    folders_only = chosen.dmatch is not None and not by_file

    def show(items: Sequence[CardEntry]) -> None:
        shown = tuple(item for item in items if not (files_only if item.is_dir else folders_only))
        if shown:
            context.emit(Found(shown))

    wanted = chosen.selection(context)
    with counting(context, "files") as on_count:
        context.camera.files.walk(path or context.folder, wanted, show, context.cancel, on_count)
