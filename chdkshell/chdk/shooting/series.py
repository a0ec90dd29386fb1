"""What all rows of shots have in common: their rhythm, drop-outs, and who hears of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from chdkshell.chdk.card.files import Files
from chdkshell.chdk.protocol import ChdkProtocol
from chdkshell.chdk.scripts import Scripts
from chdkshell.chdk.shooting.capture import CapturedShot
from chdkshell.chdk.shooting.cardpictures import CardPicture
from chdkshell.chdk.shooting.timelapse import Gap, LapseClock, TimeLapse
from chdkshell.errors import TransportError
from chdkshell.flow import NEVER, SILENT, CancelToken, Progress

RECONNECT_SECONDS = 300.0
"""How long a row of shots waits for a camera that dropped off the bus, at least."""

FIRST_PAUSE, LONGEST_PAUSE = 0.05, 5.0
"""Seconds before a connection that broke at once is made again: each pause is twice the last."""

_Result = TypeVar("_Result")


class ConnectedCamera(Protocol):
    """A camera, as far as rows of shots need one: a `Camera`."""

    @property
    def protocol(self) -> ChdkProtocol:
        """The commands of the present connection."""
        ...

    @property
    def scripts(self) -> Scripts:
        """The scripts of the present connection."""
        ...

    @property
    def files(self) -> Files:
        """The files of the present connection."""
        ...

    def reconnect(
        self, wait: float = 0.0, cancel: CancelToken = NEVER, progress: Progress = SILENT
    ) -> None:
        """Make a new connection, for which the camera may take `wait` seconds."""
        ...


@dataclass(frozen=True, slots=True)
class CardShot:
    """What came of a shot to the card.

    `pictures` are its files there, `downloads` their copies on this computer in the same order, and
    `removed` says whether they were deleted from the card.
    """

    number: int
    pictures: tuple[CardPicture, ...]
    downloads: tuple[Path, ...] = ()
    removed: bool = False


class ShotListener:
    """Hears of a row of shots while it is taken. This base class ignores all of it."""

    def warn(self, text: str) -> None:
        """Something went wrong that the row survives, such as a drop-out."""

    def message(self, text: str) -> None:
        """A script of the user's sent a message."""

    def downloaded(self, picture: CardPicture, local: Path, size: int) -> None:
        """A file of the card was copied to this computer; `size` is in bytes."""

    def removed(self, picture: CardPicture) -> None:
        """A file was deleted from the card."""

    def card_shot(self, shot: CardShot) -> None:
        """A shot to the card is done, with its downloads and deletions."""

    def captured(self, shot: CapturedShot) -> None:
        """A remote capture is done."""


def run_series(
    camera: ConnectedCamera,
    shots: int,
    interval: float,
    begin: Callable[[], None],
    take: Callable[[int], None],
    again: Callable[[], bool],
    *,
    paced: bool,
    listener: ShotListener,
    progress: Progress,
    cancel: CancelToken,
) -> None:
    """Call `begin`, then take shots as `TimeLapse` does.

    After a drop-out in any of this the camera is found again, and `again` run, which returns what
    `recover` of `TimeLapse` does. Then it goes on with what failed. A single shot is not tried
    again: its error is raised.
    """

    def recover(error: TransportError) -> bool:
        if shots == 1:
            raise error
        listener.warn(f"the camera is gone: {error}; looking for it")
        patience = max(RECONNECT_SECONDS, 2 * interval)
        return bring_back(camera, patience, again, progress, cancel)

    def tell(gap: Gap) -> None:
        count = f": {gap.missed} shot time{'' if gap.missed == 1 else 's'} passed"
        listener.warn(f"gap after shot {gap.after}{count if interval else ''} ({gap.reason})")

    def waiting(taken: int, seconds: float) -> None:
        progress.start(None)  # the bytes of the shot before are done with
        progress.note(f"shot {taken + 1} of {shots} at {_time_in(seconds)}")

    def take_next(number: int) -> None:
        if shots > 1:
            progress.note(f"shot {number + 1} of {shots}")
        take(number)

    lapse = TimeLapse(
        shots,
        interval,
        take_next,
        recover,
        begin=begin,
        tell=tell,
        waiting=waiting,
        paced=paced,
        clock=LapseClock(),
    )
    lapse.run(cancel)


def _time_in(seconds: float) -> str:
    """Return the time of day in so many seconds, with the date where that is another day."""
    now = time.time()
    today, then = time.localtime(now), time.localtime(now + seconds)
    form = "%H:%M:%S" if today[:3] == then[:3] else "%Y-%m-%d %H:%M:%S"
    return time.strftime(form, then)


def bring_back(
    camera: ConnectedCamera,
    wait: float,
    again: Callable[[], _Result],
    progress: Progress = SILENT,
    cancel: CancelToken = NEVER,
) -> _Result:
    """Connect to a camera that is gone, within `wait` seconds, and return what `again` returns.

    A connection that breaks in it is made once more, so that it must not fire the shutter. Raises
    `ConnectError`, or as `again` does.
    """
    deadline = time.monotonic() + wait
    pause = FIRST_PAUSE
    while True:
        camera.reconnect(max(0.0, deadline - time.monotonic()), cancel, progress)
        try:
            return again()
        except TransportError:
            if time.monotonic() >= deadline:
                raise
        cancel.wait(pause)
        pause = min(2 * pause, LONGEST_PAUSE)
