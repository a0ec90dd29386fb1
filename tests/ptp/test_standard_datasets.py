"""Datasets of standard PTP against bytes written from the standard, and against bytes that lie."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chdkshell.errors import DatasetError, UsageError
from chdkshell.ptp.objects import ObjectInfo, StorageInfo, date_text, dated
from chdkshell.ptp.properties import DevicePropDesc, Enumeration, Range
from chdkshell.ptp.values import STRING, UINT8, UINT16, UINT32, DataType, Value, shown
from chdkshell.standard.objecttree import Node
from chdkshell.standard.transfer import entry_of

STORAGE = bytes.fromhex(
    "0400 0300 0000 00001f6b07000000 0020f8d906000000 c4090000"
    "04 530044003100 0000"  # "SD1"
    "00"
)
PICTURE = bytes.fromhex(
    "01000100 0138 0100 dd420000 0838 00140000 a0000000 78000000 40140000 300f0000 18000000"
    "00100090 0000 00000000 07000000"
    "0d 49004d0047005f0030003000300031002e004a0050004700 0000"  # IMG_0001.JPG
    "10 3200300032003600300039003100340054003100300031003500330030000000"
    "00 00"
)
RANGE = bytes.fromhex("1550 0300 01 0000 0a00 01 f6ff 3200 0500")  # INT16 -10 to 50 by 5
TEXTS = bytes.fromhex("02d4 ffff 00 02 4100 0000 02 4200 0000 02 0200 02 4100 0000 02 4200 0000")
ARRAYS = bytes.fromhex(
    "2cd0 0640 01 01000000 05000000 01000000 06000000 02 0200"
    "01000000 05000000 02000000 06000000 07000000"
)
OWNER = bytes.fromhex("33d0 0240 01 00000000 04000000 41 6e 6e 00 00")
HUGE = bytes.fromhex("00d1 0a00 01" + "ff" * 16 + "01" + "00" * 15 + "00")


def test_storage_info() -> None:
    info = StorageInfo.unpack(STORAGE)
    assert (info.storage_type, info.filesystem_type, info.access) == (4, 3, 0)
    assert (info.capacity, info.free_bytes) == (0x76B1F0000, 0x6D9F82000)
    assert (info.free_pictures, info.description, info.label) == (2500, "SD1", "")
    assert info.pack() == STORAGE


def test_object_info() -> None:
    info = ObjectInfo.unpack(PICTURE)
    assert (info.storage, info.format, info.protection) == (0x10001, 0x3801, 1)
    assert (info.size, info.thumb_size) == (17117, 5120)
    assert (info.thumb_width, info.thumb_height) == (160, 120)
    assert (info.width, info.height, info.depth) == (5184, 3888, 24)
    assert (info.parent, info.sequence, info.name) == (0x90001000, 7, "IMG_0001.JPG")
    assert dated(info.captured) == datetime(2026, 9, 14, 10, 15, 30)
    assert not info.is_folder
    assert info.pack() == PICTURE


@pytest.mark.parametrize(
    ("data", "desc"),
    [
        (RANGE, DevicePropDesc(0x5015, DataType(3), True, 0, 10, Range(-10, 50, 5))),
        (TEXTS, DevicePropDesc(0xD402, STRING, False, "A", "B", Enumeration(("A", "B")))),
        (
            ARRAYS,
            DevicePropDesc(0xD02C, DataType(0x4006), True, (5,), (6,), Enumeration(((5,), (6, 7)))),
        ),
        (OWNER, DevicePropDesc(0xD033, DataType(0x4002), True, (), (0x41, 0x6E, 0x6E, 0))),
        (HUGE, DevicePropDesc(0xD100, DataType(10), True, (1 << 128) - 1, 1)),
    ],
    ids=["range", "texts", "arrays", "owner", "128 bits"],
)
def test_property_descriptions(data: bytes, desc: DevicePropDesc) -> None:
    assert DevicePropDesc.unpack(data) == desc
    assert desc.pack() == data


@pytest.mark.parametrize("data", [STORAGE, PICTURE, RANGE, TEXTS, ARRAYS, OWNER, HUGE])
def test_no_dataset_is_read_beyond_its_end(data: bytes) -> None:
    kinds = {STORAGE: StorageInfo.unpack, PICTURE: ObjectInfo.unpack}
    unpack = kinds.get(data, DevicePropDesc.unpack)
    for end in range(len(data)):
        with pytest.raises(DatasetError):
            unpack(data[:end])


@pytest.mark.parametrize("data", ["2cd0 0640 01 ffffff7f 00", "00d0 0b00 01 00", "00d0 0000 01 00"])
def test_lying_counts_and_unknown_types(data: str) -> None:
    with pytest.raises(DatasetError):
        DevicePropDesc.unpack(bytes.fromhex(data))


@given(st.binary(max_size=120))
@settings(max_examples=1000)
def test_any_bytes_give_a_dataset_or_an_error(data: bytes) -> None:
    for unpack in (StorageInfo.unpack, ObjectInfo.unpack, DevicePropDesc.unpack):
        with contextlib.suppress(DatasetError):
            unpack(data)


@pytest.mark.parametrize(
    ("data_type", "text", "value"),
    [
        (UINT16, "0x10", 16),
        (DataType(3), "-0x10", -16),
        (DataType(9), str(-(1 << 127)), -(1 << 127)),
        (STRING, " as it is", " as it is"),
        (DataType(0x4006), "1,0x2 3", (1, 2, 3)),
        (DataType(0x4006), "", ()),
        (DataType(0x4002), "Ann", (0x41, 0x6E, 0x6E, 0)),
        (DataType(0x4002), "1,2", (1, 2)),
    ],
)
def test_values_as_people_write_them(data_type: DataType, text: str, value: Value) -> None:
    assert data_type.parse(text) == value


@pytest.mark.parametrize(
    ("data_type", "text", "said"),
    [
        (UINT8, "256", "256 is no UINT8"),
        (UINT8, "-1", "-1 is no UINT8"),
        (UINT32, "ten", "'ten' is no number"),
        (DataType(0x4004), "1,70000", "70000 is no UINT16"),
    ],
)
def test_values_that_do_not_fit_their_type(data_type: DataType, text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        data_type.parse(text)


@pytest.mark.parametrize(
    ("data", "text", "allowed"),
    [
        (RANGE, "51", "-10 to 50 in steps of 5"),
        (RANGE, "-9", "-10 to 50 in steps of 5"),
        (ARRAYS, "5,6", "5 | 6,7"),
    ],
)
def test_a_value_that_the_form_forbids(data: bytes, text: str, allowed: str) -> None:
    with pytest.raises(UsageError, match="not allowed") as refused:
        DevicePropDesc.unpack(data).parse(text)
    assert refused.value.detail == f"allowed: {allowed}"


def test_a_property_to_be_read_only() -> None:
    with pytest.raises(UsageError, match="can only be read"):
        DevicePropDesc.unpack(TEXTS).parse("A")


def test_a_text_that_is_too_long() -> None:
    assert len(STRING.pack("x" * 254)) == 511
    with pytest.raises(UsageError, match="too long"):
        STRING.pack("x" * 255)
    with pytest.raises(UsageError, match="too long"):
        ObjectInfo(name="x" * 255).pack()
    with pytest.raises(UsageError, match="no text that PTP can send"):
        ObjectInfo(name="caf\udce9.jpg").pack()


def test_bytes_that_are_a_text() -> None:
    assert shown((0x41, 0x6E, 0x6E, 0), DataType(0x4002)) == "Ann"
    assert shown((7, 0), DataType(0x4002)) == "7,0"
    assert shown((1, 2), DataType(0x4006)) == "1,2"


def test_dates() -> None:
    zone = timezone(-timedelta(hours=3, minutes=30))
    assert dated("20260914T101530Z") == datetime(2026, 9, 14, 10, 15, 30, tzinfo=UTC)
    assert dated("20260914T101530.5-0330") == datetime(2026, 9, 14, 10, 15, 30, 500000, zone)
    for wrong in (
        "",
        "20261314T101530",
        "20260914",
        "20260914T101530+9900",
        "\u0662\u06620260914T101530",
    ):
        assert dated(wrong) is None
    assert date_text(datetime(2026, 9, 14, 10, 15, 30)) == "20260914T101530"
    assert date_text(datetime(2026, 9, 14, 10, 15, 30, tzinfo=UTC)) == "20260914T101530Z"


def test_a_date_before_1970_is_none_that_every_computer_shows() -> None:
    """Windows' calendar begins then, and so do times of the card's files."""
    for text in ("16010101T000000", "19691231T235958", "", "19700101T000000"):
        node = Node("A/OLD.TXT", 1, 0x00010001, ObjectInfo(modified=text))
        assert entry_of(node).mtime == 0, text
