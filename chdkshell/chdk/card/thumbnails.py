"""The small picture inside a picture file, without the file: its beginning is enough.

JPEG files have it in EXIF's second directory (EXIF 2.3, 4.5.5) or in a JFXX segment (JFIF 1.02),
Canon's CR2 in the second directory, and the DNG files of CHDK in the first, as bare pixels.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable

from chdkshell.chdk.cardentry import CardEntry
from chdkshell.chdk.messages import ScriptMessage
from chdkshell.chdk.scripts import Scripts
from chdkshell.errors import ScriptError
from chdkshell.flow import NEVER, CancelToken
from chdkshell.lua.literals import serialize

HEAD = 32 << 10
"""Bytes that are read at a time; the camera has little memory. Most thumbnails lie in the first."""

MOST = 256 << 10
"""Bytes at the beginning of a file that are looked at, at most."""

_APP0, _APP1, _START_OF_SCAN = 0xE0, 0xE1, 0xDA
_EXIF_NAME, _JFXX_NAME = b"Exif\0\0", b"JFXX\0"
_JFXX_JPEG = 0x10
_JPEG_OFFSET, _JPEG_LENGTH = 0x0201, 0x0202
_WIDTH, _HEIGHT, _COMPRESSION, _PHOTOMETRIC, _STRIPS, _COUNTS = 256, 257, 259, 262, 273, 279
_UNCOMPRESSED, _RGB = 1, 2
_MAX_ENTRIES, _MAX_SEGMENTS, _MAX_SIDE = 200, 64, 1024

_READ = """local f=io.open({path},'rb') if not f then return false end
f:seek('set',{offset})
local data=f:read({size}) f:close()
if data then write_usb_msg(data,10000) end
return true"""

Read = Callable[[int, int], bytes]
"""Returns so many bytes from an offset on; fewer at the end."""


def read_thumbnail(scripts: Scripts, item: CardEntry, cancel: CancelToken = NEVER) -> bytes | None:
    """Return the thumbnail in a picture on the card as JPEG, None where it has none."""

    def read(offset: int, size: int) -> bytes:
        data = bytearray()

        def receive(message: ScriptMessage) -> None:
            data.extend(message.data[: size - len(data)])

        code = _READ.format(path=serialize(item.path), offset=offset, size=size)
        scripts.call(code, on_message=receive, cancel=cancel)
        return bytes(data)

    try:
        return thumbnail_by(read)
    except ScriptError:
        return None


def thumbnail_by(read: Read) -> bytes | None:
    """Return the thumbnail in a picture file that `read` reads, None where it has none."""
    return _thumbnail(_Beginning(read))


def thumbnail(head: bytes) -> bytes | None:
    """Return the thumbnail in the first bytes of a picture file as JPEG, None where it has none."""
    return thumbnail_by(lambda offset, size: head[offset : offset + size])


class _Beginning:
    """The beginning of a file, of which more is read when it is asked for."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._data = bytearray()

    def at(self, offset: int, size: int) -> bytes:
        """Return bytes. Raises `LookupError` where the file, or what is looked at, ends before."""
        end = offset + size
        if end > MOST:
            raise LookupError(f"{end} bytes of a picture are too many to look at")
        while len(self._data) < end:
            more = self._read(len(self._data), HEAD)
            if not more:
                raise LookupError("the picture ends before that")
            self._data += more
        return bytes(self._data[offset:end])


def _thumbnail(file: _Beginning) -> bytes | None:
    try:
        start = file.at(0, 4)
        found = _in_jpeg(file) if start[:2] == b"\xff\xd8" else _in_tiff(file, 0)
    except (LookupError, struct.error, ValueError):
        return None
    return found if found.startswith(b"\xff\xd8") else None


def _in_jpeg(file: _Beginning) -> bytes:
    at = 2
    for _ in range(_MAX_SEGMENTS):
        mark, kind, length = struct.unpack(">BBH", file.at(at, 4))
        if mark != 0xFF or kind == _START_OF_SCAN:
            break
        name = file.at(at + 4, min(6, max(length - 2, 0)))
        if kind == _APP1 and name == _EXIF_NAME:
            return _in_tiff(file, at + 10)
        if kind == _APP0 and name == _JFXX_NAME + bytes([_JFXX_JPEG]):
            return file.at(at + 10, length - 8)
        at += 2 + length
    raise LookupError("no segment has a thumbnail")


def _in_tiff(file: _Beginning, base: int) -> bytes:
    """Return the thumbnail of a TIFF structure, whose offsets count from `base`."""
    orders = {b"II*\0": "<", b"MM\0*": ">"}
    order = orders[file.at(base, 4)]
    (first,) = struct.unpack(order + "I", file.at(base + 4, 4))
    tags, following = _directory(file, base, first, order)
    if tags.get(_COMPRESSION) == _UNCOMPRESSED and tags.get(_PHOTOMETRIC) == _RGB:
        size = tags[_WIDTH], tags[_HEIGHT]
        pixels = file.at(base + tags[_STRIPS], tags[_COUNTS])
        return _as_jpeg(size, pixels)
    tags, _ = _directory(file, base, following, order)
    return file.at(base + tags[_JPEG_OFFSET], tags[_JPEG_LENGTH])


def _directory(file: _Beginning, base: int, offset: int, order: str) -> tuple[dict[int, int], int]:
    """Return the first value of each entry that holds one itself, and where the next one is."""
    if not offset:
        raise LookupError("there is no such directory")
    (count,) = struct.unpack(order + "H", file.at(base + offset, 2))
    if count > _MAX_ENTRIES:
        raise LookupError(f"a directory of {count} entries")
    tags = {}
    for number in range(count):
        entry = file.at(base + offset + 2 + 12 * number, 12)
        tag, kind, _, word = struct.unpack(order + "HHII", entry)
        is_short = kind == 3
        tags[tag] = struct.unpack(order + "H", entry[8:10])[0] if is_short else word
    (following,) = struct.unpack(order + "I", file.at(base + offset + 2 + 12 * count, 4))
    return tags, following


def _as_jpeg(size: tuple[int, int], pixels: bytes) -> bytes:
    from PIL import Image

    if max(size) > _MAX_SIDE or len(pixels) < size[0] * size[1] * 3:
        raise LookupError("a thumbnail of a strange size")
    out = io.BytesIO()
    Image.frombytes("RGB", size, pixels[: size[0] * size[1] * 3]).save(out, "JPEG", quality=90)
    return out.getvalue()
