"""Canon's own operations that are harmless, as PowerShots answer them.

Numbers and layouts are from public sources (sequoia-ptpy, libgphoto2's device reports).
"""

from __future__ import annotations

import hashlib
from enum import IntEnum

from chdkshell.ptp.codes import OperationCode, ResponseCode
from chdkshell.ptp.container import pack_event
from chdkshell.sim.chdk_commands import Answer
from chdkshell.sim.standard.events import EventOutbox
from chdkshell.sim.standard.objectoperations import ObjectOperations, Operation, send
from chdkshell.streams import Sink, Source


class CanonOperation(IntEnum):
    """Operations of PowerShots that the simulated one knows."""

    SET_OBJECT_ARCHIVE = 0x9002
    CHECK_EVENT = 0x9013
    GET_PARTIAL_OBJECT_EX = 0x901B
    CHANGE_USB_PROTOCOL = 0x901F
    DO_NOTHING = 0x902F
    GET_MAC_ADDRESS = 0x9033
    SET_REMOTE_MODE = 0x9114


MAC_PREFIX = bytes((0x02, 0x1D, 0xB4))
"""The beginning of the MAC address: 0x02 says that no authority gave it."""


class CanonOperations:
    """What a PowerShot does for them. `serial` is where the MAC address comes from."""

    def __init__(self, objects: ObjectOperations, events: EventOutbox, serial: str) -> None:
        self._objects = objects
        self._events = events
        self._mac = MAC_PREFIX + hashlib.sha256(serial.encode()).digest()[:3]
        self.table: dict[int, Operation] = {
            CanonOperation.SET_OBJECT_ARCHIVE: self._accept_object,
            CanonOperation.CHECK_EVENT: self._check_event,
            CanonOperation.GET_PARTIAL_OBJECT_EX: objects.table[OperationCode.GET_PARTIAL_OBJECT],
            CanonOperation.CHANGE_USB_PROTOCOL: self._accept,
            CanonOperation.DO_NOTHING: self._accept,
            CanonOperation.GET_MAC_ADDRESS: self._mac_address,
            # gphoto2 begins with it over a network
            CanonOperation.SET_REMOTE_MODE: self._accept,
        }

    def _accept(self, params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
        return Answer()

    def _accept_object(self, params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
        known = self._objects.has(params[0])
        return Answer(ResponseCode.OK if known else ResponseCode.INVALID_OBJECT_HANDLE)

    def _check_event(self, params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
        event = self._events.take_kept()
        return send(sink, b"" if event is None else pack_event(event))

    def _mac_address(self, params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
        return send(sink, self._mac)
