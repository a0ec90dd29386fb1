"""What the tests of the simulated camera's scripts share: a host on a small card, and messages."""

from __future__ import annotations

import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chdkshell.chdk.constants import MessageType, ValueType
from chdkshell.sim.api.firmware import FIRMWARE
from chdkshell.sim.card import Card
from chdkshell.sim.clock import Clock
from chdkshell.sim.lua.host import ScriptHost
from chdkshell.sim.lua.mailbox import SimMessage
from chdkshell.sim.state import CameraState

FLUSH = 0x700
"""Flags of ExecuteScript: flush both queues, do not kill."""


STANDING = 0.01
"""The speed of a clock by which no wait of a script ends while a test does something else."""


def run_clock(host: ScriptHost, speed: float) -> None:
    """Let the camera's clock go with another speed from now on, for what waits already, too."""
    host.state.clock.speed = speed
    host._mailbox.wake()


def script_threads() -> list[threading.Thread]:
    """Return the threads of scripts, of whichever camera, that have not come to their end."""
    return [thread for thread in threading.enumerate() if thread.name.startswith("script ")]


class CameraError(Exception):
    """A script on the simulated camera failed."""


def value_of(message: SimMessage) -> object:
    """Return the value of a return or user message. A table is the text that came for it."""
    match message.subtype:
        case ValueType.NIL:
            return None
        case ValueType.BOOLEAN:
            return message.data != b"\0\0\0\0"
        case ValueType.INTEGER:
            return struct.unpack("<i", message.data)[0]
        case ValueType.STRING | ValueType.TABLE:
            return message.data.decode("latin-1")
    return f"unsupported:{message.data.decode()}"


class Runner:
    """Runs scripts on a host and gives what they returned."""

    def __init__(self, host: ScriptHost) -> None:
        self.host = host
        self.state = host.state
        self.root = host.card.root

    def messages(self, source: str | bytes) -> list[SimMessage]:
        """Run a script to its end and return its messages."""
        data = source.encode("latin-1") if isinstance(source, str) else source
        self.host.execute(data, FLUSH)
        assert self.host.wait_ended(60), "the script does not end"
        messages = list(self.host.outbox)
        self.host.outbox.clear()
        return messages

    def values(self, source: str) -> list[object]:
        """Return a script's values. Raises CameraError with the text of its error."""
        messages = self.messages(source)
        for message in messages:
            if message.type == MessageType.ERROR:
                raise CameraError(message.data.decode("latin-1"))
        return [value_of(message) for message in messages if message.type == MessageType.RETURN]

    def value(self, source: str) -> object:
        """Return a script's only value."""
        (value,) = self.values(source)
        return value

    def error(self, source: str) -> str:
        """Return the text of a script's error."""
        (message,) = [m for m in self.messages(source) if m.type == MessageType.ERROR]
        return message.data.decode("latin-1")


@contextmanager
def simulated(
    root: Path, speed: float = 10.0, heap_limit: int | None = 8 << 20
) -> Iterator[Runner]:
    """Give a runner on a card in `root`, whose clock runs `speed` times faster than real time."""
    host = ScriptHost(Card(root), CameraState(clock=Clock(speed)), FIRMWARE, heap_limit=heap_limit)
    try:
        yield Runner(host)
    finally:
        host.close()
