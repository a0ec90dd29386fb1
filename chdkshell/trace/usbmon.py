"""A link as the USB transfers that Linux's usbmon reports (Documentation/usb/usbmon.rst)."""

from __future__ import annotations

import re
import struct
from enum import IntEnum

from chdkshell.errors import TransportError
from chdkshell.ptp import container
from chdkshell.ptp.codes import CANON_VENDOR_ID, EventCode
from chdkshell.ptp.container import HEADER_SIZE, ClassRequest, ContainerType
from chdkshell.ptp.transaction import Event, Request, Response, Transport
from chdkshell.streams import Buffer
from chdkshell.trace.link import Direction, LinkTrace, error_text
from chdkshell.trace.pcapng import PcapngFile
from chdkshell.trace.pieces import Pieces

DATA_IN_TRANSFER = 128 << 10
"""Bytes in one transfer: Wireshark takes packets of up to 256 KiB."""

_LINKTYPE_USB_LINUX_MMAPPED = 220

_BULK_IN, _BULK_OUT, _EVENTS, _CONTROL = 0x81, 0x02, 0x83, 0x80

_GET_DESCRIPTOR = 6
_DEVICE, _CONFIGURATION = 1, 2

_EINPROGRESS, _ENOENT = 115, 2
"""The state of a transfer that was handed in, and of one that was taken back, as Linux counts."""

_HEADER = struct.Struct("<QBBBBHBBqiiII8sIIII")


class _TransferType(IntEnum):
    INTERRUPT = 1
    CONTROL = 2
    BULK = 3


class UsbmonLink(LinkTrace):
    """Writes a link to `writer` as transfers, the device's descriptors first."""

    def __init__(self, writer: PcapngFile, transport: Transport) -> None:
        self._writer = writer
        self._interface = writer.add_interface(_LINKTYPE_USB_LINUX_MMAPPED, transport.address)
        place = re.match(r"usb:(\d+):(\d+)", transport.address)
        self._bus, self._device = (int(place[1]), int(place[2]) & 127) if place else (1, 1)
        self._packet_size = transport.max_packet_size or 512
        self._transfers = 0
        self._request = Request(0, 0)
        self._pieces: Pieces | None = None
        self._endpoint = _BULK_IN
        self._tell_descriptors()

    def request(self, request: Request, sends_data: bool) -> None:
        self._request = request
        self._pieces = None
        self._transfer(_BULK_OUT, container.pack_request(request))
        self._writer.flush()

    def data_begins(self, direction: Direction, length: int | None) -> None:
        self._endpoint = _BULK_OUT if direction is Direction.OUT else _BULK_IN
        limit = self._writer.data_limit + HEADER_SIZE
        self._pieces = Pieces(DATA_IN_TRANSFER, limit)
        request = self._request
        header = container.pack_header(
            ContainerType.DATA, request.code, request.transaction_id, length
        )
        self.data(header)

    def data(self, data: Buffer) -> None:
        if self._pieces is not None:
            self._pieces.add(data, self._write_piece)

    def response(self, response: Response) -> None:
        self._write_piece()
        self._pieces = None
        self._transfer(_BULK_IN, container.pack_response(response))
        self._writer.flush()

    def failure(self, error: BaseException) -> None:
        self._write_piece()
        self._pieces = None
        comment = error_text(error)
        if isinstance(error, TransportError):
            self._transfer(_BULK_IN, b"", status=-_ENOENT, comment=comment)
        else:
            payload = struct.pack("<HI", EventCode.CANCEL_TRANSACTION, self._request.transaction_id)
            self._control(0x21, ClassRequest.CANCEL, 0, payload, comment)
        self._writer.flush()

    def event(self, event: Event) -> None:
        self._transfer(_EVENTS, container.pack_event(event))
        self._writer.flush()

    def reset(self) -> None:
        self._control(0x21, ClassRequest.DEVICE_RESET, 0, b"", "reset")
        self._writer.flush()

    def close(self) -> None:
        self._writer.flush()

    def _write_piece(self) -> None:
        if self._pieces is not None:
            self._transfer(self._endpoint, self._pieces.kept, self._pieces.missing)

    # ---- transfers ------------------------------------------------------------------------------

    def _transfer(
        self, endpoint: int, data: Buffer, missing: int = 0, status: int = 0, comment: str = ""
    ) -> None:
        """Write a transfer as it was handed in and as it ended."""
        number = self._next_number()
        length = len(data) + missing
        if endpoint & 0x80:
            self._write("S", number, endpoint, length, status=-_EINPROGRESS)
            self._write("C", number, endpoint, length, data, missing, status, comment)
        else:
            self._write("S", number, endpoint, length, data, missing, -_EINPROGRESS, comment)
            self._write("C", number, endpoint, length, status=status)

    def _control(
        self, kind: int, request: int, value: int, data: Buffer, comment: str = ""
    ) -> None:
        """Write a control transfer; bit 7 of `kind` says that the data comes from the device."""
        number = self._next_number()
        endpoint = kind & 0x80
        setup = struct.pack("<BBHHH", kind, request, value, 0, len(data))
        inward = endpoint != 0
        handed_in, ended = (b"", data) if inward else (data, b"")
        length = len(data)
        self._write("S", number, endpoint, length, handed_in, 0, -_EINPROGRESS, comment, setup)
        self._write("C", number, endpoint, length, ended)

    def _next_number(self) -> int:
        self._transfers += 1
        return self._transfers

    def _write(
        self,
        kind: str,
        number: int,
        endpoint: int,
        length: int,
        data: Buffer = b"",
        missing: int = 0,
        status: int = 0,
        comment: str = "",
        setup: bytes = b"",
    ) -> None:
        stamp = self._writer.now()
        transfer_type = _TransferType.BULK
        if endpoint & 0x7F == 0:
            transfer_type = _TransferType.CONTROL
        elif endpoint == _EVENTS:
            transfer_type = _TransferType.INTERRUPT
        no_data = "<" if endpoint & 0x80 else ">"
        header = _HEADER.pack(
            number,
            ord(kind),
            transfer_type,
            endpoint,
            self._device,
            self._bus,
            0 if setup else ord("-"),
            0 if len(data) else ord(no_data),
            stamp // 1_000_000_000,
            stamp // 1000 % 1_000_000,
            status,
            length,
            len(data),
            setup or bytes(8),
            0,
            0,
            0,
            0,
        )
        self._writer.packet(self._interface, (header, data), missing, comment)

    # ---- what the device is ---------------------------------------------------------------------

    def _tell_descriptors(self) -> None:
        """Let Wireshark know that the endpoints are those of a still image interface.

        By the vendor it chooses the names of vendor operations.
        """
        device = struct.pack(
            "<BBHBBBBHHHBBBB", 18, _DEVICE, 0x0200, 0, 0, 0, 64, CANON_VENDOR_ID, 0, 0, 0, 0, 0, 1
        )
        endpoints = [
            struct.pack("<BBBBHB", 7, 5, address, kind, size, interval)
            for address, kind, size, interval in (
                (_BULK_IN, 2, self._packet_size, 0),
                (_BULK_OUT, 2, self._packet_size, 0),
                (_EVENTS, 3, 8, 16),
            )
        ]
        interface = bytes([9, 4, 0, 0, len(endpoints), 6, 1, 1, 0])
        inner = b"".join((interface, *endpoints))
        configuration = struct.pack(
            "<BBHBBBBB", 9, _CONFIGURATION, 9 + len(inner), 1, 1, 0, 0xC0, 1
        )
        self._control(_CONTROL, _GET_DESCRIPTOR, _DEVICE << 8, device)
        self._control(_CONTROL, _GET_DESCRIPTOR, _CONFIGURATION << 8, configuration + inner)
        self._writer.flush()
