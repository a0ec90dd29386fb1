"""A small model of a camera's scripts and message queues."""

import struct
from collections import deque
from collections.abc import Callable

from chdkshell.chdk.protocol import ChdkProtocol
from chdkshell.chdk.scripts import Scripts
from support.chdk_replay import Answer, Asked, playing

RETURN, USER, ERROR = 2, 3, 1
RUNNING, WAITING = 1, 2


def integer(value: int, kind: int = RETURN, script_id: int = 1) -> Answer:
    return Answer((kind, 3, script_id, 4), struct.pack("<i", value))


def string(text: bytes, kind: int = RETURN, script_id: int = 1, subtype: int = 4) -> Answer:
    return Answer((kind, subtype, script_id, len(text)), text or b"\0")


def failure(text: bytes, script_id: int = 1, subtype: int = 2) -> Answer:
    return string(text, ERROR, script_id, subtype)


class Model:
    """A camera of CHDK `version` whose script says `messages`, and ends after `polls` looks."""

    def __init__(
        self,
        *messages: Answer,
        polls: int = 0,
        version: tuple[int, int] = (2, 9),
        compile_error: Answer | None = None,
        last_id: int = 0,
    ) -> None:
        self.version = version
        self.messages = deque(messages)
        self.polls = polls
        self.waiting: deque[Answer] = deque()
        self.last_id = last_id
        self.running = False
        self.status = 0
        self.executed: list[tuple[int, bytes]] = []
        self.compile_error = compile_error
        self.on_poll: Callable[[], object] = lambda: None
        self.answers: dict[int, Callable[[], Answer]] = {
            0: lambda: Answer(self.version),
            8: self._status,
            10: self._read,
            11: lambda: Answer((self.status,)),
        }
        session, self.player = playing(answer=self._answer)
        self.scripts = Scripts(ChdkProtocol(session))

    def _answer(self, asked: Asked) -> Answer:
        if asked.params[0] == 7:
            return self._execute(asked)
        return self.answers[asked.params[0]]()

    def _execute(self, asked: Asked) -> Answer:
        assert asked.out is not None
        flags = asked.params[1]
        if self.running and flags & 0x100:
            return Answer((self.last_id, 0x1000))
        self.executed.append((flags, asked.out))
        self.last_id += 1
        if flags & 0x200:
            self.waiting.clear()
        if not asked.out.rstrip(b"\0"):
            self.running = False
            return Answer((self.last_id, 0))
        if self.compile_error is not None:
            self.waiting.append(self.compile_error)
            return Answer((self.last_id, 1))
        self.running = True
        return Answer((self.last_id, 0))

    def _status(self) -> Answer:
        self.on_poll()
        if self.running:
            self.polls -= 1
            if self.messages:
                self.waiting.append(self.messages.popleft())
            if self.polls < 0:
                self.waiting.extend(self.messages)
                self.messages.clear()
                self.running = False
        return Answer((RUNNING * self.running | WAITING * bool(self.waiting),))

    def _read(self) -> Answer:
        return self.waiting.popleft() if self.waiting else Answer((0, 0, 0, 0), b"\0")
