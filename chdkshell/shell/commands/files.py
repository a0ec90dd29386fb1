"""Commands about the files on the camera's card."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Annotated as Arg

from chdkshell.shell.arguments import CameraPath, Integer, LocalPath, LuaPattern
from chdkshell.shell.command import Needs, command

if TYPE_CHECKING:
    from chdkshell.chdk.files import DirEntry, Removed
    from chdkshell.shell import results
    from chdkshell.shell.context import Context


@command("ls", topic="files", needs=Needs.CHDK)
def ls(
    context: Context,
    path: Arg[CameraPath, "The folder to list; A/ is added if missing."] = "A/",
    *,
    l: Arg[bool, "Show sizes and times, folders first."] = False,  # noqa: E741
) -> results.Names | results.Entries:
    """List a folder of the card.

    Example: ls -l DCIM/100CANON
    """
    from chdkshell.shell.results import Entries, Names

    entries = context.camera.files.list_entries(path, cancel=context.cancel)
    if l:
        return Entries(tuple(sorted(entries, key=lambda e: (not e.is_dir, _order(e.name)))))
    return Names(tuple(sorted(map(_shown_name, entries), key=_order)))


def _shown_name(entry: DirEntry) -> str:
    return f"{entry.name}/" if entry.is_dir else entry.name


def _order(name: str) -> bytes:
    """Sort as the established client does: by bytes."""
    return name.encode("utf-8", "surrogateescape")


@command("upload", "u", topic="files", needs=Needs.CHDK)
def upload(
    context: Context,
    source: Arg[LocalPath, "The file on this computer."],
    remote: Arg[
        CameraPath | None, "Where to: a file, or a folder to copy it into; else A/."
    ] = None,
    *,
    nolua: Arg[bool, "Do not look at the target first: works while a script runs."] = False,
) -> results.Transfer:
    """Upload a file to the card.

    Some cameras have problems with paths of more than 32 characters, and those with DryOS with
    names that are not 8.3.
    Example: upload script.lua CHDK/SCRIPTS/
    """
    from chdkshell.shell.results import Transfer

    with context.progress(source) as progress:
        done = context.camera.files.upload(
            source, remote, check_target=not nolua, progress=progress, cancel=context.cancel
        )
    return Transfer(source, done.remote, done.size)


@command("download", "d", topic="files", needs=Needs.CHDK)
def download(
    context: Context,
    source: Arg[CameraPath, "The file on the card; A/ is added if missing."],
    local: Arg[
        LocalPath | None, "Where to: a file, or a folder to copy it into; else here."
    ] = None,
    *,
    nolua: Arg[bool, "Do not look at the file first: works while a script runs."] = False,
) -> results.Transfer:
    """Download a file from the card.

    The file appears under its name when it is complete, with the time it has on the card.
    Example: download DCIM/100CANON/IMG_0001.JPG
    """
    from chdkshell.shell.results import Transfer

    with context.progress(source) as progress:
        done = context.camera.files.download(
            source, local, check_first=not nolua, progress=progress, cancel=context.cancel
        )
    return Transfer(done.remote, str(done.local), done.size)


@command("mkdir", topic="files", needs=Needs.CHDK)
def mkdir(
    context: Context, directory: Arg[CameraPath, "The folder; those above it are made as needed."]
) -> None:
    """Make a folder on the card.

    Example: mkdir CHDK/SCRIPTS/MINE
    """
    context.camera.files.mkdir(directory, cancel=context.cancel)


@command("delete", "rm", topic="files", needs=Needs.CHDK)
def delete(
    context: Context,
    target: Arg[CameraPath, "A file or folder on the card."],
    *more: Arg[CameraPath, "More of them."],
    fmatch: Arg[LuaPattern | None, "Delete only files with paths that match."] = None,
    dmatch: Arg[LuaPattern | None, "Delete only folders with paths that match."] = None,
    rmatch: Arg[LuaPattern | None, "Look only into folders with names that match."] = None,
    nodirs: Arg[bool, "Delete only files, not the folders that were looked into."] = False,
    maxdepth: Arg[int, Integer(), "Look only into this many levels of folders."] = 100,
    pretend: Arg[bool, "Show what would be deleted and leave it."] = False,
    ignore_errors: Arg[bool, "Go on after what cannot be deleted."] = False,
    skip_topdirs: Arg[bool, "Leave the given folders themselves, delete what is in them."] = False,
) -> None:
    """Delete files and folders with all that is in them.

    A pattern is a Lua pattern such as %.JPG$, not one such as *.JPG.
    Example: delete -pretend DCIM/101CANON
    Example: rm -fmatch=%.LOG$ -nodirs A/CHDK
    """
    from chdkshell.chdk.files import RemoveOptions
    from chdkshell.shell.results import Deletion

    options = RemoveOptions(
        fmatch=fmatch,
        dmatch=dmatch,
        rmatch=rmatch,
        maxdepth=maxdepth,
        keep_dirs=nodirs,
        keep_top=skip_topdirs,
        pretend=pretend,
        ignore_errors=ignore_errors,
    )

    def show(removed: Removed) -> None:
        context.emit(Deletion(removed.path, removed.ok, removed.message))

    context.camera.files.remove_tree([target, *more], options, show, context.cancel)
