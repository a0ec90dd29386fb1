"""Results of the small commands on the camera: its clock, zoom and focus."""

from __future__ import annotations

from dataclasses import dataclass

from chdkshell.shell.results import Result


@dataclass(frozen=True, slots=True)
class ClockTimes(Result):
    """The camera's clock, YYYY/MM/DD HH:MM:SS; `before` is None where it was only read."""

    before: str | None
    now: str

    def text(self) -> str:
        return self.now if self.before is None else f"old {self.before}\nnew {self.now}"

    def cells(self) -> dict[str, str]:
        return {"new": self.now} if self.before is None else {"old": self.before, "new": self.now}


@dataclass(frozen=True, slots=True)
class ZoomPosition(Result):
    """Where the zoom stands: a step from 0 (wide) up to one less than there are `steps`."""

    position: int
    steps: int

    def text(self) -> str:
        return f"{self.position} of 0-{self.steps - 1}"


@dataclass(frozen=True, slots=True)
class FocusDistance(Result):
    """The distance that the lens is focused at, in mm."""

    distance: int

    def text(self) -> str:
        return f"{self.distance} mm"
