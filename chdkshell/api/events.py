"""What a camera tells by itself, as dataclasses (ISO 15740, 12.5)."""

from __future__ import annotations

from dataclasses import dataclass

from chdkshell.ptp.codes import EventCode
from chdkshell.ptp.transaction import Event


@dataclass(frozen=True, slots=True)
class CameraEvent:
    """An event of a kind that has no class of its own: its code and parameters."""

    code: int
    params: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ObjectAdded(CameraEvent):
    """The camera has a new object, such as a picture: its handle."""

    handle: int = 0


@dataclass(frozen=True, slots=True)
class ObjectRemoved(CameraEvent):
    """An object is gone from the camera: its handle."""

    handle: int = 0


@dataclass(frozen=True, slots=True)
class PropertyChanged(CameraEvent):
    """A device property of PTP changed: its code."""

    property_code: int = 0


@dataclass(frozen=True, slots=True)
class StoreFull(CameraEvent):
    """A card is full: the id of the store."""

    storage_id: int = 0


@dataclass(frozen=True, slots=True)
class CaptureComplete(CameraEvent):
    """A capture that PTP began is complete: the id of its transaction."""

    transaction_id: int = 0


_KINDS: dict[int, type[CameraEvent]] = {
    EventCode.OBJECT_ADDED: ObjectAdded,
    EventCode.OBJECT_REMOVED: ObjectRemoved,
    EventCode.DEVICE_PROP_CHANGED: PropertyChanged,
    EventCode.STORE_FULL: StoreFull,
    EventCode.CAPTURE_COMPLETE: CaptureComplete,
}


def typed(event: Event) -> CameraEvent:
    """Return an event as its dataclass. A parameter that was not sent is 0."""
    kind = _KINDS.get(event.code)
    if kind is None:
        return CameraEvent(event.code, event.params)
    return kind(event.code, event.params, *(event.params[:1] or (0,)))
