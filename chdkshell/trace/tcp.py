"""A TCP connection that was never made, as Ethernet frames with IPv4 (RFC 791, 9293)."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address

from chdkshell.streams import Buffer

Frame = Callable[[Sequence[Buffer], int, str], None]
"""Writes one frame: its parts, how many bytes at its end are missing, and a comment."""

_FIN, _SYN, _RST, _PSH, _ACK = 0x01, 0x02, 0x04, 0x08, 0x10

_IPV4 = 0x0800
_DONT_FRAGMENT = 0x4000
_TTL = 64
_PROTOCOL_TCP = 6

_WINDOW = 0xFFFF
_SYN_OPTIONS = bytes([2, 4, 0xFF, 0xD7, 1, 3, 3, 14])
"""Segments of up to 65495 bytes, and the largest window scale: nothing here waits for a window."""


class TcpEndpoint:
    """One end of a connection. `sequence` is the number of the next byte that it sends."""

    def __init__(self, address: IPv4Address, port: int, sequence: int) -> None:
        self.address = address
        self.port = port
        self.sequence = sequence

    @property
    def mac(self) -> bytes:
        """A locally administered Ethernet address that shows the IP address."""
        return b"\x02\x00" + self.address.packed


class TcpConnection:
    """A connection from `client` to `server`."""

    def __init__(self, client: TcpEndpoint, server: TcpEndpoint, write: Frame) -> None:
        self.client = client
        self.server = server
        self._write = write
        self._is_open = False

    def open(self) -> None:
        """Shake hands."""
        self._is_open = True
        self._segment(self.client, self.server, _SYN, options=_SYN_OPTIONS)
        self._segment(self.server, self.client, _SYN | _ACK, options=_SYN_OPTIONS)
        self._segment(self.client, self.server, _ACK)

    def send(self, from_client: bool, *parts: Buffer, missing: int = 0, comment: str = "") -> None:
        """Send one segment, of which `missing` bytes at the end are not kept."""
        ends = (self.client, self.server) if from_client else (self.server, self.client)
        self._segment(*ends, _PSH | _ACK, parts, missing, comment)

    def close(self) -> None:
        """End the connection in order, unless it has ended."""
        if not self._is_open:
            return
        self._is_open = False
        self._segment(self.client, self.server, _FIN | _ACK)
        self._segment(self.server, self.client, _FIN | _ACK)
        self._segment(self.client, self.server, _ACK)

    def abort(self, comment: str = "") -> None:
        """End the connection at once, unless it has ended."""
        if not self._is_open:
            return
        self._is_open = False
        self._segment(self.client, self.server, _RST | _ACK, comment=comment)

    def _segment(
        self,
        sender: TcpEndpoint,
        receiver: TcpEndpoint,
        flags: int,
        parts: Sequence[Buffer] = (),
        missing: int = 0,
        comment: str = "",
        options: bytes = b"",
    ) -> None:
        length = sum(map(len, parts)) + missing
        header = bytearray(
            struct.pack(
                ">HHIIBBHHH",
                sender.port,
                receiver.port,
                sender.sequence,
                receiver.sequence if flags & _ACK else 0,
                (20 + len(options)) // 4 << 4,
                flags,
                _WINDOW,
                0,
                0,
            )
        )
        header += options
        if not missing:
            checked = b"".join((_pseudo(sender, receiver, len(header) + length), header, *parts))
            header[16:18] = _checksum(checked)
        lower = _ethernet(sender, receiver) + _ipv4(sender, receiver, len(header) + length)
        self._write((lower, header, *parts), missing, comment)
        counted = length + (1 if flags & (_SYN | _FIN) else 0)
        sender.sequence = (sender.sequence + counted) & 0xFFFFFFFF


def _ethernet(sender: TcpEndpoint, receiver: TcpEndpoint) -> bytes:
    return receiver.mac + sender.mac + struct.pack(">H", _IPV4)


def _ipv4(sender: TcpEndpoint, receiver: TcpEndpoint, payload: int) -> bytes:
    header = bytearray(
        struct.pack(
            ">BBHHHBBH4s4s",
            0x45,
            0,
            20 + payload,
            0,
            _DONT_FRAGMENT,
            _TTL,
            _PROTOCOL_TCP,
            0,
            sender.address.packed,
            receiver.address.packed,
        )
    )
    header[10:12] = _checksum(header)
    return bytes(header)


def _pseudo(sender: TcpEndpoint, receiver: TcpEndpoint, length: int) -> bytes:
    """Return what the TCP checksum covers in front of the header."""
    addresses = sender.address.packed + receiver.address.packed
    return addresses + struct.pack(">HH", _PROTOCOL_TCP, length)


def _checksum(data: Buffer) -> bytes:
    """Return the internet checksum (RFC 1071): adding 16-bit words with carry is modulo 65535.

    A sum of 0xFFFF, which is 0 here, gives 0 (RFC 1624): `data` is never zero bytes alone.
    """
    padded = bytes(data) + bytes(len(data) % 2)
    total = int.from_bytes(padded, "big") % 0xFFFF
    return (-total % 0xFFFF).to_bytes(2, "big")
