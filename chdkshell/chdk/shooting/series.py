"""What all series of shots have in common: the loop, drop-outs, and who hears of them."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from chdkshell.chdk.card.files import Files
from chdkshell.chdk.protocol import ChdkProtocol
from chdkshell.chdk.scripts import Scripts
from chdkshell.chdk.shooting.capture import CapturedShot
from chdkshell.chdk.shooting.cardpictures import CardPicture
from chdkshell.chdk.shooting.exposure import UNKNOWN_EXPOSURE, ShotExposure
from chdkshell.chdk.shooting.schedule import LapseClock, Schedule
from chdkshell.errors import SeriesError, TransportError
from chdkshell.flow import NEVER, SILENT, CancelToken, Progress

RECONNECT_SECONDS = 300.0
"""How long a series of shots waits for a camera that dropped off the bus, at least."""

MAX_RETRIES = 2
"""How often a shot is tried again whose camera dropped off the bus, before the series ends."""

FIRST_PAUSE, LONGEST_PAUSE = 0.05, 5.0
"""Seconds before a connection that broke at once is made again: each pause is twice the last."""

_Result = TypeVar("_Result")


class ConnectedCamera(Protocol):
    """A camera, as far as a series of shots needs one: a `Camera`."""

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
    exposure: ShotExposure = UNKNOWN_EXPOSURE


class ShotListener:
    """Hears of a series of shots while it is taken. This base class ignores all of it."""

    def warn(self, text: str) -> None:
        """Something went wrong that the series survives, such as a drop-out."""

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


class ShotSeries(ABC):
    """A series of `count` shots, one every `interval` seconds (0: one after the other).

    A class for one kind of shot gives the steps: `_get_ready` gets the camera ready, unless it is,
    and `_take_shot` takes a shot, or goes on with it. They raise `TransportError` where the camera
    is gone; then it is found again, and `_after_drop_out` returns whether the shot has to be taken
    anew. If so this happens at the next time that is due, else `_take_shot` goes on with it at
    once. No shot is tried again more than `MAX_RETRIES` times, and a single one never is: its error
    is raised. Where the camera keeps the time by itself, the series is not `paced`: it waits for
    the time of a shot only after a drop-out.
    """

    def __init__(
        self,
        camera: ConnectedCamera,
        count: int,
        interval: float,
        *,
        paced: bool = True,
        listener: ShotListener | None = None,
        progress: Progress = SILENT,
        cancel: CancelToken = NEVER,
        clock: LapseClock | None = None,
    ) -> None:
        self._camera = camera
        self._count = count
        self._interval = interval
        self._paced = paced
        self._listener = listener or ShotListener()
        self._progress = progress
        self._cancel = cancel
        self._clock = clock or LapseClock()
        self._schedule = Schedule(interval, self._clock)
        self._taken = 0
        self._failures = 0
        self._is_anew = True
        self._reason = ""

    @abstractmethod
    def _get_ready(self) -> None:
        """Get the camera ready, unless it is."""

    @abstractmethod
    def _take_shot(self, number: int) -> None:
        """Take a shot, whose number counts from 0, or go on with it."""

    @abstractmethod
    def _after_drop_out(self) -> bool:
        """Begin anew over a new connection. Returns whether the shot has to be taken anew."""

    def _take_all(self) -> None:
        """Take the shots. Raises what the steps raise, `SeriesError` and `Cancelled`."""
        self._prepare()
        self._schedule.start()
        waits = self._paced
        while self._taken < self._count:
            if waits:
                self._wait_until_due()
            if self._count > 1:
                self._progress.describe(f"shot {self._taken + 1} of {self._count}")
            try:
                self._take_shot(self._taken)
            except TransportError as error:
                self._recover(error)
                self._prepare()
                missed = self._schedule.skip_failed() if self._is_anew else 0
                self._warn_of_gap(missed, self._reason)
                waits = True
            else:
                waits = self._paced or self._failures > 0
                self._failures = 0
                self._taken += 1
                self._schedule.advance()

    def _prepare(self) -> None:
        while True:
            try:
                self._get_ready()
                return
            except TransportError as error:
                self._recover(error)

    def _recover(self, error: TransportError) -> None:
        """Find the camera again. Raises `SeriesError` where the shot was tried often enough."""
        if self._count == 1:
            raise error
        self._listener.warn(f"the camera is gone: {error}; looking for it")
        self._failures += 1
        wait = max(RECONNECT_SECONDS, 2 * self._interval)
        self._is_anew = bring_back(
            self._camera, wait, self._after_drop_out, self._progress, self._cancel
        )
        self._reason = f"the camera was gone: {error}"
        if self._failures > MAX_RETRIES:
            raise SeriesError(
                f"shot {self._taken + 1} of {self._count} was tried {self._failures} times, and "
                f"each time the camera was gone ({error}): "
                f"the row ends with {self._taken} of {self._count} shots",
                taken=self._taken,
            ) from error

    def _wait_until_due(self) -> None:
        self._cancel.check()
        left = self._schedule.seconds_left
        if left:
            self._progress.start(None)  # the bytes of the shot before are done with
            self._progress.describe(f"shot {self._taken + 1} of {self._count} at {_time_in(left)}")
            self._clock.wait(left, self._cancel)
            return
        missed = self._schedule.skip_passed()
        if missed:
            self._warn_of_gap(missed, "the shots take longer than the interval")

    def _warn_of_gap(self, missed: int, reason: str) -> None:
        times = f": {missed} shot time{'' if missed == 1 else 's'} passed" if self._interval else ""
        self._listener.warn(f"gap after shot {self._taken}{times} ({reason})")


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
