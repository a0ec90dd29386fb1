"""The methods of a connection that are plain PTP, and what a connection is."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import TYPE_CHECKING

from chdkshell.hostlua.arguments import Fields, data, instance, table, word
from chdkshell.hostlua.buffers import Lbuf
from chdkshell.hostlua.connections import LuaConnection
from chdkshell.hostlua.services import Host
from chdkshell.ptp.codes import CANON_VENDOR_ID, OperationCode, ResponseCode
from chdkshell.ptp.datasets import MAX_DATASET, Reader, pack_string
from chdkshell.ptp.objects import ALL_STORAGES
from chdkshell.streams import BytesSink, BytesSource

if TYPE_CHECKING:
    from chdkshell.ptp.session import Session

MAX_OBJECT = 1 << 31
"""Bytes of an object that come into memory."""

_INFO_NUMBERS = (
    *(("StorageID", "I"), ("ObjectFormat", "H"), ("ProtectionStatus", "H")),
    *(("ObjectCompressedSize", "I"), ("ThumbFormat", "H"), ("ThumbCompressedSize", "I")),
    *(("ThumbPixWidth", "I"), ("ThumbPixHeight", "I"), ("ImagePixWidth", "I")),
    *(("ImagePixHeight", "I"), ("ImageBitDepth", "I"), ("ParentObject", "I")),
    *(("AssociationType", "H"), ("AssociationDesc", "I"), ("SequenceNumber", "I")),
)
"""The numbers at the head of an ObjectInfo dataset (ISO 15740, 5.5.2), with their sizes."""

_NEEDED = ("ObjectFormat", "ObjectCompressedSize")

_INFO_HEAD = struct.Struct("<" + "".join(code for _, code in _INFO_NUMBERS))


class PtpCalls:
    """What connections can do by the standard's own operations."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def _session(self, con: object) -> Session:
        return instance(con, LuaConnection, 1).camera.session

    def _dataset(
        self, con: object, operation: int, *params: int, limit: int = MAX_DATASET
    ) -> bytes:
        sink, cancel = BytesSink(limit), self._host.cancel
        self._session(con).transaction(operation, *params, sink=sink, cancel=cancel)
        return sink.data or b""

    def ptp_get_storage_ids(self, con: object) -> list[int]:
        """The ids of the cards."""
        return _words(self._dataset(con, OperationCode.GET_STORAGE_IDS))

    def ptp_get_storage_info(self, con: object, storage: object = None) -> dict[str, object]:
        """What a card is."""
        reader = Reader(self._dataset(con, OperationCode.GET_STORAGE_INFO, word(storage, 2)))
        kind, files, access = reader.u16(), reader.u16(), reader.u16()
        capacity, free = (reader.u32() | reader.u32() << 32 for _ in range(2))
        return {
            "StorageType": kind,
            "FilesystemType": files,
            "AccessCapability": access,
            "MaxCapability": capacity,
            "FreeSpaceInBytes": free,
            "FreeSpaceInImages": reader.u32(),
            "StorageDescription": reader.string(),
            "VolumeLabel": reader.string(),
        }

    def ptp_get_object_handles(
        self, con: object, storage: object = None, kind: object = None, parent: object = None
    ) -> list[int]:
        """The handles of objects: of all cards, kinds and folders where nothing else is said."""
        params = word(storage, 2, ALL_STORAGES), word(kind, 3, 0), word(parent, 4, 0)
        return _words(self._dataset(con, OperationCode.GET_OBJECT_HANDLES, *params))

    def ptp_get_object_info(self, con: object, handle: object = None) -> dict[str, object]:
        """What an object is. Dates are seconds since 1970."""
        content = self._dataset(con, OperationCode.GET_OBJECT_INFO, word(handle, 2))
        numbers = _INFO_HEAD.unpack_from(content.ljust(_INFO_HEAD.size, b"\0"))
        reader = Reader(content[_INFO_HEAD.size :].ljust(3, b"\0"))
        found: dict[str, object] = {
            name: number for (name, _), number in zip(_INFO_NUMBERS, numbers, strict=True)
        }
        found["Filename"] = reader.string()
        found["CaptureDate"] = _seconds(reader.string())
        found["ModificationDate"] = _seconds(reader.string())
        return found

    def ptp_get_object(self, con: object, handle: object = None, size: object = None) -> Lbuf:
        """Fetch an object."""
        params = (word(handle, 2),)
        word(size, 3, 0)
        return Lbuf(self._dataset(con, OperationCode.GET_OBJECT, *params, limit=MAX_OBJECT))

    def ptp_send_object_info(
        self, con: object, info: object = None, storage: object = None, parent: object = None
    ) -> tuple[int, ...]:
        """Announce an object; return its storage, parent and handle."""
        fields = Fields(table(info, 2))
        numbers = [
            fields.integer(name, None if name in _NEEDED else 0) for name, _ in _INFO_NUMBERS
        ]
        name = fields.data("Filename").decode("utf-8", "replace")
        dataset = _INFO_HEAD.pack(*numbers) + pack_string(name) + pack_string("") * 3
        answer = self._session(con).transaction(
            OperationCode.SEND_OBJECT_INFO,
            word(storage, 3, 0),
            word(parent, 4, 0),
            source=BytesSource(dataset),
            cancel=self._host.cancel,
        )
        return (*answer, 0, 0, 0)[:3]

    def ptp_send_object(self, con: object, content: object = None) -> None:
        """Send the object that was announced, a string or an lbuf."""
        payload = bytes(content.content) if isinstance(content, Lbuf) else data(content, 2)
        self._session(con).transaction(
            OperationCode.SEND_OBJECT, source=BytesSource(payload), cancel=self._host.cancel
        )

    # ---- what a connection is ----

    def get_ptp_devinfo(self, con: object) -> dict[str, object]:
        """What the camera says about itself."""
        camera = instance(con, LuaConnection, 1).camera
        info = camera.info
        return {
            "StandardVersion": info.standard_version,
            "VendorExtensionID": info.vendor_extension_id,
            "VendorExtensionVersion": info.vendor_extension_version,
            "VendorExtensionDesc": info.vendor_extension_description,
            "FunctionalMode": info.functional_mode,
            "OperationsSupported": info.operations_supported,
            "EventsSupported": info.events_supported,
            "DevicePropertiesSupported": info.device_properties_supported,
            "CaptureFormats": info.capture_formats,
            "ImageFormats": info.image_formats,
            "model": info.model,
            "manufacturer": info.manufacturer,
            "device_version": info.device_version,
            "serial_number": info.serial_number or None,
            "max_packet_size": camera.session.transport.max_packet_size,
        }

    def get_con_devinfo(self, con: object) -> dict[str, object]:
        """Where the connection leads."""
        place = instance(con, LuaConnection, 1)
        camera = place.found
        if place.is_ip:
            guid = camera.place.rpartition("GUID ")[2] if camera else ""
            return {**place.spec, "guid": _guid(guid), "transport": "ip"}
        found: dict[str, object] = {**place.spec, "transport": "usb"}
        found |= {"vendor_id": 0, "product_id": 0}
        for device in self._host.services.devices():
            if device.address == place.address and device.vendor_id:
                found |= {"vendor_id": device.vendor_id, "product_id": device.product_id}
        if camera is not None and camera.product_id:
            found |= {"vendor_id": CANON_VENDOR_ID, "product_id": camera.product_id}
        return found

    def dev_status(self, con: object) -> tuple[int, int, int]:
        """The status of a USB device: result, length, and the code for what is well."""
        connected = instance(con, LuaConnection, 1).found is not None
        return (4, 4, ResponseCode.OK) if connected else (-1, 0, 0)

    def reset_counters(self, con: object) -> None:
        """Count bytes from here on."""
        instance(con, LuaConnection, 1).reset_counts()

    def get_counters(self, con: object) -> dict[str, object]:
        """How many bytes were moved since the last reset."""
        read, written = instance(con, LuaConnection, 1).counts()
        return {"read": read, "write": written}

    def functions(self) -> dict[str, Callable[..., object]]:
        """Return what the library chdk_connection has of them."""
        names = [name for name in vars(PtpCalls) if name.startswith("ptp_")]
        names += ["get_ptp_devinfo", "get_con_devinfo", "dev_status"]
        names += ["reset_counters", "get_counters"]
        return {name: getattr(self, name) for name in names}


def _words(dataset: bytes) -> list[int]:
    """Return an array of 32-bit values, of which the first is how many there are."""
    reader = Reader(dataset)
    return [reader.u32() for _ in range(min(reader.u32(), len(dataset) // 4))]


def _seconds(text: str) -> int:
    """Return the seconds since 1970 of a date like 20260131T120000, 0 for none."""
    import time

    try:
        return int(time.mktime(time.strptime(text[:15], "%Y%m%dT%H%M%S")))
    except (ValueError, OverflowError):
        return 0


def _guid(text: str) -> bytes:
    try:
        return bytes.fromhex(text.replace("-", "")).ljust(16, b"\0")[:16]
    except ValueError:
        return bytes(16)
