"""Pictures of EOS cameras: the shutter, and what the viewfinder shows."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from enum import IntEnum
from pathlib import Path

from chdkshell.chdk.transfer import PartFile
from chdkshell.errors import CaptureError, LiveViewError, PtpError, TransportError, UsageError
from chdkshell.flow import NEVER, SILENT, CancelToken, Progress
from chdkshell.ptp.codes import ResponseCode
from chdkshell.ptp.eos import (
    CAPTURED_TO_CARD,
    CAPTURED_TO_HOST,
    OBJECT_NOT_READY,
    SHOWN_ON_HOST,
    VIEWFINDER_JPEGS,
    EosOperation,
    EosProperty,
    ObjectOffered,
    read_record,
    unpack_records,
)
from chdkshell.ptp.objects import ObjectFormat
from chdkshell.ptp.values import Value
from chdkshell.reasons import Reason
from chdkshell.standard.eos import POLL_SECONDS, Eos
from chdkshell.streams import FileSink

ROOM_ON_HOST = (0x0FFFFFFF, 0x1000, 1)
"""What PCHDDCapacity tells the camera: free clusters, their bytes, and that this is new."""

VIEWFINDER_LIMIT = 0x00200000
"""Bytes of a viewfinder's answer that are asked for."""

FIRST_FRAME_SECONDS = 5.0
"""How long a viewfinder may have no picture: the mirror goes up, and the camera focuses."""

AWAKE_SECONDS = 10.0
"""How often a camera that shows its viewfinder is kept from going to sleep."""


class Press(IntEnum):
    """How far the release button is pressed."""

    HALF = 1
    FULL = 2
    BOTH = 3


# ---- the shutter --------------------------------------------------------------------------------


def release(
    eos: Eos,
    press: Press = Press.BOTH,
    hold: float = 0.0,
    timeout: float = 30.0,
    cancel: CancelToken = NEVER,
) -> list[ObjectOffered]:
    """Press the button for `hold` seconds, release it, and return the pictures that come of it.

    A half press takes none. Call it while the camera is controlled. Raises `CaptureError` where no
    picture came in `timeout` seconds.
    """
    eos.drain(cancel)  # what happened before is not of this picture
    with _pressed(eos, press, cancel):
        cancel.wait(hold)
    if press is Press.HALF:
        return []
    found: list[ObjectOffered] = []
    wanted, deadline = _files_of_a_shot(eos), time.monotonic() + timeout
    while len(found) < wanted and time.monotonic() < deadline:
        for record in eos.drain(cancel):
            told = read_record(record)
            if isinstance(told, ObjectOffered) and told.format != ObjectFormat.ASSOCIATION:
                found.append(told)
        if len(found) < wanted:
            cancel.wait(POLL_SECONDS)
    if not found:
        raise CaptureError(f"no picture came in {timeout:g} s", reason=Reason.NO_EOS_PICTURE)
    return found


@contextlib.contextmanager
def _pressed(eos: Eos, press: Press, cancel: CancelToken) -> Iterator[None]:
    """Hold the button. It is released in every way in which this can end."""
    device = eos.device
    try:
        device.transaction(EosOperation.REMOTE_RELEASE_ON, press, 0, cancel=cancel)
        yield
    except BaseException:
        with contextlib.suppress(PtpError, TransportError):
            device.transaction(EosOperation.REMOTE_RELEASE_OFF, press)
        raise
    device.transaction(EosOperation.REMOTE_RELEASE_OFF, press)


def _files_of_a_shot(eos: Eos) -> int:
    """Return how many files come of a shot: the image format begins with that, for each place."""
    image_format = eos.known(EosProperty.IMAGE_FORMAT)
    files = image_format[0] if isinstance(image_format, tuple) and image_format else 1
    both = CAPTURED_TO_CARD | CAPTURED_TO_HOST
    places = 2 if eos.known(EosProperty.CAPTURE_DESTINATION) == both else 1
    return places * (files if files in (1, 2) else 1)


@contextlib.contextmanager
def to_host(eos: Eos, cancel: CancelToken = NEVER) -> Iterator[None]:
    """Have pictures come to this computer, and not to the card, for as long as this lasts."""
    with eos.controlled(cancel):
        before = eos.setting(EosProperty.CAPTURE_DESTINATION, cancel).value
        with _restored(eos, [(EosProperty.CAPTURE_DESTINATION, before)]):
            if before != CAPTURED_TO_HOST:
                eos.set(EosProperty.CAPTURE_DESTINATION, CAPTURED_TO_HOST, cancel)
            eos.device.transaction(EosOperation.PC_HDD_CAPACITY, *ROOM_ON_HOST, cancel=cancel)
            yield


def fetch(
    eos: Eos,
    offered: ObjectOffered,
    target: Path,
    progress: Progress = SILENT,
    cancel: CancelToken = NEVER,
) -> int:
    """Write an object to a file of this computer, and return how many bytes it has.

    The file appears whole or not at all. What was in the camera's memory is gone from there then.
    Raises `CaptureError` where another number of bytes comes than was offered.
    """
    session = eos.device.session
    eos.device.require(EosOperation.GET_OBJECT)
    with PartFile(target) as part:
        sink = FileSink(part.file)
        session.transaction(
            EosOperation.GET_OBJECT, offered.handle, sink=sink, progress=progress, cancel=cancel
        )
        if sink.count != offered.size:
            raise CaptureError(
                f"{offered.name}: {sink.count} bytes came, {offered.size} were offered"
            )
        part.finish(None)
    if not offered.storage:
        eos.device.transaction(EosOperation.TRANSFER_COMPLETE, offered.handle)
    return sink.count


# ---- the viewfinder -----------------------------------------------------------------------------


@contextlib.contextmanager
def viewfinder(eos: Eos, cancel: CancelToken = NEVER) -> Iterator[Callable[[], bytes]]:
    """Have the camera show its viewfinder here; give what returns the next picture, a JPEG file.

    The camera's own screen is as before afterwards.
    """
    eos.device.require(EosOperation.GET_VIEWFINDER_DATA)
    with eos.controlled(cancel):
        eos.setting(EosProperty.EVF_OUTPUT_DEVICE, cancel)
        codes = (EosProperty.EVF_MODE, EosProperty.EVF_OUTPUT_DEVICE)
        before = [(code, value) for code in codes if isinstance(value := eos.known(code), int)]
        with _restored(eos, before):
            for code, value in before:
                wanted = 1 if code == EosProperty.EVF_MODE else value | SHOWN_ON_HOST
                if value != wanted:
                    eos.set(code, wanted, cancel)
            yield _Frames(eos, cancel).next


class _Frames:
    """Pictures of a viewfinder, one after the other."""

    def __init__(self, eos: Eos, cancel: CancelToken) -> None:
        self._eos = eos
        self._cancel = cancel
        self._awake_since = -AWAKE_SECONDS

    def next(self) -> bytes:
        """Return the next picture. Raises `LiveViewError` where none comes."""
        self._keep_awake()
        device, deadline = self._eos.device, time.monotonic() + FIRST_FRAME_SECONDS
        operation = EosOperation.GET_VIEWFINDER_DATA
        while True:
            answer = device.try_transaction(operation, VIEWFINDER_LIMIT, 0, 0, cancel=self._cancel)
            if answer.code == ResponseCode.OK:
                return jpeg_of(answer.data)
            if answer.code not in (OBJECT_NOT_READY, ResponseCode.DEVICE_BUSY):
                raise device.refusal(answer.code, operation, answer.params)
            if time.monotonic() >= deadline:
                raise LiveViewError(f"no picture came in {FIRST_FRAME_SECONDS:g} s")
            self._cancel.wait(POLL_SECONDS)
            self._eos.poll(self._cancel)

    def _keep_awake(self) -> None:
        now = time.monotonic()
        if now - self._awake_since < AWAKE_SECONDS:
            return
        self._awake_since = now
        if self._eos.device.supports(EosOperation.KEEP_DEVICE_ON):
            self._eos.device.try_transaction(EosOperation.KEEP_DEVICE_ON, cancel=self._cancel)


def jpeg_of(data: bytes) -> bytes:
    """Return the picture of a viewfinder's answer. Raises `DatasetError` and `LiveViewError`."""
    for record in unpack_records(data):
        if record.code in VIEWFINDER_JPEGS and record.body[:2] == b"\xff\xd8":
            return record.body
    raise LiveViewError("the viewfinder's answer has no picture")


@contextlib.contextmanager
def _restored(eos: Eos, before: Sequence[tuple[EosProperty, Value]]) -> Iterator[None]:
    """Give settings the values that they had, in every way in which this can end."""
    try:
        yield
    except BaseException:
        with contextlib.suppress(PtpError, TransportError, UsageError):
            _put_back(eos, before)
        raise
    _put_back(eos, before)


def _put_back(eos: Eos, before: Sequence[tuple[EosProperty, Value]]) -> None:
    for code, value in reversed(before):
        if eos.known(code) != value:
            eos.set(code, value)
