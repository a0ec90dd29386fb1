"""Recordings as bytes, and links in memory over which they are heard again."""

from __future__ import annotations

import random
import socket
from array import array
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from campaign_parts.mutate import changed
from campaign_parts.recordings import Recording
from chdkshell.errors import DisconnectedError
from chdkshell.ptp import container
from chdkshell.ptp.packet import (
    DataPhase,
    PacketType,
    Peer,
    pack,
    pack_data_header,
    pack_event,
    pack_request,
    pack_response,
    pack_start_data,
)
from chdkshell.ptp.transaction import Response
from chdkshell.streams import Buffer
from chdkshell.transport.ip import IpTransport
from chdkshell.transport.iplink import Link, PacketSocket
from chdkshell.transport.usb import UsbTransport

PIECE = 1000
"""Bytes of data in one packet of PTP/IP."""

USB_PACKET = 512


class MemorySocket:
    """One end of a connection: what it receives is there, and what it sends is forgotten."""

    family = socket.AF_INET

    def __init__(self, stream: bytes, rng: random.Random) -> None:
        self._left = memoryview(stream)
        self._rng = rng

    def recv_into(self, buffer: Any) -> int:
        size = min(len(buffer), len(self._left))
        if self._rng.random() < 0.1:  # TCP may split it anywhere
            size = min(size, self._rng.randint(1, 40))
        buffer[:size] = self._left[:size]
        self._left = self._left[size:]
        return size

    def sendmsg(self, buffers: Iterable[Buffer]) -> int:
        return sum(len(buffer) for buffer in buffers)

    def send(self, buffer: Buffer) -> int:
        return len(buffer)

    def __getattr__(self, name: str) -> Callable[..., None]:
        if name in ("settimeout", "setsockopt", "setblocking", "close", "shutdown"):
            return lambda *arguments: None
        raise AttributeError(name)


class MemoryLink(Link):
    """Both connections of a session in memory; nothing comes on the second."""

    def __init__(self, command: PacketSocket, event: PacketSocket, timeout: float) -> None:
        self._command, self._event, self.timeout = command, event, timeout
        self._event_looked_at = float("inf")
        self.waiting = deque()

    def wait(self, seconds: float) -> bool:
        # only while data goes out is this asked: then the answer is not there yet
        return False

    def look_at_events(self) -> None:
        """There are none."""

    def close(self) -> None:
        """Nothing to close."""


def packet_socket(stream: bytes, rng: random.Random) -> PacketSocket:
    """Return a connection in memory."""
    memory: Any = MemorySocket(stream, rng)
    return PacketSocket(memory, 1 << 16)


class PlayedIp(IpTransport):
    """PTP/IP from a stream of bytes."""

    def __init__(self, stream: bytes, rng: random.Random) -> None:
        self._stream, self._rng = stream, rng
        super().__init__("played")

    def _connect(self, cancel: Any) -> Any:
        command, event = packet_socket(self._stream, self._rng), packet_socket(b"", self._rng)
        self._link = MemoryLink(command, event, 1.0)
        self._stream = b""
        return Peer(bytes(16), "played")


class _UsbLink:
    """A USB interface whose bulk-in transfers are there."""

    in_packet_size = out_packet_size = USB_PACKET
    event_packet_size = 0
    product_id = 0x1234
    location = "001:002"

    def __init__(self, transfers: list[bytes]) -> None:
        self._transfers = iter(transfers)
        self._rest = b""
        self._quiet = 1

    def read(self, buffer: array[int], milliseconds: int) -> int | None:
        if self._quiet:  # what an earlier program left is looked for first: nothing
            self._quiet -= 1
            return None
        transfer = self._rest or next(self._transfers, None)
        if transfer is None:
            raise DisconnectedError("the recording is over")
        part, self._rest = transfer[: len(buffer)], transfer[len(buffer) :]
        memoryview(buffer)[: len(part)] = memoryview(part)
        return len(part)

    def write(self, data: array[int], milliseconds: int) -> int:
        return len(data)

    def device_status(self) -> int | None:
        return None

    def send(self, buffer: Buffer) -> int:
        return len(buffer)

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *arguments: None


def played_usb(transfers: list[bytes]) -> UsbTransport:
    """Return a link over USB to a camera that sends these transfers."""
    link: Any = _UsbLink(transfers)
    return UsbTransport(link)


def ip_answers(recording: Recording) -> list[bytes]:
    """Return the packets that a camera sends on the network for a recording."""
    packets = []
    for number, exchange in enumerate(recording):
        if exchange.data is not None:
            packets.append(pack_start_data(number, len(exchange.data)))
            pieces = [exchange.data[at : at + PIECE] for at in range(0, len(exchange.data), PIECE)]
            for index, piece in enumerate(pieces or [b""]):
                is_end = index + 1 >= len(pieces)
                packets.append(pack_data_header(number, len(piece), is_end) + piece)
        response = exchange.response
        packets.append(pack_response(Response(response.code, number, response.params)))
    return packets


def ip_requests(recording: Recording) -> list[bytes]:
    """Return the packets that a computer sends on the network for a recording."""
    packets = []
    for exchange in recording:
        request = exchange.request
        phase = DataPhase.NONE_OR_IN if exchange.sent is None else DataPhase.OUT
        packets.append(pack_request(request, phase))
        if exchange.sent is not None:
            packets.append(pack_start_data(request.transaction_id, len(exchange.sent)))
            head = pack_data_header(request.transaction_id, len(exchange.sent), True)
            packets.append(head + exchange.sent)
    return packets


def usb_answers(recording: Recording) -> list[bytes]:
    """Return the transfers that a camera makes on USB for a recording."""
    transfers = []
    for number, exchange in enumerate(recording):
        kind, code = container.ContainerType.DATA, exchange.request.code
        if exchange.data is not None:
            head = container.pack_header(kind, code, number, len(exchange.data))
            transfers.append(head + exchange.data)
            if len(transfers[-1]) % USB_PACKET == 0:
                transfers.append(b"")
        response = exchange.response
        transfers.append(container.pack_response(Response(response.code, number, response.params)))
    return transfers


def damaged(rng: random.Random, packets: list[bytes]) -> tuple[list[bytes], int]:
    """Return packets with some changed, doubled, left out, swapped or put in; and how many."""
    result = list(packets)
    count = 1 if rng.random() < 0.5 else rng.randint(2, 6)
    for _ in range(count):
        if not result:
            break
        at = rng.randrange(len(result))
        choice = rng.random()
        if choice < 0.75:
            result[at] = changed(rng, result[at])
        elif choice < 0.8:
            result.insert(at, result[at])
        elif choice < 0.85:
            del result[at]
        elif choice < 0.9:
            other = rng.randrange(len(result))
            result[at], result[other] = result[other], result[at]
        else:
            result.insert(at, _stranger(rng))
    return result, count


def _stranger(rng: random.Random) -> bytes:
    """Return a packet that belongs nowhere."""
    kind = rng.choice(list(PacketType))
    if rng.random() < 0.3:
        return pack_event(Response(0x4002, rng.randrange(9), (1,)))  # type: ignore[arg-type]
    return pack(kind, rng.randbytes(rng.choice((0, 2, 4, 6, 8, 12, 40))))
