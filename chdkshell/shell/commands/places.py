"""Commands about where one is, on the card and on this computer."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from typing import Annotated as Arg

from chdkshell.errors import CardError, UsageError
from chdkshell.shell.arguments import CameraPath, LocalFolder
from chdkshell.shell.command import Needs, command

if TYPE_CHECKING:
    from chdkshell.shell.context import Context
    from chdkshell.shell.results.places import CurrentFolder


@command("cd", topic="files", needs=Needs.CAMERA)
def cd(
    context: Context,
    directory: Arg[CameraPath | None, "A folder on the card; the top one if none is given."] = None,
) -> None:
    """Go to a folder of the card: paths begin there from now on.

    A path that begins with A/ is a whole path, and `..` at the beginning is the folder above.
    `imdl`, `imls` and `imrm` look into A/DCIM all the same, where no path is given.
    Each camera has a folder of its own.
    Example: cd DCIM/100CANON
    """
    from chdkshell.chdk.paths import ROOT, without_slash

    path = without_slash(directory or ROOT)
    if path == ROOT:
        context.connections.folder = ""
        return
    if not context.camera.files.stat(path, context.cancel).is_dir:
        raise CardError(f"{path} is not a folder", path)
    context.connections.folder = f"{path}/"


@command("pwd", topic="files", alone="")
def pwd(
    context: Context,
    *,
    l: Arg[bool, "The folder of this computer."] = False,  # noqa: E741
) -> CurrentFolder:
    """Show the folder of the card in which paths begin.

    Example: pwd
    Example: pwd -l
    """
    from chdkshell.shell.results.places import CurrentFolder

    if l:
        return CurrentFolder(os.getcwd())  # noqa: PTH109 - quick to import
    return CurrentFolder(context.folder.rstrip("/") if context.connections.folder else "A/")


@command("lcd", topic="files")
def lcd(
    context: Context,
    directory: Arg[LocalFolder | None, "The folder; your own one if none is given."] = None,
) -> None:
    """Go to a folder of this computer: files are put and found there from now on.

    Example: lcd shots
    """
    path = os.path.expanduser(directory or "~")  # noqa: PTH111 - quick to import
    if not os.path.isdir(path):  # noqa: PTH112
        raise UsageError(f"{directory} is no folder of this computer", "`lls` shows what is here")
    os.chdir(path)


@command("lls", topic="files")
def lls(
    context: Context,
    *path: Arg[LocalFolder, "Folders of this computer; the current one if none is given."],
) -> None:
    """List folders of this computer.

    Example: lls
    Example: lls shots
    """
    from chdkshell.shell.results.places import LocalNames

    for folder in path or (".",):
        context.emit(LocalNames(folder, _names_in(folder), len(path) > 1))


def _names_in(folder: str) -> tuple[str, ...]:
    with os.scandir(os.path.expanduser(folder)) as entries:  # noqa: PTH111
        return tuple(sorted(e.name + ("/" if e.is_dir() else "") for e in entries))
