"""Device properties of the simulated camera, and the operations on them (ISO 15740, 10.5.20).

Which ones a PowerShot has, of which types and with which values is from public device reports of
libgphoto2 (IXUS 180, SX100 IS).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from chdkshell.errors import DatasetError
from chdkshell.ptp.codes import EventCode, OperationCode, ResponseCode
from chdkshell.ptp.datasets import Reader
from chdkshell.ptp.properties import DevicePropDesc, Enumeration, Form
from chdkshell.ptp.values import STRING, UINT8, UINT16, UINT32, DataType, Value
from chdkshell.sim.chdk_commands import Answer
from chdkshell.sim.standard.events import EventOutbox
from chdkshell.sim.standard.objectoperations import Operation, send
from chdkshell.sim.state import CameraState
from chdkshell.streams import Sink, Source

BATTERY_LEVEL = 0x5001
EVENT_EMULATE_MODE = 0xD045
CAMERA_OWNER = 0xD033
UNIX_TIME = 0xD034

AUINT8 = DataType(0x4002)

_MAX_VALUE = 1 << 12
"""Bytes of a value that a camera takes."""


@dataclass(slots=True)
class DeviceProperty:
    """A property: `get` and `set` where its value is the camera's own, else it is kept here."""

    code: int
    data_type: DataType
    value: Value
    writable: bool = False
    form: Form = None
    get: Callable[[], Value] | None = None
    set: Callable[[Value], None] | None = None
    default: Value = field(init=False)

    def __post_init__(self) -> None:
        self.default = self.value

    def current(self) -> Value:
        """Return the value that it has now."""
        return self.value if self.get is None else self.get()

    def change(self, value: Value) -> None:
        """Set the value."""
        self.value = value
        if self.set is not None:
            self.set(value)

    def description(self) -> DevicePropDesc:
        """Return what GetDevicePropDesc tells."""
        return DevicePropDesc(
            self.code, self.data_type, self.writable, self.default, self.current(), self.form
        )


def powershot_properties(state: CameraState, events: EventOutbox) -> list[DeviceProperty]:
    """Return the properties that PowerShots have as long as no computer releases their shutter."""
    clock, identity = state.clock, state.identity

    def battery() -> int:
        return 3 if state.battery_mv >= 0.9 * identity.battery_mv else 1

    def set_clock(value: Value) -> None:
        assert isinstance(value, int)
        clock.set(value)

    def set_emulation(value: Value) -> None:
        assert isinstance(value, int)
        events.emulation = value

    levels = Enumeration((0, 1, 2, 3))
    return [
        DeviceProperty(
            *(EVENT_EMULATE_MODE, UINT16, events.emulation, True, Enumeration(tuple(range(1, 8)))),
            set=set_emulation,
        ),
        DeviceProperty(0xD04A, UINT8, 0, True, levels),
        DeviceProperty(0xD02E, UINT32, 1 << 19),
        DeviceProperty(0xD02F, UINT32, 1 << 19),
        DeviceProperty(BATTERY_LEVEL, UINT8, 3, form=levels, get=battery),
        DeviceProperty(0xD002, UINT16, 0, form=Enumeration(tuple(range(6)))),
        DeviceProperty(0xD003, UINT32, 1, form=levels),
        DeviceProperty(UNIX_TIME, UINT32, 0, True, get=clock.now, set=set_clock),
        DeviceProperty(0xD047, UINT16, 0),
        DeviceProperty(0xD046, UINT16, 257),
        DeviceProperty(0xD030, UINT32, 256),
        DeviceProperty(0xD049, UINT32, identity.platform_id << 16),
        DeviceProperty(0xD032, STRING, state.model),
        DeviceProperty(CAMERA_OWNER, AUINT8, tuple(b"chdkshell\0"), True),
        DeviceProperty(0xD031, UINT32, 0x01000000),
        DeviceProperty(0xD050, UINT8, 1),
        DeviceProperty(0xD402, STRING, state.model),
        DeviceProperty(0xD406, STRING, "Unknown Initiator", True),
        DeviceProperty(0xD407, UINT32, 1),
    ]


def eos_properties(state: CameraState) -> list[DeviceProperty]:
    """Return the properties that an EOS has. Its settings are no properties of the standard."""

    def battery() -> int:
        return 100 if state.battery_mv >= 0.9 * state.identity.battery_mv else 50

    return [
        DeviceProperty(0xD402, STRING, state.model),
        DeviceProperty(0xD407, UINT32, 1),
        DeviceProperty(0xD406, STRING, "Unknown Initiator", True),
        DeviceProperty(0xD303, UINT8, 1),
        DeviceProperty(
            BATTERY_LEVEL, UINT8, 100, form=Enumeration((100, 0, 75, 0, 50)), get=battery
        ),
    ]


class PropertyOperations:
    """What a camera does for GetDevicePropDesc to ResetDevicePropValue."""

    def __init__(self, properties: list[DeviceProperty], events: EventOutbox) -> None:
        self.properties = {prop.code: prop for prop in properties}
        self._events = events
        self.table: dict[int, Operation] = {
            OperationCode.GET_DEVICE_PROP_DESC: self._describe,
            OperationCode.GET_DEVICE_PROP_VALUE: self._get,
            OperationCode.SET_DEVICE_PROP_VALUE: self._set,
            OperationCode.RESET_DEVICE_PROP_VALUE: self._reset,
        }

    def add(self, properties: list[DeviceProperty]) -> None:
        """Have more properties from now on."""
        self.properties.update((prop.code, prop) for prop in properties)

    def remove(self, properties: list[DeviceProperty]) -> None:
        """Have these no more."""
        for prop in properties:
            self.properties.pop(prop.code, None)

    def change(self, code: int, value: Value) -> None:
        """Set a property as the camera itself does, and tell of it."""
        self.properties[code].change(value)
        self._events.tell(EventCode.DEVICE_PROP_CHANGED, code)

    def _describe(self, params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
        prop = self.properties.get(params[0])
        if prop is None:
            return Answer(ResponseCode.DEVICE_PROP_NOT_SUPPORTED)
        return send(sink, prop.description().pack())

    def _get(self, params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
        prop = self.properties.get(params[0])
        if prop is None:
            return Answer(ResponseCode.DEVICE_PROP_NOT_SUPPORTED)
        return send(sink, prop.data_type.pack(prop.current()))

    def _set(self, params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
        data = b"".join(bytes(part) for part in source.chunks()) if source is not None else b""
        prop = self.properties.get(params[0])
        if prop is None:
            return Answer(ResponseCode.DEVICE_PROP_NOT_SUPPORTED)
        if not prop.writable:
            return Answer(ResponseCode.ACCESS_DENIED)
        try:
            value = prop.data_type.read(Reader(data[:_MAX_VALUE]))
        except DatasetError:
            return Answer(ResponseCode.INVALID_DEVICE_PROP_FORMAT)
        if prop.form is not None and value not in prop.form:
            return Answer(ResponseCode.INVALID_DEVICE_PROP_VALUE)
        self.change(prop.code, value)
        return Answer()

    def _reset(self, params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
        codes = list(self.properties) if params[0] == 0xFFFFFFFF else [params[0]]
        found = [self.properties[code] for code in codes if code in self.properties]
        if not found:
            return Answer(ResponseCode.DEVICE_PROP_NOT_SUPPORTED)
        for prop in found:
            if prop.writable and prop.get is None:
                self.change(prop.code, prop.default)
        return Answer()
