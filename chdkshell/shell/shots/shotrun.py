"""What the commands that take several shots have in common: rhythm, drop-outs, and telling."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from chdkshell.chdk.shooting.destinations import CameraNames
from chdkshell.chdk.shooting.timelapse import Gap, LapseClock, TimeLapse
from chdkshell.errors import ChdkError, TransportError
from chdkshell.flow import Progress

if TYPE_CHECKING:
    from chdkshell.shell.context import Context

RECONNECT_SECONDS = 300.0
"""How long a time lapse waits for a camera that dropped off the bus, at least."""

SHOT_SEQUENCE = "cli_shotseq"


def camera_names(context: Context) -> CameraNames:
    """Return what substitutions say of the current camera."""
    return CameraNames(context.camera.serial)


def start_sequence(context: Context, number: int | None) -> None:
    """Have ${shotseq} start with `number`, where one is given."""
    if number is not None:
        context.prefs.set(SHOT_SEQUENCE, str(number))


def shot_number(context: Context) -> int:
    """Return what ${shotseq} is for the next shot."""
    return context.prefs.number(SHOT_SEQUENCE)


def count_shot(context: Context) -> None:
    """Note that a shot was taken."""
    context.prefs.set(SHOT_SEQUENCE, str(shot_number(context) + 1))


def run_lapse(
    context: Context,
    progress: Progress,
    shots: int,
    interval: float,
    take: Callable[[int], None],
    again: Callable[[], None],
) -> None:
    """Take shots at fixed times. After a drop-out the camera is found again, and `again` called.

    A single shot is not tried again: its error is raised.
    """

    def recover(error: TransportError) -> None:
        if shots == 1:
            raise error
        context.warn(f"the camera is gone: {error}; looking for it")
        wait = max(RECONNECT_SECONDS, 2 * interval)
        camera = context.connections.current
        if camera is None:
            raise error
        camera.reconnect(wait, cancel=context.cancel)
        bring_back_record_mode(context)
        again()

    def tell(gap: Gap) -> None:
        shot = f"{gap.missed} shot time{'' if gap.missed == 1 else 's'} passed"
        context.warn(f"gap after shot {gap.after}: {shot} ({gap.reason})")

    def waiting(taken: int, seconds: float) -> None:
        due = time.strftime("%H:%M:%S", time.localtime(time.time() + seconds))
        progress.note(f"shot {taken + 1} of {shots} at {due}")

    lapse = TimeLapse(
        shots, interval, take, recover, tell=tell, waiting=waiting, clock=LapseClock()
    )
    lapse.run(context.cancel)


def bring_back_record_mode(context: Context) -> None:
    """Switch to record mode where a camera that restarted is not in it."""
    from chdkshell.chdk.shooting.modes import shooting_mode, switch_mode

    scripts = context.camera.scripts
    with contextlib.suppress(ChdkError):  # before protocol 2.6 it ends by itself
        scripts.kill()
    if not shooting_mode(scripts, context.cancel)[0]:
        switch_mode(scripts, True, context.cancel)
