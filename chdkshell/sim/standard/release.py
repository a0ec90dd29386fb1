"""The shutter released by the computer: Canon's release control, and InitiateCapture.

The order of operations and events, and which properties come with it, are from public sources
(sequoia-ptpy, libgphoto2's device report of the SX100 IS).
"""

from __future__ import annotations

import threading
from enum import IntEnum

from chdkshell.ptp.codes import EventCode, OperationCode, ResponseCode
from chdkshell.ptp.properties import Enumeration, Range
from chdkshell.ptp.values import UINT8, UINT16
from chdkshell.sim.chdk_commands import Answer
from chdkshell.sim.standard.deviceproperties import DeviceProperty, PropertyOperations
from chdkshell.sim.standard.events import EventOutbox
from chdkshell.sim.standard.objectoperations import Operation, send
from chdkshell.sim.state import SWITCH_MS, CameraState
from chdkshell.streams import Sink, Source

ALREADY_IN_RELEASE_CONTROL = 0xA009
"""Canon's response to a second InitiateReleaseControl."""

MODE_CHANGED = 0xC00C
"""Canon's event for a change of the camera's mode."""


class ReleaseOperation(IntEnum):
    """Canon's operations for the computer that releases the shutter."""

    INITIATE_RELEASE_CONTROL = 0x9008
    TERMINATE_RELEASE_CONTROL = 0x9009
    VIEWFINDER_ON = 0x900B
    VIEWFINDER_OFF = 0x900C
    DO_AE_AF_AWB = 0x900D
    FOCUS_LOCK = 0x9014
    FOCUS_UNLOCK = 0x9015
    INITIATE_CAPTURE_IN_MEMORY = 0x901A
    GET_VIEWFINDER_IMAGE = 0x901D


def release_properties(state: CameraState) -> list[DeviceProperty]:
    """Return the properties that such a camera has while its shutter is under control."""

    def zoom() -> int:
        return state.zoom

    def set_zoom(value: object) -> None:
        assert isinstance(value, int)
        state.zoom = value

    last = len(state.focal_lengths) - 1
    return [
        DeviceProperty(0xD029, UINT16, 3, True, Enumeration((1, 2, 3))),
        DeviceProperty(0xD00A, UINT8, 0, True, Enumeration((0, 1, 2))),
        DeviceProperty(0xD006, UINT8, 3, True, Enumeration((5, 3, 2))),
        DeviceProperty(0xD008, UINT8, 0, True, Enumeration((0, 1, 3, 7, 2))),
        DeviceProperty(0xD00E, UINT8, 0),
        DeviceProperty(0xD010, UINT8, 3, True, Enumeration((3, 0, 1))),
        DeviceProperty(0xD011, UINT8, 1, True, Enumeration((1, 3))),
        DeviceProperty(0xD013, UINT8, 0, True, Enumeration((0, 1, 2, 3, 4, 7, 6))),
        DeviceProperty(0xD01C, UINT16, 0, True, Enumeration((0, 69, 72, 80, 88, 96, 104))),
        DeviceProperty(0xD01D, UINT16, 40),
        DeviceProperty(0xD01E, UINT16, 112),
        DeviceProperty(0xD02A, UINT16, 0, True, Range(0, last, 1), zoom, set_zoom),
        DeviceProperty(0xD036, UINT8, 3, True, Enumeration((1, 2, 3))),
    ]


class ReleaseControl:
    """What a camera does whose shutter a computer may release."""

    def __init__(
        self, state: CameraState, properties: PropertyOperations, events: EventOutbox
    ) -> None:
        self._state = state
        self._properties = properties
        self._events = events
        self._active = False
        self._viewfinder = False
        op = ReleaseOperation
        self.table: dict[int, Operation] = {
            OperationCode.INITIATE_CAPTURE: self._capture,
            op.INITIATE_CAPTURE_IN_MEMORY: self._capture,
            op.INITIATE_RELEASE_CONTROL: self._begin,
            op.TERMINATE_RELEASE_CONTROL: self._end,
            op.VIEWFINDER_ON: self._viewfinder_on,
            op.VIEWFINDER_OFF: self._viewfinder_off,
            op.GET_VIEWFINDER_IMAGE: self._viewfinder_image,
            op.DO_AE_AF_AWB: self._accept,
            op.FOCUS_LOCK: self._accept,
            op.FOCUS_UNLOCK: self._accept,
        }

    def end_session(self) -> None:
        """Give the camera back to its user."""
        if self._active:
            self._leave()

    def _begin(self, params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
        if self._active:
            return Answer(ALREADY_IN_RELEASE_CONTROL)
        self._active = True
        state = self._state
        state.switch_mode(True)
        switched = threading.Condition()
        with switched:
            state.clock.pause(SWITCH_MS, switched, lambda: state.record_mode)
        self._properties.add(release_properties(self._state))
        self._events.tell(MODE_CHANGED)
        return Answer()

    def _end(self, params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
        if not self._active:
            return Answer(ResponseCode.GENERAL_ERROR)
        self._leave()
        self._events.tell(MODE_CHANGED)
        return Answer()

    def _leave(self) -> None:
        self._active = self._viewfinder = False
        self._state.switch_mode(False)
        self._properties.remove(release_properties(self._state))

    def _capture(self, params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
        """Take a picture: the answer comes at once, events tell of the file and of the end."""
        state = self._state
        if not (self._active or state.record_mode):
            return Answer(ResponseCode.GENERAL_ERROR)
        if state.shutter.shooting:
            return Answer(ResponseCode.DEVICE_BUSY)
        state.shutter.press("shoot_full", self._captured)
        return Answer()

    def _captured(self) -> None:
        self._state.shutter.released()
        self._events.tell(EventCode.CAPTURE_COMPLETE)

    def _accept(self, params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
        return Answer() if self._active else Answer(ResponseCode.GENERAL_ERROR)

    def _viewfinder_on(self, params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
        self._viewfinder = self._active
        return self._accept(params, source, sink)

    def _viewfinder_off(self, params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
        self._viewfinder = False
        return self._accept(params, source, sink)

    def _viewfinder_image(
        self, params: tuple[int, ...], source: Source | None, sink: Sink
    ) -> Answer:
        if not self._viewfinder:
            return Answer(ResponseCode.GENERAL_ERROR)
        from chdkshell.sim.imaging.pictures import viewfinder

        image = viewfinder(self._state)
        send(sink, image)
        return Answer(params=(len(image),))
