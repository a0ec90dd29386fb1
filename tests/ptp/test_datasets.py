"""Datasets against bytes recorded from the firmware, and against bytes that lie."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chdkshell.errors import DatasetError, UsageError
from chdkshell.ptp.datasets import DeviceInfo, Reader, pack_string

# What the firmware's own PTP code answered to GetDeviceInfo (vectors, "device info").
RECORDED = bytes.fromhex(
    "64000b00000064000000000600000001100210031004100510999903000000024003400840000000000100000001"
    "380100000001380b430061006e006f006e00200049006e0063002e00000017430061006e006f006e00200050006f"
    "00770065007200530068006f0074002000520045004600430041004d0000000a31002d0031002e0030002e003000"
    "2e003000000021520045004600430041004d00300031003200330034003500360037003800390041004200430044"
    "004500460030003100320033003400350036003700380039000000"
)


def test_device_info_as_a_camera_sends_it() -> None:
    info = DeviceInfo.unpack(RECORDED)
    assert info.manufacturer == "Canon Inc."
    assert info.model == "Canon PowerShot REFCAM"
    assert info.device_version == "1-1.0.0.0"
    assert info.serial_number == "REFCAM0123456789ABCDEF0123456789"
    assert info.operations_supported == (0x1001, 0x1002, 0x1003, 0x1004, 0x1005, 0x9999)
    assert info.events_supported == (0x4002, 0x4003, 0x4008)
    assert info.device_properties_supported == ()
    assert info.capture_formats == info.image_formats == (0x3801,)
    assert (info.standard_version, info.vendor_extension_id) == (100, 11)


def test_device_info_packs_to_the_recorded_bytes() -> None:
    assert DeviceInfo.unpack(RECORDED).pack() == RECORDED


def test_a_missing_serial_number_is_empty() -> None:
    info = DeviceInfo.unpack(RECORDED[:-67])
    assert (info.device_version, info.serial_number) == ("1-1.0.0.0", "")


def test_an_array_that_lies_about_its_length() -> None:
    with pytest.raises(DatasetError, match="ends after 14 bytes"):
        Reader(bytes.fromhex("ffffffff") + bytes(10)).u16_array()


@given(st.binary(max_size=200))
def test_any_bytes_give_a_dataset_or_an_error(data: bytes) -> None:
    with contextlib.suppress(DatasetError):
        DeviceInfo.unpack(data)


def test_strings_are_counted_in_utf16_units_with_the_nul() -> None:
    assert pack_string("") == b"\x00"
    assert pack_string("A😀") == bytes.fromhex("04 4100 3dd8 00de 0000")


@pytest.mark.parametrize("text", ["a\0b", "\0", "a\udc80"])
def test_a_text_that_would_not_arrive_as_it_is(text: str) -> None:
    with pytest.raises(UsageError, match="is no text that PTP can send"):
        pack_string(text)
    assert Reader(bytes.fromhex("04 4100 3dd8 00de 0000")).string() == "A😀"
