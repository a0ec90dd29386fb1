"""Storages and objects: what a card is, and what each file and folder on it is (ISO 15740, 5.5)."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import IntEnum

from chdkshell.ptp.datasets import Reader, pack_string

ALL_STORAGES = 0xFFFFFFFF
"""Stands for every storage in GetObjectHandles."""

ROOT_ONLY = 0xFFFFFFFF
"""Stands for the objects of a storage's root as a parent in GetObjectHandles."""

UNKNOWN_SIZE = 0xFFFFFFFF
"""The size of an object of 4 GiB or more: 32 bits do not hold it."""


class ObjectFormat(IntEnum):
    """Object formats that this library looks at (ISO 15740, 6.2; 0xB1xx and 0xBF01 are Canon's)."""

    UNDEFINED = 0x3000
    ASSOCIATION = 0x3001
    SCRIPT = 0x3002
    TEXT = 0x3004
    WAV = 0x3008
    AVI = 0x300A
    QUICKTIME = 0x300D
    EXIF_JPEG = 0x3801
    JFIF = 0x3808
    DNG = 0x3811
    CRW = 0xB101
    CR2 = 0xB103
    CR3 = 0xB108
    CANON_OTHER = 0xBF01


ASSOCIATION_FOLDER = 1
"""The association type of a folder."""


class StorageAccess(IntEnum):
    """What may be done with the objects of a storage."""

    READ_WRITE = 0
    READ_ONLY = 1
    READ_ONLY_WITH_DELETION = 2


_STORAGE_NUMBERS = struct.Struct("<HHHQQI")
"""The numbers of a StorageInfo dataset, in their order."""


@dataclass(frozen=True, slots=True)
class StorageInfo:
    """A StorageInfo dataset (ISO 15740, 5.5.3). Sizes are in bytes."""

    storage_type: int
    filesystem_type: int
    access: int
    capacity: int
    free_bytes: int
    free_pictures: int
    description: str = ""
    label: str = ""

    @classmethod
    def unpack(cls, data: bytes) -> StorageInfo:
        """Read the dataset. Raises `DatasetError`."""
        reader = Reader(data)
        kind, filesystem, access, capacity, free_bytes, free_pictures = _STORAGE_NUMBERS.unpack(
            reader.take(_STORAGE_NUMBERS.size)
        )
        texts = (reader.string(), reader.string())
        return cls(kind, filesystem, access, capacity, free_bytes, free_pictures, *texts)

    def pack(self) -> bytes:
        """Return the dataset as a responder sends it."""
        numbers = _STORAGE_NUMBERS.pack(
            self.storage_type,
            self.filesystem_type,
            self.access,
            self.capacity,
            self.free_bytes,
            self.free_pictures,
        )
        return numbers + pack_string(self.description) + pack_string(self.label)


_NUMBERS = struct.Struct("<IHHIHIIIIIIIHII")
"""The numbers of an ObjectInfo dataset, in their order."""


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """An ObjectInfo dataset (ISO 15740, 5.5.2): sizes in bytes, widths and heights in pixels.

    `parent` is the handle of its folder, 0 in the root of a storage. The dates are those of the
    dataset; `dated` reads them.
    """

    storage: int = 0
    format: int = ObjectFormat.UNDEFINED
    protection: int = 0
    size: int = 0
    thumb_format: int = 0
    thumb_size: int = 0
    thumb_width: int = 0
    thumb_height: int = 0
    width: int = 0
    height: int = 0
    depth: int = 0
    parent: int = 0
    association_type: int = 0
    association_description: int = 0
    sequence: int = 0
    name: str = ""
    captured: str = ""
    modified: str = ""
    keywords: str = ""

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder."""
        return self.format == ObjectFormat.ASSOCIATION

    @classmethod
    def unpack(cls, data: bytes) -> ObjectInfo:
        """Read the dataset. Raises `DatasetError`."""
        reader = Reader(data)
        numbers = _NUMBERS.unpack(reader.take(_NUMBERS.size))
        return cls(*numbers, *(reader.string() for _ in range(4)))

    def pack(self) -> bytes:
        """Return the dataset as an initiator or a responder sends it."""
        numbers = _NUMBERS.pack(
            self.storage,
            self.format,
            self.protection,
            self.size,
            self.thumb_format,
            self.thumb_size,
            self.thumb_width,
            self.thumb_height,
            self.width,
            self.height,
            self.depth,
            self.parent,
            self.association_type,
            self.association_description,
            self.sequence,
        )
        strings = (self.name, self.captured, self.modified, self.keywords)
        return numbers + b"".join(map(pack_string, strings))


_DATE = re.compile(
    r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(?:\.(\d))?(?:(Z)|([+-])(\d\d)(\d\d))?", re.ASCII
)


def dated(text: str) -> datetime | None:
    """Return a DateTime string (ISO 15740, 5.3.5.1) as a time, None where it is none.

    A text without a zone is the camera's own time, and gives a time without a zone.
    """
    parts = _DATE.fullmatch(text)
    if parts is None:
        return None
    tenths, utc, sign, hours, minutes = parts.group(7, 8, 9, 10, 11)
    zone = UTC if utc else None
    try:
        if sign:
            offset = timedelta(hours=int(hours), minutes=int(minutes))
            zone = timezone(offset if sign == "+" else -offset)
        year, month, day, hour, minute, second = map(int, parts.group(1, 2, 3, 4, 5, 6))
        micros = int(tenths or 0) * 100_000
        return datetime(year, month, day, hour, minute, second, micros, tzinfo=zone)
    except ValueError:
        return None


def date_text(when: datetime) -> str:
    """Return a time as a DateTime string, with its zone where it has one."""
    zone = when.strftime("%z")
    return when.strftime("%Y%m%dT%H%M%S") + ("Z" if zone == "+0000" else zone)
