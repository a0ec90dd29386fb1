"""Events of the simulated EOS: it keeps them until GetEvent asks."""

from __future__ import annotations

import struct
import threading
from collections import deque

from chdkshell.ptp.eos import EosEvent, EosProperty, EosRecord
from chdkshell.ptp.objects import ObjectFormat, ObjectInfo

KEPT = 4096
"""Events that wait at most; older ones are forgotten."""

_FOCUS_POINT = struct.pack("<I8H4hB", 29, 25, 1, 1, 1, *(6000, 4000) * 2, 0, 0, 0, 0, 1)
"""What FocusInfoEx says: one point, in the middle of the picture, and it is in focus."""


class EosEvents:
    """What GetEvent gives. Any thread may tell."""

    def __init__(self) -> None:
        self._kept: deque[EosRecord] = deque(maxlen=KEPT)
        self._lock = threading.Lock()
        self.on = False

    def tell(self, *records: EosRecord | None) -> None:
        """Keep records for GetEvent, where the computer wants them."""
        with self._lock:
            if self.on:
                self._kept.extend(record for record in records if record is not None)

    def switch(self, on: bool) -> None:
        """Begin, or end, to keep them."""
        with self._lock:
            self.on = on
            self._kept.clear()

    def take(self) -> list[EosRecord]:
        """Take all that are kept."""
        with self._lock:
            taken = list(self._kept)
            self._kept.clear()
        return taken


def focused() -> EosRecord:
    """Return what tells that the camera has focused."""
    body = struct.pack("<I", EosProperty.FOCUS_INFO) + _FOCUS_POINT
    return EosRecord(EosEvent.PROPERTY_CHANGED, body)


def new_object(handle: int, info: ObjectInfo) -> EosRecord:
    """Return what tells of an object that is new on the card."""
    numbers = (handle, info.storage, info.format, 0, 0, info.size, info.parent, handle)
    body = struct.pack("<8I", *numbers) + info.name.encode() + b"\0"
    return EosRecord(EosEvent.OBJECT_ADDED, body)


def offered(handle: int, name: str, size: int) -> EosRecord:
    """Return what tells of a picture in memory, which waits to be fetched."""
    numbers = (handle, ObjectFormat.EXIF_JPEG, 0, size, 0)
    return EosRecord(EosEvent.OBJECT_TRANSFER, struct.pack("<5I", *numbers) + name.encode() + b"\0")
