"""Names of PTP codes: the standard's, those of Canon and EOS, and those of MTP.

The tables in `data` give a code's kind, its number and its name. The standard's operations,
responses and events are in `ptp.codes`; its other names are from ISO 15740 (6.2, 13.3), MTP's from
the specification of the USB-IF (1.1), Canon's from what public programs call them. CHDK's operation
is one of Canon's: what another maker has under its number is something else.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum, StrEnum
from functools import cache
from pathlib import Path

from chdkshell.errors import UsageError
from chdkshell.ptp.codes import CANON_VENDOR_ID, EventCode, OperationCode, ResponseCode, code_name
from chdkshell.ptp.datasets import DeviceInfo

MTP_EXTENSION_IDS = (0x00000006, 0x0000000B, 0xFFFFFFFF)
"""Vendor extension ids with which responders mean Microsoft's extension, MTP."""


class CodeKind(StrEnum):
    """What a code is for. Codes of different kinds share numbers."""

    OPERATION = "operation"
    RESPONSE = "response"
    EVENT = "event"
    FORMAT = "format"
    PROPERTY = "property"
    OBJECT_PROPERTY = "objectproperty"


class Vocabulary(StrEnum):
    """Whose names."""

    STANDARD = "standard"
    CANON = "canon"
    EOS = "eos"
    MTP = "mtp"


_ENUMS: tuple[tuple[CodeKind, type[IntEnum]], ...] = (
    (CodeKind.OPERATION, OperationCode),
    (CodeKind.RESPONSE, ResponseCode),
    (CodeKind.EVENT, EventCode),
)


@cache
def names_of(vocabulary: Vocabulary) -> dict[tuple[CodeKind, int], str]:
    """Return all names of one vocabulary by kind and code."""
    names: dict[tuple[CodeKind, int], str] = {}
    if vocabulary is Vocabulary.STANDARD:
        for kind, enum in _ENUMS:
            names.update(((kind, code.value), code_name(code, enum)) for code in enum)
        del names[CodeKind.OPERATION, OperationCode.CHDK]
    elif vocabulary is Vocabulary.CANON:
        names[CodeKind.OPERATION, OperationCode.CHDK] = code_name(OperationCode.CHDK, OperationCode)
    table = Path(__file__).with_name("data") / f"{vocabulary}.tsv"
    for row in table.read_text("ascii").splitlines():
        kind_word, digits, name = row.split("\t")
        names[CodeKind(kind_word), int(digits, 16)] = name
    return names


class CodeNames:
    """Names of the codes that one camera uses. Of several vocabularies the first one counts."""

    def __init__(self, *vocabularies: Vocabulary) -> None:
        self.vocabularies = vocabularies

    @classmethod
    def of(cls, info: DeviceInfo, usb_vendor_id: int = 0) -> CodeNames:
        """Return the names for a camera.

        Its maker counts, and its vendor id on USB: PowerShots may report Microsoft's vendor
        extension and mean Canon's codes. EOS and Canon's older codes share no numbers but those of
        responses.
        """
        if usb_vendor_id == CANON_VENDOR_ID or info.manufacturer.lower().startswith("canon"):
            return CodeNames(Vocabulary.STANDARD, Vocabulary.CANON, Vocabulary.EOS, Vocabulary.MTP)
        if info.vendor_extension_id in MTP_EXTENSION_IDS:
            return CodeNames(Vocabulary.STANDARD, Vocabulary.MTP)
        return CodeNames(Vocabulary.STANDARD)

    def find(self, kind: CodeKind, code: int) -> str | None:
        """Return the name of a code, None where it has none."""
        for vocabulary in self.vocabularies:
            name = names_of(vocabulary).get((kind, code))
            if name is not None:
                return name
        return None

    def name(self, kind: CodeKind, code: int) -> str:
        """Return the name of a code, or its number ("0x9801") where it has none."""
        return self.find(kind, code) or f"0x{code:04X}"

    def all(self, kind: CodeKind) -> Iterator[tuple[int, str]]:
        """Yield every code of a kind with its name, each code once."""
        seen: set[int] = set()
        for vocabulary in self.vocabularies:
            for (its_kind, code), name in names_of(vocabulary).items():
                if its_kind is kind and code not in seen:
                    seen.add(code)
                    yield code, name

    def code(self, kind: CodeKind, word: str) -> int:
        """Return the code that `word` names: a name in any case, or a number (hex with 0x).

        Raises `UsageError`, with the nearest names, for what is neither.
        """
        number = _number(word)
        if number is not None:
            if not 0 <= number <= 0xFFFF:
                raise UsageError(f"{word} is no code", "codes have 16 bits: 0x0000 to 0xFFFF")
            return number
        by_name: dict[str, int] = {}
        for code, name in self.all(kind):
            by_name.setdefault(name.lower(), code)
        if word.lower() not in by_name:
            import difflib

            near = difflib.get_close_matches(word.lower(), by_name, 3)
            names = ", ".join(self.name(kind, by_name[n]) for n in near)
            detail = f"near it: {names}" if names else "a name, or a number like 0x1001"
            raise UsageError(f"there is no {kind.value} '{word}'", detail)
        return by_name[word.lower()]


def _number(word: str) -> int | None:
    try:
        return int(word, 16 if word.lower().startswith("0x") else 10)
    except ValueError:
        return None
