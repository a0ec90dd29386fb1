"""Whether a picture is whole by its own structure: JPEG, and TIFF with its kin DNG and CR2.

A camera whose card is full, or that is switched off, leaves files that end too early, of a size
that it takes for right.
"""

from __future__ import annotations

import mmap
import re
import struct
from collections.abc import Iterator
from pathlib import Path

_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL)
"""What ends the coded data of a scan: neither a coded 0xFF, nor a restart, nor filling."""

_START_OF_SCAN, _END_OF_IMAGE = 0xDA, 0xD9
_WITHOUT_LENGTH = {0x01, *range(0xD0, 0xD8)}

_PLACES = ((0x0111, 0x0117), (0x0144, 0x0145), (0x0201, 0x0202))
"""Tags with offsets of data, and those with their lengths: strips, tiles, a JPEG picture."""

_SUB_DIRECTORIES = 0x014A
_SIZES = {3: (2, "H"), 4: (4, "I")}
"""Types of such tags, SHORT and LONG: bytes of a value, and its format."""

_KNOWN = {_SUB_DIRECTORIES, *(tag for pair in _PLACES for tag in pair)}

MAX_DIRECTORIES = 64

MAX_VALUES = 1 << 18
"""Offsets and lengths that a directory may have: one for each row, of the highest pictures."""


class _SenselessError(Exception):
    """A directory is made to take for ever, not to be read."""


def picture_problem(path: Path | str) -> str:
    """Return what is missing of a picture, "" where nothing is.

    Of a file whose first bytes say neither JPEG nor TIFF nothing is known. Raises `OSError`.
    """
    with open(path, "rb") as file:
        if not file.read(1):
            return ""
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            if data[:2] == b"\xff\xd8":
                return _jpeg_problem(data)
            if data[:4] in (b"II*\0", b"MM\0*"):
                try:
                    return next(_tiff_problems(data), "")
                except _SenselessError:
                    return "its directories make no sense"
    return ""


def _jpeg_problem(data: mmap.mmap) -> str:
    at, size = 2, len(data)
    end = size
    while end and not data[end - 1]:  # some cameras fill the last sector
        end -= 1
    missing = f"it ends after {size} bytes, without its end marker"
    while at + 2 <= size:
        if data[at] != 0xFF:  # a maker's own way: then its end says whether it is there
            return "" if data[end - 2 : end] == b"\xff\xd9" else missing
        marker = data[at + 1]
        if marker == 0xFF:  # filling
            at += 1
            continue
        if marker == _END_OF_IMAGE:
            return ""
        at += 2
        if marker not in _WITHOUT_LENGTH:
            at += int.from_bytes(data[at : at + 2], "big")
        if marker == _START_OF_SCAN:
            found = _MARKER.search(data, at)
            at = found.start() if found else size
    return missing


def _tiff_problems(data: mmap.mmap) -> Iterator[str]:
    """Yield what lies outside of the file."""
    order = "<" if data[:2] == b"II" else ">"
    waiting = _values(data, order, 4, 4, 1)
    if not waiting:
        yield f"it ends after {len(data)} bytes"
    seen: set[int] = set()
    while waiting and len(seen) < MAX_DIRECTORIES:
        offset = waiting.pop()
        if offset in seen or not offset:
            continue
        seen.add(offset)
        count = _values(data, order, 3, offset, 1)
        end = offset + 2 + 12 * (count[0] if count else 0)
        if not count or end + 4 > len(data):
            yield f"it ends after {len(data)} bytes, before its directory at {offset}"
            return
        waiting += _values(data, order, 4, end, 1)
        tags = dict(_tags(data, order, offset + 2, count[0]))
        waiting += tags.get(_SUB_DIRECTORIES, [])
        for places, lengths in _PLACES:
            for place, length in zip(tags.get(places, []), tags.get(lengths, []), strict=False):
                if place + length > len(data):
                    yield f"it ends after {len(data)} bytes, of {place + length} at least"


def _tags(data: mmap.mmap, order: str, start: int, count: int) -> Iterator[tuple[int, list[int]]]:
    """Yield the tags of a directory that say where its data is."""
    left = MAX_VALUES
    for entry in range(start, start + 12 * count, 12):
        number, kind, length, word = struct.unpack_from(f"{order}HHII", data, entry)
        if number in _KNOWN and kind in _SIZES:
            left -= length
            if left < 0:
                raise _SenselessError
            place = entry + 8 if length * _SIZES[kind][0] <= 4 else word
            yield number, _values(data, order, kind, place, length)


def _values(data: mmap.mmap, order: str, kind: int, place: int, count: int) -> list[int]:
    """Return values of a type, none where they lie outside of the file."""
    size, form = _SIZES[kind]
    if place + size * count > len(data):
        return []
    return list(struct.unpack_from(f"{order}{count}{form}", data, place))
