"""Typed PTP values: numbers up to 128 bits, strings, and arrays (ISO 15740, 5.3)."""

from __future__ import annotations

import re
from typing import NamedTuple

from chdkshell.errors import DatasetError, UsageError
from chdkshell.ptp.datasets import Reader, pack_string

Value = int | str | tuple[int, ...]
"""A value of any PTP type: a number, a string, or an array of numbers."""

_ARRAY = 0x4000
_STRING = 0xFFFF
_SIMPLE = range(0x0001, 0x000B)


class DataType(NamedTuple):
    """The type of a value by its code: 1 to 10 are INT8 to UINT128, 0x4000 more is an array."""

    code: int

    @property
    def is_string(self) -> bool:
        """Whether values are strings."""
        return self.code == _STRING

    @property
    def is_array(self) -> bool:
        """Whether values are arrays of numbers."""
        return not self.is_string and bool(self.code & _ARRAY)

    @property
    def member(self) -> DataType:
        """The type of an array's members."""
        return DataType(self.code & ~_ARRAY)

    @property
    def is_known(self) -> bool:
        """Whether the standard has it."""
        return self.is_string or self.member.code in _SIMPLE

    @property
    def size(self) -> int:
        """Bytes of a number of this type."""
        return 1 << ((self.code - 1) // 2)

    @property
    def signed(self) -> bool:
        """Whether numbers of this type may be negative."""
        return bool(self.code & 1)

    @property
    def limits(self) -> tuple[int, int]:
        """The least and the greatest number of this type."""
        bits = 8 * self.size
        return (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if self.signed else (0, (1 << bits) - 1)

    @property
    def name(self) -> str:
        """The standard's name: UINT32, AUINT8 for an array, STR."""
        if self.is_string:
            return "STR"
        if not self.is_known:
            return f"0x{self.code:04X}"
        if self.is_array:
            return f"A{self.member.name}"
        return f"{'' if self.signed else 'U'}INT{8 * self.size}"

    def read(self, reader: Reader) -> Value:
        """Take a value of this type. Raises `DatasetError`."""
        if not self.is_known:
            raise DatasetError(f"the camera's dataset has a value of the unknown type {self.name}")
        if self.is_string:
            return reader.string()
        if self.is_array:
            return reader.array(self.member.size, self.member.signed)
        return reader.integer(self.size, self.signed)

    def pack(self, value: Value) -> bytes:
        """Return the bytes of a value. Raises `UsageError` for one that is not of this type."""
        if self.is_string:
            if not isinstance(value, str):
                raise UsageError(f"{value!r} is no text")
            return pack_string(value)
        if self.is_array:
            if not isinstance(value, tuple):
                raise UsageError(f"{value!r} is no array of numbers")
            return len(value).to_bytes(4, "little") + b"".join(map(self.member.pack, value))
        low, high = self.limits
        if not isinstance(value, int) or not low <= value <= high:
            raise UsageError(f"{value!r} is no {self.name}", f"it goes from {low} to {high}")
        return value.to_bytes(self.size, "little", signed=self.signed)

    def parse(self, text: str) -> Value:
        """Return the value that a person wrote: a number, a text, or numbers between commas.

        Hex begins with 0x. An array of bytes may be written as a text, as names of owners are.
        Raises `UsageError`.
        """
        if self.is_string:
            return text
        if not self.is_array:
            return self._parse_number(text)
        words = [word for word in re.split(r"[,\s]+", text.strip().strip("[]()")) if word]
        try:
            return tuple(self.member._parse_number(word) for word in words)
        except UsageError:
            if self.member.size != 1 or self.member.signed:
                raise
            return tuple(text.encode() + b"\0")

    def _parse_number(self, text: str) -> int:
        digits = text.strip().lower()
        try:
            number = int(digits, 16 if re.match(r"[+-]?0x", digits) else 10)
        except ValueError:
            raise UsageError(f"'{text}' is no number", "decimal, or hex with 0x") from None
        low, high = self.limits
        if not low <= number <= high:
            raise UsageError(f"{text} is no {self.name}", f"it goes from {low} to {high}")
        return number


UINT8 = DataType(0x0002)
UINT16 = DataType(0x0004)
UINT32 = DataType(0x0006)
STRING = DataType(_STRING)


def shown(value: Value, data_type: DataType) -> str:
    """Return a value for people; an array of bytes that is a text with its NUL as that text."""
    if isinstance(value, tuple):
        if data_type.member == UINT8 and (text := _text_of(value)) is not None:
            return text
        return ",".join(map(str, value))
    return str(value)


def _text_of(value: tuple[int, ...]) -> str | None:
    """Return the text that bytes are: printable, and closed by NULs."""
    raw = bytes(value)
    if not raw.endswith(b"\0"):
        return None
    try:
        text = raw.rstrip(b"\0").decode()
    except UnicodeDecodeError:
        return None
    return text if text.isprintable() else None
