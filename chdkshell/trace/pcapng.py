"""The pcapng file: packets of several interfaces, as Wireshark reads them.

The blocks follow draft-ietf-opsawg-pcapng, sections 4.1 to 4.3, in little-endian order.
"""

from __future__ import annotations

import struct
import sys
import time
from collections.abc import Callable, Sequence

from chdkshell.errors import printable
from chdkshell.streams import Buffer
from chdkshell.trace.link import TraceFile
from chdkshell.version import __version__

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


class PcapngFile:
    """Writes packets into `file`.

    `data_limit` is how many bytes of each data phase are to be kept; None keeps all. `now` gives
    the time in nanoseconds since 1970.
    """

    def __init__(
        self,
        file: TraceFile,
        data_limit: int | None = None,
        now: Callable[[], int] = time.time_ns,
    ) -> None:
        self._file = file
        self.data_limit = sys.maxsize if data_limit is None else data_limit
        self.now = now
        self._interfaces = 0
        program = f"chdkshell {__version__}".encode()
        note = b"Made from PTP transactions; the layers below PTP were not seen on a wire"
        body = struct.pack("<IHHQ", _BYTE_ORDER, 1, 0, _ANY_LENGTH)
        self._block(_SECTION_HEADER, body, _options((_OPT_COMMENT, note), (_SHB_USERAPPL, program)))

    def add_interface(self, linktype: int, name: str) -> int:
        """Add an interface, and return its number.

        `linktype` says how its packets start (tcpdump.org, link-layer header types).
        """
        body = struct.pack("<HHI", linktype, 0, 0)
        options = _options((_IF_NAME, printable(name).encode()), (_IF_TSRESOL, _NANOSECONDS))
        self._block(_INTERFACE_DESCRIPTION, body, options)
        self._interfaces += 1
        return self._interfaces - 1

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

    def flush(self) -> None:
        """Bring what was written into the file."""
        self._file.write(flush=True)

    def _block(self, kind: int, *parts: Buffer) -> None:
        length = 12 + sum(map(len, parts))
        self._file.write(struct.pack("<II", kind, length), *parts, struct.pack("<I", length))


def _options(*options: tuple[int, bytes]) -> bytes:
    packed = [
        struct.pack("<HH", code, len(value)) + value + bytes(-len(value) % 4)
        for code, value in options
    ]
    return b"".join(packed) + bytes(4)
