"""PTP's operations on storages and objects, over the simulated card (ISO 15740, 10.5)."""

from __future__ import annotations

import contextlib
import errno
import struct
from calendar import timegm
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from chdkshell.errors import DatasetError
from chdkshell.ptp.codes import EventCode, OperationCode, ResponseCode
from chdkshell.ptp.objects import (
    ALL_STORAGES,
    ROOT_ONLY,
    UNKNOWN_SIZE,
    ObjectFormat,
    ObjectInfo,
    StorageAccess,
    StorageInfo,
    dated,
)
from chdkshell.sim.card import READ_ONLY, Card, CardFailure
from chdkshell.sim.chdk_commands import Answer
from chdkshell.sim.standard.events import EventOutbox
from chdkshell.sim.standard.objectstore import ROOT, STORAGE_ID, NoSuchObjectError, ObjectStore
from chdkshell.sim.standard.picturefacts import picture_facts
from chdkshell.streams import CHUNK, Sink, Source

_REMOVABLE_RAM, _FILESYSTEM_DCF = 4, 3
"""Storage type and file system type of a card (ISO 15740, 5.5.3)."""

_MAX_OBJECT_INFO = 1 << 12
"""Bytes of an ObjectInfo dataset that are looked at; four strings of 255 units have fewer."""

Operation = Callable[[tuple[int, ...], Source | None, Sink], Answer]
"""One operation: it gets five parameters, those left out as 0."""


class _RefusedError(Exception):
    """The operation ends with this response code."""

    def __init__(self, code: ResponseCode) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class _Announced:
    """An object that SendObjectInfo announced: SendObject brings its data."""

    path: str
    size: int
    modified: str


class ObjectOperations:
    """What a camera does for GetStorageIDs to GetPartialObject."""

    def __init__(self, card: Card, store: ObjectStore, events: EventOutbox) -> None:
        self._card = card
        self._store = store
        self._events = events
        self._announced: _Announced | None = None
        self.table: dict[int, Operation] = {
            code: self._guarded(operation)
            for code, operation in (
                (OperationCode.GET_STORAGE_IDS, self._storage_ids),
                (OperationCode.GET_STORAGE_INFO, self._storage_info),
                (OperationCode.GET_NUM_OBJECTS, self._num_objects),
                (OperationCode.GET_OBJECT_HANDLES, self._object_handles),
                (OperationCode.GET_OBJECT_INFO, self._object_info),
                (OperationCode.GET_OBJECT, self._get_object),
                (OperationCode.GET_THUMB, self._get_thumb),
                (OperationCode.DELETE_OBJECT, self._delete_object),
                (OperationCode.SEND_OBJECT_INFO, self._send_object_info),
                (OperationCode.SEND_OBJECT, self._send_object),
                (OperationCode.FORMAT_STORE, self._format_store),
                (OperationCode.SET_OBJECT_PROTECTION, self._set_protection),
                (OperationCode.MOVE_OBJECT, self._move_object),
                (OperationCode.GET_PARTIAL_OBJECT, self._partial_object),
            )
        }

    def has(self, handle: int) -> bool:
        """Whether there is an object of that handle."""
        try:
            self._store.path(handle)
        except NoSuchObjectError:
            return False
        return True

    def end_session(self) -> None:
        """Forget what was announced."""
        self._announced = None

    def _guarded(self, operation: Operation) -> Operation:
        def guarded(params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
            try:
                return operation(params, source, sink)
            except _RefusedError as refused:
                return Answer(refused.code)
            except NoSuchObjectError:
                return Answer(ResponseCode.INVALID_OBJECT_HANDLE)
            except CardFailure as failure:
                return Answer(_response_to(failure))

        return guarded

    # ---- storages -------------------------------------------------------------------------------

    def _storage_ids(self, params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
        return send(sink, struct.pack("<II", 1, STORAGE_ID))

    def _storage_info(self, params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
        _check_storage(params[0])
        access = StorageAccess.READ_ONLY if self._card.read_only else StorageAccess.READ_WRITE
        info = StorageInfo(
            _REMOVABLE_RAM,
            _FILESYSTEM_DCF,
            access,
            self._card.total_bytes,
            self._card.free_bytes,
            UNKNOWN_SIZE,
            "SD",
            "CANON_SIM",
        )
        return send(sink, info.pack())

    def _format_store(self, params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
        _check_storage(params[0])
        if self._card.read_only:
            raise _RefusedError(ResponseCode.STORE_READ_ONLY)
        self._remove_all(self._store.walk(), protected_too=True)
        self._card.mkdir(f"{ROOT}DCIM")
        self._events.tell(EventCode.STORAGE_INFO_CHANGED, STORAGE_ID)
        return Answer()

    # ---- objects --------------------------------------------------------------------------------

    def _handles(self, params: tuple[int, ...]) -> list[int]:
        storage, kind, parent = params[:3]
        if storage != ALL_STORAGES:
            _check_storage(storage)
        if parent == ROOT_ONLY:
            found = self._store.children()
        elif parent == 0:
            found = self._store.walk()
        else:
            folder = self._store.path(parent)
            if not self._card.stat(folder).is_dir:
                raise _RefusedError(ResponseCode.INVALID_PARENT_OBJECT)
            found = self._store.children(folder)
        return [
            handle
            for handle, path in found
            if kind in (0, 0xFFFFFFFF) or self._store.format(path, self._card.stat(path)) == kind
        ]

    def _num_objects(self, params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
        return Answer(params=(len(self._handles(params)),))

    def _object_handles(self, params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
        handles = self._handles(params)
        return send(sink, struct.pack(f"<I{len(handles)}I", len(handles), *handles))

    def _object_info(self, params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
        return send(sink, self._store.info(params[0]).pack())

    def _get_object(self, params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
        self._send_file(params[0], 0, 0xFFFFFFFF, sink)
        return Answer()

    def _partial_object(self, params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
        handle, offset, most = params[:3]
        return Answer(params=(self._send_file(handle, offset, most, sink),))

    def _send_file(self, handle: int, offset: int, most: int, sink: Sink) -> int:
        """Send at most so many bytes of a file, or its rest, and return how many."""
        path = self._store.path(handle)
        stat = self._card.stat(path)
        if stat.is_dir:
            raise _RefusedError(ResponseCode.INVALID_OBJECT_HANDLE)
        if offset > stat.size:
            raise _RefusedError(ResponseCode.INVALID_PARAMETER)
        whole = most == 0xFFFFFFFF
        count = stat.size - offset if whole else min(most, stat.size - offset)
        with self._card.open(path) as file:
            file.seek(offset)
            sink.begin(count)
            left = count
            while left and (part := file.read(min(CHUNK, left))):
                sink.write(part)
                left -= len(part)
        if left:
            raise _RefusedError(ResponseCode.INCOMPLETE_TRANSFER)
        return count

    def _get_thumb(self, params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
        facts = picture_facts(self._card, self._store.path(params[0]))
        if facts is None or not facts.thumb:
            return Answer(ResponseCode.NO_THUMBNAIL_PRESENT)
        return send(sink, facts.thumb)

    def _set_protection(self, params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
        handle, protection = params[:2]
        if protection not in (0, 1):
            raise _RefusedError(ResponseCode.INVALID_PARAMETER)
        path = self._store.path(handle)
        kept = self._card.stat(path).attrib & ~READ_ONLY
        self._card.set_attributes(path, kept | (READ_ONLY if protection else 0))
        self._events.tell(EventCode.OBJECT_INFO_CHANGED, handle)
        return Answer()

    def _move_object(self, params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
        handle, storage, parent = params[:3]
        _check_storage(storage)
        old = self._store.path(handle)
        self._card.rename(old, f"{self._folder(parent)}/{old.rpartition('/')[2]}")
        return Answer()

    def _delete_object(self, params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
        handle, kind = params[:2]
        if handle == 0xFFFFFFFF:
            wanted = [
                (h, path)
                for h, path in self._store.walk()
                if not kind or self._store.format(path, self._card.stat(path)) == kind
            ]
        else:
            path = self._store.path(handle)
            below = self._store.walk(path) if self._card.stat(path).is_dir else ()
            wanted = [(handle, path), *below]
        kept = self._remove_all(wanted)
        if not kept:
            return Answer()
        protected = ResponseCode.OBJECT_WRITE_PROTECTED
        return Answer(protected if kept == len(wanted) else ResponseCode.PARTIAL_DELETION)

    def _remove_all(self, found: Iterable[tuple[int, str]], protected_too: bool = False) -> int:
        """Remove files and folders, contents before their folders. Returns how many stayed."""
        if self._card.read_only:
            raise _RefusedError(ResponseCode.STORE_READ_ONLY)
        kept = 0
        for _, path in reversed(list(found)):
            if protected_too:
                self._card.set_attributes(path, 0)
            try:
                self._card.remove(path)
            except CardFailure:
                kept += 1
        return kept

    # ---- objects from the initiator -------------------------------------------------------------

    def _send_object_info(
        self, params: tuple[int, ...], source: Source | None, sink: Sink
    ) -> Answer:
        storage, parent = params[:2]
        data = b"".join(bytes(part) for part in source.chunks()) if source is not None else b""
        if storage not in (0, ALL_STORAGES):
            _check_storage(storage)
        try:
            info = ObjectInfo.unpack(data[:_MAX_OBJECT_INFO])
        except DatasetError:
            raise _RefusedError(ResponseCode.INVALID_PARAMETER) from None
        if self._card.read_only:
            raise _RefusedError(ResponseCode.STORE_READ_ONLY)
        path = f"{self._folder(parent)}/{info.name}"
        if "/" in info.name or not info.name:
            raise _RefusedError(ResponseCode.INVALID_PARAMETER)
        with contextlib.suppress(CardFailure):
            self._card.stat(path)
            raise _RefusedError(ResponseCode.ACCESS_DENIED)  # the name is taken
        if info.format == ObjectFormat.ASSOCIATION:
            self._card.mkdir(path)
        elif info.size != UNKNOWN_SIZE and info.size > self._card.free_bytes:
            raise _RefusedError(ResponseCode.STORE_FULL)
        else:
            self._announced = _Announced(path, info.size, info.modified)
        parent = 0 if parent in (0, ROOT_ONLY) else parent
        return Answer(params=(STORAGE_ID, parent or ROOT_ONLY, self._store.handle(path)))

    def _send_object(self, params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
        announced, self._announced = self._announced, None
        if announced is None:
            return Answer(ResponseCode.NO_VALID_OBJECT_INFO)
        received, kept = 0, False
        try:
            with self._card.open(announced.path, "w") as file:
                for part in source.chunks() if source is not None else ():
                    file.write(part)
                    received += len(part)
            kept = announced.size in (received, UNKNOWN_SIZE)
            if kept and (when := dated(announced.modified)) is not None:
                moment = timegm(when.timetuple())
                self._card.utime(announced.path, moment, moment)
        except OSError:
            return Answer(ResponseCode.STORE_FULL)
        finally:
            if not kept:
                with contextlib.suppress(CardFailure):
                    self._card.remove(announced.path)
        return Answer() if kept else Answer(ResponseCode.INCOMPLETE_TRANSFER)

    def _folder(self, parent: int) -> str:
        """Return the path of a folder by its handle, without a slash at its end."""
        if parent in (0, ROOT_ONLY):
            return ROOT.rstrip("/")
        try:
            path = self._store.path(parent)
        except NoSuchObjectError:
            raise _RefusedError(ResponseCode.INVALID_PARENT_OBJECT) from None
        if not self._card.stat(path).is_dir:
            raise _RefusedError(ResponseCode.INVALID_PARENT_OBJECT)
        return path


def send(sink: Sink, data: bytes) -> Answer:
    """Send one whole dataset."""
    sink.begin(len(data))
    sink.write(data)
    return Answer()


def _check_storage(storage: int) -> None:
    if storage != STORAGE_ID:
        raise _RefusedError(ResponseCode.INVALID_STORAGE_ID)


def _response_to(failure: CardFailure) -> ResponseCode:
    return {
        errno.EROFS: ResponseCode.STORE_READ_ONLY,
        errno.ENOSPC: ResponseCode.STORE_FULL,
        errno.EACCES: ResponseCode.ACCESS_DENIED,
        errno.ENOENT: ResponseCode.INVALID_OBJECT_HANDLE,
        errno.EINVAL: ResponseCode.INVALID_PARAMETER,
    }.get(failure.errno or errno.EIO, ResponseCode.GENERAL_ERROR)
