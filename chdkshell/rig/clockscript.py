"""Measuring the clocks of cameras, by a script that tells its tick count."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping

from chdkshell.camera import Camera
from chdkshell.flow import NEVER, CancelToken
from chdkshell.rig.clock import TickClock
from chdkshell.rig.parallel import Outcomes


def measure_clocks(
    members: Mapping[str, Camera],
    clocks: MutableMapping[str, TickClock],
    cancel: CancelToken = NEVER,
) -> Outcomes[TickClock]:
    """Measure the clocks of all cameras, some at a time; `clocks` gets what is new.

    A clock that was measured before is narrowed down, and tells its drift then.
    """
    raise NotImplementedError
