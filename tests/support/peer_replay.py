"""Recorded cameras of others: an open USB device that says again what they said.

A file in `tests/data/ptp_peers` is a session, one JSON object a line: the call of `peer_calls`, the
transfers in their order ("out" to the camera, "in" from it, "event" of its own), and what the call
gives. A transfer may be empty: a zero-length packet. A client may ask for less than was recorded,
in another order, and again; for what nobody asked there is no answer.
"""

from __future__ import annotations

import json
import time
from array import array
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chdkshell.ptp.codes import ResponseCode
from chdkshell.ptp.container import HEADER_SIZE, ContainerType, unpack_header

RECORDINGS = Path(__file__).parent.parent / "data" / "ptp_peers"
PACKET = 512


@dataclass(frozen=True)
class Step:
    """A call, the transfers that it needs, and what it gives."""

    call: list[Any]
    transfers: list[tuple[str, bytes]]
    gives: Any


def steps_of(path: Path) -> Iterator[Step]:
    """Yield the steps of a recorded session."""
    for line in path.read_text("ascii").splitlines():
        step = json.loads(line)
        transfers = [(way, bytes.fromhex(data)) for way, data in step["transfers"]]
        yield Step(step["call"], transfers, step["gives"])


@dataclass
class Exchange:
    """What was asked, as containers without their transaction id, and what came of it."""

    id: bytes
    asked: tuple[bytes, ...]
    answers: list[bytes] = field(default_factory=list)
    events: list[bytes] = field(default_factory=list)


def exchanges_of(transfers: list[tuple[str, bytes]]) -> tuple[list[bytes], list[Exchange]]:
    """Return the events that came first, and what was asked after them."""
    first: list[bytes] = []
    found: list[Exchange] = []
    for way, data in transfers:
        if way == "out" and _kind(data) is ContainerType.DATA:
            found[-1].asked += (_without_id(data),)
        elif way == "out":
            found.append(Exchange(_id(data), (_without_id(data),)))
        elif way == "in":
            found[-1].answers.append(data)
        else:
            (found[-1].events if found else first).append(data)
    return first, found


class ReplayedLink:
    """In place of a `UsbLink`: it answers what was asked when it was recorded, and nothing else."""

    address = "usb:replayed"
    location = place = "replayed"
    product_id = 0
    in_packet_size = out_packet_size = PACKET
    event_packet_size = 64

    def __init__(self) -> None:
        self._expected: list[Exchange] = []
        self._answered: dict[tuple[bytes, ...], Exchange] = {}
        self._events: deque[bytes] = deque()
        self._sent = b""
        self._asked: tuple[bytes, ...] = ()
        self._id = b""
        self._ids: dict[bytes, bytes] = {}
        self._packets: deque[bytes] = deque()

    def expect(self, transfers: list[tuple[str, bytes]]) -> None:
        """Have these be the next transfers."""
        self._answered |= {one.asked: one for one in self._expected}
        first, self._expected = exchanges_of(transfers)
        self._events.extend(first)

    def write(self, data: array[int], milliseconds: int) -> int:
        raw = data.tobytes()
        self._sent += raw
        if len(raw) % PACKET or not raw:
            sent, self._sent = self._sent, b""
            is_command = _kind(sent) is ContainerType.COMMAND
            self._asked = (*(() if is_command else self._asked), _without_id(sent))
            self._id = _id(sent)
        return len(raw)

    def read(self, buffer: array[int], milliseconds: int) -> int | None:
        if not self._packets and self._asked:
            self._answer()
        if not self._packets:
            return None
        view, count = memoryview(buffer).cast("B"), 0
        while self._packets and count + PACKET <= len(view):
            packet = self._packets.popleft()
            view[count : count + len(packet)] = packet
            count += len(packet)
            if len(packet) < PACKET:
                break
        return count

    def _answer(self) -> None:
        """Have what was asked be answered: as when it was asked next, or else as it was last."""
        asked, self._asked = self._asked, ()
        same = [one for one in self._expected if one.asked == asked]
        exchange = same[0] if same else self._answered.get(asked)
        assert exchange is not None, f"nobody asked {[part.hex() for part in asked]} when recorded"
        if same:
            self._expected.remove(exchange)
            self._events.extend(exchange.events)
            self._answered[asked] = exchange
        self._ids[exchange.id] = self._id
        for data in exchange.answers:
            ends = range(0, len(data) + 1, PACKET)  # with a zero-length packet where one is due
            renamed = _with_ids(data, self._ids)
            self._packets.extend(renamed[at : at + PACKET] for at in ends)

    def read_event(self, buffer: array[int], milliseconds: int) -> int | None:
        if not self._events:
            time.sleep(milliseconds / 1000)
            return None
        data = self._events.popleft()
        memoryview(buffer).cast("B")[: len(data)] = data
        return len(data)

    def cancel_request(self, transaction_id: int) -> None:
        """Nothing: a test is about to fail, and what is wrong was raised."""

    def device_status(self) -> int:
        return ResponseCode.OK

    def close(self) -> None:
        pass


def _kind(container: bytes) -> ContainerType:
    return unpack_header(container).type


def _id(container: bytes) -> bytes:
    return container[8:HEADER_SIZE]


def _without_id(container: bytes) -> bytes:
    return container[:8] + container[HEADER_SIZE:]


def _with_ids(containers: bytes, ids: dict[bytes, bytes]) -> bytes:
    """Return containers with the transaction ids of now in place of the recorded ones."""
    result = bytearray(containers)
    at = 0
    while at < len(result):
        recorded = bytes(result[at + 8 : at + HEADER_SIZE])
        result[at + 8 : at + HEADER_SIZE] = ids[recorded]
        at += int.from_bytes(result[at : at + 4], "little")
    return bytes(result)
