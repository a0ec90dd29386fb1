"""How commands that copy many files show what they do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from chdkshell.errors import IncompleteError, UsageError

if TYPE_CHECKING:
    from chdkshell.chdk.card.copying import CopyEvent
    from chdkshell.chdk.card.selection import Selection
    from chdkshell.shell.context import Context


class CopyPrinter:
    """Shows events of copying as they come, and at the end what they came to.

    `folders` and `replaced` say whether folders that were made, and the replacing of files, are
    worth a line; with `pretend` a terminal says what would be deleted. `command` is what runs after
    each download, in place of what the options say.
    """

    def __init__(
        self,
        context: Context,
        quiet: bool = False,
        folders: bool = True,
        replaced: bool = True,
        pretend: bool = False,
        command: str | None = None,
    ) -> None:
        self._context = context
        self._quiet = quiet
        self._folders = folders
        self._replaced = replaced
        self._pretend = pretend
        self._command = command
        self._sum = CopySummary()

    def __call__(self, event: CopyEvent) -> None:
        """Take an event."""
        from chdkshell.chdk.card.copying import FileCopied, FileFailed, FolderMade, SourceRemoved
        from chdkshell.shell.results.copies import Copied

        context = self._context
        self._sum.add(event)
        if isinstance(event, FileCopied) and not event.on_card and not self._pretend:
            context.after_download(event.target, event.source, self._command)
        if isinstance(event, FileFailed) or (isinstance(event, SourceRemoved) and not event.ok):
            context.output.problem(Copied(event))
        elif self._quiet or (isinstance(event, FolderMade) and not self._folders):
            return
        else:
            context.emit(Copied(event, pretended=self._pretend, tells_replaced=self._replaced))

    @contextmanager
    def summing_up(self) -> Iterator[None]:
        """Tell at the end what several files came to, where all of them had their turn."""
        try:
            yield
        except IncompleteError:
            self._tell()
            raise
        self._tell()

    def _tell(self) -> None:
        self._context.output.summary = vars(self._sum)
        if self._sum.files > 1 and not self._quiet:
            self._context.tell(self._sum.text(self._pretend))


class CopySummary:
    """How many files were copied, left as they were, not copied, and deleted at their source.

    `bytes` are those that were copied.
    """

    def __init__(self) -> None:
        self.copied = self.skipped = self.failed = self.removed = self.bytes = 0

    @property
    def files(self) -> int:
        """How many files there were."""
        return self.copied + self.skipped + self.failed

    def add(self, event: CopyEvent) -> None:
        """Count an event."""
        from chdkshell.chdk.card.copying import FileCopied, FileFailed, FileKept, SourceRemoved

        match event:
            case FileCopied():
                self.copied += 1
                self.bytes += event.size
            case FileKept():
                self.skipped += 1
            case FileFailed():
                self.failed += 1
            case SourceRemoved(ok=True):
                self.removed += 1

    def text(self, pretend: bool) -> str:
        """Return the sum as a line."""
        from rich.filesize import decimal

        files = f"{self.copied:,} file{'s' * (self.copied != 1)}, {decimal(self.bytes)}"
        parts = [f"{'would copy' if pretend else 'copied'} {files}"]
        for count, word in (
            (self.skipped, "skipped"),
            (self.failed, "failed"),
            (self.removed, "would delete" if pretend else "deleted at the source"),
        ):
            if count:
                parts.append(f"{word} {count:,}")
        return "; ".join(parts)


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
