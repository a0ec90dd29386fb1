"""Faults that are put into a simulated camera on purpose, and the checks that have to find them."""

from __future__ import annotations

import dataclasses
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pytest

from chdkshell.chdk import scripts
from chdkshell.chdk.constants import CaptureData, MessageType, ScriptFlag, ScriptStart, ValueType
from chdkshell.chdk.imaging.framebuffers import DESCRIPTOR, HEADER
from chdkshell.ptp.codes import OperationCode, ResponseCode
from chdkshell.selftest import links, running, timing
from chdkshell.sim import chdk_commands
from chdkshell.sim.api import system
from chdkshell.sim.camera import SimCamera
from chdkshell.sim.card import CardStat
from chdkshell.sim.chdk_commands import Answer
from chdkshell.sim.clock import Clock
from chdkshell.sim.lua import host
from chdkshell.sim.lua.mailbox import SimMessage
from chdkshell.sim.state import CameraState
from chdkshell.streams import Buffer, BytesSource, FileSource, Sink, Source
from support.timeouts import TIMEOUT

Plant = Callable[[SimCamera, pytest.MonkeyPatch], None]


@dataclass(frozen=True)
class PlantedFault:
    """A fault. The checks `found_by` must fail, those of `also` may; no other does.

    `shoot`: it takes a picture to find it. `ends`: nothing can be tried after it. `leaves`: what is
    on the card cannot be deleted.
    """

    name: str
    plant: Plant
    found_by: frozenset[str]
    also: frozenset[str] = frozenset()
    shoot: bool = False
    ends: bool = False
    leaves: bool = False


# ---- files --------------------------------------------------------------------------------------


def wrong_size(sim: SimCamera, patch: pytest.MonkeyPatch) -> None:
    """Long files are told to be a byte shorter."""
    right = sim.card.stat

    def stat(path: str) -> CardStat:
        info = right(path)
        return dataclasses.replace(info, size=info.size - (info.size > 200_000))

    patch.setattr(sim.card, "stat", stat)


def wrong_date(sim: SimCamera, patch: pytest.MonkeyPatch) -> None:
    """Files get a time that is a day off."""
    right = sim.card.utime
    patch.setattr(sim.card, "utime", lambda path, mtime, atime: right(path, mtime + 86400, atime))


class CorruptSource(FileSource):
    """A byte of each long file comes wrong."""

    def chunks(self) -> Iterator[Buffer]:
        for at, chunk in enumerate(super().chunks()):
            data = bytearray(chunk)
            if at == 0 and self.length > 200_000:
                data[100_000] ^= 0x10
            yield data


def corrupt_byte(sim: SimCamera, patch: pytest.MonkeyPatch) -> None:
    """A byte of each long file comes wrong."""
    patch.setattr(chdk_commands, "FileSource", CorruptSource)


def lost_name(sim: SimCamera, patch: pytest.MonkeyPatch) -> None:
    """A directory of many files lacks one."""
    right = sim.card.listdir

    def listdir(path: str, show_all: bool = False) -> list[str]:
        names = right(path, show_all)
        return names[:-2] + names[-1:] if len(names) > 30 else names

    patch.setattr(sim.card, "listdir", listdir)


# ---- messages -----------------------------------------------------------------------------------

Change = Callable[[SimMessage, Callable[[], SimMessage]], SimMessage]


def changed_messages(change: Change) -> Plant:
    """Return what passes each message to the host through `change`, with what reads the next."""

    def plant(sim: SimCamera, patch: pytest.MonkeyPatch) -> None:
        right = sim.scripts.read_message
        patch.setattr(sim.scripts, "read_message", lambda: change(right(), right))

    return plant


def is_number(message: SimMessage, number: int) -> bool:
    """Whether this is the message with that number, in a row of numbered ones."""
    return message.type == MessageType.USER and message.data == b"%d" % number


def lose(message: SimMessage, following: Callable[[], SimMessage]) -> SimMessage:
    """One message of a row is lost."""
    return following() if is_number(message, 41) else message


def swapped(sim: SimCamera, patch: pytest.MonkeyPatch) -> None:
    """Two messages of a row come in the wrong order."""
    kept: list[SimMessage] = []
    right = sim.scripts.read_message

    def read() -> SimMessage:
        if kept:
            return kept.pop()
        message = right()
        if is_number(message, 24):
            assert sim.scripts.wait_news(TIMEOUT)
            following = right()
            kept.append(message)
            return following
        return message

    patch.setattr(sim.scripts, "read_message", read)


def doubled(sim: SimCamera, patch: pytest.MonkeyPatch) -> None:
    """A message of a row comes twice."""
    again: list[SimMessage] = []
    right = sim.scripts.read_message

    def read() -> SimMessage:
        if again:
            return again.pop()
        message = right()
        if is_number(message, 30):
            again.append(message)
        return message

    patch.setattr(sim.scripts, "read_message", read)


def cut_at_zero(message: SimMessage, following: Callable[[], SimMessage]) -> SimMessage:
    """Text ends at its first zero byte."""
    if message.subtype == ValueType.STRING and message.type != MessageType.ERROR:
        return dataclasses.replace(message, data=message.data.partition(b"\0")[0])
    return message


def short_queue(sim: SimCamera, patch: pytest.MonkeyPatch) -> None:
    """The camera takes ten messages for a script."""
    patch.setattr(host, "SCRIPT_QUEUE_LENGTH", 10)


# ---- scripts and time ---------------------------------------------------------------------------


def stuck_script(sim: SimCamera, patch: pytest.MonkeyPatch) -> None:
    """A script that runs without an end is not killed."""
    patch.setattr(scripts, "KILL_TIMEOUT", 0.1)
    patch.setattr(scripts, "GIVE_UP_SECONDS", 0.1)
    right = sim.scripts.execute

    def execute(source: bytes, flags: int = 0) -> tuple[int, ScriptStart]:
        if sim.scripts.running and not flags & ScriptFlag.NO_KILL:
            return sim.scripts.last_id, ScriptStart.STARTED
        return right(source, flags)

    patch.setattr(sim.scripts, "execute", execute)


def wrong_rate(sim: SimCamera, patch: pytest.MonkeyPatch) -> None:
    """The tick count goes at a quarter of its rate; in a second a busy computer sees it, too."""
    patch.setattr(timing, "RATE_SECONDS", 1.0)
    sim.state.clock.speed = 0.25


def wrong_step(sim: SimCamera, patch: pytest.MonkeyPatch) -> None:
    """The tick count goes on in large steps."""
    patch.setattr(system, "TICK_MS", 60)


# ---- screen, modes, keys ------------------------------------------------------------------------


def wrong_height(sim: SimCamera, patch: pytest.MonkeyPatch) -> None:
    """The viewport is told to be a few rows lower than what comes."""
    right = sim.screen.display_data

    def display_data(flags: int) -> bytes:
        data = bytearray(right(flags))
        height = HEADER.size + 4 * struct.calcsize("<i")
        (rows,) = struct.unpack_from("<i", data, height)
        struct.pack_into("<i", data, height, rows - 8)
        return bytes(data)

    assert DESCRIPTOR.size == 9 * struct.calcsize("<i")
    patch.setattr(sim.screen, "display_data", display_data)


def no_record_mode(sim: SimCamera, patch: pytest.MonkeyPatch) -> None:
    """The camera stays in play mode."""
    right = CameraState.switch_mode
    patch.setattr(CameraState, "switch_mode", lambda state, record: right(state, False))


def stuck_key(sim: SimCamera, patch: pytest.MonkeyPatch) -> None:
    """The shutter stays half pressed."""
    patch.setattr(sim.state.shutter, "released", lambda: None)


# ---- pictures -----------------------------------------------------------------------------------


def shortened(piece: Source, part: float) -> Source:
    """Return the first part of a piece."""
    data = b"".join(map(bytes, piece.chunks()))
    return BytesSource(data[: int(len(data) * part)])


def short_jpeg(sim: SimCamera, patch: pytest.MonkeyPatch) -> None:
    """The last piece of a JPEG is cut off."""
    capture = sim.state.capture
    right = capture.offer

    def offer(bit: int, image_number: int, pieces: Sequence[Source], clock: Clock) -> None:
        if bit == CaptureData.JPEG:
            pieces = [*pieces[:-1], shortened(pieces[-1], 0.5)]
        right(bit, image_number, pieces, clock)

    patch.setattr(capture, "offer", offer)


def short_raw(sim: SimCamera, patch: pytest.MonkeyPatch) -> None:
    """The frame buffer comes without its last bytes."""
    capture = sim.state.capture
    right = capture.offer

    def offer(bit: int, image_number: int, pieces: Sequence[Source], clock: Clock) -> None:
        if bit == CaptureData.RAW:
            pieces = [*pieces[:-1], shortened(pieces[-1], 0.99)]
        right(bit, image_number, pieces, clock)

    patch.setattr(capture, "offer", offer)


# ---- the link -----------------------------------------------------------------------------------


def no_second_session(sim: SimCamera, patch: pytest.MonkeyPatch) -> None:
    """A camera that was left takes no session any more."""
    for module in (links, running):
        patch.setattr(module, "RECONNECT_SECONDS", 0.1)
    operations = sim.responder._operations
    right = operations[OperationCode.OPEN_SESSION]
    opened = []

    def open_session(params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
        opened.append(params)
        if len(opened) > 1:
            return Answer(ResponseCode.GENERAL_ERROR)
        return right(params, source, sink)

    patch.setitem(operations, OperationCode.OPEN_SESSION, open_session)


def _fault(
    name: str,
    plant: Plant,
    found_by: str,
    also: str = "",
    shoot: bool = False,
    ends: bool = False,
    leaves: bool = False,
) -> PlantedFault:
    found, more = (frozenset(filter(None, text.split(", "))) for text in (found_by, also))
    return PlantedFault(name, plant, found, more, shoot, ends, leaves or ends)


FAULTS = (
    _fault("wrong size", wrong_size, "file sizes"),
    _fault("wrong date", wrong_date, "file times"),
    _fault("corrupt byte", corrupt_byte, "file sizes"),
    _fault("lost name", lost_name, "listing", leaves=True),
    _fault("lost message", changed_messages(lose), "order to computer"),
    _fault("swapped messages", swapped, "order to computer"),
    _fault("doubled message", doubled, "order to computer"),
    _fault(
        "text without zeros",
        changed_messages(cut_at_zero),
        "Lua values, binary messages",
        "messages to camera",
    ),
    _fault("short queue", short_queue, "queue to camera"),
    _fault("stuck script", stuck_script, "killing scripts", ends=True),
    _fault("wrong tick rate", wrong_rate, "tick rate"),
    _fault("wrong tick step", wrong_step, "tick step", "sleep, tick rate"),
    _fault("wrong screen height", wrong_height, "live viewport", "live frames"),
    _fault(
        "no record mode",
        no_record_mode,
        "mode switches, half press",
        "live viewport, live overlay, live palette, live opacity, live frames",
    ),
    _fault("stuck key", stuck_key, "half press"),
    _fault("short JPEG", short_jpeg, "JPEG capture", shoot=True),
    _fault("short frame", short_raw, "raw capture", shoot=True),
    _fault("no second session", no_second_session, "reconnect", ends=True),
)
