"""Many files from this computer to the card."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path, PurePath
from typing import NamedTuple

from chdkshell import disk
from chdkshell.chdk.cameratime import TIME_STEP, host_to_camera
from chdkshell.chdk.card.access import CardAccess
from chdkshell.chdk.card.copying import (
    PLAIN,
    CopyEvent,
    CopyOptions,
    FileCopied,
    FileFailed,
    FileKept,
    FolderMade,
    Report,
    Run,
    SourceRemoved,
    WholeProgress,
    always,
)
from chdkshell.chdk.card.fetching import compare
from chdkshell.chdk.card.selection import Selection
from chdkshell.chdk.card.uploadsource import UploadSource, check_size
from chdkshell.chdk.card.writer import check_not_temporary
from chdkshell.chdk.cardentry import CardEntry
from chdkshell.chdk.paths import (
    camera_path,
    card_name_problem,
    host_path,
    without_slash,
)
from chdkshell.chdk.transfer import host_error
from chdkshell.errors import CardError, ChdkShellError, UsageError
from chdkshell.flow import NEVER, SILENT, CancelToken, Progress
from chdkshell.lua.patterns import finds
from chdkshell.reasons import Reason


class LocalItem(NamedTuple):
    """A file or folder of this computer, and where it goes on the card.

    `size` is in bytes; `mtime` in seconds since 1970, UTC.
    """

    source: Path
    target: str
    size: int
    mtime: float
    is_dir: bool


Overwrite = Callable[[LocalItem, CardEntry], bool]
"""Decides whether a file on the card is to be replaced."""


def if_newer(item: LocalItem, there: CardEntry) -> bool:
    """Replace what is older than the file on this computer."""
    return host_to_camera(item.mtime) - there.mtime >= TIME_STEP


def find_local(paths: Sequence[str], target: str, selection: Selection) -> list[LocalItem]:
    """Return what `selection` means in files and folders of this computer, in order of names.

    A folder comes before what is in it. The given folders themselves become `target`. Raises
    `UsageError` for a path that is not there and for names that no card can hold, `HostFileError`.
    """
    items: list[LocalItem] = []
    for path in paths:
        top = host_path(path)
        if top.is_dir():
            _walk(top, without_slash(target), 0, selection, items, ())
        elif not top.is_file():
            raise UsageError(f"no such file or folder: {path}", reason=Reason.NO_LOCAL_FILE)
        elif _wanted(top, selection):
            items.append(_item(top, _below(target, top.name)))
    return items


def _walk(
    folder: Path,
    target: str,
    depth: int,
    selection: Selection,
    items: list[LocalItem],
    above: tuple[tuple[int, int], ...],
) -> None:
    if depth >= selection.maxdepth or not _matches(folder, selection.rmatch):
        return
    try:
        info = folder.stat()
        entries = sorted(folder.iterdir(), key=lambda entry: (entry.is_dir(), entry.name))
    except OSError as error:
        raise host_error("read", folder, error) from error
    here = (info.st_dev, info.st_ino)
    if here in above:  # a link to a folder that this one is in
        return
    for entry in entries:
        below = _below(target, entry.name)
        if entry.is_dir():
            if _matches(entry, selection.dmatch):
                items.append(_item(entry, below))
            _walk(entry, below, depth + 1, selection, items, (*above, here))
        elif entry.is_file() and _wanted(entry, selection):
            items.append(_item(entry, below))


def _item(path: Path, target: str) -> LocalItem:
    problem = card_name_problem(path.name)
    if problem:
        raise UsageError(
            f"the card cannot hold {str(path)!r}: {problem}", "rename it; nothing was transferred"
        )
    try:
        info = path.stat()
    except OSError as error:
        raise host_error("read", path, error) from error
    return LocalItem(path, target, info.st_size, info.st_mtime, path.is_dir())


def _below(directory: str, name: str) -> str:
    return f"{camera_path(directory).rstrip('/')}/{name}"


def _wanted(path: PurePath, selection: Selection) -> bool:
    # a glob is made for whole paths of the card, which have a "/" before each name
    return _matches(path, selection.fmatch) and _matches("/" / path, selection.glob)


def _matches(path: PurePath, pattern: str | None) -> bool:
    """Whether a pattern for paths of the card, which have "/" between their names, finds one."""
    return pattern is None or finds(path.as_posix(), pattern)


def check_items(items: Sequence[LocalItem]) -> None:
    """Raise `UsageError` for files that a card cannot hold, or not beside each other.

    It knows no case of letters.
    """
    seen: dict[str, LocalItem] = {}
    for item in items:
        check_not_temporary(item.target)
        if not item.is_dir:
            check_size(item.source, item.size)
        other = seen.setdefault(item.target.casefold(), item)
        if other is not item and not (other.is_dir and item.is_dir):
            raise UsageError(
                f"{other.source} and {item.source} would both be {item.target}",
                "rename one of them; nothing was transferred",
            )


class Uploader:
    """Copies to one camera. `overwrite` decides about files that are there."""

    def __init__(
        self,
        card: CardAccess,
        overwrite: Overwrite = always,
        options: CopyOptions = PLAIN,
    ) -> None:
        self._card = card
        self._overwrite = overwrite
        self._options = options
        self._writer = card.writer()
        self._sent: dict[str, tuple[LocalItem, bool]] = {}

    def run(
        self,
        items: Sequence[LocalItem],
        on_event: Callable[[CopyEvent], None] | None = None,
        progress: Progress = SILENT,
        cancel: CancelToken = NEVER,
    ) -> Report:
        """Copy files and make directories; return what came of it. Raises as `Downloader.run`."""
        items = list({(item.source, item.target): item for item in items}.values())
        check_items(items)
        files = [item for item in items if not item.is_dir]
        run = Run([str(item.source) for item in files], on_event)
        whole = WholeProgress(progress, sum(item.size for item in files))
        try:
            there, missing = self._prepare(items, files, cancel)
            for folder in missing:
                run.record(FolderMade(folder, on_card=True))
            for item in items:
                if item.is_dir:
                    run.record(FolderMade(item.target, on_card=True))
                else:
                    self._copy(item, there.get(item.target.casefold()), run, whole, cancel)
                if self._writer.is_due:
                    self._finish(run)
            self._finish(run)
        except ChdkShellError as error:
            self._finish_after(error, run)
            run.explain(error)
            raise
        return run.finish()

    def _prepare(
        self, items: Sequence[LocalItem], files: Sequence[LocalItem], cancel: CancelToken
    ) -> tuple[dict[str, CardEntry], list[str]]:
        """Make the directories that are needed; return what is on the card under targets' names.

        Also return those directories of files that would be made, were this not a pretence.
        """
        folders = [item.target for item in items if item.is_dir]
        directories = [item.target.rpartition("/")[0] for item in files] + folders
        directories = [d if d != "A" else "A/" for d in dict.fromkeys(directories)]
        targets = [item.target for item in files]
        found, missing = self._card.prepare(directories, targets, self._options.pretend, cancel)
        for item in files:
            there = found.get(item.target.casefold())
            if there is not None and there.is_dir:
                raise CardError(f"not a file: {item.target}", item.target)
        return found, [path for path in missing if path not in folders]

    def _copy(
        self,
        item: LocalItem,
        there: CardEntry | None,
        run: Run,
        progress: Progress,
        cancel: CancelToken,
    ) -> None:
        cancel.check()
        source = str(item.source)
        if there is not None and not self._overwrite(item, there):
            run.record(FileKept(source, item.target))
            if self._options.remove:
                run.record(SourceRemoved(source, False))
            return
        if self._options.pretend:
            run.record(FileCopied(source, item.target, item.size, there is not None, True))
            if self._options.remove:
                run.record(SourceRemoved(source))
            return
        progress.describe(item.source.name)
        mtime = host_to_camera(item.mtime) if self._options.keep_time else None
        try:
            with UploadSource(item.source) as file:
                self._writer.send(file, item.target, mtime, progress, cancel)
        except ChdkShellError as error:
            run.fail(source, item.target, error)
            return
        self._sent[item.target.casefold()] = (item, there is not None)

    def _finish(self, run: Run) -> None:
        """Give what was sent its names. Raises `CardError` where the card is full.

        That is brief, and half of it would leave temporary names: so no cancel.
        """
        full: FileFailed | None = None
        for written in self._writer.finish():
            sent = self._sent.pop(written.path.casefold(), None)
            if sent is None:
                continue
            item, replaced = sent
            source = str(item.source)
            if not written.ok:
                failed = FileFailed(source, item.target, written.message)
                run.record(failed)
                full = full or (failed if written.short else None)
                continue
            if self._options.verify:
                try:
                    compare(self._card, item.target, item.source)
                except ChdkShellError as error:
                    run.fail(source, item.target, error)
                    continue
            run.record(FileCopied(source, item.target, item.size, replaced, True))
            if self._options.remove:
                self._remove_source(item, run)
        if full is not None:
            raise CardError(full.message, full.target, reason=Reason.CARD_FULL)

    def _remove_source(self, item: LocalItem, run: Run) -> None:
        source = str(item.source)
        try:
            info = item.source.stat()
            if (info.st_size, info.st_mtime) != (item.size, item.mtime):
                run.record(SourceRemoved(source, False, "changed since it was listed"))
                return
            disk.remove(source)
        except OSError as error:
            run.record(SourceRemoved(source, False, str(error.strerror)))
        else:
            run.record(SourceRemoved(source))

    def _finish_after(self, error: ChdkShellError, run: Run) -> None:
        """Give what has arrived its names where an error that spared the link ends the run."""
        try:
            self._finish(run)
        except ChdkShellError:
            # the error that ended the run is the one to tell
            return
