"""A trace as packets that Wireshark reads: the pcapng file, and which packets a link becomes.

The blocks follow draft-ietf-opsawg-pcapng, sections 4.1 to 4.3, in little-endian order.
"""

from __future__ import annotations

import struct
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import chdkshell
from chdkshell.errors import printable
from chdkshell.streams import Buffer
from chdkshell.trace.link import LinkTrace, TraceWriter
from chdkshell.transport.base import Transport

LINKTYPE_ETHERNET = 1
LINKTYPE_USB_LINUX_MMAPPED = 220
"""How packets of an interface start (tcpdump.org, link-layer header types)."""

FIRST_CLIENT_PORT = 49152
CLIENT_PORTS = 16384
"""The ports that are there for clients (RFC 6335)."""

_SECTION_HEADER = 0x0A0D0D0A
_INTERFACE_DESCRIPTION = 1
_ENHANCED_PACKET = 6
_BYTE_ORDER = 0x1A2B3C4D
_ANY_LENGTH = 0xFFFFFFFFFFFFFFFF

_OPT_COMMENT = 1
_SHB_USERAPPL = 4
_IF_NAME = 2
_IF_TSRESOL = 9
_NANOSECONDS = bytes([9])


class PcapngTrace(TraceWriter):
    """Writes links as packets of which only the PTP in them was really seen.

    A link over USB becomes what Linux's usbmon would have seen, every other one PTP/IP over TCP.
    `data_limit` is how many bytes of each data phase are kept; None keeps all. `now` gives the time
    in nanoseconds since 1970.
    """

    def __init__(
        self,
        path: Path,
        data_limit: int | None = None,
        now: Callable[[], int] = time.time_ns,
    ) -> None:
        super().__init__(path)
        self.data_limit = sys.maxsize if data_limit is None else data_limit
        self.now = now
        self._interfaces = 0
        self._ports = 0
        program = f"chdkshell {chdkshell.__version__}".encode()
        note = b"Made from PTP transactions; the layers below PTP were not seen on a wire"
        body = struct.pack("<IHHQ", _BYTE_ORDER, 1, 0, _ANY_LENGTH)
        self._block(_SECTION_HEADER, body, _options((_OPT_COMMENT, note), (_SHB_USERAPPL, program)))

    def link(self, transport: Transport) -> LinkTrace:
        if transport.address.startswith("usb:"):
            from chdkshell.trace.usbmon import UsbmonLink

            interface = self._add_interface(LINKTYPE_USB_LINUX_MMAPPED, transport.address)
            return UsbmonLink(self, interface, transport)
        from chdkshell.trace.ptpip import PtpIpLink

        interface = self._add_interface(LINKTYPE_ETHERNET, transport.address)
        return PtpIpLink(self, interface, transport.address)

    def packet(
        self, interface: int, parts: Sequence[Buffer], missing: int = 0, comment: str = ""
    ) -> None:
        """Write one packet that consists of `parts`, with `missing` bytes more that are not kept.

        A `comment` is shown in Wireshark's list, and only given where a transaction ends badly.
        """
        captured = sum(map(len, parts))
        stamp = self.now()
        head = struct.pack(
            "<IIIII", interface, stamp >> 32, stamp & 0xFFFFFFFF, captured, captured + missing
        )
        options = _options((_OPT_COMMENT, printable(comment).encode())) if comment else b""
        self._block(_ENHANCED_PACKET, head, *parts, bytes(-captured % 4), options)

    def new_port(self) -> int:
        """Return the port of a new TCP connection, so that no two of them are confused."""
        self._ports += 1
        return FIRST_CLIENT_PORT + self._ports % CLIENT_PORTS

    def flush(self) -> None:
        """Bring what was written into the file."""
        self.file.write(flush=True)

    def _add_interface(self, linktype: int, name: str) -> int:
        body = struct.pack("<HHI", linktype, 0, 0)
        options = _options((_IF_NAME, printable(name).encode()), (_IF_TSRESOL, _NANOSECONDS))
        self._block(_INTERFACE_DESCRIPTION, body, options)
        self._interfaces += 1
        return self._interfaces - 1

    def _block(self, kind: int, *parts: Buffer) -> None:
        length = 12 + sum(map(len, parts))
        self.file.write(struct.pack("<II", kind, length), *parts, struct.pack("<I", length))


def _options(*options: tuple[int, bytes]) -> bytes:
    packed = [
        struct.pack("<HH", code, len(value)) + value + bytes(-len(value) % 4)
        for code, value in options
    ]
    return b"".join(packed) + bytes(4)


class Pieces:
    """Cuts a data phase into pieces of `size` bytes, however its buffers come.

    Of the whole phase only the first `limit` bytes are kept. `kept` holds what there is of the
    piece at hand and `length` how long it really is.
    """

    def __init__(self, size: int, limit: int) -> None:
        self._size = size
        self._limit = limit
        self.kept = bytearray()
        self.length = 0

    @property
    def missing(self) -> int:
        """How many bytes of the piece at hand are not kept."""
        return self.length - len(self.kept)

    def add(self, data: Buffer, write: Callable[[], None]) -> None:
        """Take the next bytes. `write` is called for each piece that is full when more comes."""
        view = memoryview(data).cast("B")
        while len(view):
            if self.length == self._size:
                write()
                self.clear()
            part = view[: self._size - self.length]
            keep = part[: self._limit]
            self._limit -= len(keep)
            self.kept += keep
            self.length += len(part)
            view = view[len(part) :]

    def clear(self) -> None:
        """Start the next piece."""
        self.kept.clear()
        self.length = 0
