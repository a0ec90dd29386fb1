"""Datasets of EOS cameras against bytes written from the facts, and against bytes that lie."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chdkshell.errors import DatasetError, LiveViewError, UsageError
from chdkshell.ptp.eos import (
    BYTES,
    INT32,
    NUMBERS,
    EosProperty,
    EosRecord,
    ObjectGone,
    ObjectOffered,
    Told,
    ValueChanged,
    ValuesChanged,
    data_type,
    pack_records,
    pack_setting,
    read_record,
    unpack_records,
    unpack_value,
)
from chdkshell.ptp.values import STRING, UINT32, DataType, Value
from chdkshell.standard.eoscapture import jpeg_of

END = "08000000 00000000"
ISO_IS_400 = "10000000 89c10000 03d10000 58000000"
OWNER_IS_ANN = "10000000 89c10000 15d10000 416e6e00"
ISO_MAY_BE = "20000000 8ac10000 03d10000 03000000 03000000 00000000 48000000 50000000"
TILT_MAY_BE = "1c000000 8ac10000 0bd10000 03000000 02000000 ffffffff 00000000"
FORMATS = (
    "4c000000 8ac10000 20d10000 03000000 02000000"
    "01000000 10000000 01000000 00000000 03000000"
    "02000000 10000000 06000000 00000000 04000000 10000000 01000000 0e000000 03000000"
)
A_RANGE = "14000000 8ac10000 3ed10000 07000000 00000000"
ADDED = (
    "35000000 81c10000 0100a091 01000100 01380000 00000000 00000000 987e0000 00009091 00000000"
    "494d475f303030312e4a504700"
)
ADDED_64 = (
    "39000000 a7c10000 0100a091 01000100 01380000 00000000 00000000 987e0000 00000000 00009091"
    "0100a091 494d475f303030312e4a504700"
)
OFFERED = (
    "29000000 86c10000 01009091 01380000 00000000 987e0000 00000000 494d475f303030322e4a504700"
)
REMOVED = "0c000000 82c10000 0100a091"
OTHER = "0a000000 f6c10000 0102"

PICTURE = ObjectOffered(0x91A00001, 0x10001, 0x3801, 0x7E98, "IMG_0001.JPG")
SMALL_AND_RAW = (2, 16, 6, 0, 4, 16, 1, 14, 3)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (ISO_IS_400, ValueChanged(0xD103, b"\x58\0\0\0")),
        (OWNER_IS_ANN, ValueChanged(0xD115, b"Ann\0")),
        (ISO_MAY_BE, ValuesChanged(0xD103, (0, 0x48, 0x50))),
        (TILT_MAY_BE, ValuesChanged(0xD10B, (-1, 0))),
        (FORMATS, ValuesChanged(0xD120, ((1, 16, 1, 0, 3), SMALL_AND_RAW))),
        (A_RANGE, ValuesChanged(0xD13E, None)),
        (ADDED, PICTURE),
        (ADDED_64, PICTURE),
        (OFFERED, ObjectOffered(0x91900001, 0, 0x3801, 0x7E98, "IMG_0002.JPG")),
        (REMOVED, ObjectGone(0x91A00001)),
        (OTHER, None),
    ],
)
def test_what_records_tell(data: str, told: Told | None) -> None:
    packed = bytes.fromhex(data + END)
    (record,) = unpack_records(packed)
    assert read_record(record) == told
    assert pack_records([record]) == packed


def test_records_in_a_row() -> None:
    rows = unpack_records(bytes.fromhex(ISO_IS_400 + REMOVED + END + OTHER))
    assert [record.code for record in rows] == [0xC189, 0xC182]
    assert unpack_records(bytes.fromhex(OTHER)) == [EosRecord(0xC1F6, b"\1\2")]
    assert unpack_records(b"") == []


@pytest.mark.parametrize(
    "data",
    [
        "07000000 89c10000",
        "00000000 00000000",
        "09000000 89c10000",
        "ffffffff 89c10000 00000000",
        "10000000 89c10000 03d10000",
        "08000000 89c1",
        ISO_IS_400 + "0100",
    ],
)
def test_sizes_that_do_not_fit(data: str) -> None:
    with pytest.raises(DatasetError):
        unpack_records(bytes.fromhex(data))


@pytest.mark.parametrize("data", [ADDED, ADDED_64, OFFERED, REMOVED, ISO_MAY_BE])
def test_no_record_is_read_beyond_its_end(data: str) -> None:
    (record,) = unpack_records(bytes.fromhex(data))
    fixed = len(record.body) - (13 if b"IMG_" in record.body else 0)
    shortest = 12 if data is ISO_MAY_BE else fixed
    for end in range(shortest):
        with pytest.raises(DatasetError):
            read_record(EosRecord(record.code, record.body[:end]))


def test_lists_that_lie() -> None:
    for count in ("ffffffff", "04000000", "00000000"):
        data = bytes.fromhex(f"03d10000 03000000 {count} 00000000 48000000 50000000")
        assert read_record(EosRecord(0xC18A, data)) == ValuesChanged(0xD103, None)


@pytest.mark.parametrize(
    ("code", "body", "kind", "value"),
    [
        (0xD103, "58000000", UINT32, 0x58),
        (EosProperty.WHITE_BALANCE_BA, "f7ffffff", INT32, -9),
        (EosProperty.OWNER, "00", STRING, ""),
        (EosProperty.LENS_NAME, "5246" + "00" * 61, STRING, "RF"),
        (EosProperty.ARTIST, "c3a4", STRING, "\xe4"),
        (EosProperty.ARTIST, "ff00", STRING, "\ufffd"),
        (0xD120, "01000000 10000000 01000000", NUMBERS, (1, 16, 1)),
        (0xD1A6, "010203", BYTES, (1, 2, 3)),
        (0xD1A6, "", BYTES, ()),
    ],
)
def test_values_of_settings(code: int, body: str, kind: DataType, value: Value) -> None:
    data = bytes.fromhex(body)
    assert data_type(code, data) == kind
    assert unpack_value(code, data) == value


@pytest.mark.parametrize(
    ("code", "kind", "value", "data"),
    [
        (0xD103, UINT32, 0x58, "0c000000 03d10000 58000000"),
        (0xD10B, INT32, -9, "0c000000 0bd10000 f7ffffff"),
        (0xD115, STRING, "Ann", "0c000000 15d10000 416e6e00"),
        (0xD120, NUMBERS, (1, 16), "10000000 20d10000 01000000 10000000"),
        (0xD1A6, BYTES, (1, 2, 3), "0b000000 a6d10000 010203"),
    ],
)
def test_settings_as_they_are_sent(code: int, kind: DataType, value: Value, data: str) -> None:
    assert pack_setting(code, kind, value) == bytes.fromhex(data)


@pytest.mark.parametrize(("kind", "value"), [(STRING, "a\0b"), (STRING, 5), (UINT32, -1)])
def test_values_that_cannot_be_sent(kind: DataType, value: Value) -> None:
    with pytest.raises(UsageError):
        pack_setting(0xD103, kind, value)


def test_the_picture_of_a_viewfinder() -> None:
    other, jpeg = "0c000000 07000000 01020304", "0c000000 {}000000 ffd8ffd9"
    for kind in ("01", "0b"):
        data = bytes.fromhex(other + jpeg.format(kind) + other)
        assert jpeg_of(data) == b"\xff\xd8\xff\xd9"
    for wrong in (other, jpeg.format("09"), "0c000000 01000000 00000000", ""):
        with pytest.raises(LiveViewError, match="no picture"):
            jpeg_of(bytes.fromhex(wrong))
    with pytest.raises(DatasetError):
        jpeg_of(bytes.fromhex("0d000000 01000000 ffd8ffd9"))


def read_all(data: bytes) -> None:
    """Read an answer as events, with the values in them, and as a viewfinder's."""
    with contextlib.suppress(DatasetError, LiveViewError):
        jpeg_of(data)
    with contextlib.suppress(DatasetError):
        for record in unpack_records(data):
            told = read_record(record)
            if isinstance(told, ValueChanged):
                data_type(told.code, told.body)
                unpack_value(told.code, told.body)


WHOLE = bytes.fromhex(
    ISO_IS_400
    + OWNER_IS_ANN
    + ISO_MAY_BE
    + FORMATS
    + A_RANGE
    + ADDED
    + ADDED_64
    + OFFERED
    + REMOVED
    + OTHER
    + END
)


@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), max_size=8))
@settings(max_examples=1000)
def test_mutated_answers_give_records_or_an_error(changes: list[tuple[int, int]]) -> None:
    data = bytearray(WHOLE)
    for at, byte in changes:
        data[at] = byte
    read_all(bytes(data))
    for at, _ in changes:
        read_all(bytes(data[:at]))


@given(st.binary(max_size=200))
@settings(max_examples=1000)
def test_any_bytes_give_records_or_an_error(data: bytes) -> None:
    read_all(data)
