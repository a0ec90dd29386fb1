"""How quick the simulated camera is: as a real one, or as its host can."""

from __future__ import annotations

import os
from dataclasses import dataclass

from chdkshell.errors import UsageError

PACE_VARIABLE = "CHDKSHELL_SIM_PACE"
"""The environment's word on the pace of cameras for which none is named."""

TICK_MS = 10
"""What the camera's tick count goes on by, and how often its keyboard task looks at a script."""

CHECK_INSTRUCTIONS = 100
"""After how many Lua instructions the firmware looks whether a script has to make way."""


@dataclass(frozen=True, slots=True)
class CameraPace:
    """The speed of a camera. `tick` is in ms; with 0, scripts go on as soon as they can.

    `instructions` is how many Lua instructions its processor runs in a ms; with 0, what the host
    can. `focus_ms` is from a half press until it has focused and measured, `process_ms` from the
    end of an exposure until it is ready for the next shot. `file_ms` is how long the card takes
    for a new file, however short.
    """

    name: str
    tick: int = 0
    instructions: int = 0
    focus_ms: int = 60
    process_ms: int = 20
    file_ms: int = 0

    def aligned(self, ticks: float) -> float:
        """Return the first moment at or after `ticks` at which the camera looks at a script."""
        return -(-ticks // self.tick) * self.tick if self.tick else ticks

    def next_look(self, ticks: float) -> float:
        """Return the first such moment after `ticks`."""
        return (ticks // self.tick + 1) * self.tick if self.tick else ticks

    def slice_instructions(self, max_count: int, max_ms: int) -> float:
        """Return how many instructions a script runs before it makes way (see set_yield).

        Both numbers are unsigned on a camera, so that -1 means never.
        """
        counted = max_count * CHECK_INSTRUCTIONS if max_count >= 0 else float("inf")
        timed = max_ms * self.instructions if max_ms >= 0 else float("inf")
        return max(min(counted, timed), CHECK_INSTRUCTIONS)


REAL = CameraPace("real", tick=TICK_MS, instructions=250, focus_ms=300, process_ms=400, file_ms=20)
FAST = CameraPace("fast")

PACES = {pace.name: pace for pace in (REAL, FAST)}


def pace_named(name: str | None) -> CameraPace:
    """Return a pace by its name; without one, that of the environment, else that of a camera.

    Raises `UsageError`.
    """
    name = name or os.environ.get(PACE_VARIABLE) or REAL.name
    if name not in PACES:
        raise UsageError(f"there is no pace '{name}'", f"there are: {', '.join(PACES)}")
    return PACES[name]
