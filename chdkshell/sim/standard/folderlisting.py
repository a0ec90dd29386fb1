"""Canon's way to list what is in a folder at once: an entry of fixed length for each object.

The layout is from public sources (libgphoto2 reads it).
"""

from __future__ import annotations

import calendar
import struct
from collections.abc import Callable

from chdkshell.ptp.codes import ResponseCode
from chdkshell.ptp.datasets import Reader
from chdkshell.ptp.objects import ObjectInfo, dated
from chdkshell.sim.chdk_commands import Answer
from chdkshell.sim.standard.objectoperations import Operation, send
from chdkshell.streams import BytesSink, Sink, Source

LIST_FOLDER = 0x9109
"""GetObjectInfoEx of newer PowerShots and of EOS cameras: a storage, and a folder's handle."""

ENTRY_NAME = 16
"""Bytes that a name has in the list, with its NUL."""


class FolderListing:
    """Answers `LIST_FOLDER`: `handles` is GetObjectHandles, `info` tells of an object."""

    def __init__(self, handles: Operation, info: Callable[[int], ObjectInfo]) -> None:
        self._handles = handles
        self._info = info

    def answer(self, params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
        """List a folder."""
        handles = BytesSink()
        answer = self._handles((params[0], 0, params[1], 0, 0), None, handles)
        if answer.code != ResponseCode.OK:
            return answer
        entries = []
        for handle in Reader(handles.data or b"").array(4):
            info = self._info(handle)
            name = info.name.encode()
            if len(name) >= ENTRY_NAME:  # such a name has no place here: GetObjectInfo tells it
                return Answer(ResponseCode.PARAMETER_NOT_SUPPORTED)
            numbers = (handle, info.storage, info.format, 0, 0, info.size, info.parent, 0)
            body = struct.pack(f"<8I{ENTRY_NAME}sI", *numbers, name, _seconds(info))
            entries.append(struct.pack("<I", len(body) + 4) + body)
        return send(sink, struct.pack("<I", len(entries)) + b"".join(entries))


def _seconds(info: ObjectInfo) -> int:
    """Return when an object was changed, in the 32 bits that begin anew in 2106."""
    when = dated(info.modified)
    return 0 if when is None else calendar.timegm(when.timetuple()) & 0xFFFFFFFF
