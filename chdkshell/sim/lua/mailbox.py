"""The two queues of messages between the host and the scripts of the simulated camera."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass

from chdkshell.chdk.constants import SCRIPT_QUEUE_LENGTH, ErrorType, MessageType


@dataclass(frozen=True, slots=True)
class SimMessage:
    """A message of a script's queues: numbers of chdk/constants.py, and the bytes."""

    type: int
    subtype: int
    script_id: int
    data: bytes


class Mailbox:
    """The two queues between host and script. `changed` is notified of every change to them."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.outbox: deque[SimMessage] = deque()
        self.inbox: deque[SimMessage] = deque()

    def post(self, kind: MessageType, subtype: int, script_id: int, data: object) -> bool:
        """Queue a message to the host. Returns False where the queue is full."""
        if isinstance(data, int | float):
            data = (int(data) & 0xFFFFFFFF).to_bytes(4, "little")
        assert isinstance(data, bytes)
        with self.changed:
            if len(self.outbox) >= SCRIPT_QUEUE_LENGTH:
                return False
            self.outbox.append(SimMessage(kind, subtype, script_id, data))
            self.changed.notify_all()
        return True

    def error(self, script_id: int, text: bytes, kind: ErrorType = ErrorType.RUNTIME) -> None:
        """Queue an error message."""
        self.post(MessageType.ERROR, kind, script_id, text.partition(b"\0")[0])

    def take_input(self) -> bytes | None:
        """Take the oldest message from the host."""
        with self.changed:
            return self.inbox.popleft().data if self.inbox else None

    def wake(self) -> None:
        """Make a script that waits look again."""
        with self.changed:
            self.changed.notify_all()
