"""What the answer of an operation is made of, where it is known: fields for people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass

from chdkshell.errors import DatasetError
from chdkshell.ptp.codes import OperationCode
from chdkshell.ptp.datasets import DeviceInfo, Reader
from chdkshell.ptp.objects import ObjectInfo, StorageInfo
from chdkshell.ptp.properties import DevicePropDesc
from chdkshell.ptp.values import shown

GET_MAC_ADDRESS = 0x9033
"""Canon's operation that gives the address of the wireless network."""


@dataclass(frozen=True, slots=True)
class NamedField:
    """One field of a dataset: its name and its value, as text."""

    name: str
    value: str


def _numbers(data: bytes) -> list[NamedField]:
    values = Reader(data).array(4)
    return [NamedField("count", str(len(values)))] + [
        NamedField(str(index), f"0x{value:08X}") for index, value in enumerate(values)
    ]


def _record(unpack: Callable[[bytes], object]) -> Callable[[bytes], list[NamedField]]:
    def read(data: bytes) -> list[NamedField]:
        dataset = unpack(data)
        names = (
            [field.name for field in fields(dataset)]
            if is_dataclass(dataset)
            else list(getattr(dataset, "_fields", ()))
        )
        return [NamedField(name, _text(getattr(dataset, name))) for name in names]

    return read


def _text(value: object) -> str:
    if isinstance(value, tuple) and all(isinstance(item, int) for item in value):
        return " ".join(f"0x{item:04X}" for item in value)
    return str(value)


def _property(data: bytes) -> list[NamedField]:
    desc = DevicePropDesc.unpack(data)
    fields = {
        "code": f"0x{desc.code:04X}",
        "data_type": desc.data_type.name,
        "writable": str(desc.writable),
        "default": shown(desc.default, desc.data_type),
        "value": shown(desc.value, desc.data_type),
        "allowed": desc.allowed,
    }
    return [NamedField(name, value) for name, value in fields.items()]


def _mac_address(data: bytes) -> list[NamedField]:
    return [NamedField("MAC address", data.hex(":"))]


_KNOWN: dict[int, Callable[[bytes], list[NamedField]]] = {
    OperationCode.GET_DEVICE_INFO: _record(DeviceInfo.unpack),
    OperationCode.GET_STORAGE_IDS: _numbers,
    OperationCode.GET_STORAGE_INFO: _record(StorageInfo.unpack),
    OperationCode.GET_OBJECT_HANDLES: _numbers,
    OperationCode.GET_OBJECT_INFO: _record(ObjectInfo.unpack),
    OperationCode.GET_DEVICE_PROP_DESC: _property,
    GET_MAC_ADDRESS: _mac_address,
}


def fields_of(operation: int, data: bytes) -> list[NamedField] | None:
    """Return the fields of what an operation gave, None where they are not known."""
    reader = _KNOWN.get(operation)
    if reader is None:
        return None
    try:
        return reader(data)
    except DatasetError:
        return None
