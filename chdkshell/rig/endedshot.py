"""What came of a synchronised shot on one camera: whether it fired, how late, and its files."""

from __future__ import annotations

import time

from chdkshell.chdk.shooting.cardpictures import TakenShot, last_shot
from chdkshell.chdk.shooting.cardseries import TakenFiles
from chdkshell.errors import ChdkShellError, TransportError
from chdkshell.flow import NEVER, CancelToken
from chdkshell.rig.armed import ArmedCamera
from chdkshell.rig.clock import TickClock
from chdkshell.rig.syncreport import CameraShot, SyncRequest
from chdkshell.rig.targets import SyncTarget

COME_BACK_SECONDS = 5.0
"""How long a camera that dropped off in a shot is looked for, to find out whether it fired."""

QUIET_SECONDS = 0.02
"""How long after its moment a camera is let alone."""

LATE_SECONDS = 0.1
"""How long after its moment a shot is waited for that may come."""

TRIES = 3
"""How often the files of a shot are fetched from a camera that drops off."""


def end_shot(
    armed: ArmedCamera,
    request: SyncRequest,
    number: int,
    target: SyncTarget | None,
    clock: TickClock | None,
    cancel: CancelToken,
) -> CameraShot:
    """Wait for the end of a camera's shot and fetch its files; return all that is known of it."""
    shot = CameraShot(armed.name)
    taken: TakenShot | None = None
    try:
        if target is not None:
            # who asks meanwhile disturbs; and one that has had the word after all is to fire
            quiet = QUIET_SECONDS if armed.is_released else LATE_SECONDS
            time.sleep(max(0.0, target.moment + quiet - time.perf_counter()))
        if not armed.is_released:
            armed.call_off()
        armed.end(cancel=cancel)
        taken = armed.ended.taken
    except ChdkShellError as error:
        shot.problem = error
        armed.abort()
        taken = _found_out(armed, request, shot)
    ended = armed.ended
    if shot.fired is not None:
        shot.count = ended.count if shot.count is None else shot.count
        shot.fired = shot.count is not None and shot.count != armed.count_before
    if ended.captured is not None:
        shot.captured = tuple(ended.captured.files)
    if ended.fired_at is not None and target and clock and shot.fired and not request.edge:
        _time(shot, ended.fired_at, target, clock)
    if taken is not None:
        shot.exposure, shot.pictures = taken.exposure, taken.pictures
        _fetch(armed, taken, request, number, shot, cancel)
    return shot


def _time(shot: CameraShot, fired_at: int, target: SyncTarget, clock: TickClock) -> None:
    """Note how late a camera was: it fired within the step of its tick count that it told."""
    mine = target.cameras[shot.camera]
    meant = mine.tick + mine.left
    fired = min(max(meant, fired_at), fired_at + clock.step)
    bound = clock.at(target.moment).bound

    def late(tick: float) -> float:
        return (clock.moment_of(tick) - target.moment) * 1000

    shot.lateness = late(fired)
    shot.earliest, shot.latest = late(fired_at) - bound, late(fired_at + clock.step) + bound


def _found_out(armed: ArmedCamera, request: SyncRequest, shot: CameraShot) -> TakenShot | None:
    """Ask a camera whose script did not come to its end whether it fired."""
    camera = armed.camera
    shot.fired = None
    try:
        if not camera.is_connected:
            camera.reconnect(COME_BACK_SECONDS)
            camera.scripts.end_own(armed.longest)
        camera.scripts.call("await_last_shot()", libraries=("last_shot",))
        taken = last_shot(camera.scripts, request.settings)
    except ChdkShellError:
        return None
    shot.fired, shot.count = False, taken.number
    return taken if taken.number != armed.count_before and request.files is None else None


def _fetch(
    armed: ArmedCamera,
    taken: TakenShot,
    request: SyncRequest,
    number: int,
    shot: CameraShot,
    cancel: CancelToken,
) -> None:
    """Fetch the files of a shot, also from a camera that drops off meanwhile and comes back."""
    destination = request.downloads.get(armed.name)
    if destination is None and not request.remove:
        return
    files = TakenFiles(
        armed.camera,
        taken,
        destination=destination,
        remove=request.remove,
        first_number=number,
        cancel=cancel,
    )
    for left in reversed(range(TRIES)):
        try:
            done = files.run()[-1]
        except TransportError as error:
            shot.problem = error
            if not left or not _comes_back(armed, cancel):
                return
        except ChdkShellError as error:
            shot.problem = error
            return
        else:
            shot.downloads, shot.removed = done.downloads, done.removed
            if isinstance(shot.problem, TransportError):
                shot.problem = None
            return


def _comes_back(armed: ArmedCamera, cancel: CancelToken = NEVER) -> bool:
    try:
        armed.camera.reconnect(COME_BACK_SECONDS, cancel)
    except ChdkShellError:
        return False
    return True
