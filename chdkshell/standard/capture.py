"""Pictures that PTP takes: by InitiateCapture, or by the release control of older PowerShots.

The numbers and the order of release control are from public sources (sequoia-ptpy, libgphoto2's
device reports).
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from chdkshell.errors import CaptureError, PtpError, TransportError, UsageError
from chdkshell.flow import NEVER, CancelToken
from chdkshell.ptp.codes import EventCode, OperationCode, ResponseCode
from chdkshell.ptp.container import unpack_event
from chdkshell.ptp.objects import ObjectFormat
from chdkshell.ptp.transaction import Event
from chdkshell.ptp.values import UINT16
from chdkshell.reasons import Reason
from chdkshell.standard.device import PtpDevice

EVENT_EMULATE_MODE = 0xD045
POLLED_EVENTS = 7
"""Canon's property that says where events go; with 7 they wait for CheckEvent."""

ALREADY_IN_RELEASE_CONTROL = 0xA009
REQUEST_OBJECT_TRANSFER = 0xC009
"""Canon's response to a second InitiateReleaseControl, and its event for a picture in memory."""

POLL_SECONDS = 0.1
"""How often CheckEvent is asked."""


class CanonRelease(IntEnum):
    """Canon's operations for the computer that releases the shutter."""

    INITIATE_RELEASE_CONTROL = 0x9008
    TERMINATE_RELEASE_CONTROL = 0x9009
    CHECK_EVENT = 0x9013
    INITIATE_CAPTURE_IN_MEMORY = 0x901A


@dataclass(slots=True)
class _Waited:
    """Objects that are known so far, and whether the camera says that it is done."""

    known: set[int]
    complete: bool = False

    def take(self, event: Event) -> list[int]:
        """Take an event. Returns the object that it tells of, where that is a new one."""
        handle = (*event.params, 0)[0]
        if event.code in (EventCode.OBJECT_ADDED, REQUEST_OBJECT_TRANSFER):
            if handle not in self.known:
                self.known.add(handle)
                return [handle]
        elif event.code == EventCode.CAPTURE_COMPLETE:
            self.complete = True
        elif event.code == EventCode.STORE_FULL:
            raise CaptureError("the camera's card is full", reason=Reason.CARD_FULL)
        return []


def _has_release_control(device: PtpDevice) -> bool:
    return all(
        device.supports(code)
        for code in (
            CanonRelease.INITIATE_RELEASE_CONTROL,
            CanonRelease.INITIATE_CAPTURE_IN_MEMORY,
            CanonRelease.CHECK_EVENT,
        )
    )


def capture(device: PtpDevice, timeout: float = 30.0, cancel: CancelToken = NEVER) -> list[int]:
    """Take one picture and return the handles of its files, folders left out.

    What is changed on the camera for that is put back. Raises `UsageError` for a camera that takes
    no pictures this way, and `CaptureError` where none came in `timeout` seconds.
    """
    if _has_release_control(device):
        with _release_control(device, cancel):
            return _take(device, CanonRelease.INITIATE_CAPTURE_IN_MEMORY, timeout, cancel)
    if not device.supports(OperationCode.INITIATE_CAPTURE):
        raise UsageError(
            "the camera takes no pictures by standard PTP", reason=Reason.NO_PTP_CAPTURE
        )
    # any storage and any format: parameters that may be left out, and that some cameras ask for
    return _take(device, OperationCode.INITIATE_CAPTURE, timeout, cancel, 0, 0)


@contextlib.contextmanager
def _release_control(device: PtpDevice, cancel: CancelToken) -> Iterator[None]:
    """Have the shutter, and events where CheckEvent finds them; give both back."""
    before = device.property(EVENT_EMULATE_MODE, cancel).value
    _set_events(device, POLLED_EVENTS)
    began = False
    try:
        answer = device.try_transaction(CanonRelease.INITIATE_RELEASE_CONTROL, cancel=cancel)
        began = answer.code == ResponseCode.OK
        if not began and answer.code != ALREADY_IN_RELEASE_CONTROL:
            operation = CanonRelease.INITIATE_RELEASE_CONTROL
            raise device.refusal(answer.code, operation, answer.params)
        yield
    finally:
        with contextlib.suppress(PtpError, TransportError):
            if began:
                device.transaction(CanonRelease.TERMINATE_RELEASE_CONTROL)
            if isinstance(before, int):
                _set_events(device, before)


def _set_events(device: PtpDevice, mode: int) -> None:
    device.transaction(
        OperationCode.SET_DEVICE_PROP_VALUE, EVENT_EMULATE_MODE, data=UINT16.pack(mode)
    )


def _take(
    device: PtpDevice, operation: int, timeout: float, cancel: CancelToken, *params: int
) -> list[int]:
    for _ in _events(device, cancel):  # what happened before is not of this picture
        pass
    waited = _Waited(_handles(device, cancel))
    device.transaction(operation, *params, cancel=cancel)
    deadline = time.monotonic() + timeout
    files: list[int] = []
    while True:
        new = [handle for event in _events(device, cancel) for handle in waited.take(event)]
        files += [handle for handle in new if _is_file(device, handle, cancel)]
        if waited.complete and files:
            return files
        if time.monotonic() >= deadline:
            if files:
                return files
            raise CaptureError(f"no picture came in {timeout:g} s", reason=Reason.CAPTURE_CANCELLED)
        cancel.wait(POLL_SECONDS)


def _events(device: PtpDevice, cancel: CancelToken) -> Iterator[Event]:
    """Yield the events that are there, from both ways by which they can come."""
    while (event := device.session.next_event(0)) is not None:
        yield event
    while device.supports(CanonRelease.CHECK_EVENT):
        data = device.transaction(CanonRelease.CHECK_EVENT, cancel=cancel).data
        if not data:
            return
        yield unpack_event(data)


def _handles(device: PtpDevice, cancel: CancelToken) -> set[int]:
    """Return the objects that are there: an event of one of these may still be on its way."""
    if not device.supports(OperationCode.GET_OBJECT_HANDLES):
        return set()
    return set(device.handles(cancel=cancel))


def _is_file(device: PtpDevice, handle: int, cancel: CancelToken) -> bool:
    """Whether an object is a file; one that is gone again is none."""
    try:
        return device.object_info(handle, cancel).format != ObjectFormat.ASSOCIATION
    except PtpError as error:
        if error.code != ResponseCode.INVALID_OBJECT_HANDLE:
            raise
        return False
