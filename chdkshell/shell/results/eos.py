"""Results of the commands for EOS cameras."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chdkshell.errors import DatasetError, printable_name
from chdkshell.ptp.eos import (
    NUMBERS,
    EosRecord,
    ObjectGone,
    ObjectOffered,
    Told,
    ValueChanged,
    ValuesChanged,
    data_type,
    read_record,
)
from chdkshell.ptp.eosvalues import words_of
from chdkshell.ptp.values import UINT32, Value
from chdkshell.shell.results import Result, ResultPart

MAX_HEX = 32
"""Bytes of an unknown event that are shown."""


@dataclass(frozen=True, slots=True)
class EosEventLine(ResultPart):
    """An event of an EOS, as it comes. `seconds` is since the command began.

    `about` names the setting or the file, and `value` is what is told of it.
    """

    seconds: float
    name: str
    code: int
    about: str
    value: str

    @classmethod
    def of(
        cls, seconds: float, name: str, record: EosRecord, name_of: Callable[[int], str]
    ) -> EosEventLine:
        """Return the line of a record. `name_of` names settings."""
        try:
            told = read_record(record)
        except DatasetError:
            told = None
        about, value = _said(told, record, name_of)
        return cls(seconds, name, record.code, about, value)

    def text(self) -> str:
        words = (f"{self.seconds:8.3f} {self.name} (0x{self.code:04X})", self.about, self.value)
        return printable_name(" ".join(word for word in words if word))

    def json(self) -> Any:
        return [
            {
                "seconds": round(self.seconds, 3),
                "event": self.name,
                "code": self.code,
                "about": self.about,
                "value": self.value,
            }
        ]


def _said(told: Told | None, record: EosRecord, name_of: Callable[[int], str]) -> tuple[str, str]:
    match told:
        case ValueChanged(code, body):
            return name_of(code), words_of(code, data_type(code, body), told.value)
        case ValuesChanged(code, values):
            return name_of(code), " | ".join(_text(code, value) for value in values or ())
        case ObjectOffered():
            return told.name, f"0x{told.handle:08X} {told.size}"
        case ObjectGone(handle):
            return f"0x{handle:08X}", ""
    return "", record.body[:MAX_HEX].hex(" ")


def _text(code: int, value: Value) -> str:
    return words_of(code, NUMBERS if isinstance(value, tuple) else UINT32, value)


@dataclass(frozen=True, slots=True)
class ViewfinderPictures(Result):
    """Pictures of the viewfinder: how many, their bytes, and the files that have them."""

    frames: int
    size: int
    files: tuple[str, ...]

    def text(self) -> str:
        return "\n".join(map(printable_name, self.files))


@dataclass(frozen=True, slots=True)
class FirmwareSent(Result):
    """A firmware that went to the camera whole. `size` is in bytes."""

    file: str
    size: int

    def text(self) -> str:
        return f"{self.size} bytes\t{printable_name(self.file)}"
