"""Many files from the card to this computer, each whole or not at all.

What a listing said is enough to copy a file. With `remove`, a file is deleted from the card when it
lies on this computer's disk under its name, and only then.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Sequence

from chdkshell.chdk.cameratime import camera_to_host, is_same_time
from chdkshell.chdk.card.access import CardAccess
from chdkshell.chdk.card.copying import (
    PLAIN,
    CopyEvent,
    CopyOptions,
    FileCopied,
    FileKept,
    FolderMade,
    Report,
    Run,
    SourceRemoved,
    WholeProgress,
    always,
)
from chdkshell.chdk.card.copyplan import Copy, check_apart
from chdkshell.chdk.card.fetching import compare, fetch
from chdkshell.chdk.card.removing import REMOVE_AT_ONCE
from chdkshell.chdk.transfer import NOTE, PART, PartFile, host_error, make_folder
from chdkshell.errors import ChdkShellError, UsageError
from chdkshell.flow import NEVER, SILENT, CancelToken, Progress

Overwrite = Callable[[Copy, os.stat_result], bool]
"""Decides whether a file that is there is to be replaced."""


def if_newer(copy: Copy, info: os.stat_result) -> bool:
    """Replace what is older than the file on the card."""
    return camera_to_host(copy.item.mtime) > info.st_mtime


def is_finished(copy: Copy, info: os.stat_result) -> bool:
    """Whether a file that is there looks as if an earlier run had brought it: size and time."""
    return info.st_size == copy.item.size and is_same_time(copy.item.mtime, info.st_mtime)


class Downloader:
    """Copies from one camera. `overwrite` decides about files that are there."""

    def __init__(
        self,
        card: CardAccess,
        overwrite: Overwrite = always,
        options: CopyOptions = PLAIN,
    ) -> None:
        self._card = card
        self._overwrite = overwrite
        self._options = options
        self._suffix = PART
        self._arrived: dict[str, Copy] = {}
        self._written: dict[tuple[int, int], str] = {}

    def run(
        self,
        copies: Sequence[Copy],
        on_event: Callable[[CopyEvent], None] | None = None,
        progress: Progress = SILENT,
        cancel: CancelToken = NEVER,
    ) -> Report:
        """Copy files and make folders, in order; return what came of it.

        `on_event` is told of each when it is done. Raises `UsageError` before anything is
        transferred where two files would have one name; `IncompleteError` after all others were
        copied where some did not arrive; and what ends the run, with what is done and what is not
        in its notes.
        """
        check_apart(copies)
        copies = _once_each(copies)
        files = [copy for copy in copies if not copy.item.is_dir]
        run = Run([copy.item.path for copy in files], on_event)
        times = 2 if self._options.verify else 1
        whole = WholeProgress(progress, times * sum(copy.item.size for copy in files))
        self._suffix = _free_suffix(files)
        try:
            for copy in copies:
                if copy.item.is_dir:
                    self._make_folder(copy, run)
                else:
                    self._copy(copy, run, whole, cancel)
                if len(self._arrived) >= REMOVE_AT_ONCE:
                    self._remove_arrived(run)
            self._remove_arrived(run)
        except ChdkShellError as error:
            run.explain(error)
            raise
        finally:
            self._tell_unremoved(run)
        return run.finish()

    def _make_folder(self, copy: Copy, run: Run) -> None:
        if not self._options.pretend:
            try:
                make_folder(copy.target)
            except OSError as error:
                raise host_error("write", copy.target, error) from error
        run.record(FolderMade(str(copy.target)))

    def _copy(self, copy: Copy, run: Run, progress: Progress, cancel: CancelToken) -> None:
        item, target = copy.item, str(copy.target)
        cancel.check()
        info = _local_stat(target)
        other = self._written.get((info.st_dev, info.st_ino)) if info is not None else None
        if other is not None and other != item.path:
            # a disk that knows no case of letters, or a link to a folder
            error = UsageError(f"{target} is where {other} has just arrived; it was left")
            run.fail(item.path, target, error)
            return
        if info is not None and not self._overwrite(copy, info):
            run.record(FileKept(item.path, target))
            if self._options.remove:
                run.record(SourceRemoved(item.path, False))
            return
        if not self._options.pretend:
            progress.describe(item.name)
            try:
                self._transfer(copy, progress, cancel)
            except ChdkShellError as error:
                run.fail(item.path, target, error)
                return
            if (written := _local_stat(target)) is not None:
                self._written[written.st_dev, written.st_ino] = item.path
        run.record(FileCopied(item.path, target, item.size, info is not None))
        if self._options.remove:
            self._arrived[item.path] = copy

    def _transfer(self, copy: Copy, progress: Progress, cancel: CancelToken) -> None:
        item, options = copy.item, self._options
        with PartFile(copy.target, self._suffix, item, camera=self._card.camera) as part:
            fetch(self._card, item, part, progress, cancel)
            mtime = camera_to_host(item.mtime) if options.keep_time else None
            if options.verify:
                part.flush(to_disk=True)
                compare(self._card, item.path, part.path, progress, cancel)
            part.finish(mtime, to_disk=options.remove)

    def _remove_arrived(self, run: Run) -> None:
        """Delete from the card what has arrived, and is still here."""

        def record(event: SourceRemoved) -> None:
            self._arrived.pop(event.path, None)
            run.record(event)

        copies = list(self._arrived.values())
        if self._options.pretend:
            for copy in copies:
                record(SourceRemoved(copy.item.path))
            return
        for copy in copies:
            info = _local_stat(str(copy.target))
            is_file = info is not None and stat.S_ISREG(info.st_mode)
            if info is None or not is_file or info.st_size != copy.item.size:
                record(SourceRemoved(copy.item.path, False, f"{copy.target} is not whole any more"))
        if self._arrived:
            self._card.remove_files([copy.item for copy in self._arrived.values()], record)
            self._tell_unremoved(run)

    def _tell_unremoved(self, run: Run) -> None:
        """Name what arrived, and is on the card as far as the camera told."""
        for path in self._arrived:
            run.record(SourceRemoved(path, False, "it arrived, but the camera deleted nothing yet"))
        self._arrived = {}


def _local_stat(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)  # noqa: PTH116 - no object for each of thousands of files
    except OSError:
        return None


def _once_each(copies: Sequence[Copy]) -> list[Copy]:
    """Leave out what was selected twice, as by naming a folder and a file in it."""
    return list({(copy.item.path, copy.target): copy for copy in copies}.values())


def _free_suffix(copies: Sequence[Copy]) -> str:
    """Return a suffix for unfinished files that makes none of the names that are to be written."""
    names = {copy.target.name.casefold() for copy in copies}
    suffix, count = PART, 1
    while any(name.endswith((suffix, suffix + NOTE)) for name in names):
        count += 1
        suffix = f"{PART}{count}"
    return suffix
