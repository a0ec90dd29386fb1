"""The card as PTP's objects: a handle for each file and folder, as long as it is there."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

from chdkshell.ptp.objects import (
    ASSOCIATION_FOLDER,
    UNKNOWN_SIZE,
    ObjectFormat,
    ObjectInfo,
    date_text,
)
from chdkshell.sim.card import DRIVE, READ_ONLY, Card, CardFailure, CardStat
from chdkshell.sim.standard.picturefacts import picture_facts

STORAGE_ID = 0x00010001
"""The one card (ISO 15740, 5.2.2: store 1, partition 1)."""

ROOT = f"{DRIVE}/"

_FORMATS = {
    "JPG": ObjectFormat.EXIF_JPEG,
    "AVI": ObjectFormat.AVI,
    "MOV": ObjectFormat.QUICKTIME,
    "WAV": ObjectFormat.WAV,
    "CRW": ObjectFormat.CRW,
    "CR2": ObjectFormat.CR2,
    "DNG": ObjectFormat.DNG,
    "LUA": ObjectFormat.SCRIPT,
    "BAS": ObjectFormat.SCRIPT,
    "TXT": ObjectFormat.TEXT,
}


class NoSuchObjectError(Exception):
    """There is no object of that handle."""


class ObjectStore:
    """Handles and what they stand for. Paths are the camera's, as they are written on the card."""

    def __init__(self, card: Card) -> None:
        self._card = card
        self._paths: dict[int, str] = {}
        self._handles: dict[str, int] = {}
        self._lock = threading.Lock()

    def handle(self, path: str) -> int:
        """Return the handle of a path; one that has none yet gets the next."""
        with self._lock:
            handle = self._handles.get(path)
            if handle is None:
                handle = self._handles[path] = len(self._paths) + 1
                self._paths[handle] = path
            return handle

    def path(self, handle: int) -> str:
        """Return the path of an object. Raises `NoSuchObjectError`."""
        path = self._paths.get(handle)
        if path is None or self._handles.get(path) != handle:
            raise NoSuchObjectError
        try:
            self._card.stat(path)
        except CardFailure:
            raise NoSuchObjectError from None
        return path

    def renamed(self, old: str, new: str) -> None:
        """Let what is at a path keep its handle at another one, with all that is below it."""
        with self._lock:
            for path in [p for p in self._handles if p == old or p.startswith(f"{old}/")]:
                handle = self._handles.pop(path)
                moved = new + path[len(old) :]
                self._handles[moved] = handle
                self._paths[handle] = moved

    def removed(self, path: str) -> int:
        """Forget an object that is gone, and return its handle, which no other one gets."""
        handle = self.handle(path)
        with self._lock:
            del self._handles[path]
        return handle

    def children(self, folder: str = ROOT) -> Iterator[tuple[int, str]]:
        """Yield handle and path of what is in a folder."""
        for name in self._card.listdir(folder):
            path = f"{folder.rstrip('/')}/{name}"
            yield self.handle(path), path

    def walk(self, folder: str = ROOT) -> Iterator[tuple[int, str]]:
        """Yield handle and path of all that is below a folder, folders before their contents."""
        for handle, path in self.children(folder):
            yield handle, path
            if self._card.stat(path).is_dir:
                yield from self.walk(path)

    def format(self, path: str, stat: CardStat) -> int:
        """Return the object format of a path."""
        if stat.is_dir:
            return ObjectFormat.ASSOCIATION
        return _FORMATS.get(path.rpartition(".")[2].upper(), ObjectFormat.UNDEFINED)

    def info(self, handle: int) -> ObjectInfo:
        """Return what PTP tells about an object. Raises `NoSuchObjectError`."""
        path = self.path(handle)
        stat = self._card.stat(path)
        parent, _, name = path.rpartition("/")
        kind = self.format(path, stat)
        when = date_text(datetime.fromtimestamp(stat.mtime, UTC).replace(tzinfo=None))
        facts = picture_facts(self._card, path) if kind == ObjectFormat.EXIF_JPEG else None
        return ObjectInfo(
            storage=STORAGE_ID,
            format=kind,
            protection=int(bool(stat.attrib & READ_ONLY)),
            size=min(stat.size, UNKNOWN_SIZE),
            thumb_format=ObjectFormat.JFIF if facts and facts.thumb else 0,
            thumb_size=len(facts.thumb) if facts else 0,
            thumb_width=facts.thumb_width if facts else 0,
            thumb_height=facts.thumb_height if facts else 0,
            width=facts.width if facts else 0,
            height=facts.height if facts else 0,
            depth=24 if facts else 0,
            parent=0 if parent == DRIVE else self.handle(parent),
            association_type=ASSOCIATION_FOLDER if stat.is_dir else 0,
            name=name,
            captured=when,
            modified=when,
        )
