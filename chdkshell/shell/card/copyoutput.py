"""How commands that copy many files show what they do."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING

from chdkshell.errors import UsageError

if TYPE_CHECKING:
    from chdkshell.chdk.card.copying import CopyEvent
    from chdkshell.chdk.card.selection import Selection
    from chdkshell.shell.context import Context


def event_printer(
    context: Context,
    quiet: bool = False,
    folders: bool = True,
    replaced: bool = True,
    pretend: bool = False,
    command: str | None = None,
) -> Callable[[CopyEvent], None]:
    """Return what shows events as they come.

    `folders` and `replaced` say whether folders that were made, and the replacing of files, are
    worth a line; with `pretend` a terminal says what would be deleted. `command` is what runs after
    each download, in place of what the options say.
    """
    from chdkshell.chdk.card.copying import FileCopied, FileFailed, FolderMade, SourceRemoved
    from chdkshell.shell.results.copies import Copied

    def show(event: CopyEvent) -> None:
        if isinstance(event, FileCopied) and not event.on_card and not pretend:
            context.after_download(event.target, event.source, command)
        if isinstance(event, FileFailed) or (isinstance(event, SourceRemoved) and not event.ok):
            context.output.problem(Copied(event))
        elif quiet or (isinstance(event, FolderMade) and not folders):
            return
        elif isinstance(event, FileCopied) and not replaced:
            context.emit(Copied(dataclasses.replace(event, replaced=False)))
        else:
            context.emit(Copied(event, pretended=pretend))

    return show


def selection(
    context: Context,
    *,
    fmatch: str | None = None,
    dmatch: str | None = None,
    rmatch: str | None = None,
    glob: str | None = None,
    maxdepth: int,
    batchsize: int | None = None,
    dbgmem: bool = False,
) -> Selection:
    """Return the selection that the switches of a command mean. Raises `UsageError`."""
    from chdkshell.chdk.card.selection import Selection, glob_pattern

    start: tuple[int, int] | None = None

    def show_memory(used: int, free: int) -> None:
        nonlocal start
        start = start or (used, free)
        # in brackets: how much more is taken than at first
        text = f"dbg: count {used} ({used - start[0]}) free {free} ({start[1] - free})"
        context.renderer.info(text)

    return Selection(
        fmatch=fmatch,
        dmatch=dmatch,
        rmatch=rmatch,
        glob=None if glob is None else glob_pattern(glob),
        maxdepth=maxdepth,
        batch_size=batchsize,
        on_memory=show_memory if dbgmem else None,
    )


def sources_and_target(paths: tuple[str, ...]) -> tuple[list[str], str]:
    """Split the words of a command that copies. Raises `UsageError` for less than two."""
    if len(paths) < 2:
        raise UsageError("expected source(s) and destination", "the last word is the destination")
    *sources, target = paths
    return sources, target
