"""The small picture inside a picture file, without the file: its beginning is enough."""

from __future__ import annotations

import io
import warnings

from chdkshell.chdk.cardentry import CardEntry
from chdkshell.chdk.messages import ScriptMessage
from chdkshell.chdk.scripts import Scripts
from chdkshell.errors import ScriptError
from chdkshell.flow import NEVER, CancelToken
from chdkshell.lua.literals import serialize

HEAD = 32 << 10
"""Bytes at the beginning of a JPEG file that hold its thumbnail: a camera's is under 20 KB."""

_THUMBNAIL_OFFSET, _THUMBNAIL_LENGTH = 0x0201, 0x0202
"""Tags of the EXIF standard's first IFD (4.6.8)."""

_EXIF_HEADER = 6
"""Bytes of "Exif" and two zeros, before what offsets count from."""

_READ = """local f=io.open({path},'rb') if not f then return false end
local data=f:read({size}) f:close()
if data then write_usb_msg(data,10000) end
return true"""


def read_thumbnail(scripts: Scripts, item: CardEntry, cancel: CancelToken = NEVER) -> bytes | None:
    """Return the JPEG thumbnail in a picture on the card, None where it has none."""
    head = bytearray()

    def receive(message: ScriptMessage) -> None:
        head.extend(message.data[: HEAD - len(head)])

    code = _READ.format(path=serialize(item.path), size=HEAD)
    try:
        scripts.call(code, on_message=receive, cancel=cancel)
    except ScriptError:
        return None
    return thumbnail(bytes(head))


def thumbnail(head: bytes) -> bytes | None:
    """Return the JPEG thumbnail in the first bytes of a JPEG file, None where it has none."""
    from PIL import ExifTags, Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(head), formats=["JPEG"]) as image:
                block = image.info.get("exif", b"")
                tags = image.getexif().get_ifd(ExifTags.IFD.IFD1)
        start = _EXIF_HEADER + int(tags[_THUMBNAIL_OFFSET])
        found: bytes = block[start : start + int(tags[_THUMBNAIL_LENGTH])]
    except Exception:  # whatever the decoder makes of bytes that may be anything
        return None
    return found if found.startswith(b"\xff\xd8") else None
