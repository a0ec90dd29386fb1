"""A small model of a camera's scripts and message queues."""

import struct
from collections import deque

from chdkshell.chdk.protocol import ChdkProtocol
from chdkshell.chdk.scripts import Scripts
from support.chdk_replay import Answer, playing

RETURN, USER, ERROR = 2, 3, 1
RUNNING, WAITING = 1, 2


def integer(value, kind=RETURN, script_id=1):
    return Answer((kind, 3, script_id, 4), struct.pack("<i", value))


def string(text, kind=RETURN, script_id=1, subtype=4):
    return Answer((kind, subtype, script_id, len(text)), text or b"\0")


def failure(text, script_id=1, subtype=2):
    return string(text, ERROR, script_id, subtype)


class Model:
    """A camera of CHDK `version` whose script says `messages`, and ends after `polls` looks."""

    def __init__(self, *messages, polls=0, version=(2, 9), compile_error=None, last_id=0):
        self.version = version
        self.messages = deque(messages)
        self.polls = polls
        self.waiting = deque()
        self.last_id = last_id
        self.running = False
        self.status = 0
        self.executed = []
        self.compile_error = compile_error
        self.on_poll = lambda: None
        session, self.player = playing(answer=self._answer)
        self.scripts = Scripts(ChdkProtocol(session))

    def _answer(self, asked):
        command = asked.params[0]
        return {
            0: lambda: Answer(self.version),
            7: lambda: self._execute(asked),
            8: self._status,
            10: self._read,
            11: lambda: Answer((self.status,)),
        }[command]()

    def _execute(self, asked):
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

    def _status(self):
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

    def _read(self):
        return self.waiting.popleft() if self.waiting else Answer((0, 0, 0, 0), b"\0")
