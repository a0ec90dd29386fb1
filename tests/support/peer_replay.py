"""Recorded cameras of others: an open USB device that says again what they said.

A file in `tests/data/ptp_peers` is a session, one JSON object a line: the call of `peer_calls`, the
transfers in their order ("out" to the camera, "in" from it, "event" of its own), and what the call
gives. A transfer may be empty: a zero-length packet.
"""

from __future__ import annotations

import json
import time
from array import array
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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


class ReplayedLink:
    """In place of a `UsbLink`: it takes what was sent when it was recorded, and nothing else."""

    location = place = "replayed"
    product_id = 0
    in_packet_size = out_packet_size = PACKET
    event_packet_size = 64

    def __init__(self) -> None:
        self._coming: deque[tuple[str, bytes]] = deque()
        self._sent = b""
        self._packets: deque[bytes] = deque()

    def expect(self, transfers: list[tuple[str, bytes]]) -> None:
        """Have these be the next transfers."""
        self.check_end()
        self._coming = deque(transfers)

    def check_end(self) -> None:
        """Check that all that was expected has come."""
        assert not self._coming, f"not asked for: {self._coming[0]}"
        assert not self._packets, "not read to its end"

    def write(self, data: array[int], milliseconds: int) -> int:
        raw = data.tobytes()
        self._sent += raw
        if len(raw) % PACKET or not raw:
            self._take("out")
        return len(raw)

    def _take(self, way: str) -> None:
        sent, self._sent = self._sent, b""
        assert self._coming, f"more is sent: {sent.hex()}"
        expected = self._coming.popleft()
        assert (way, sent.hex()) == (expected[0], expected[1].hex())

    def read(self, buffer: array[int], milliseconds: int) -> int | None:
        if not self._packets:
            if not self._coming or self._coming[0][0] != "in":
                return None
            data = self._coming.popleft()[1]
            ends = range(0, len(data) + 1, PACKET)  # with a zero-length packet where one is due
            self._packets.extend(data[at : at + PACKET] for at in ends)
        view, count = memoryview(buffer).cast("B"), 0
        while self._packets and count + PACKET <= len(view):
            packet = self._packets.popleft()
            view[count : count + len(packet)] = packet
            count += len(packet)
        return count

    def read_event(self, buffer: array[int], milliseconds: int) -> int | None:
        if not self._coming or self._coming[0][0] != "event":
            time.sleep(milliseconds / 1000)
            return None
        data = self._coming.popleft()[1]
        memoryview(buffer).cast("B")[: len(data)] = data
        return len(data)

    def device_status(self) -> int:
        raise AssertionError("nothing was halted when this was recorded")

    cancel_request = device_reset_request = clear_halts = port_reset = device_status

    def close(self) -> None:
        pass
