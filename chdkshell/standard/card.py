"""The card by standard PTP: files and folders are the camera's objects, and no CHDK is needed.

What a path means is found, and looked at once more, right before it is read or deleted: a handle
that now means another object is never used. Standard PTP cannot replace a file, so that nothing
here does: what is there has to be deleted first.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import BinaryIO, cast

from chdkshell.chdk.card.access import CountListener, EntriesListener, ImageList, UploadTargets
from chdkshell.chdk.card.cardanswers import CardSpace, Removed, RemoveOptions
from chdkshell.chdk.card.copying import SourceRemoved
from chdkshell.chdk.card.selection import ALL, ImageRange, Selection
from chdkshell.chdk.card.uploadsource import UploadBytes, UploadSource
from chdkshell.chdk.cardentry import CardEntry
from chdkshell.chdk.paths import ROOT, base_name, join_path
from chdkshell.errors import CardError, PtpError, UsageError
from chdkshell.flow import NEVER, SILENT, CancelToken, Progress
from chdkshell.ptp.codes import OperationCode
from chdkshell.ptp.objects import UNKNOWN_SIZE
from chdkshell.ptp.values import STRING
from chdkshell.reasons import Reason
from chdkshell.standard.carddeleting import delete, remove_files, remove_trees
from chdkshell.standard.cardobjects import (
    CardObjects,
    CardWalk,
    about,
    card_entry,
    collect,
    image_number,
    is_same,
    no_storage,
)
from chdkshell.standard.cardwriter import PtpWriter
from chdkshell.standard.device import PtpDevice
from chdkshell.standard.objecttree import Node
from chdkshell.standard.transfer import PIECE, make_folder
from chdkshell.streams import Buffer, FileSink, FileSource, Sink

AT_ONCE = 32
"""Entries that are told at a time: each costs a transaction."""

SET_OBJECT_PROP_VALUE = 0x9804
OBJECT_FILE_NAME = 0xDC07
"""MTP's operation that can rename an object, and the property that has its name."""


class PtpCard:
    """The card of `device`, as `CardAccess` says."""

    def __init__(self, device: PtpDevice) -> None:
        self._device = device
        self._objects = CardObjects(device)

    @property
    def camera(self) -> str:
        return self._device.session.camera

    def aside(self) -> AbstractContextManager[bool]:
        return self._device.session.exclusive(wait=False)

    def remember(self, node: Node) -> str:
        """Take an object that is known already, and return its path."""
        return self._objects.remember(node)

    # ---- looking ----

    def stat(self, path: str, cancel: CancelToken = NEVER) -> CardEntry:
        return card_entry(self._objects.find(path, cancel))

    def list_tree(
        self,
        paths: Sequence[str],
        selection: Selection = ALL,
        on_entries: EntriesListener | None = None,
        cancel: CancelToken = NEVER,
        on_count: CountListener | None = None,
    ) -> list[CardEntry]:
        items: list[CardEntry] = []
        collect(
            CardWalk(self._objects, selection, cancel),
            [self._objects.find(path, cancel) for path in paths],
            on_entries or items.extend,
            on_count or _nobody,
            selection.batch_size or AT_ONCE,
        )
        return items

    def list_images(
        self,
        paths: Sequence[str],
        selection: Selection,
        numbers: ImageRange,
        on_entries: EntriesListener | None = None,
        cancel: CancelToken = NEVER,
        on_count: CountListener | None = None,
        descending: bool = False,
    ) -> ImageList:
        """List pictures. The counter is the number of the newest of them: PTP tells of none."""
        items: list[CardEntry] = []
        collect(
            CardWalk(self._objects, selection, cancel, numbers=numbers, descending=descending),
            [self._objects.find(path, cancel) for path in paths],
            on_entries or items.extend,
            on_count or _nobody,
            selection.batch_size or AT_ONCE,
            files_only=True,
        )
        taken = [item for item in items if image_number(item.name) is not None]
        newest = max(taken, key=lambda item: (item.mtime, item.path), default=None)
        if newest is None:
            return ImageList(items, 0, "")
        return ImageList(items, image_number(newest.name) or 0, newest.path.rpartition("/")[0])

    def picture_counter(self, cancel: CancelToken = NEVER) -> int | None:
        return None

    def space(self, cancel: CancelToken = NEVER) -> CardSpace:
        """Return what all storages have together."""
        infos = [storage.info for storage in self._device.storages(cancel)]
        return CardSpace(sum(i.capacity for i in infos), sum(i.free_bytes for i in infos))

    def look_why(self, path: str, is_making: bool, cancel: CancelToken = NEVER) -> str:
        return ""  # the camera's response says it

    # ---- content ----

    def read(
        self, path: str, sink: Sink, progress: Progress = SILENT, cancel: CancelToken = NEVER
    ) -> int:
        node = self._file(path, cancel)
        counted = _Counted(sink)
        with about(path):
            self._device.get_object(node.handle, counted, progress, cancel)
        return counted.count

    def read_rest(
        self,
        original: CardEntry,
        start: int,
        receive: Callable[[bytes], None],
        cancel: CancelToken = NEVER,
    ) -> None:
        path = original.path
        node = self._file(path, cancel)
        if not is_same(node, original):
            raise CardError(f"{path} has changed", path)
        self._read_part(node, start, original.size, receive, cancel)

    def _read_part(
        self,
        node: Node,
        start: int,
        end: int,
        receive: Callable[[bytes], None],
        cancel: CancelToken,
    ) -> None:
        if not self._device.supports(OperationCode.GET_PARTIAL_OBJECT):
            raise CardError("the camera cannot send a part of a file", node.path)
        while start < end:
            asked = min(PIECE, end - start)
            with about(node.path):
                data = self._device.get_partial_object(node.handle, start, asked, cancel)
            if not 0 < len(data) <= asked:
                raise CardError(
                    f"{node.path}: {len(data)} bytes came, {asked} were asked", node.path
                )
            receive(data)
            start += len(data)

    def _file(self, path: str, cancel: CancelToken) -> Node:
        node = self._objects.find(path, cancel)
        if node.is_dir:
            raise CardError(f"{path} is not a file", path, reason=Reason.NOT_ON_CARD)
        if node.size == UNKNOWN_SIZE:
            raise CardError(f"{path} has 4 GiB or more, and PTP does not tell how much", path)
        return node

    def thumbnail(self, item: CardEntry, cancel: CancelToken = NEVER) -> bytes | None:
        """Return the thumbnail that the camera gives, or that which lies in the file."""
        from chdkshell.chdk.card.thumbnails import thumbnail_by

        node = self._objects.find(item.path, cancel)
        if self._device.supports(OperationCode.GET_THUMB):
            with contextlib.suppress(PtpError):
                given = self._device.thumb(node.handle, cancel)
                if given.startswith(b"\xff\xd8"):
                    return given

        def read(offset: int, size: int) -> bytes:
            data = bytearray()
            end = min(offset + size, node.size)
            self._read_part(node, offset, end, data.extend, cancel)
            return bytes(data)

        try:
            return thumbnail_by(read)
        except CardError:
            return None

    # ---- changing ----

    def make_folder(self, path: str, cancel: CancelToken = NEVER) -> None:
        parent, name = self._place(path, cancel)
        if self._objects.child(parent, name, cancel) is not None:
            raise CardError(f"{path} is there already", path)
        self._make(parent, path, cancel)

    def make_folders(self, path: str, cancel: CancelToken = NEVER) -> None:
        way, parent = ROOT, self._objects.find(ROOT, cancel)
        for name in filter(None, path.removeprefix(ROOT).split("/")):
            way = join_path(way, name)
            if self._objects.child(parent, name, cancel) is None:
                self._make(parent, way, cancel)
            parent = self._objects.find(way, cancel)
            if not parent.is_dir:
                raise CardError(f"path exists, not directory: {way}", way)

    def _make(self, parent: Node, path: str, cancel: CancelToken) -> None:
        with about(path):
            make_folder(self._device, parent, base_name(path), cancel)

    def _place(self, path: str, cancel: CancelToken) -> tuple[Node, str]:
        """Return the folder that a path lies in, and the name it has there."""
        above, _, name = path.rpartition("/")
        parent = self._objects.find(above if above != "A" else ROOT, cancel)
        if not parent.is_dir:
            raise CardError(f"{parent.path} is a file, and no folder", path)
        return parent, name

    def move(self, old: str, new: str, cancel: CancelToken = NEVER) -> str:
        """Move an object, or give it another name; standard PTP cannot do the latter, MTP can."""
        node = no_storage(self._objects.find(old, cancel), "moved")
        there = self._objects.find_if_there(new, cancel)
        if there is not None and there.is_dir and there.handle != node.handle:
            new = join_path(new, node.name)
            there = self._objects.find_if_there(new, cancel)
        if there is not None and there.handle != node.handle:
            raise CardError(f"{new}: there is a file of this name", new)
        if (
            f"{new}/".casefold().startswith(f"{old}/".casefold())
            and new.casefold() != old.casefold()
        ):
            raise CardError(f"{new}: a directory cannot be moved into itself", new)
        parent, name = self._place(new, cancel)
        is_same_folder = old.rpartition("/")[0].casefold() == new.rpartition("/")[0].casefold()
        if not is_same_folder and name != node.name:
            raise UsageError(
                f"{old} cannot get another folder and another name at once",
                "do one after the other",
            )
        with about(old):
            if not is_same_folder:
                folder = 0 if parent.info is None else parent.handle
                self._device.move_object(node.handle, parent.storage, folder, cancel)
            elif name != node.name:
                self._rename(node, name, cancel)
        self._objects.forget(node)
        return new

    def _rename(self, node: Node, name: str, cancel: CancelToken) -> None:
        if not self._device.supports(SET_OBJECT_PROP_VALUE):
            raise UsageError(
                f"{node.path} cannot be renamed: standard PTP can only move it to another folder",
                reason=Reason.OPERATION_NOT_LISTED,
            )
        self._device.transaction(
            *(SET_OBJECT_PROP_VALUE, node.handle, OBJECT_FILE_NAME),
            data=STRING.pack(name),
            cancel=cancel,
        )

    def copy_file(
        self, source: str, target: str, size: int, progress: Progress, cancel: CancelToken
    ) -> None:
        """Copy a file by way of this computer."""
        with cast(BinaryIO, tempfile.TemporaryFile()) as file:
            count = self.read(source, FileSink(file), SILENT, cancel)
            if count != size:
                raise CardError(f"{source}: {count} bytes came, {size} were listed", source)
            file.seek(0)
            writer = self.writer()
            writer.write(FileSource(file, size), target, None, progress, cancel)

    def remove(self, path: str, cancel: CancelToken = NEVER) -> None:
        cancel.check()
        delete(self._device, self._objects, self._objects.find(path, cancel))

    def remove_trees(
        self,
        targets: Sequence[str],
        options: RemoveOptions,
        on_removed: Callable[[Removed], None] | None = None,
        cancel: CancelToken = NEVER,
    ) -> list[Removed]:
        return remove_trees(self._device, self._objects, targets, options, on_removed, cancel)

    def remove_files(
        self, items: Sequence[CardEntry], on_removed: Callable[[SourceRemoved], None]
    ) -> None:
        remove_files(self._device, self._objects, items, on_removed)

    # ---- writing ----

    def prepare(
        self,
        directories: Sequence[str],
        targets: Sequence[str],
        pretend: bool = False,
        cancel: CancelToken = NEVER,
    ) -> UploadTargets:
        prepared = UploadTargets({}, [])
        inside: dict[str, dict[str, CardEntry]] = {}
        for path in directories:
            node = self._objects.find_if_there(path, cancel)
            if node is None and not pretend:
                self.make_folders(path, cancel)
            elif node is None:
                prepared.missing.append(path)
            elif not node.is_dir:
                raise CardError(f"not a directory: {path}", path)
            else:
                found = self._objects.children(node, cancel)
                inside[path.rstrip("/").casefold()] = {
                    child.name.casefold(): card_entry(child) for child in found
                }
        for path in targets:
            above, _, name = path.casefold().rpartition("/")
            entry = inside.get(above, {}).get(name)
            if entry is not None:
                prepared.there[path.casefold()] = entry
        return prepared

    def writer(self) -> PtpWriter:
        return PtpWriter(self._device, self._objects)

    def write_unchecked(
        self,
        path: str,
        source: UploadSource | UploadBytes,
        progress: Progress = SILENT,
        cancel: CancelToken = NEVER,
    ) -> None:
        """Send a file as any other: what is there stays here, too."""
        self.writer().write(source, path, None, progress, cancel)
        source.check_complete()


def _nobody(count: int, place: str) -> None:
    """Is told how far a listing is where nobody asks."""


class _Counted:
    """Passes bytes on, and counts them."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self.count = 0

    def begin(self, length: int | None) -> None:
        self._sink.begin(length)

    def write(self, data: Buffer) -> None:
        self.count += len(data)
        self._sink.write(data)
