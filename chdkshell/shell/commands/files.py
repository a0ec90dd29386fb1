"""Commands about the files on the camera's card."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Annotated as Arg

from chdkshell.errors import ChdkShellError, UsageError
from chdkshell.shell.arguments import CameraPath, Glob, Integer, LocalPath, LuaPattern, Target
from chdkshell.shell.card.choices import ExecAfterDownload
from chdkshell.shell.card.confirming import Yes
from chdkshell.shell.card.overwrite import Overwrite
from chdkshell.shell.command import Needs, command

if TYPE_CHECKING:
    from chdkshell.chdk.card.cardanswers import Removed
    from chdkshell.chdk.cardentry import CardEntry
    from chdkshell.shell.context import Context
    from chdkshell.shell.results.copies import Copied
    from chdkshell.shell.results.files import CopiedFile, Entries, Names


@command("ls", topic="files", needs=Needs.CAMERA)
def ls(
    context: Context,
    *path: Arg[CameraPath, "The folders to list; the current one if none is given."],
    l: Arg[bool, "Show sizes and times, folders first."] = False,  # noqa: E741
) -> None:
    """List folders of the card.

    In the last name and those before it, * stands for any letters and ? for one.
    Example: ls -l DCIM/100CANON
    Example: ls DCIM/*/IMG_00??.JPG
    """
    from chdkshell.shell.card.meaning import meant

    groups: list[tuple[str, list[CardEntry]]] = []
    words = path or (context.folder,)
    for word, item in zip(words, meant(context, words), strict=True):
        if isinstance(item, str):
            groups.append((word, _children(context, item)))
            continue
        if files := [entry for entry in item if not entry.is_dir]:
            groups.append(("", files))  # each has its whole path
        groups += [(e.path, _children(context, e.path)) for e in item if e.is_dir]
    for place, entries in groups:
        context.emit(_listing(place, entries, l, len(groups) > 1))


def _children(context: Context, folder: str) -> list[CardEntry]:
    from chdkshell.shell.card.counting import counting

    with counting(context, "files") as on_count:
        return context.camera.files.scandir(folder, context.cancel, on_count)


def _listing(
    place: str, entries: list[CardEntry], is_long: bool, is_one_of_several: bool
) -> Names | Entries:
    from chdkshell.chdk.paths import camera_path
    from chdkshell.shell.results.files import Entries, Names, listed_name

    path = camera_path(place) if place else ""
    heading = place if is_one_of_several else ""
    if is_long:
        ordered = sorted(entries, key=lambda e: (not e.is_dir, _order(e.name)))
        return Entries(path, tuple(ordered), heading)
    ordered = sorted(entries, key=lambda e: _order(listed_name(e) + ("/" if e.is_dir else "")))
    return Names(path, tuple(ordered), heading)


def _order(name: str) -> bytes:
    """Sort as chdkptp does: by bytes."""
    return name.encode("utf-8", "surrogateescape")


@command("upload", "u", topic="files", needs=Needs.CAMERA, ignores_words=True)
def upload(
    context: Context,
    source: Arg[LocalPath, "The file on this computer."],
    remote: Arg[
        CameraPath | None, "Where to: a file, or a folder to copy it into; else the current one."
    ] = None,
    *,
    nolua: Arg[bool, "Do not look at the target first: works while a script runs."] = False,
    mtime: Arg[bool, "Keep the time of the file."] = False,
    overwrite: Arg[Overwrite, "What to do with a file that is there."] = "y",
) -> CopiedFile | Copied:
    """Upload a file to the card.

    Some cameras have problems with paths of more than 32 characters, and those with DryOS with
    names that are not 8.3.
    Example: upload script.lua CHDK/SCRIPTS/
    """
    from chdkshell.shell.results.files import CopiedFile

    files = context.camera.files
    remote = remote or context.connections.folder or None
    if overwrite != "y":
        kept = _kept_on_card(context, source, remote, overwrite, nolua)
        if kept is not None:
            return kept
    with context.progress(source) as progress:
        done = files.upload(
            source,
            remote,
            check_target=not nolua,
            keep_time=mtime,
            progress=progress,
            cancel=context.cancel,
        )
    return CopiedFile(source, done.remote, done.size)


@command("download", "d", topic="files", needs=Needs.CAMERA, ignores_words=True)
def download(
    context: Context,
    source: Arg[CameraPath, "The file on the card; A/ is added if missing."],
    local: Arg[Target | None, "Where to: a file, or a folder to copy it into; else here."] = None,
    *,
    nolua: Arg[bool, "Do not look at the file first: works while a script runs."] = False,
    nomtime: Arg[bool, "Do not keep the time of the file."] = False,
    overwrite: Arg[Overwrite, "What to do with a file that is there."] = "y",
    exec_: ExecAfterDownload = None,
) -> CopiedFile | Copied | None:
    """Download a file from the card.

    `-` is standard output, which then gets nothing else. A device, a pipe or a socket is written
    to, and what a link points to is replaced.
    The file appears under its name when it is complete, with the time it has on the card. A large
    one that is broken off is kept as NAME.part, and the same command goes on from there.
    With * and ? the source means several files, for which the target is a folder.
    Example: download DCIM/100CANON/IMG_0001.JPG
    Example: download DCIM/100CANON/IMG_0001.JPG -
    Example: download DCIM/100CANON/IMG_00*.JPG shots/
    """
    from chdkshell.shell.card.meaning import meant_files

    sources = [source] if nolua else meant_files(context, [source])
    if len(sources) > 1:
        _check_folder(source, local)
        for name in sources:
            context.emit(_download(context, name, local, nolua, nomtime, overwrite, exec_))
        return None
    return _download(context, sources[0], local, nolua, nomtime, overwrite, exec_)


def _check_folder(source: str, local: str | None) -> None:
    """Raise `UsageError` unless several files can go into the target."""
    from pathlib import Path

    from chdkshell.hostnames import names_folder

    if local is None or names_folder(local) or Path(local).is_dir():
        return
    raise UsageError(
        f"{source} means several files, and {local} is no folder", f"write {local}/ for a new one"
    )


def _download(
    context: Context,
    source: str,
    local: str | None,
    nolua: bool,
    nomtime: bool,
    overwrite: str,
    command: str | None,
) -> CopiedFile | Copied:
    from chdkshell.shell.results.files import CopiedFile

    if overwrite != "y":
        kept = _kept_here(context, source, local, overwrite, nolua)
        if kept is not None:
            return kept
    with context.progress(source) as progress:
        done = context.camera.files.download(
            source,
            local,
            check_first=not nolua,
            keep_time=not nomtime,
            progress=progress,
            cancel=context.cancel,
        )
    context.after_download(str(done.local), done.remote, command)
    return CopiedFile(done.remote, str(done.local), done.size)


def _kept_here(
    context: Context, source: str, local: str | None, overwrite: str, nolua: bool
) -> Copied | None:
    """Return that the file which is here stays, or None where the download is to go on."""
    from chdkshell.chdk.card.copying import FileKept
    from chdkshell.chdk.card.copyplan import Copy
    from chdkshell.chdk.card.lookup import stat_file
    from chdkshell.chdk.card.single import download_target
    from chdkshell.outlets import is_outlet
    from chdkshell.shell.card.overwrite import download_rule
    from chdkshell.shell.results.copies import Copied

    target = download_target(source, local)
    if not target.exists() or is_outlet(target):
        return None
    if nolua:
        raise UsageError("-nolua cannot compare files", "use it with -overwrite=y")
    copy = Copy(stat_file(context.camera.files.card, source, context.cancel), target)
    if download_rule(context, overwrite, [copy])(copy, target.stat()):
        return None
    return Copied(FileKept(source, str(target)))


def _kept_on_card(
    context: Context, source: str, remote: str | None, overwrite: str, nolua: bool
) -> Copied | None:
    """Return that the file on the card stays, or None where the upload is to go on."""
    from pathlib import Path

    from chdkshell.chdk.card.copying import FileKept
    from chdkshell.chdk.card.lookup import stat_if_there
    from chdkshell.chdk.card.single import upload_target
    from chdkshell.chdk.card.uploading import LocalItem
    from chdkshell.shell.card.overwrite import upload_rule
    from chdkshell.shell.results.copies import Copied

    if nolua:
        raise UsageError("-nolua cannot compare files", "use it with -overwrite=y")
    path, card = Path(source), context.camera.files.card
    if not path.is_file():
        return None
    target = upload_target(card, path.name, remote, context.cancel)
    there = stat_if_there(card, target, context.cancel)
    if there is None:
        return None
    info = path.stat()
    item = LocalItem(path, target, info.st_size, info.st_mtime, False)
    if upload_rule(context, overwrite)(item, there):
        return None
    return Copied(FileKept(source, target))


@command("mkdir", topic="files", needs=Needs.CAMERA)
def mkdir(
    context: Context, directory: Arg[CameraPath, "The folder; those above it are made as needed."]
) -> None:
    """Make a folder on the card.

    Example: mkdir CHDK/SCRIPTS/MINE
    """
    context.camera.files.mkdir(directory, cancel=context.cancel)


@command("delete", "rm", topic="files", needs=Needs.CAMERA)
def delete(
    context: Context,
    *target: Arg[CameraPath, "Files and folders on the card."],
    fmatch: Arg[LuaPattern | None, "Delete only files with paths that match."] = None,
    dmatch: Arg[LuaPattern | None, "Delete only folders with paths that match."] = None,
    rmatch: Arg[LuaPattern | None, "Look only into folders with names that match."] = None,
    glob: Arg[Glob | None, "Delete only files that a shell glob means, such as *.LOG."] = None,
    nodirs: Arg[bool, "Delete only files, not the folders that were looked into."] = False,
    maxdepth: Arg[int, Integer(), "Look only into this many levels of folders."] = 100,
    pretend: Arg[bool, "Show what would be deleted and leave it."] = False,
    ignore_errors: Arg[bool, "Go on after what cannot be deleted."] = False,
    skip_topdirs: Arg[bool, "Leave the given folders themselves, delete what is in them."] = False,
    all_: Arg[bool, "Allow the whole card, which is A/."] = False,
    y: Yes = False,
) -> None:
    """Delete files and folders with all that is in them.

    At a terminal it asks before it deletes the whole card or many files.
    With * and ? a target means files alone, no folders: those that match, whatever they are in.
    A pattern of a switch is a Lua pattern such as %.JPG$, not one such as *.JPG.
    Example: delete -pretend DCIM/101CANON
    Example: rm DCIM/*/IMG_00*.JPG
    Example: rm -fmatch=%.LOG$ -nodirs A/CHDK
    """
    from chdkshell.chdk.card.cardanswers import RemoveOptions
    from chdkshell.chdk.card.removing import removal_targets
    from chdkshell.chdk.card.selection import check_patterns, glob_pattern
    from chdkshell.shell.card.confirming import can_be_asked
    from chdkshell.shell.card.deleting import (
        confirm_removal,
        name_deleted,
        remove_matches,
        split_matches,
    )
    from chdkshell.shell.results.files import Deletion

    if not target:
        raise UsageError("expected at least one target", "`rm A/NAME` deletes A/NAME")
    check_patterns(fmatch, dmatch, rmatch)
    options = RemoveOptions(
        fmatch=fmatch,
        dmatch=dmatch,
        rmatch=rmatch,
        glob=None if glob is None else glob_pattern(glob),
        maxdepth=maxdepth,
        keep_dirs=nodirs,
        keep_top=skip_topdirs,
        pretend=pretend,
        ignore_errors=ignore_errors,
        whole_card=all_,
    )
    words, matches = split_matches(context, target, options)
    targets = removal_targets(words, options)
    if can_be_asked(context, y, pretend):
        confirm_removal(context, targets, matches, options)
    done: list[Removed] = []
    try:
        if targets:
            context.camera.files.remove_tree(targets, options, done.append, context.cancel)
        remove_matches(context, matches, options, done)
    except ChdkShellError as error:
        name_deleted(context, error, done)
        raise
    for removed in done:
        context.emit(Deletion(removed.path, removed.ok, removed.message, pretend))
