"""Datasets of Canon's EOS operations: records of events, of settings and of the viewfinder.

What the records are and where their fields lie is from public sources (libgphoto2's device reports
and the names of sequoia-ptpy).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from chdkshell.errors import DatasetError, UsageError
from chdkshell.ptp.datasets import Reader
from chdkshell.ptp.values import UINT32, DataType, Value


class EosOperation(IntEnum):
    """Operations of EOS cameras that this program uses."""

    GET_OBJECT = 0x9104
    GET_PARTIAL_OBJECT = 0x9107
    SET_DEVICE_PROP_VALUE_EX = 0x9110
    SET_REMOTE_MODE = 0x9114
    SET_EVENT_MODE = 0x9115
    GET_EVENT = 0x9116
    TRANSFER_COMPLETE = 0x9117
    PC_HDD_CAPACITY = 0x911A
    KEEP_DEVICE_ON = 0x911D
    UPDATE_FIRMWARE = 0x911F
    REQUEST_DEVICE_PROP_VALUE = 0x9127
    REMOTE_RELEASE_ON = 0x9128
    REMOTE_RELEASE_OFF = 0x9129
    GET_VIEWFINDER_DATA = 0x9153


SENDS_EOS_DATA = frozenset((EosOperation.SET_DEVICE_PROP_VALUE_EX, EosOperation.UPDATE_FIRMWARE))
"""EOS operations in whose data phase the initiator sends."""

OBJECT_NOT_READY = 0xA102
"""The response of a viewfinder that has no picture yet."""


class EosEvent(IntEnum):
    """Codes of the records that GetEvent gives, as far as their fields are known."""

    OBJECT_ADDED = 0xC181
    OBJECT_REMOVED = 0xC182
    OBJECT_TRANSFER = 0xC186
    PROPERTY_CHANGED = 0xC189
    VALUES_CHANGED = 0xC18A
    OBJECT_ADDED_64 = 0xC1A7
    OBJECT_TRANSFER_64 = 0xC1A9


class EosProperty(IntEnum):
    """Settings of EOS cameras that this program uses. All have names in the table of names."""

    APERTURE = 0xD101
    SHUTTER_SPEED = 0xD102
    ISO = 0xD103
    WHITE_BALANCE_BA = 0xD10B
    WHITE_BALANCE_MG = 0xD10C
    OWNER = 0xD115
    AVAILABLE_SHOTS = 0xD11B
    CAPTURE_DESTINATION = 0xD11C
    IMAGE_FORMAT = 0xD120
    CAMERA_NICKNAME = 0xD125
    SERIAL_NUMBER = 0xD1AF
    EVF_OUTPUT_DEVICE = 0xD1B0
    EVF_MODE = 0xD1B1
    ARTIST = 0xD1D0
    COPYRIGHT = 0xD1D1
    FOCUS_INFO = 0xD1D3
    LENS_NAME = 0xD1D8


_TEXTS = frozenset(
    (
        EosProperty.OWNER,
        EosProperty.CAMERA_NICKNAME,
        EosProperty.SERIAL_NUMBER,
        EosProperty.ARTIST,
        EosProperty.COPYRIGHT,
        EosProperty.LENS_NAME,
    )
)
_SIGNED = frozenset((EosProperty.WHITE_BALANCE_BA, EosProperty.WHITE_BALANCE_MG))

INT32, BYTES, NUMBERS = DataType(0x0005), DataType(0x4002), DataType(0x4006)

CAPTURED_TO_CARD, CAPTURED_TO_HOST = 1, 4
"""Values of CaptureDestination."""

SHOWN_ON_HOST = 2
"""The bit of EVFOutputDevice for the computer; bit 0 is the camera's own screen."""

VIEWFINDER_JPEGS = (1, 11)
"""Types of viewfinder records that are JPEG files."""

MAX_RECORDS = 1 << 16
"""Records of one answer that are taken from a camera."""

ENUMERATED = 3
"""The kind of a list of values that is an enumeration of 32-bit numbers."""


class EosRecord(NamedTuple):
    """A record of an answer: a code, and its body."""

    code: int
    body: bytes


def unpack_records(data: bytes) -> list[EosRecord]:
    """Read records of a 32-bit size, which counts itself, a 32-bit code, and a body.

    One of code 0 without a body is the end. Raises `DatasetError` where a size does not fit.
    """
    records: list[EosRecord] = []
    reader = Reader(data)
    at = 0
    while at < len(data):
        size, code = reader.u32(), reader.u32()
        if size < 8:
            raise DatasetError(f"a record of the camera says that it has {size} bytes")
        if size == 8 and code == 0:
            break
        if len(records) == MAX_RECORDS:
            raise DatasetError(f"the camera sent more than {MAX_RECORDS} records")
        records.append(EosRecord(code, reader.take(size - 8)))
        at += size
    return records


def pack_records(records: Iterable[EosRecord], end: bool = True) -> bytes:
    """Return records as a camera sends them, with the one that is the end."""
    packed = [
        struct.pack("<II", len(record.body) + 8, record.code) + record.body for record in records
    ]
    return b"".join(packed) + (struct.pack("<II", 8, 0) if end else b"")


def data_type(code: int, body: bytes) -> DataType:
    """Return what the value of a setting is: a text, a number, or an array of numbers.

    Texts are told from the table, all else by its length: 4 bytes are a number.
    """
    if code in _TEXTS:
        return DataType(0xFFFF)
    if len(body) == 4:
        return INT32 if code in _SIGNED else UINT32
    return NUMBERS if body and len(body) % 4 == 0 else BYTES


def unpack_value(code: int, body: bytes) -> Value:
    """Return the value of a setting. Texts end with a NUL, or with the body."""
    kind = data_type(code, body)
    if kind.is_string:
        return body.partition(b"\0")[0].decode("utf-8", "replace")
    if kind.is_array:
        size = kind.member.size
        return tuple(
            int.from_bytes(body[at : at + size], "little") for at in range(0, len(body), size)
        )
    return int.from_bytes(body, "little", signed=kind.signed)


def pack_setting(code: int, kind: DataType, value: Value) -> bytes:
    """Return the dataset of SetDevicePropValueEx: size, setting, value.

    Raises `UsageError` for a value that is not of this type.
    """
    if kind.is_string:
        if not isinstance(value, str) or "\0" in value:
            raise UsageError(f"{value!r} is no text")
        body = value.encode() + b"\0"
    elif kind.is_array:
        body = kind.pack(value)[4:]
    else:
        body = kind.pack(value)
    return struct.pack("<II", len(body) + 8, code) + body


@dataclass(frozen=True, slots=True)
class ValueChanged:
    """A setting has this value, given as its bytes."""

    code: int
    body: bytes

    @property
    def value(self) -> Value:
        """The value."""
        return unpack_value(self.code, self.body)


@dataclass(frozen=True, slots=True)
class ValuesChanged:
    """A setting may have these values. None: the camera does not list them one by one."""

    code: int
    values: tuple[Value, ...] | None


@dataclass(frozen=True, slots=True)
class ObjectOffered:
    """A file: on a card, or, where `storage` is 0, in the camera's memory until it is fetched."""

    handle: int
    storage: int
    format: int
    size: int
    name: str


@dataclass(frozen=True, slots=True)
class ObjectGone:
    """An object was removed."""

    handle: int


Told = ValueChanged | ValuesChanged | ObjectOffered | ObjectGone
"""What is known of a record."""


def read_record(record: EosRecord) -> Told | None:
    """Return what a record of GetEvent tells, None for one of another kind.

    Raises `DatasetError` for one that ends too early.
    """
    reader = Reader(record.body)
    match record.code:
        case EosEvent.PROPERTY_CHANGED:
            return ValueChanged(reader.u32(), reader.rest())
        case EosEvent.VALUES_CHANGED:
            return _values(reader)
        case EosEvent.OBJECT_REMOVED:
            return ObjectGone(reader.u32())
        case EosEvent.OBJECT_ADDED:
            return _added(reader, 8)
        case EosEvent.OBJECT_ADDED_64:
            return _added(reader, 12)
        case EosEvent.OBJECT_TRANSFER | EosEvent.OBJECT_TRANSFER_64:
            handle, kind, _, size, _ = (reader.u32() for _ in range(5))
            return ObjectOffered(handle, 0, kind & 0xFFFF, size, _name(reader))
    return None


def _values(reader: Reader) -> ValuesChanged:
    code, kind, count = reader.u32(), reader.u32(), reader.u32()
    if kind != ENUMERATED:
        return ValuesChanged(code, None)
    body = reader.rest()
    if count and len(body) == 4 * count:
        kind_of_each, each = INT32 if code in _SIGNED else UINT32, Reader(body)
        return ValuesChanged(code, tuple(kind_of_each.read(each) for _ in range(count)))
    return ValuesChanged(code, _pictures(body, count))


def _pictures(body: bytes, count: int) -> tuple[Value, ...] | None:
    """Return the values of a list of image formats, each as its numbers; None if they are none.

    A format has one or two files: their count, and for each a size in bytes with what it has.
    """
    reader = Reader(body)
    values: list[Value] = []
    try:
        for _ in range(min(count, len(body) // 4)):
            files = reader.u32()
            numbers = [files]
            if files not in (1, 2):
                return None
            for _ in range(files):
                size = reader.u32()
                if size % 4 or not 4 <= size <= 64:
                    return None
                numbers += [size, *(reader.u32() for _ in range(size // 4 - 1))]
            values.append(tuple(numbers))
    except DatasetError:
        return None
    return tuple(values) or None


def _added(reader: Reader, gap: int) -> ObjectOffered:
    """Read a new object. `gap` is how many bytes lie between its size and its name."""
    handle, storage, kind = reader.u32(), reader.u32(), reader.u32()
    reader.take(8)
    size = reader.u32()
    reader.take(gap)
    return ObjectOffered(handle, storage, kind & 0xFFFF, size, _name(reader))


def _name(reader: Reader) -> str:
    return reader.rest().partition(b"\0")[0].decode("utf-8", "replace")
