"""The camera's objects as paths: `A/` is the first storage, `B/` the next, folders lie below.

A folder's handles are asked for each time, which is one transaction; what is known of an object is
kept as long as no event says that it changed.
"""

from __future__ import annotations

import string
from collections.abc import Iterator
from dataclasses import dataclass

from chdkshell.errors import CardError, UsageError
from chdkshell.flow import NEVER, CancelToken
from chdkshell.ptp.codes import EventCode
from chdkshell.ptp.names import CodeKind
from chdkshell.ptp.objects import ROOT_ONLY, ObjectInfo
from chdkshell.reasons import Reason
from chdkshell.standard.device import PtpDevice

DRIVES = string.ascii_uppercase

MAX_EVENTS = 1000
"""Events that are looked at before a listing: a camera that tells without end holds nobody here."""

MAX_DEPTH = 64
"""Folders that lie in each other at most; a camera may say that one lies in itself."""


@dataclass(frozen=True, slots=True)
class Node:
    """An object by its path. A storage itself has the handle `ROOT_ONLY` and no info."""

    path: str
    handle: int
    storage: int
    info: ObjectInfo | None

    @property
    def is_dir(self) -> bool:
        """Whether other objects may lie in it."""
        return self.info is None or self.info.is_folder

    @property
    def size(self) -> int:
        """Bytes of a file; UNKNOWN_SIZE may stand for more than 32 bits hold."""
        return 0 if self.info is None or self.is_dir else self.info.size

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path.rstrip("/").rpartition("/")[2]


class ObjectTree:
    """Paths of the objects that `device` has."""

    def __init__(self, device: PtpDevice) -> None:
        self._device = device
        self._infos: dict[int, ObjectInfo] = {}

    def storages(self, cancel: CancelToken = NEVER) -> dict[str, int]:
        """Return the ids of the storages with a card, by their letters."""
        ids = [s for s in self._device.storage_ids(cancel) if s & 0xFFFF]
        return dict(zip(DRIVES, ids, strict=False))

    def storage(self, text: str, cancel: CancelToken = NEVER) -> Node:
        """Return a storage by its letter (A, A/) or its id. Raises `CardError` for another."""
        drive = text.rstrip("/")
        wanted = _number(drive)
        for letter, storage in self.storages(cancel).items():
            if storage == wanted or letter == drive.upper():
                return Node(f"{letter}/", ROOT_ONLY, storage, None)
        name = f"{drive}/" if wanted is None else f"0x{wanted:08X}"
        raise CardError(f"{name} is no storage of the camera", text, reason=Reason.NO_STORAGE)

    def find(self, path: str, cancel: CancelToken = NEVER) -> Node:
        """Return what is under a path. Raises `CardError` where nothing is."""
        drive, *names = [part for part in path.split("/") if part] or [""]
        node = self.storage(f"{drive}/", cancel)
        for name in names:
            found = self.child(node, name, cancel) if node.is_dir else None
            if found is None:
                raise CardError(f"{path} is not on the camera", path, reason=Reason.NOT_ON_CARD)
            node = found
        return node

    def resolve(self, text: str, cancel: CancelToken = NEVER) -> Node:
        """Return the object of a handle, such as 0x12 or 18, or of a path."""
        handle = handle_of(text)
        if handle is None:
            return self.find(with_drive(text), cancel)
        info = self.info(handle, cancel)
        return Node(self.path_of(info, cancel), handle, info.storage, info)

    def children(self, folder: Node, cancel: CancelToken = NEVER) -> Iterator[Node]:
        """Yield what is in a folder or in the root of a storage, in the camera's order."""
        self.look_at_events()
        for handle in self._device.handles(folder.storage, 0, folder.handle, cancel):
            info = self.info(handle, cancel)
            name = checked_name(info.name)
            yield Node(f"{folder.path.rstrip('/')}/{name}", handle, folder.storage, info)

    def walk(self, top: Node, cancel: CancelToken = NEVER, depth: int = 0) -> Iterator[Node]:
        """Yield all that is below a folder, each folder before what is in it."""
        if depth > MAX_DEPTH:
            raise CardError(f"the folders of {top.path} do not end", top.path)
        for node in self.children(top, cancel):
            yield node
            if node.is_dir:
                yield from self.walk(node, cancel, depth + 1)

    def info(self, handle: int, cancel: CancelToken = NEVER) -> ObjectInfo:
        """Return what is known of an object; the camera is asked once."""
        info = self._infos.get(handle)
        if info is None:
            info = self._infos[handle] = self._device.object_info(handle, cancel)
        return info

    def path_of(self, info: ObjectInfo, cancel: CancelToken = NEVER) -> str:
        """Return the path of an object, found by its parents."""
        names = [checked_name(info.name)]
        letters = {storage: letter for letter, storage in self.storages(cancel).items()}
        drive = letters.get(info.storage, "A")
        parent = info.parent
        while parent not in (0, ROOT_ONLY) and len(names) <= MAX_DEPTH:
            above = self.info(parent, cancel)
            names.append(checked_name(above.name))
            parent = above.parent
        return f"{drive}/{'/'.join(reversed(names))}"

    def forget(self, handle: int) -> None:
        """Forget what is known of an object: it was changed or is gone."""
        self._infos.pop(handle, None)

    def look_at_events(self) -> None:
        """Forget what the camera says has changed."""
        for _ in range(MAX_EVENTS):
            event = self._device.session.next_event(0)
            if event is None:
                return
            if event.code in (EventCode.OBJECT_INFO_CHANGED, EventCode.OBJECT_REMOVED):
                self.forget((*event.params, 0)[0])
            elif event.code in (EventCode.STORE_REMOVED, EventCode.DEVICE_RESET):
                self._infos.clear()

    def format_name(self, info: ObjectInfo) -> str:
        """Return the name of an object's format."""
        return self._device.names.name(CodeKind.FORMAT, info.format)

    def child(self, folder: Node, name: str, cancel: CancelToken = NEVER) -> Node | None:
        """Return what is in a folder under a name, in any case where none has it as it is."""
        nodes = list(self.children(folder, cancel))
        same = [node for node in nodes if node.name == name]
        alike = same or [node for node in nodes if node.name.casefold() == name.casefold()]
        return alike[0] if alike else None


def handle_of(text: str) -> int | None:
    """Return the handle that a text is, None where it is something else."""
    handle = _number(text)
    if handle is not None and not 0 < handle < 0xFFFFFFFF:
        raise UsageError(f"{text} is no handle of an object", "handles have 32 bits")
    return handle


def _number(text: str) -> int | None:
    """Return the number that a text is, decimal or hex with 0x; None where it is something else."""
    digits = text.lower()
    try:
        return int(digits, 16) if digits.startswith("0x") else int(digits, 10)
    except ValueError:
        return None


def with_drive(path: str, drive: str = "A") -> str:
    """Return a path with its storage: `drive` is added where it has none."""
    first, slash, _ = path.partition("/")
    if len(first) == 1 and first.isalpha() and (slash or len(path) == 1):
        return path
    return f"{drive}/{path.lstrip('/')}"


def checked_name(name: str) -> str:
    """Return a name of the camera's. Raises `CardError` for one that could leave its folder."""
    if not name or name in (".", "..") or "/" in name or "\0" in name:
        raise CardError(f"the camera lists an object called {name!r}")
    return name
