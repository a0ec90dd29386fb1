"""The simulated camera on USB: descriptors, class requests, PTP containers on endpoints.

It knows no bus. Whatever plays the host controller gives control transfers to `control`, and moves
the bytes of bulk and interrupt transfers through `endpoints`.
"""

from __future__ import annotations

import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from chdkshell import waits
from chdkshell.errors import FramingError
from chdkshell.ptp.codes import CANON_VENDOR_ID, ResponseCode
from chdkshell.ptp.container import (
    HEADER_SIZE,
    MAX_PARAMS_SIZE,
    ClassRequest,
    ContainerType,
    Header,
    pack_event,
    pack_header,
    pack_response,
    unpack_header,
    unpack_params,
)
from chdkshell.ptp.datasets import DeviceInfo
from chdkshell.ptp.transaction import Event, Request, Response
from chdkshell.share.owed import takes_data
from chdkshell.sim.interfaces.usbendpoints import (
    AbortedError,
    Endpoint,
    InEndpoint,
    OutEndpoint,
    StalledError,
)
from chdkshell.sim.standard.events import EventOutbox
from chdkshell.streams import CHUNK, Buffer, Sink, Source

PRODUCT_ID = 0x32C8

BULK_IN, BULK_OUT, EVENTS = 0x81, 0x02, 0x83
BULK_PACKET, EVENT_PACKET = 512, 8
"""Endpoint addresses and packet sizes in bytes, as high-speed PowerShots have them."""

EVENTS_KEPT = 1 << 12
"""Bytes of events that wait for a host that does not read them; further ones are lost."""

CONFIGURATION, INTERFACE = 1, 0

_DEVICE, _CONFIGURATION, _STRING = 1, 2, 3
_ENGLISH = b"\x04\x03\x09\x04"
"""Descriptor types, and the string descriptor that lists the languages (USB 2.0, 9.5, 9.6.7)."""


@dataclass(frozen=True, slots=True)
class Setup:
    """A control request (USB 2.0, 9.3)."""

    request_type: int
    request: int
    value: int
    index: int
    length: int


class PtpResponder(Protocol):
    """Who answers the transactions: `sim.responder.Responder`."""

    def transact(self, request: Request, source: Source | None, sink: Sink) -> Response:
        """Run one transaction."""

    def end_session(self) -> None:
        """Forget the session."""


class UsbCamera:
    """A camera on a USB cable. `info` gives the names in its string descriptors.
    `bulk_packet` is the size of its packets: 512 bytes at high speed, 64 at full speed. What
    `events` tells goes to the event endpoint, as far as the host reads it.

    `changed` is told the address of an endpoint whose transfers may go on. The responder runs in a
    thread of its own, from `plug_in` to `unplug`.
    """

    def __init__(
        self,
        responder: PtpResponder,
        info: DeviceInfo,
        changed: Callable[[int], None],
        product_id: int = PRODUCT_ID,
        bulk_packet: int = BULK_PACKET,
        events: EventOutbox | None = None,
    ) -> None:
        self._responder = responder
        self.strings = (info.manufacturer, info.model, info.serial_number)
        self.device_descriptor = struct.pack(
            "<BBHBBBBHHHBBBB",
            *(18, _DEVICE, 0x200, 0, 0, 0, 64, CANON_VENDOR_ID, product_id, 2, 1, 2, 3, 1),
        )
        self.configuration_descriptor = _configuration_descriptor(bulk_packet)
        self.bulk_in = InEndpoint(BULK_IN, bulk_packet, changed)
        self.bulk_out = OutEndpoint(BULK_OUT, bulk_packet, changed)
        self.events = InEndpoint(EVENTS, EVENT_PACKET, changed)
        self.endpoints: dict[int, Endpoint] = {
            e.address: e for e in (self.bulk_in, self.bulk_out, self.events)
        }
        self._end_events: Callable[[], None] | None = None
        if events is not None:
            self._end_events = events.listen(self._offer_event)
        self._header: Header | None = None
        self._unplugged = False
        self._thread = threading.Thread(target=self._serve, name="usb camera", daemon=True)

    def plug_in(self) -> None:
        """Start to serve."""
        self._thread.start()

    def unplug(self) -> None:
        """End for good, as when the cable is pulled."""
        self._unplugged = True
        if self._end_events is not None:
            self._end_events()
        self._interrupt()
        waits.ended(self._thread)
        self._responder.end_session()

    def send_event(self, event: Event) -> None:
        """Tell the host something on the event endpoint."""
        self.events.write(pack_event(event))
        self.events.end()

    def _offer_event(self, event: Event) -> None:
        if self.events.queued < EVENTS_KEPT:
            self.send_event(event)

    # ---- control endpoint ------------------------------------------------------------------------

    def control(self, setup: Setup, data: bytes = b"") -> bytes:
        """Answer a control request. Raises `StalledError` for one that is not known."""
        match (setup.request_type, setup.request):
            case (0x80, 0x06):
                return self._descriptor(setup.value >> 8, setup.value & 0xFF)[: setup.length]
            case (0x80, 0x08):
                return bytes([CONFIGURATION])
            case (0x80 | 0x81, 0x00):
                return b"\x01\x00"
            case (0x82, 0x00):
                return bytes([self._endpoint(setup.index).halted, 0])
            case (0x02, 0x01):
                self._endpoint(setup.index).halt(False)
            case (0x00, 0x09) | (0x01, 0x0B):
                self.reset()
            case (0x21, ClassRequest.CANCEL):
                self._interrupt()
            case (0x21, ClassRequest.DEVICE_RESET):
                self.reset()
            case (0xA1, ClassRequest.GET_DEVICE_STATUS):
                return struct.pack("<HH", 4, self._status())[: setup.length]
            case _:
                raise StalledError
        return b""

    def reset(self) -> None:
        """End the transaction and the session, as a bus reset or the class request does."""
        for endpoint in self.endpoints.values():
            endpoint.halt(False)
        self._interrupt()
        self._responder.end_session()

    def _endpoint(self, address: int) -> Endpoint:
        try:
            return self.endpoints[address]
        except KeyError:
            raise StalledError from None

    def _descriptor(self, kind: int, index: int) -> bytes:
        if kind == _DEVICE:
            return self.device_descriptor
        if kind == _CONFIGURATION:
            return self.configuration_descriptor
        if kind == _STRING and index == 0:
            return _ENGLISH
        if kind == _STRING and index <= len(self.strings):
            text = self.strings[index - 1].encode("utf-16-le")
            return bytes((len(text) + 2, _STRING)) + text
        raise StalledError

    def _status(self) -> int:
        return ResponseCode.DEVICE_BUSY if self.bulk_in.aborted else ResponseCode.OK

    def _interrupt(self) -> None:
        self.bulk_in.abort()
        self.bulk_out.abort()

    # ---- the camera's thread ---------------------------------------------------------------------

    def _serve(self) -> None:
        while not self._unplugged:
            try:
                header = self.next_header()
                if header.type is ContainerType.COMMAND:
                    self._transact(header)
                else:
                    self.skip_transfer()
            except AbortedError:
                self._header = None
                self.bulk_out.resume()
                self.bulk_in.resume()

    def _transact(self, header: Header) -> None:
        params = unpack_params(self._rest_of_transfer(MAX_PARAMS_SIZE))
        request = Request(header.code, header.transaction_id, params)
        source = _ContainerSource(self) if takes_data(request) else None
        sink = _ContainerSink(self, request)
        response = self._responder.transact(request, source, sink)
        if source is not None:
            source.skip()
        if sink.begun:
            self.end_data()
        self.send_response(response)

    def begin_data(self, request: Request, length: int | None) -> None:
        """Start a data container."""
        self.bulk_in.write(
            pack_header(ContainerType.DATA, request.code, request.transaction_id, length)
        )

    def end_data(self) -> None:
        """Close the data container that was sent."""
        self.bulk_in.end()

    def send_response(self, response: Response) -> None:
        """Send a response container."""
        self.bulk_in.write(pack_response(response))
        self.bulk_in.end()

    def next_header(self) -> Header:
        """Wait for the next container and return its header. Garbage is skipped."""
        if self._header is not None:
            header, self._header = self._header, None
            return header
        while True:
            start = b""
            while len(start) < HEADER_SIZE:
                part = self.bulk_out.read(HEADER_SIZE - len(start))
                start = b"" if part is None else start + part
            try:
                return unpack_header(start)
            except FramingError:
                self.skip_transfer()

    def unread_header(self, header: Header) -> None:
        """Give back a header that belongs to what comes next."""
        self._header = header

    def skip_transfer(self) -> None:
        """Throw away the rest of a transfer."""
        while self.bulk_out.read(CHUNK) is not None:
            pass

    def _rest_of_transfer(self, limit: int) -> bytes:
        data = b""
        while (part := self.bulk_out.read(limit)) is not None:
            data += part
        return data[: len(data) // 4 * 4]


class _ContainerSource:
    """The data phase that the host owes, waited for when the camera first looks at it."""

    def __init__(self, device: UsbCamera) -> None:
        self._device = device
        self._header: Header | None = None
        self._missing = False
        self._ended = False

    @property
    def length(self) -> int | None:
        header = self._wait()
        return 0 if header is None else header.payload_length

    def chunks(self) -> Iterator[Buffer]:
        if self._wait() is None:
            return
        while not self._ended:
            part = self._device.bulk_out.read(CHUNK)
            if part is None:
                self._ended = True
            else:
                yield part

    def skip(self) -> None:
        """Throw away what the camera did not take. One that it never looked at comes later."""
        for _ in self.chunks() if self._header is not None else ():
            pass

    def _wait(self) -> Header | None:
        if self._header is None and not self._missing:
            header = self._device.next_header()
            if header.type is ContainerType.DATA:
                self._header = header
            else:
                self._missing = True
                self._device.unread_header(header)
        return self._header


class _ContainerSink:
    """The data phase that the camera sends."""

    def __init__(self, device: UsbCamera, request: Request) -> None:
        self._device = device
        self._request = request
        self.begun = False

    def begin(self, length: int | None) -> None:
        self.begun = True
        self._device.begin_data(self._request, length)

    def write(self, data: Buffer) -> None:
        self._device.bulk_in.write(data)


def _configuration_descriptor(bulk_packet: int) -> bytes:
    endpoints = b"".join(
        struct.pack("<BBBBHB", 7, 5, address, kind, packet, interval)
        for address, kind, packet, interval in (
            (BULK_IN, 2, bulk_packet, 0),
            (BULK_OUT, 2, bulk_packet, 0),
            (EVENTS, 3, EVENT_PACKET, 9),
        )
    )
    interface = struct.pack("<BBBBBBBBB", 9, 4, INTERFACE, 0, 3, 6, 1, 1, 0)
    total = 9 + len(interface) + len(endpoints)
    head = struct.pack("<BBHBBBBB", 9, _CONFIGURATION, total, 1, CONFIGURATION, 0, 0xC0, 1)
    return head + interface + endpoints
