"""A PTP camera for transport tests: it sends and takes patterns, and fails on request."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Callable, Iterator
from enum import Enum, auto

from chdkshell.chdk.constants import ChdkCommand
from chdkshell.ptp.codes import OperationCode, ResponseCode
from chdkshell.ptp.container import HEADER_SIZE
from chdkshell.ptp.datasets import DeviceInfo
from chdkshell.ptp.transaction import Request, Response
from chdkshell.sim.camera import SimCamera
from chdkshell.sim.interfaces.usbdevice import BULK_PACKET, PRODUCT_ID, Setup, UsbCamera
from chdkshell.sim.interfaces.usbendpoints import AbortedError, StalledError
from chdkshell.streams import Buffer, Sink, Source
from support.emulated_usb.pattern import PATTERN


class Fault(Enum):
    """What goes wrong in a transaction."""

    NONE = auto()
    STALL_IN_DATA = auto()
    STALL_BEFORE_RESPONSE = auto()
    STALL_WITHOUT_RESPONSE = auto()
    STALL_AND_ANSWER_LATE = auto()
    HALFWAY = auto()
    """Calls `FaultyCamera.halfway` in the middle of the data phase."""
    ZERO_PACKET_LATE = auto()
    ZERO_PACKET_MISSING = auto()
    ZERO_PACKET_DOUBLED = auto()
    SPLIT_HEADER = auto()
    TRICKLE = auto()
    UNKNOWN_LENGTH = auto()
    SHORT_DATA = auto()
    LONG_DATA = auto()
    UNEXPECTED_DATA = auto()
    NO_DATA = auto()
    NO_RESPONSE = auto()
    WRONG_ID = auto()
    GARBAGE = auto()
    ANSWER_EARLY = auto()
    ENDLESS = auto()
    """The data phase has no end."""
    BABBLE = auto()
    """Packets are longer than the endpoint allows, until a reset."""
    DEAF = auto()
    """Nothing is answered any more, until a reset."""


class FaultyCamera(UsbCamera):
    """A camera on the emulated bus whose next transaction has `fault`.

    `data_taken` are length and CRC-32 of the data phase that the host sent last.
    """

    def __init__(self, info: DeviceInfo, changed: Callable[[int], None], product_id: int) -> None:
        super().__init__(self, info, changed, product_id)
        self.fault = Fault.NONE
        self.halfway: Callable[[], object] = lambda: None
        self.class_requests: list[int] = []
        self.refused_class_requests: set[int] = set()
        self.sessions_ended = 0
        self.data_taken = (0, 0)
        self.late_answer = threading.Event()
        self._data_size = 0
        self._forget_data = False
        self._deaf = False

    # ---- the responder ---------------------------------------------------------------------------

    def transact(self, request: Request, source: Source | None, sink: Sink) -> Response:
        """Answer OpenSession, CloseSession, and two of CHDK's commands.

        UploadFile (0x9999, 5) takes any data. DownloadFile (0x9999, 6, size) sends so much of the
        pattern.
        """
        if request.code == OperationCode.CHDK and request.params[0] == ChdkCommand.UPLOAD_FILE:
            assert source is not None
            if self.fault is not Fault.ANSWER_EARLY:
                self._take_pattern(source)
        elif request.code == OperationCode.CHDK and request.params[0] == ChdkCommand.DOWNLOAD_FILE:
            self._send_pattern(request.params[1], sink)
        elif request.code in (OperationCode.OPEN_SESSION, OperationCode.CLOSE_SESSION):
            if self.fault is Fault.UNEXPECTED_DATA:
                self._send_pattern(700, sink)
        else:
            return Response(ResponseCode.OPERATION_NOT_SUPPORTED, request.transaction_id)
        return Response(ResponseCode.OK, request.transaction_id, (7, 8))

    def end_session(self) -> None:
        """Count what the simulated camera's responder would act on."""
        self.sessions_ended += 1

    def _take_pattern(self, source: Source) -> None:
        half = (source.length or 0) // 2
        count = crc = 0
        for part in source.chunks():
            if count <= half < count + len(part):
                self.in_the_middle()
            count += len(part)
            crc = zlib.crc32(part, crc)
        self.data_taken = (count, crc)

    def _send_pattern(self, size: int, sink: Sink) -> None:
        if self.fault is Fault.NO_DATA:
            return
        announced = size + {Fault.SHORT_DATA: 1000, Fault.LONG_DATA: -100}.get(self.fault, 0)
        unknown = self.fault in (Fault.UNKNOWN_LENGTH, Fault.ENDLESS)
        sink.begin(None if unknown else announced)
        while self.fault is Fault.ENDLESS:
            sink.write(PATTERN)
        left, half = size, size // 2
        while left:
            part = PATTERN[:left]
            if left >= half > left - len(part):
                self.in_the_middle()
            self._write(sink, part)
            left -= len(part)

    def _write(self, sink: Sink, part: bytes) -> None:
        if self.fault is Fault.TRICKLE:
            third = len(part) // 3
            sink.write(part[:third])
            self.pause(0.3)
            part = part[third:]
        sink.write(part)

    def in_the_middle(self) -> None:
        """Do what the fault does halfway through a data phase."""
        if self.fault is Fault.HALFWAY:
            self.fault = Fault.NONE
            self.halfway()
        elif self.fault is Fault.STALL_IN_DATA:
            self.fault = Fault.NONE
            for endpoint in (self.bulk_in, self.bulk_out):
                endpoint.abort()
                endpoint.halt()
            raise AbortedError

    @staticmethod
    def pause(seconds: float) -> None:
        """Let time pass on the camera's side."""
        threading.Event().wait(seconds)

    # ---- the USB side ----------------------------------------------------------------------------

    def control(self, setup: Setup, data: bytes = b"") -> bytes:
        """Note class requests, and refuse those that are to be refused."""
        if setup.request_type & 0x60 == 0x20:
            self.class_requests.append(setup.request)
            if setup.request in self.refused_class_requests:
                raise StalledError
        return super().control(setup, data)

    def reset(self) -> None:
        self.bulk_in.packet_size = BULK_PACKET
        self._deaf = False
        super().reset()

    def begin_data(self, request: Request, length: int | None) -> None:
        self._data_size = length or 0
        if self.fault is Fault.BABBLE:
            self.bulk_in.packet_size = 1000
        super().begin_data(request, length)
        if self.fault is Fault.SPLIT_HEADER:
            self.bulk_in.end()

    def end_data(self) -> None:
        full = (HEADER_SIZE + self._data_size) % self.bulk_in.packet_size == 0
        if self.fault is Fault.ZERO_PACKET_MISSING and full:
            return
        if self.fault is Fault.ZERO_PACKET_LATE:
            self.pause(0.3)
        super().end_data()
        if self.fault is Fault.ZERO_PACKET_DOUBLED:
            super().end_data()

    def send_response(self, response: Response) -> None:
        fault, self.fault = self.fault, Fault.NONE
        if fault is Fault.NO_RESPONSE:
            self.halfway()
        self._deaf |= fault is Fault.DEAF
        if fault is Fault.NO_RESPONSE or self._deaf:
            return
        if fault is Fault.WRONG_ID:
            response = Response(response.code, response.transaction_id + 1000)
        if fault is Fault.GARBAGE:
            self.bulk_in.write(b"\x0c\0\0\0\x63\0garbage")
            self.bulk_in.end()
            return
        if fault is Fault.STALL_WITHOUT_RESPONSE:
            self.bulk_in.halt()
            return
        if fault is Fault.STALL_AND_ANSWER_LATE:
            self.bulk_in.halt()
            self.pause(1)
            super().send_response(response)
            self.late_answer.set()
            return
        if fault is Fault.STALL_BEFORE_RESPONSE:
            self.bulk_in.wait_until_read()
            self.bulk_in.halt()
        super().send_response(response)
        if fault is Fault.ANSWER_EARLY:
            # What the host has sent by then is forgotten once it has read the answer.
            self._forget_data = True

    def skip_transfer(self) -> None:
        if self._forget_data:
            self._forget_data = False
            self.bulk_in.wait_until_read()
            self.bulk_out.abort()
        super().skip_transfer()


class FaultySim(FaultyCamera):
    """The simulated camera `sim` on the emulated bus, which fails on request."""

    def __init__(
        self, sim: SimCamera, changed: Callable[[int], None], product_id: int = PRODUCT_ID
    ) -> None:
        super().__init__(sim.device_info, changed, product_id)
        self._sim = sim
        self._armed: tuple[Fault, int] | None = None

    def arm(self, fault: Fault, command: ChdkCommand) -> None:
        """Let the next transaction with that command of CHDK have `fault`."""
        self._armed = fault, command

    def transact(self, request: Request, source: Source | None, sink: Sink) -> Response:
        """Answer as the simulated camera."""
        if (
            self._armed
            and request.code == OperationCode.CHDK
            and request.params[0] == self._armed[1]
        ):
            self.fault, self._armed = self._armed[0], None
        if self.fault is Fault.ANSWER_EARLY:
            source = None
        return self._sim.responder.transact(
            request,
            None if source is None else _WatchedSource(source, self.in_the_middle),
            _WatchedSink(sink, self.in_the_middle),
        )

    def end_session(self) -> None:
        """Pass on that the session is gone."""
        super().end_session()
        self._sim.responder.end_session()


class _Half:
    """Calls `reached` once, when half of `length` bytes has passed."""

    def __init__(self, length: int, reached: Callable[[], None]) -> None:
        self._left = max(length // 2, 1)
        self._reached = reached

    def passed(self, count: int) -> None:
        before, self._left = self._left, self._left - count
        if before > 0 >= self._left:
            self._reached()


class _WatchedSource:
    def __init__(self, source: Source, in_the_middle: Callable[[], None]) -> None:
        self._source = source
        self._in_the_middle = in_the_middle

    @property
    def length(self) -> int | None:
        return self._source.length

    def chunks(self) -> Iterator[Buffer]:
        half = _Half(self._source.length or 0, self._in_the_middle)
        for chunk in self._source.chunks():
            half.passed(len(chunk))
            yield chunk


class _WatchedSink:
    def __init__(self, sink: Sink, in_the_middle: Callable[[], None]) -> None:
        self._sink = sink
        self._in_the_middle = in_the_middle

    def begin(self, length: int | None) -> None:
        self._sink.begin(length)
        self._half = _Half(length or 0, self._in_the_middle)

    def write(self, data: Buffer) -> None:
        self._sink.write(data)
        self._half.passed(len(data))
