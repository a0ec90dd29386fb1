"""Files and directories of the card that are deleted, many at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from chdkshell.chdk.card.access import CardAccess
from chdkshell.chdk.card.cardanswers import (
    Removed,
    RemoveOptions,
    batch,
    check,
    remove_options,
    removed,
)
from chdkshell.chdk.card.copying import CopyEvent, Run, SourceRemoved
from chdkshell.chdk.card.scriptcalls import call_with_messages
from chdkshell.chdk.cardentry import CardEntry
from chdkshell.chdk.messages import ScriptMessage
from chdkshell.chdk.paths import below_root, without_slash
from chdkshell.chdk.scripts import Scripts
from chdkshell.errors import ChdkShellError, IncompleteError
from chdkshell.flow import NEVER, CancelToken
from chdkshell.lua.literals import serialize
from chdkshell.lua.numbers import wrap
from chdkshell.lua.values import LuaValue

REMOVE_AT_ONCE = 50
"""Files are deleted so many at a time: each time costs a script, which cannot be cancelled."""


def removal_targets(paths: Sequence[str], options: RemoveOptions) -> list[str]:
    """Return what is to be removed, without a "/" at the end (`Files.remove_tree`)."""
    if options.whole_card:
        return [without_slash(path) for path in paths]
    return [below_root(path, "deleted") for path in paths]


def remove_trees(
    scripts: Scripts,
    targets: Sequence[str],
    options: RemoveOptions,
    on_removed: Callable[[Removed], None] | None = None,
    cancel: CancelToken = NEVER,
) -> list[Removed]:
    """Remove files and directories with all that is in them, as `Files.remove_tree` says."""
    results: list[Removed] = []

    def receive(message: ScriptMessage) -> None:
        for item in batch(message, cancel):
            if isinstance(item, dict):
                results.append(removed(item))
                if on_removed is not None:
                    on_removed(results[-1])

    call = f"remove_tree({serialize(list(targets))},{remove_options(options)})"
    answer = call_with_messages(scripts, call, "remove_tree", receive, cancel)
    check(answer, ", ".join(targets))
    return results


def remove_entries(
    card: CardAccess,
    entries: Sequence[CardEntry],
    on_event: Callable[[CopyEvent], None] | None = None,
    cancel: CancelToken = NEVER,
) -> None:
    """Delete files that are still as they were listed, as `Files.remove_entries` says."""
    run = Run([entry.path for entry in entries], on_event)
    try:
        for start in range(0, len(entries), REMOVE_AT_ONCE):
            cancel.check()
            card.remove_files(entries[start : start + REMOVE_AT_ONCE], run.record)
    except ChdkShellError as error:
        run.explain(error)
        raise
    stayed = [event for event in run.report.removed if not event.ok]
    if stayed:
        raise IncompleteError(
            f"{len(stayed)} of {len(entries)} files were not deleted: {stayed[0].message}",
            missing=tuple(event.path for event in stayed),
        )


def remove_files(
    scripts: Scripts,
    items: Iterable[CardEntry],
    on_removed: Callable[[SourceRemoved], None],
) -> None:
    """Delete files from the card that are still what the listing said.

    They should be few: this cannot be cancelled, since a script that is killed could not tell what
    it deleted.
    """
    files: list[LuaValue] = [[item.path, wrap(item.size), wrap(item.mtime)] for item in items]

    def receive(message: ScriptMessage) -> None:
        for table in batch(message):
            if isinstance(table, dict):
                done = removed(table)
                on_removed(SourceRemoved(done.path, done.ok, done.message))

    scripts.call(
        f"return remove_files({serialize(files)})",
        libraries=("remove_files",),
        on_message=receive,
    )
