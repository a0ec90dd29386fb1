"""The directories of a DNG file as TIFF 6.0 has them (section 2), entry by entry."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from chdkshell.errors import DngError

_KINDS = {
    1: ("BYTE", "B"),
    2: ("ASCII", "s"),
    3: ("SHORT", "H"),
    4: ("LONG", "I"),
    5: ("RATIONAL", "II"),
    6: ("SBYTE", "b"),
    7: ("UNDEFINED", "s"),
    8: ("SSHORT", "h"),
    9: ("SLONG", "i"),
    10: ("SRATIONAL", "ii"),
    11: ("FLOAT", "f"),
    12: ("DOUBLE", "d"),
}
"""Types by number: name, and how one value is laid out."""

_HEADER_SIZE, _ENTRY_SIZE, _INLINE_SIZE = 8, 12, 4
_SHOWN = ((0x014A, ""), (0x8769, "exif"))
_POINTERS = (*_SHOWN, (0x8825, "gps"))
"""Tags that point to other directories, and what these are called."""

_NAMES = {
    0x014A: "SubIFDs",
    0x8769: "ExifIFD",
    0x9216: "TIFFEPStandardID",
    0x8827: "ISOSpeedRatings",
    0x9290: "SubsecTime",
    0x9291: "SubsecTimeOriginal",
    0xA405: "FocalLengthIn35mmFilm",
    0xC630: "LenseInfo",
}
"""Names that chdkptp shows, where tifffile has others."""

Value = int | float | str | tuple[int, int]
"""A number, a text, or numerator and denominator."""


@dataclass(frozen=True, slots=True)
class Tag:
    """An entry of a directory. `word` is its last field: the value where it fits, else the offset.

    `kind` is the name of its type, like LONG, or "unk". `data` has the value's bytes, or none where
    they lie outside what is known of the file.
    """

    number: int
    kind: str
    count: int
    word: int
    inline: bool
    data: memoryview

    @property
    def size(self) -> int:
        """Bytes of its values, as it claims."""
        return self.count * struct.calcsize(f"<{self._layout}")

    @property
    def _layout(self) -> str:
        return next((layout for kind, layout in _KINDS.values() if kind == self.kind), "s")

    @property
    def name(self) -> str:
        """The tag's name, like ImageWidth."""
        import tifffile

        unknown = f"unk_0x{self.number:04x}"
        exif = tifffile.TIFF.EXIF_TAGS.get(self.number, unknown)
        return _NAMES.get(self.number) or tifffile.TIFF.TAGS.get(self.number, exif)

    def values(self, limit: int | None = None) -> list[Value]:
        """Return the values, at most `limit`. A text is one value, undefined bytes are none."""
        if self.kind == "ASCII":
            text: Value = bytes(self.data).partition(b"\0")[0].decode("latin-1")
            return [text][:limit]
        layout = self._layout
        if layout == "s":
            return []
        size = struct.calcsize(f"<{layout}")
        count = len(self.data) // size if limit is None else min(limit, len(self.data) // size)
        numbers = struct.iter_unpack(f"<{layout}", self.data[: count * size])
        return [number[0] if len(number) == 1 else number for number in numbers]


@dataclass(frozen=True, slots=True)
class Directory:
    """A directory: "0" is the first, "0.0" its first sub-directory, "0.exif" the Exif data.

    `size` is in bytes, of its entries and their number.
    """

    name: str
    offset: int
    tags: tuple[Tag, ...]

    @property
    def size(self) -> int:
        return 2 + _ENTRY_SIZE * len(self.tags)

    def tag(self, number: int) -> Tag | None:
        """Return the entry with a number."""
        return next((tag for tag in self.tags if tag.number == number), None)


def read_directories(header: bytes) -> list[Directory]:
    """Return the first directory of a little-endian TIFF file, and those that it points to.

    Raises `DngError` where one lies outside of `header`, and as `check_values`.
    """
    check_values(header)
    first = _first(header)
    return [first, *(_directory(header, *place) for place in _below(first))]


def check_values(header: bytes) -> None:
    """Raise `DngError` where the values of all entries are together longer than `header`.

    So many entries that share their bytes are there to fill memory. Directories that are cut off
    are left out.
    """
    left = len(header)
    directories: list[Directory] = []
    with suppress(DngError):
        directories.append(_first(header))
    for place in _below(directories[0], _POINTERS) if directories else ():
        with suppress(DngError):
            directories.append(_directory(header, *place))
    for directory in directories:
        for tag in directory.tags:
            left -= 0 if tag.inline else min(tag.size, max(len(header) - tag.word, 0))
    if left < 0:
        raise DngError("the values of the directories overlap")


def _first(header: bytes) -> Directory:
    if len(header) < _HEADER_SIZE:
        raise DngError(f"a TIFF header of {len(header)} bytes")
    return _directory(header, "0", int.from_bytes(header[4:8], "little"))


def _below(
    first: Directory, pointers: tuple[tuple[int, str], ...] = _SHOWN
) -> Iterator[tuple[str, int]]:
    """Yield the names of the directories that one points to, and where they are."""
    for number, prefix in pointers:
        tag = first.tag(number)
        for index, offset in enumerate(tag.values(8) if tag is not None else []):
            if isinstance(offset, int):
                yield f"0.{prefix or index}", offset


def _directory(header: bytes, name: str, offset: int) -> Directory:
    try:
        (count,) = struct.unpack_from("<H", header, offset)
        entries = [
            struct.unpack_from("<HHII", header, offset + 2 + _ENTRY_SIZE * index)
            for index in range(count)
        ]
    except struct.error as error:
        raise DngError(f"the directory {name} at {offset} is cut off") from error
    view = memoryview(header)
    tags = (
        _tag(view, offset + 2 + _ENTRY_SIZE * index + 8, *entry)
        for index, entry in enumerate(entries)
    )
    return Directory(name, offset, tuple(tags))


def _tag(header: memoryview, place: int, number: int, kind: int, count: int, word: int) -> Tag:
    name, layout = _KINDS.get(kind, ("unk", "s"))
    size = count * struct.calcsize(f"<{layout}")
    inline = size <= _INLINE_SIZE
    start = place if inline else word
    data = header[start : start + size] if start + size <= len(header) else header[:0]
    return Tag(number, name, count, word, inline, data)
