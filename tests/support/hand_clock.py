"""A clock of time lapses that tests move."""

from __future__ import annotations

from chdkshell.chdk.shooting.schedule import LapseClock
from chdkshell.flow import CancelToken


class HandClock(LapseClock):
    """Moves only when somebody waits, or a test says so."""

    def __init__(self) -> None:
        self.time = 1000.0

    def now(self) -> float:
        return self.time

    def wait(self, seconds: float, cancel: CancelToken) -> None:
        cancel.check()
        self.time += seconds
