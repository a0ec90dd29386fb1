"""Movies: what the video key starts and stops, and the file that is left (core/shooting.c)."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import Protocol

from chdkshell.sim.clock import Clock

STOPPING_MS = 500
"""How long the camera writes the rest of a movie."""


class MovieStatus(IntEnum):
    """What get_movie_status gives (include/shooting.h)."""

    NEVER_STARTED = 0
    STOPPED = 1
    IN_PROGRESS = 4
    STOPPING = 5


class FilmingCamera(Protocol):
    """The camera, as far as its recorder knows it."""

    clock: Clock

    @property
    def record_mode(self) -> bool:
        """Whether the camera is in record mode."""
        ...


class Movie:
    """The camera's recorder. `on_end` gets the ticks at which a movie began and ended."""

    def __init__(self, state: FilmingCamera) -> None:
        self.on_end: Callable[[int, int], None] = lambda began, ended: None
        self._state = state
        self._status = MovieStatus.NEVER_STARTED
        self._began: int | None = None
        self._over = 0

    @property
    def status(self) -> MovieStatus:
        """How far the recorder is. It is a while at the end of a movie."""
        if self._status is MovieStatus.STOPPING and self._state.clock.ticks() >= self._over:
            self._status = MovieStatus.STOPPED
        return self._status

    @property
    def recording(self) -> bool:
        """Whether a movie is being recorded."""
        return self._status is MovieStatus.IN_PROGRESS

    def start(self) -> None:
        """Begin a movie, unless one goes on or the camera is in play mode."""
        if self._state.record_mode and self.status not in (
            MovieStatus.IN_PROGRESS,
            MovieStatus.STOPPING,
        ):
            self._status = MovieStatus.IN_PROGRESS
            if self._began is None:
                self._began = self._state.clock.ticks()

    def stop(self) -> None:
        """End the movie: its file is written."""
        if self._began is None:
            return
        now = self._state.clock.ticks()
        began, self._began = self._began, None
        self._status, self._over = MovieStatus.STOPPING, now + STOPPING_MS
        self.on_end(began, now)

    def set_status(self, number: int) -> None:
        """Do what set_movie_status asks for: 1 pauses, 2 goes on, 3 stops; others do nothing."""
        if number == 1 and self._status is MovieStatus.IN_PROGRESS:
            self._status = MovieStatus.STOPPED
        elif number == 2 and self._began is not None:
            self._status = MovieStatus.IN_PROGRESS
        elif number == 3:
            self.stop()
