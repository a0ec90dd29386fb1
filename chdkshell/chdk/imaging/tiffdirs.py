"""The directories of a DNG file as TIFF 6.0 has them (section 2), entry by entry.

tifffile knows the types and the names of entries, and reads files that are whole, as it does for
`chdk.imaging.dng`. The walk from entry to entry is here, since a camera or a stranger made the
bytes:

- tifffile leaves out entries that it cannot read, which are those that somebody looks for: of a
  header that CHDK made with 73 entries, and with one type and one offset made wrong, it gives 54.
  17 of the others are those of Exif, which it has as values without type and place.
- it reads values before anybody can ask how many there are. A header of 64 KiB with 400 entries
  that share their bytes took 113 MB, so the 5400 that fit take 1.5 GB; `check_values` is to refuse
  it before.

How long they take is no reason: 0.7 ms a header, with either.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from chdkshell.errors import DngError

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

_UNKNOWN = "unk"

Value = int | float | str | tuple[int, int]
"""A number, a text, or numerator and denominator."""


@dataclass(frozen=True, slots=True)
class Tag:
    """An entry of a directory. `word` is its last field: the value where it fits, else the offset.

    `kind` is the name of its type, like LONG, or "unk", and `layout` is that of one value for
    `struct`. `data` has the values' bytes, or none where they lie outside what is known of the
    file.
    """

    number: int
    kind: str
    layout: str
    count: int
    word: int
    inline: bool
    data: memoryview

    @property
    def size(self) -> int:
        """Bytes of its values, as it claims."""
        return self.count * struct.calcsize(f"<{self.layout}")

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
        if self.kind in ("UNDEFINED", _UNKNOWN):
            return []
        layout = f"<{self.layout}"
        size = struct.calcsize(layout)
        count = len(self.data) // size if limit is None else min(limit, len(self.data) // size)
        numbers = struct.iter_unpack(layout, self.data[: count * size])
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
    import tifffile

    layout = tifffile.TIFF.DATA_FORMATS.get(kind)
    name = _UNKNOWN if layout is None else tifffile.DATATYPE(kind).name
    size = count * struct.calcsize(f"<{layout or 's'}")
    inline = size <= _INLINE_SIZE
    start = place if inline else word
    data = header[start : start + size] if start + size <= len(header) else header[:0]
    return Tag(number, name, layout or "s", count, word, inline, data)
