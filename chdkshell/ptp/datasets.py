"""PTP datasets as data classes, read from and written to their bytes (ISO 15740, clause 5)."""

from __future__ import annotations

import struct
from typing import NamedTuple

from chdkshell.errors import DatasetError, UsageError

STANDARD_VERSION = 100
"""Version 1.00 of the standard, times a hundred."""

MAX_STRING_UNITS = 254
"""UTF-16 units that a string can have beside its closing NUL: their count is one byte."""


MAX_DATASET = 16 << 20
"""Bytes of a dataset that are taken from a camera: a million handles have 4 MiB."""


class Reader:
    """Takes little-endian PTP values off a buffer. Raises `DatasetError` when it ends too early."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, count: int) -> bytes:
        """Take `count` bytes."""
        end = self._at + count
        if end > len(self._data):
            raise DatasetError(
                f"the camera's dataset ends after {len(self._data)} bytes where {end} are needed"
            )
        part = self._data[self._at : end]
        self._at = end
        return part

    def u8(self) -> int:
        """Take one byte."""
        return self.take(1)[0]

    def u16(self) -> int:
        """Take a 16-bit value."""
        return int.from_bytes(self.take(2), "little")

    def u32(self) -> int:
        """Take a 32-bit value."""
        return int.from_bytes(self.take(4), "little")

    def integer(self, size: int, signed: bool = False) -> int:
        """Take a number of `size` bytes."""
        return int.from_bytes(self.take(size), "little", signed=signed)

    def array(self, size: int, signed: bool = False) -> tuple[int, ...]:
        """Take an array of numbers of `size` bytes with its 32-bit count."""
        data = self.take(size * self.u32())
        return tuple(
            int.from_bytes(data[at : at + size], "little", signed=signed)
            for at in range(0, len(data), size)
        )

    def rest(self) -> bytes:
        """Take all that is left."""
        return self.take(len(self._data) - self._at)

    def string(self) -> str:
        """Take a string: a count of UTF-16 units with the closing NUL, then the units."""
        units = self.u8()
        return self.take(2 * units).decode("utf-16-le", "replace").partition("\0")[0]

    def u16_array(self) -> tuple[int, ...]:
        """Take an array of 16-bit values with its 32-bit count."""
        count = self.u32()
        return struct.unpack(f"<{count}H", self.take(2 * count))


def pack_string(text: str) -> bytes:
    """Return `text` as a PTP string. An empty one is a single zero byte.

    Raises `UsageError` for one that is too long, that has a NUL, with which it would end, or that
    is not Unicode (as names of files may be).
    """
    if not text:
        return b"\0"
    try:
        encoded = (text + "\0").encode("utf-16-le")
    except UnicodeEncodeError:
        encoded = b""
    if not encoded or "\0" in text:
        raise UsageError(f"{text!r} is no text that PTP can send")
    if len(encoded) // 2 > MAX_STRING_UNITS + 1:
        raise UsageError(
            "the text is too long", f"PTP's strings have up to {MAX_STRING_UNITS} characters"
        )
    return bytes([len(encoded) // 2]) + encoded


def pack_u16_array(values: tuple[int, ...]) -> bytes:
    """Return `values` as a PTP array of 16-bit values."""
    return struct.pack(f"<I{len(values)}H", len(values), *values)


class DeviceInfo(NamedTuple):
    """What a camera says about itself (ISO 15740, 5.5.1)."""

    manufacturer: str
    model: str
    device_version: str
    serial_number: str
    operations_supported: tuple[int, ...] = ()
    events_supported: tuple[int, ...] = ()
    device_properties_supported: tuple[int, ...] = ()
    capture_formats: tuple[int, ...] = ()
    image_formats: tuple[int, ...] = ()
    standard_version: int = STANDARD_VERSION
    vendor_extension_id: int = 0
    vendor_extension_version: int = 0
    vendor_extension_description: str = ""
    functional_mode: int = 0

    @classmethod
    def unpack(cls, data: bytes) -> DeviceInfo:
        """Read a DeviceInfo dataset. Raises `DatasetError`.

        A dataset that ends before one of the last strings is accepted with that string empty:
        some cameras leave the serial number out.
        """
        reader = Reader(data)
        version, vendor_id, vendor_version = reader.u16(), reader.u32(), reader.u16()
        description, mode = reader.string(), reader.u16()
        operations, events, properties, captures, images = (reader.u16_array() for _ in range(5))
        strings = [""] * 4
        for index in range(4):
            try:
                strings[index] = reader.string()
            except DatasetError:
                break
        manufacturer, model, device_version, serial = strings
        return cls(
            standard_version=version,
            vendor_extension_id=vendor_id,
            vendor_extension_version=vendor_version,
            vendor_extension_description=description,
            functional_mode=mode,
            operations_supported=operations,
            events_supported=events,
            device_properties_supported=properties,
            capture_formats=captures,
            image_formats=images,
            manufacturer=manufacturer,
            model=model,
            device_version=device_version,
            serial_number=serial,
        )

    def pack(self) -> bytes:
        """Return the dataset as a responder sends it."""
        return b"".join(
            (
                struct.pack(
                    "<HIH",
                    self.standard_version,
                    self.vendor_extension_id,
                    self.vendor_extension_version,
                ),
                pack_string(self.vendor_extension_description),
                struct.pack("<H", self.functional_mode),
                pack_u16_array(self.operations_supported),
                pack_u16_array(self.events_supported),
                pack_u16_array(self.device_properties_supported),
                pack_u16_array(self.capture_formats),
                pack_u16_array(self.image_formats),
                pack_string(self.manufacturer),
                pack_string(self.model),
                pack_string(self.device_version),
                pack_string(self.serial_number),
            )
        )
