"""What cameras list in their DeviceInfo: operations, events, formats.

From public device reports of libgphoto2 (canon-digital-ixus180, canon-powershot-sx100is) and the
recorded DeviceInfo of the camera that judges this one.
"""

from __future__ import annotations

from dataclasses import dataclass

from chdkshell.ptp.codes import OperationCode

_FILES = (
    *range(OperationCode.GET_DEVICE_PROP_DESC, OperationCode.TERMINATE_OPEN_CAPTURE),
    *range(OperationCode.GET_DEVICE_INFO, OperationCode.GET_STORAGE_IDS),
    0x9013,
    0x901F,
    *range(OperationCode.GET_STORAGE_IDS, OperationCode.INITIATE_CAPTURE),
    OperationCode.GET_PARTIAL_OBJECT,
    OperationCode.FORMAT_STORE,
    OperationCode.SET_OBJECT_PROTECTION,
)
"""What all of them do with files and properties: 0x1001 to 0x100D, 0x100F, 0x1012, 0x1014 to 0x1017
and 0x101B, and Canon's CheckEvent and ChangeUSBProtocol.
"""

_IXUS180_VENDOR = (
    *(0x9001, 0x9021, 0x901B, 0x901E, 0x9019, 0x9006, 0x901C, 0x9002, 0x904C, 0x9024, 0x9025),
    *(0x9038, 0x9039, 0x903A, 0x903B, 0x904B, 0x9060, 0x9062, 0x9801, 0x9802, 0x9803, 0x9804),
    *(0x9805, 0x9116, 0x9101, 0x9102, 0x9103, 0x9105, 0x9106, 0x9107, 0x9109, 0x910A, 0x910C),
    *(0x9117, 0x9118, 0x912C, 0x9132, 0x9135, 0x9182, 0x9183, 0x9184, 0x9185, 0x9141, 0x9143),
    *(0x9075, 0x9076, 0x911A, 0x913F, 0x9115, 0x911B, 0x911C, 0x913D, 0x9114, 0x9153, 0x9128),
    *(0x9129, 0x902F, 0x9110, 0x9127, 0x906C, 0x906D, 0x906E, 0x906F, 0x9050, 0x9051, 0x905C),
    0x905D,
)

_EVENTS = (*range(0x4001, 0x400D), 0x400E)

_FORMATS = (0x3001, 0x3002, 0x3006, 0x300A, 0x3008, 0x3801, 0x3800, 0xB101, 0xB103, 0xBF01)
"""Object formats that a PowerShot has on its card."""


@dataclass(frozen=True, slots=True)
class DeviceReport:
    """What a camera lists. CHDK adds its operation at the end."""

    operations: tuple[int, ...]
    events: tuple[int, ...] = _EVENTS
    formats: tuple[int, ...] = _FORMATS


POWERSHOT = DeviceReport(
    (*_FILES, OperationCode.MOVE_OBJECT, 0x901B, 0x9002, 0x902F, 0x9033),
    (*range(0x4001, 0x400F),),
)
"""A camera of no model in particular: it does all that the simulated one can."""

IXUS180 = DeviceReport((*_FILES, *_IXUS180_VENDOR), (*_EVENTS, 0xC001, 0xC005, 0xC00A, 0xC101))
