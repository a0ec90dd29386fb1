"""What `delete` does with its targets: those with wildcards, the question, what is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chdkshell.errors import Cancelled, ChdkShellError, IncompleteError, TransportError
from chdkshell.shell.card.meaning import files_of, meant

if TYPE_CHECKING:
    from chdkshell.chdk.card.cardanswers import Removed, RemoveOptions
    from chdkshell.chdk.cardentry import CardEntry
    from chdkshell.shell.context import Context


def split_matches(
    context: Context, targets: Sequence[str], options: RemoveOptions
) -> tuple[list[str], list[CardEntry]]:
    """Return the targets that are paths, and the files that those with wildcards mean."""
    from chdkshell.lua.patterns import finds

    words: list[str] = []
    matches: list[CardEntry] = []
    for word, item in zip(targets, meant(context, targets), strict=True):
        if isinstance(item, str):
            words.append(item)
        elif not ("*" in word or "?" in word):
            words.append(item[0].path)
        else:
            matches += files_of(word, item)
    for pattern in (options.fmatch, options.glob):
        if pattern is not None:
            matches = [entry for entry in matches if finds(entry.path, pattern)]
    return words, matches


def remove_matches(
    context: Context, matches: Sequence[CardEntry], options: RemoveOptions, done: list[Removed]
) -> None:
    """Delete files that are still as they were listed, and add them to what is `done`."""
    from chdkshell.chdk.card.cardanswers import Removed
    from chdkshell.chdk.card.copying import CopyEvent, SourceRemoved

    def record(event: CopyEvent) -> None:
        if isinstance(event, SourceRemoved):
            done.append(Removed(event.path, event.ok, event.message))

    if options.pretend:
        done += [Removed(entry.path, True) for entry in matches]
        return
    try:
        context.camera.files.remove_entries(matches, record, context.cancel)
    except IncompleteError:
        if not options.ignore_errors:
            raise


def confirm_removal(
    context: Context, targets: list[str], matches: Sequence[CardEntry], options: RemoveOptions
) -> None:
    """Ask before many files are deleted. What they are costs a look at them."""
    from chdkshell.chdk.card.selection import Selection
    from chdkshell.chdk.paths import ROOT
    from chdkshell.shell.card.confirming import confirm
    from chdkshell.shell.card.counting import counting

    wanted = Selection(
        options.fmatch, options.dmatch, options.rmatch, options.glob, options.maxdepth
    )
    with counting(context, "files") as on_count:
        items = context.camera.files.walk(targets, wanted, None, context.cancel, on_count)
    items += matches
    found = {
        item.path: item
        for item in items
        if not item.is_dir or (item.path != ROOT and not options.keep_dirs)
    }
    confirm(context, found.values(), always=ROOT in targets)


def name_deleted(context: Context, error: ChdkShellError, done: list[Removed]) -> None:
    """Tell what an error came too late for beside the error.

    Programs read the plain text, where chdkptp has nothing but the error.
    """
    from chdkshell.chdk.card.copying import some_of
    from chdkshell.shell.results import JsonOnly
    from chdkshell.shell.results.files import Deletion

    for removed in done:
        context.emit(JsonOnly(Deletion(removed.path, removed.ok, removed.message)))
    deleted = [removed.path for removed in done if removed.ok]
    if deleted:
        error.add_note(f"deleted before that: {some_of(deleted)}")
    if isinstance(error, Cancelled | TransportError):
        text = "more may be deleted than the camera has told: `ls` shows what is left"
        error.add_note(text)
