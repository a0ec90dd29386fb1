"""What the copying of many files has in common: what is told, what is asked, and how it ends.

A file that cannot be copied is told and left out; the others go on. What ends a run (the link is
gone, the disk is full, the caller cancels) names what is done and what is not.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Sequence
from typing import NamedTuple

from chdkshell.errors import (
    Cancelled,
    ChdkShellError,
    HostFileError,
    IncompleteError,
    TransportError,
    printable,
)
from chdkshell.flow import Progress
from chdkshell.reasons import Reason

NAMES_SHOWN = 3
"""How many of the files that are not done a message names."""

_ENDS_ALL = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO))
"""Failures of a disk that the next file would meet, too."""


class FolderMade(NamedTuple):
    """A folder was made, or was there already; on the card where files are copied to it."""

    path: str
    on_card: bool = False


class FileCopied(NamedTuple):
    """A file arrived whole under its name, on the card or here; `replaced` one that was there.

    `size` is in bytes.
    """

    source: str
    target: str
    size: int
    replaced: bool = False
    on_card: bool = False


class FileKept(NamedTuple):
    """A file was not copied, since its target was there and stays."""

    source: str
    target: str


class FileFailed(NamedTuple):
    """A file did not arrive."""

    source: str
    target: str
    message: str


class SourceRemoved(NamedTuple):
    """A source was deleted after it had arrived; or not, and why."""

    path: str
    ok: bool = True
    message: str = ""


class CopyOptions(NamedTuple):
    """How files are copied. `pretend` only tells what would be done.

    `remove` deletes each source when its copy has arrived and is checked. `verify` reads each copy
    a second time, and compares it with its source.
    """

    keep_time: bool = True
    remove: bool = False
    pretend: bool = False
    verify: bool = False


PLAIN = CopyOptions()


def always(copy: object, there: object) -> bool:
    """Replace what is there."""
    return True


def never(copy: object, there: object) -> bool:
    """Leave what is there."""
    return False


CopyEvent = FolderMade | FileCopied | FileKept | FileFailed | SourceRemoved

CopyListener = Callable[[CopyEvent], None]
"""Is told what becomes of each of many files."""


class Report:
    """What a run of copies came to. `total` is how many files were selected."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.copied: list[FileCopied] = []
        self.kept: list[FileKept] = []
        self.failed: list[FileFailed] = []
        self.removed: list[SourceRemoved] = []


class Run:
    """Keeps the books of one run of copies.

    `sources` are the files in order, and `on_event` is told what happens.
    """

    def __init__(self, sources: Sequence[str], on_event: CopyListener | None = None) -> None:
        self.report = Report(len(sources))
        self._left = dict.fromkeys(sources)
        self._on_event = on_event

    def record(self, event: CopyEvent) -> None:
        """Keep what happened, and pass it on."""
        match event:
            case FileCopied():
                self.report.copied.append(event)
                self._left.pop(event.source, None)
            case FileKept():
                self.report.kept.append(event)
                self._left.pop(event.source, None)
            case FileFailed():
                self.report.failed.append(event)
            case SourceRemoved():
                self.report.removed.append(event)
                if event.ok:
                    self._left.pop(event.path, None)
        if self._on_event is not None:
            self._on_event(event)

    def fail(self, source: str, target: str, error: ChdkShellError) -> None:
        """Take an error about one file. Raises it again where it ends the whole run."""
        if ends_all(error):
            raise error
        self.record(FileFailed(source, target, "; ".join((str(error), *error.notes))))

    def explain(self, error: ChdkShellError) -> None:
        """Add to an error that ends the run what is done and what is not."""
        if not self.report.total:
            return
        done = self.report.total - len(self._left)
        text = f"{done} of {self.report.total} files are done"
        if self._left:
            text += f"; not done: {some_of(list(self._left))}; the next try goes on"
        error.add_note(text)

    def finish(self) -> Report:
        """Return the report. Raises `IncompleteError` where a file did not arrive."""
        failed, report = self.report.failed, self.report
        unremoved = [r.path for r in report.removed if not r.ok and r.message]
        if failed:
            raise IncompleteError(
                f"{len(failed)} of {report.total} files did not arrive: "
                + printable(f"{some_of([f.source for f in failed])} ({failed[0].message})"),
                tuple(f.source for f in failed),
            )
        if unremoved:
            raise IncompleteError(
                f"{len(unremoved)} files arrived but were not deleted: {some_of(unremoved)}",
                tuple(unremoved),
                reason=Reason.NOT_DELETED,
            )
        return report


def ends_all(error: ChdkShellError) -> bool:
    """Whether the next file would fail as this one did."""
    if isinstance(error, HostFileError):
        cause = error.__cause__
        return isinstance(cause, OSError) and cause.errno in _ENDS_ALL
    return isinstance(error, TransportError | Cancelled)


def some_of(names: Sequence[str]) -> str:
    """Return the first of many names for people, and how many more there are."""
    shown = printable(", ".join(names[:NAMES_SHOWN]))
    more = len(names) - NAMES_SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


class WholeProgress(Progress):
    """Passes the progress of many transfers on as that of one, of `total` bytes."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress = progress
        progress.start(total)

    def advance(self, count: int) -> None:
        self._progress.advance(count)

    def describe(self, text: str) -> None:
        self._progress.describe(text)
