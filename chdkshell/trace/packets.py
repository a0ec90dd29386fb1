"""A trace as packets, of which only the PTP in them was really seen."""

from __future__ import annotations

import itertools
from pathlib import Path

from chdkshell.ptp.transaction import Transport
from chdkshell.trace.link import LinkTrace, TraceWriter
from chdkshell.trace.pcapng import PcapngFile
from chdkshell.trace.ptpip import CLIENT_PORTS, PtpIpLink
from chdkshell.trace.usbmon import UsbmonLink


class PacketTrace(TraceWriter):
    """Writes a link over USB as what Linux's usbmon would have seen, others as PTP/IP over TCP.

    `data_limit` is how many bytes of each data phase are kept; None keeps all.
    """

    def __init__(self, path: Path, data_limit: int | None = None) -> None:
        super().__init__(path)
        self._packets = PcapngFile(self.file, data_limit)
        self._ports = itertools.cycle(CLIENT_PORTS)

    def link(self, transport: Transport) -> LinkTrace:
        if transport.address.startswith("usb:"):
            return UsbmonLink(self._packets, transport)
        return PtpIpLink(self._packets, transport.address, self._ports)
