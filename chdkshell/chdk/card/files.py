"""Files on the card: the one place to list, read, write, copy and delete them.

Nothing is lost: a file appears under its name when it is whole, on either side, and a source is
deleted, where that is asked for, only after that, in the same run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from chdkshell.chdk.card import downloading, single
from chdkshell.chdk.card.access import CardAccess, CountListener, EntriesListener
from chdkshell.chdk.card.cardanswers import CardSpace, FileTransfer, Removed, RemoveOptions
from chdkshell.chdk.card.copying import PLAIN, CopyListener, CopyOptions, Report, always
from chdkshell.chdk.card.copyplan import Copy, plan
from chdkshell.chdk.card.images import list_sorted
from chdkshell.chdk.card.lookup import stat_if_there
from chdkshell.chdk.card.removing import removal_targets, remove_entries
from chdkshell.chdk.card.selection import (
    ALL,
    CHILDREN,
    EVERY_NUMBER,
    IMAGES,
    ImageRange,
    Selection,
    glob_pattern,
)
from chdkshell.chdk.cardentry import CardEntry
from chdkshell.chdk.paths import ROOT, below_root, camera_path, host_path, several, without_slash
from chdkshell.flow import NEVER, SILENT, CancelToken, Progress

if TYPE_CHECKING:
    from chdkshell.chdk.card.uploading import LocalItem, Overwrite

REMOVE_ALL = RemoveOptions()


class Files:
    """The files on a card, as `cam.files`.

    Paths are those of the card, with or without `A/` before them. A file appears under its name
    when it is whole, on either side. `CardError` says what the camera refused, and on which path.
    With CHDK each call but a transfer without checks runs a script on the camera, so that it raises
    `ScriptRunningError` while one runs.

    >>> [entry.name for entry in cam.files.find("IMG_000?.JPG", "A/DCIM")]
    ['IMG_0001.JPG', 'IMG_0002.JPG', 'IMG_0003.JPG']
    """

    def __init__(self, card: CardAccess) -> None:
        self.card = card

    # ---- looking ----

    def stat(self, path: str, cancel: CancelToken = NEVER) -> CardEntry:
        """Return the entry of a path. Raises `CardError` where nothing is there."""
        return self.card.stat(without_slash(path), cancel)

    def exists(self, path: str, cancel: CancelToken = NEVER) -> bool:
        """Whether something is under a path."""
        return stat_if_there(self.card, path, cancel) is not None

    def listdir(self, path: str = ROOT, cancel: CancelToken = NEVER) -> list[str]:
        """Return the names in a directory, those of files first. A file gives its own path."""
        return [e.name if e.depth else e.path for e in self.scandir(path, cancel)]

    def scandir(
        self, path: str = ROOT, cancel: CancelToken = NEVER, on_count: CountListener | None = None
    ) -> list[CardEntry]:
        """Return what is in a directory: files in the camera's order, then directories by name.

        A file gives its own entry, whose `depth` is 0. `on_count` is told how many there are.
        """
        entries = self.walk(path, CHILDREN, cancel=cancel, on_count=on_count)
        return [entry for entry in entries if entry.depth or entry.is_file]

    def walk(
        self,
        paths: str | Sequence[str] = ROOT,
        selection: Selection = ALL,
        on_entries: EntriesListener | None = None,
        cancel: CancelToken = NEVER,
        on_count: CountListener | None = None,
    ) -> list[CardEntry]:
        """Return what is in files and directories of the card, those themselves first.

        `on_entries` is told of entries as they come (`CardAccess.list_tree`).
        """
        tops = [without_slash(path) for path in several(paths)]
        return self.card.list_tree(tops, selection, on_entries, cancel, on_count)

    def find(
        self, glob: str, paths: str | Sequence[str] = ROOT, cancel: CancelToken = NEVER
    ) -> list[CardEntry]:
        """Return the files in `paths` that a shell glob such as `*.JPG` means, in any case."""
        wanted = Selection(glob=glob_pattern(glob))
        return [entry for entry in self.walk(paths, wanted, cancel=cancel) if entry.is_file]

    def images(
        self,
        paths: Sequence[str] = (),
        numbers: ImageRange = EVERY_NUMBER,
        selection: Selection = IMAGES,
        sort: str = "date",
        reverse: bool = False,
        cancel: CancelToken = NEVER,
        on_count: CountListener | None = None,
    ) -> list[CardEntry]:
        """Return the pictures that are meant, in the order that `sort` names (`chdk.card.images`).

        Without `paths` they are those in A/DCIM.
        """
        return list_sorted(self.card, paths, numbers, selection, sort, reverse, cancel, on_count)

    def space(self, cancel: CancelToken = NEVER) -> CardSpace:
        """Return how large the card is and how much of it is free."""
        return self.card.space(cancel)

    # ---- content ----

    def read(
        self,
        path: str,
        limit: int = single.MAX_READ,
        progress: Progress = SILENT,
        cancel: CancelToken = NEVER,
    ) -> bytes:
        """Return what is in a file: all that the camera says it has.

        Raises `CardError` where that is more than `limit` bytes, and where another number came.
        """
        return single.read_file(self.card, path, limit, progress, cancel)

    def write(
        self,
        path: str,
        data: bytes,
        progress: Progress = SILENT,
        cancel: CancelToken = NEVER,
    ) -> None:
        """Make `data` the content of a file, in a directory that is there.

        A file of that name is replaced when all bytes are on the card under another name. Raises
        `CardError` where they are not, `PtpError` where the camera cannot write there, and
        `UsageError` for a path that ends with "/".
        """
        single.write_file(self.card, path, data, progress, cancel)

    # ---- changing ----

    def mkdir(self, path: str, cancel: CancelToken = NEVER) -> None:
        """Make a directory with its parents. One that is there already is fine."""
        self.card.make_folders(without_slash(path), cancel)

    def move(self, source: str, target: str, cancel: CancelToken = NEVER) -> str:
        """Rename a file or directory, or move it into a directory; return its new path.

        A target that is there is an error, never replaced. Raises `UsageError` for `A/` itself.
        """
        return self.card.move(below_root(source, "moved"), without_slash(target), cancel)

    def copy(
        self,
        source: str,
        target: str,
        on_copied: Callable[[str, str], None] | None = None,
        progress: Progress = SILENT,
        cancel: CancelToken = NEVER,
    ) -> str:
        """Copy a file or directory on the card, to where `move` would move it."""
        from chdkshell.chdk.card.oncard import copy_on_card

        return copy_on_card(self.card, source, target, on_copied, progress, cancel)

    def remove(self, path: str, cancel: CancelToken = NEVER) -> None:
        """Remove one file or empty directory. Raises `UsageError` for `A/` itself."""
        self.card.remove(below_root(path, "deleted"), cancel)

    def remove_tree(
        self,
        paths: str | Sequence[str],
        options: RemoveOptions = REMOVE_ALL,
        on_removed: Callable[[Removed], None] | None = None,
        cancel: CancelToken = NEVER,
    ) -> list[Removed]:
        """Remove files and directories with all that is in them; return what became of each path.

        Files come before the directory they are in. `on_removed` is told while it goes on. The
        first failure ends it with `CardError`, unless the options say otherwise. Raises
        `UsageError` for `A/` without `RemoveOptions.whole_card`.
        """
        targets = removal_targets(several(paths), options)
        return self.card.remove_trees(targets, options, on_removed, cancel)

    def remove_entries(
        self,
        entries: Sequence[CardEntry],
        on_event: CopyListener | None = None,
        cancel: CancelToken = NEVER,
    ) -> None:
        """Delete files that are still as they were listed.

        `on_event` is told of each. Raises `IncompleteError` after all others where some stayed.
        """
        remove_entries(self.card, entries, on_event, cancel)

    # ---- one file ----

    def download(
        self,
        remote: str,
        local: Path | str | None = None,
        *,
        check_first: bool = True,
        keep_time: bool = True,
        to_disk: bool = False,
        verify: bool = False,
        is_new: bool = False,
        progress: Progress = SILENT,
        cancel: CancelToken = NEVER,
    ) -> FileTransfer:
        """Copy a file of the card to this computer.

        `local` is the target file, or a directory (one that exists, or a text with "/" at its end)
        to copy it into under its own name; without it that is the current one. Folders on the way
        are made. The target appears whole or not at all: bytes go to NAME.part first, and what the
        target was before stays until then. It gets the file's time unless `keep_time` is False.

        Of a large file that is broken off, what has come is kept, and the next call goes on from
        there if the card still has the same file (`chdk.transfer.PartFile`).

        `check_first` asks the camera for size and time, which needs Lua; without it a download
        works while a script runs, and the file's time is not kept. `to_disk` waits until the file
        would survive a loss of power. `verify` reads it a second time, and compares. `is_new` is
        for a picture that was just taken: it has to be whole by its own structure, too. Raises
        `CardError`, `PtpError` where the camera cannot read the file, and `HostFileError`.
        """
        source = camera_path(remote)
        target = single.download_target(source, local)
        if not check_first:
            return single.download_unchecked(self.card, source, target, progress, cancel)
        return single.download_checked(
            self.card,
            source,
            target,
            keep_time=keep_time,
            to_disk=to_disk,
            verify=verify,
            is_new=is_new,
            progress=progress,
            cancel=cancel,
        )

    def upload(
        self,
        local: Path | str,
        remote: str | None = None,
        *,
        check_target: bool = True,
        keep_time: bool = False,
        progress: Progress = SILENT,
        cancel: CancelToken = NEVER,
    ) -> FileTransfer:
        """Copy a file of this computer to the card.

        `remote` is the target file, or a directory (one that exists, or a text with "/" at its end)
        to copy it into under its own name; without it that is `A/`. A file that is there is
        replaced, when the new one has come whole under another name (`chdk.card.writer`).
        `keep_time` gives the file its time of modification, counted by the camera's clock.

        All that needs Lua: without `check_target` an upload works while a script runs, writes over
        the target at once, and a "/" at the end alone tells a directory. Raises
        `UsageError` where `local` is no file, `CardError`, and `PtpError` where the camera cannot
        write the file.
        """
        return single.upload_file(
            self.card,
            host_path(local),
            remote,
            check_target=check_target,
            keep_time=keep_time,
            progress=progress,
            cancel=cancel,
        )

    # ---- many files ----

    def download_copies(
        self,
        copies: Sequence[Copy],
        overwrite: downloading.Overwrite = always,
        options: CopyOptions = PLAIN,
        on_event: CopyListener | None = None,
        progress: Progress = SILENT,
        cancel: CancelToken = NEVER,
    ) -> Report:
        """Copy files from the card (`chdk.card.downloading.Downloader.run`)."""
        downloader = downloading.Downloader(self.card, overwrite, options)
        return downloader.run(copies, on_event, progress, cancel)

    def download_tree(
        self,
        paths: str | Sequence[str],
        folder: str,
        selection: Selection = ALL,
        options: CopyOptions = PLAIN,
        progress: Progress = SILENT,
        cancel: CancelToken = NEVER,
    ) -> Report:
        """Copy what is in `paths` into a folder of this computer; files there are replaced."""
        from chdkshell.chdk.card.targets import TreeTargets

        targets = TreeTargets(folder, literal=True)
        copies = plan(self.walk(paths, selection, cancel=cancel), targets)
        return self.download_copies(copies, options=options, progress=progress, cancel=cancel)

    def upload_items(
        self,
        items: Sequence[LocalItem],
        overwrite: Overwrite = always,
        options: CopyOptions = PLAIN,
        on_event: CopyListener | None = None,
        progress: Progress = SILENT,
        cancel: CancelToken = NEVER,
    ) -> Report:
        """Copy files to the card (`chdk.card.uploading.Uploader.run`)."""
        from chdkshell.chdk.card.uploading import Uploader

        uploader = Uploader(self.card, overwrite, options)
        return uploader.run(items, on_event, progress, cancel)

    def upload_tree(
        self,
        folder: str,
        directory: str,
        selection: Selection = ALL,
        options: CopyOptions = PLAIN,
        progress: Progress = SILENT,
        cancel: CancelToken = NEVER,
    ) -> Report:
        """Copy what is in a folder of this computer into a directory, which is made if needed."""
        from chdkshell.chdk.card.uploading import find_local

        items = find_local([folder], directory, selection)
        return self.upload_items(items, options=options, progress=progress, cancel=cancel)

    def sync(
        self,
        directory: str,
        folder: str,
        up: bool = False,
        selection: Selection = ALL,
        options: CopyOptions = PLAIN,
        progress: Progress = SILENT,
        cancel: CancelToken = NEVER,
    ) -> Report:
        """Copy what a folder here lacks of a directory, or has otherwise; with `up` to the card.

        What was changed later at the target than at the source is kept.
        """
        from chdkshell.chdk.card import sync

        if up:
            items, _ = sync.difference_local(self.card, folder, directory, selection, cancel)
            replaces = sync.replaces_on_card
            return self.upload_items(items, replaces, options, progress=progress, cancel=cancel)
        copies = sync.difference(self.card, directory, folder, selection, cancel).copies
        return self.download_copies(
            copies, sync.replaces, options, progress=progress, cancel=cancel
        )
