"""Device properties: what each is, what it may be, and its value (ISO 15740, 13.3)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from chdkshell.errors import DatasetError, UsageError
from chdkshell.ptp.datasets import Reader
from chdkshell.ptp.values import UINT8, UINT16, DataType, Value, shown


class FormFlag(IntEnum):
    """How a DevicePropDesc gives the allowed values."""

    NONE = 0
    RANGE = 1
    ENUMERATION = 2


@dataclass(frozen=True, slots=True)
class Range:
    """Allowed values: from `minimum` to `maximum`, in steps from the minimum."""

    minimum: int
    maximum: int
    step: int

    def __contains__(self, value: Value) -> bool:
        if not isinstance(value, int) or not self.minimum <= value <= self.maximum:
            return False
        return self.step <= 0 or (value - self.minimum) % self.step == 0


@dataclass(frozen=True, slots=True)
class Enumeration:
    """Allowed values, one by one."""

    values: tuple[Value, ...]

    def __contains__(self, value: Value) -> bool:
        return value in self.values


Form = Range | Enumeration | None


@dataclass(frozen=True, slots=True)
class DevicePropDesc:
    """A DevicePropDesc dataset (ISO 15740, 13.3.3). `form` is None where any value may be."""

    code: int
    data_type: DataType
    writable: bool
    default: Value
    value: Value
    form: Form = None

    @classmethod
    def unpack(cls, data: bytes) -> DevicePropDesc:
        """Read the dataset. Raises `DatasetError`."""
        reader = Reader(data)
        code, data_type, access = reader.u16(), DataType(reader.u16()), reader.u8()
        default, value = data_type.read(reader), data_type.read(reader)
        return cls(code, data_type, access != 0, default, value, _read_form(reader, data_type))

    def pack(self) -> bytes:
        """Return the dataset as a responder sends it."""
        pack = self.data_type.pack
        head = UINT16.pack(self.code) + UINT16.pack(self.data_type.code)
        head += UINT8.pack(int(self.writable)) + pack(self.default) + pack(self.value)
        if isinstance(self.form, Range):
            limits = (self.form.minimum, self.form.maximum, self.form.step)
            return head + UINT8.pack(FormFlag.RANGE) + b"".join(map(pack, limits))
        if isinstance(self.form, Enumeration):
            values = self.form.values
            count = UINT16.pack(len(values))
            return head + UINT8.pack(FormFlag.ENUMERATION) + count + b"".join(map(pack, values))
        return head + UINT8.pack(FormFlag.NONE)

    def parse(self, text: str) -> Value:
        """Return the value that a person wrote.

        Raises `UsageError` with the allowed values for one that the camera would refuse.
        """
        value = self.data_type.parse(text)
        self.check(value)
        return value

    def check(self, value: Value) -> None:
        """Raise `UsageError` for a value that the camera would refuse."""
        if not self.writable:
            raise UsageError(f"property 0x{self.code:04X} can only be read")
        if self.form is not None and value not in self.form:
            said = shown(value, self.data_type)
            raise UsageError(f"'{said}' is not allowed here", f"allowed: {self.allowed}")
        self.data_type.pack(value)

    @property
    def allowed(self) -> str:
        """The allowed values for people, "" where there is no list or range."""
        if isinstance(self.form, Range):
            step = "" if self.form.step in (0, 1) else f" in steps of {self.form.step}"
            return f"{self.form.minimum} to {self.form.maximum}{step}"
        if isinstance(self.form, Enumeration):
            members = [shown(value, self.data_type) for value in self.form.values]
            return (" | " if self.data_type.is_array else ", ").join(members)
        return ""


def _read_form(reader: Reader, data_type: DataType) -> Form:
    flag = reader.u8()
    if flag == FormFlag.RANGE:
        limits = [data_type.read(reader) for _ in range(3)]
        numbers = [limit for limit in limits if isinstance(limit, int)]
        if len(numbers) != 3:
            raise DatasetError("the camera gives a range of values that are no numbers")
        return Range(*numbers)
    if flag == FormFlag.ENUMERATION:
        return Enumeration(tuple(data_type.read(reader) for _ in range(reader.u16())))
    return None
