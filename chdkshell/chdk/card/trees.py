"""Whole trees of files, and pictures: listing, copying both ways, bringing two trees together."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chdkshell.chdk.card import downloading, uploading
from chdkshell.chdk.card.copying import PLAIN, CopyEvent, CopyOptions, Report, Run, always
from chdkshell.chdk.card.downloading import (
    REMOVE_AT_ONCE,
    Downloader,
    remove_files,
)
from chdkshell.chdk.card.entry import CardEntry
from chdkshell.chdk.card.images import (
    DCIM,
    PathOrder,
    check_sort,
    last_shots,
    lie_apart,
    sort_images,
)
from chdkshell.chdk.card.listing import Reading, Take, list_images, list_tree
from chdkshell.chdk.card.selection import IMAGE_DEPTH, IMAGE_PATTERN, ImageRange, Selection
from chdkshell.chdk.card.sync import Difference, differing, differing_local
from chdkshell.chdk.card.targets import Copy, ImageTargets, TreeTargets
from chdkshell.chdk.card.uploading import LocalItem, Uploader, find_local
from chdkshell.chdk.paths import without_slash
from chdkshell.chdk.protocol import ChdkProtocol
from chdkshell.chdk.scripts import Scripts
from chdkshell.errors import ChdkShellError, IncompleteError
from chdkshell.flow import NEVER, SILENT, CancelToken, Progress
from chdkshell.lua.literals import serialize

Tell = Callable[[CopyEvent], None]

ALL = Selection()
IMAGES = Selection(fmatch=IMAGE_PATTERN, maxdepth=IMAGE_DEPTH)
EVERY_NUMBER = ImageRange()


class Trees:
    """Trees on the card of the camera at the other end of `protocol`.

    Nothing is lost: a file appears under its name when it is whole, on either side, and a source is
    deleted, where that is asked for, only after that, in the same run.
    """

    def __init__(self, protocol: ChdkProtocol, scripts: Scripts) -> None:
        self._protocol = protocol
        self._scripts = scripts

    # ---- looking ----

    def find(
        self,
        paths: Sequence[str],
        selection: Selection = ALL,
        take: Take | None = None,
        cancel: CancelToken = NEVER,
        reading: Reading | None = None,
    ) -> list[CardEntry]:
        """Return what is in files and directories of the card (`chdk.listing.list_tree`)."""
        return list_tree(self._scripts, paths, selection, take, cancel, reading)

    def images(
        self,
        paths: Sequence[str] = (),
        numbers: ImageRange = EVERY_NUMBER,
        selection: Selection = IMAGES,
        sort: str = "date",
        reverse: bool = False,
        cancel: CancelToken = NEVER,
        reading: Reading | None = None,
    ) -> list[CardEntry]:
        """Return the pictures that are meant, in the order that `sort` names (`chdk.card.images`).

        Without `paths` they are those in A/DCIM.
        """
        check_sort(sort)
        found = list_images(
            self._scripts, paths or (DCIM,), selection, numbers, cancel=cancel, reading=reading
        )
        items = found.items if numbers.last is None else last_shots(found, numbers.last)
        return sort_images(items, sort, reverse)

    def images_by_path(
        self,
        take: Take,
        paths: Sequence[str] = (),
        numbers: ImageRange = EVERY_NUMBER,
        selection: Selection = IMAGES,
        reverse: bool = False,
        cancel: CancelToken = NEVER,
        reading: Reading | None = None,
    ) -> None:
        """Tell `take` of pictures in the order of their paths while the camera lists them.

        With `numbers.last`, and with a path that begins with another, that is at the end.
        """
        tops = sorted((without_slash(path) for path in paths or (DCIM,)), reverse=reverse)
        if numbers.last is not None or not lie_apart(tops):
            take(self.images(tops, numbers, selection, "path", reverse, cancel, reading))
            return
        order = PathOrder(take, reverse)

        def note(count: int, place: str) -> None:
            order.reading(count, place)
            if reading is not None:
                reading(count, place)

        list_images(self._scripts, tops, selection, numbers, order.add, cancel, note, reverse)
        order.finish()

    # ---- to this computer ----

    def plan(
        self,
        paths: Sequence[str],
        targets: TreeTargets,
        selection: Selection = ALL,
        folders: bool = True,
        cancel: CancelToken = NEVER,
    ) -> list[Copy]:
        """Return what is in `paths` with where each goes; `folders` has directories too."""
        return [
            Copy(item, targets.target(item))
            for item in self.find(paths, selection, cancel=cancel)
            if item.parts and (folders or not item.is_dir)
        ]

    def plan_images(self, items: Sequence[CardEntry], targets: ImageTargets) -> list[Copy]:
        """Return pictures with where each goes, counted in their order."""
        return [Copy(item, targets.target(item)) for item in items]

    def download(
        self,
        copies: Sequence[Copy],
        overwrite: downloading.Overwrite = always,
        options: CopyOptions = PLAIN,
        tell: Tell | None = None,
        progress: Progress = SILENT,
        cancel: CancelToken = NEVER,
    ) -> Report:
        """Copy files from the card (`chdk.downloading.Downloader.run`)."""
        downloader = Downloader(self._protocol, self._scripts, overwrite, options)
        return downloader.run(copies, tell, progress, cancel)

    def remove(
        self,
        items: Sequence[CardEntry],
        tell: Tell | None = None,
        cancel: CancelToken = NEVER,
    ) -> None:
        """Delete files that are still as they were listed.

        `tell` is told of each. Raises `IncompleteError` after all others where some stayed.
        """
        run = Run([item.path for item in items], tell)
        try:
            for start in range(0, len(items), REMOVE_AT_ONCE):
                cancel.check()
                remove_files(self._scripts, items[start : start + REMOVE_AT_ONCE], run.note)
        except ChdkShellError as error:
            run.explain(error)
            raise
        stayed = [event for event in run.report.removed if not event.ok]
        if stayed:
            raise IncompleteError(
                f"{len(stayed)} of {len(items)} files were not deleted: {stayed[0].message}",
                missing=tuple(event.path for event in stayed),
            )

    # ---- to the card ----

    def upload(
        self,
        items: Sequence[LocalItem],
        overwrite: uploading.Overwrite = always,
        options: CopyOptions = PLAIN,
        tell: Tell | None = None,
        progress: Progress = SILENT,
        cancel: CancelToken = NEVER,
    ) -> Report:
        """Copy files to the card (`chdk.uploading.Uploader.run`)."""
        uploader = Uploader(self._protocol, self._scripts, overwrite, options)
        return uploader.run(items, tell, progress, cancel)

    # ---- both ways ----

    def difference(
        self,
        directory: str,
        folder: str,
        selection: Selection = ALL,
        cancel: CancelToken = NEVER,
    ) -> Difference:
        """Return what of a directory of the card is not, or otherwise, in a folder here."""
        targets = TreeTargets(folder, literal=True)
        items = self.find([directory], selection, cancel=cancel)
        return differing([Copy(item, targets.target(item)) for item in items if item.parts])

    def difference_local(
        self,
        folder: str,
        directory: str,
        selection: Selection = ALL,
        cancel: CancelToken = NEVER,
    ) -> tuple[list[LocalItem], list[LocalItem]]:
        """Return what of a folder here the card lacks or has otherwise, and what it has."""
        items = find_local([folder], directory, selection)
        there: dict[str, CardEntry] = {}
        target = without_slash(directory)
        if self._is_there(target, cancel):
            there = {item.path.casefold(): item for item in self.find([target], cancel=cancel)}
        return differing_local(items, there)

    def _is_there(self, path: str, cancel: CancelToken) -> bool:
        code = f"return os.stat({serialize(path)}) ~= nil"
        return self._scripts.call(code, cancel=cancel) is True
