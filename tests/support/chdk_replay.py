"""A camera that plays back: a transport that gives prepared or recorded answers in order."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from chdkshell.chdk.protocol import ChdkProtocol
from chdkshell.flow import NEVER, CancelToken
from chdkshell.ptp.session import Session
from chdkshell.ptp.transaction import Event, Request, Response, Transport
from chdkshell.streams import Sink, Source

RECORDED = Path(__file__).parent.parent / "data" / "basic.jsonl"
CHDK = 0x9999
OK, GENERAL_ERROR, NOT_SUPPORTED = 0x2001, 0x2002, 0x2005


@dataclass
class Answer:
    """One answer: response code and parameters, and the data phase if there is one."""

    params: tuple[int, ...] = ()
    data: bytes | None = None
    code: int = OK
    announce: int | None = None
    """The length to announce, where it is not the data's."""


@dataclass
class Asked:
    """One transaction as the client asked for it. `out` is None where it sent no data."""

    code: int
    params: tuple[int, ...]
    out: bytes | None


Answers = Answer | Exception
"""What a transaction gives: an answer, or an error that is raised."""


class Player(Transport):
    """Gives `answers` in order, or what `answer(asked)` returns, and keeps what was asked."""

    address = "play:"

    def __init__(self, *answers: Answers, answer: Callable[[Asked], Answers] | None = None) -> None:
        self.asked: list[Asked] = []
        self.closed = False
        self._answers = list(answers)
        self._answer = answer

    def transact(
        self,
        request: Request,
        source: Source | None = None,
        sink: Sink | None = None,
        cancel: CancelToken = NEVER,
    ) -> Response:
        out = None if source is None else b"".join(bytes(chunk) for chunk in source.chunks())
        if source is not None and out is not None:
            assert source.length == len(out)
        asked = Asked(request.code, request.params, out)
        self.asked.append(asked)
        answer = self._answer(asked) if self._answer else self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        if answer.data is not None and sink is not None:
            sink.begin(len(answer.data) if answer.announce is None else answer.announce)
            for start in range(0, len(answer.data), 100_000):
                sink.write(answer.data[start : start + 100_000])
        return Response(answer.code, request.transaction_id, answer.params)

    def next_event(self, seconds: float) -> Event | None:
        return None

    def reset(self) -> None:
        raise AssertionError("not expected")

    def close(self) -> None:
        self.closed = True

    @property
    def left(self) -> int:
        """Answers that nobody asked for."""
        return len(self._answers)


def playing(
    *answers: Answers, answer: Callable[[Asked], Answers] | None = None
) -> tuple[Session, Player]:
    """Return a session with a player, and the player."""
    player = Player(*answers, answer=answer)
    return Session(player), player


def protocol(*answers: Answers) -> tuple[ChdkProtocol, Player]:
    """Return CHDK's commands with a player, and the player."""
    session, player = playing(*answers)
    return ChdkProtocol(session), player


def replayed(*names: str) -> tuple[ChdkProtocol, Callable[[], None]]:
    """Return a protocol that gets the recorded answers, and a check that it asked the same."""
    pairs = [recorded(name) for name in names]
    chdk, player = protocol(*(answer for _, answer in pairs))

    def check() -> None:
        assert player.asked == [asked for asked, _ in pairs]

    return chdk, check


@cache
def _lines() -> tuple[dict[str, Any], ...]:
    return tuple(json.loads(line) for line in RECORDED.read_text().splitlines())


def recorded(name: str) -> tuple[Asked, Answer]:
    """Return what the firmware was asked and answered in the transaction `name`."""
    (line,) = [line for line in _lines() if line["name"] == name]
    asked = Asked(line["op"], tuple(line["params"]), _bytes(line["out"]))
    return asked, Answer(tuple(line["rparams"]), _bytes(line["in"]), line["rc"])


def recorded_names(prefix: str) -> list[str]:
    """Return the names of the recorded transactions that begin with `prefix`."""
    return [line["name"] for line in _lines() if line["name"].startswith(prefix)]


def _bytes(field: object) -> bytes | None:
    return bytes.fromhex(field) if isinstance(field, str) else None
