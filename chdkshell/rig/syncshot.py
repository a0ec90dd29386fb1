"""Shots that several cameras take at the same moment.

Each camera is half pressed and says that it is ready. If enough of them are, each is told a tick of
its own clock, and says that it heard. Only then, and shortly before that tick, each gets the word
without which it does not fire: so whatever fails before costs the shot, and has nobody fire alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, MutableMapping

from chdkshell.camera import Camera
from chdkshell.errors import Cancelled, ChdkError, ChdkShellError, UsageError
from chdkshell.flow import NEVER, SILENT, CancelToken, Progress
from chdkshell.reasons import Reason
from chdkshell.rig.armed import ArmedCamera, told_too_late
from chdkshell.rig.clock import TickClock
from chdkshell.rig.clockscript import CHECKS, QUESTIONS, measure_clocks
from chdkshell.rig.endedshot import end_shot
from chdkshell.rig.exposurelock import lock_exposure
from chdkshell.rig.parallel import each_of
from chdkshell.rig.syncreport import CameraShot, SyncListener, SyncReport, SyncRequest, SyncShot
from chdkshell.rig.targets import SyncTarget, choose_target

LEAD_SECONDS = 1.5
"""How long before its moment a shot is got ready for."""

WANTED_BOUND = 0.5
"""How far, in ms, a clock may have drifted beyond what is known of it until it is asked anew."""

RECONNECT_SECONDS = 2.0
"""How long a camera that dropped off is looked for before the next shot."""

MAX_CALLED_OFF = 3
"""Shots in a row that nobody took, after which a series ends."""

SPARE_SECONDS = 0.25
"""How long this computer may be busy with other things while it tells cameras when to fire."""

ROOM_SECONDS = 0.03
"""How long a camera takes for a message at most: it looks for them as its ticks begin."""

EDGE_LEAD = 0.3
"""Seconds before the edge at which the cameras begin to wait for it."""


def synchronised_shoot(
    members: Mapping[str, Camera],
    request: SyncRequest,
    *,
    clocks: MutableMapping[str, TickClock] | None = None,
    listener: SyncListener | None = None,
    progress: Progress = SILENT,
    cancel: CancelToken = NEVER,
    why_away: Callable[[str], ChdkShellError | None] = lambda name: None,
) -> SyncReport:
    """Have all cameras take the same shots at the same moments, and report what came of them.

    The cameras have to be in record mode. `clocks` are those that were measured before; what is
    missing or stale is measured, and put there. What fails is in the report, also what was
    cancelled. `why_away` is asked before each shot whether a camera is to be left alone, and why:
    somebody else looks for it. Raises `UsageError` before anything is sent.
    """
    if not members:
        raise UsageError("no cameras to shoot with", "connect some first")
    if request.lock is not None and request.lock not in members:
        raise UsageError(
            f"no camera {request.lock} to lock the exposure with", f"one of {', '.join(members)}"
        )
    lacking = [name for name in members if name not in request.captures]
    if request.files is not None and lacking:
        raise UsageError(f"no place for the files of {lacking[0]}", "each camera needs its own")
    return _SyncSeries(
        members,
        request,
        {} if clocks is None else clocks,
        listener or SyncListener(),
        progress,
        cancel,
        why_away,
    ).run()


class _SyncSeries:
    """The shots of one request."""

    def __init__(
        self,
        members: Mapping[str, Camera],
        request: SyncRequest,
        clocks: MutableMapping[str, TickClock],
        listener: SyncListener,
        progress: Progress,
        cancel: CancelToken,
        why_away: Callable[[str], ChdkShellError | None],
    ) -> None:
        self._why_away = why_away
        self._members = members
        self._request = request
        self._clocks = clocks
        self._listener = listener
        self._progress = progress
        self._cancel = cancel
        self._report = SyncReport()
        self._needed = request.needed(len(members))
        self._armed: dict[str, ArmedCamera] = {}
        self._is_over = False

    def run(self) -> SyncReport:
        """Take the shots."""
        try:
            if self._request.lock is not None:
                self._lock_exposure(self._request.lock)
            self._measure()
            self._take_all()
        except ChdkShellError as error:
            self._report.ended = error
        return self._report

    def _lock_exposure(self, name: str) -> None:
        self._progress.describe(f"{name} measures the exposure")
        self._check_there(name)
        self._request = lock_exposure(self._members[name], self._request, self._cancel)
        self._report.locked = self._request.settings.exposure
        self._listener.locked(self._report.locked)

    def _measure(self) -> None:
        """Measure clocks that are not known. One that cannot be is no reason to stop yet."""
        unknown = {
            name: camera
            for name, camera in self._members.items()
            if name not in self._clocks and self._why_away(name) is None
        }
        if unknown:
            self._progress.describe("measuring the cameras' clocks")
            done = measure_clocks(unknown, self._clocks, self._cancel)
            self._cancel.check()
            for name, error in done.errors.items():
                self._listener.warn(f"{name}: {error}")

    def _check_there(self, name: str) -> None:
        error = self._why_away(name)
        if error is not None:
            raise error

    def _take_all(self) -> None:
        request, due, failures = self._request, self._request.at, 0
        for number in range(1, request.shots + 1):
            if due is not None:
                self._cancel.wait(max(0.0, due - LEAD_SECONDS - time.perf_counter()))
            self._cancel.check()
            self._progress.describe(f"shot {number} of {request.shots}")
            shot = self._take(number, due)
            self._report.shots.append(shot)
            self._listener.shot(shot)
            failures = failures + 1 if shot.called_off else 0
            self._cancel.check()
            if failures == MAX_CALLED_OFF:
                return
            if request.interval:
                due = (shot.target or due or time.perf_counter()) + request.interval

    # ---- one shot -------------------------------------------------------------------------------

    def _take(self, number: int, due: float | None) -> SyncShot:
        self._armed.clear()
        try:
            return self._take_armed(number, due)
        except BaseException:  # such as a second Ctrl-C
            self._is_over = True
            each_of(dict(self._armed), lambda name, camera: camera.abort())
            raise

    def _take_armed(self, number: int, due: float | None) -> SyncShot:
        shot = SyncShot(number, {name: CameraShot(name) for name in self._members})
        team = self._arm(shot)
        target = None
        try:
            self._cancel.check()
            self._check_enough(len(team), "got ready")
            target = self._aim(shot, team, due)
            self._cancel.check()
            self._release(shot, team, target)
            shot.target = target.moment + self._early
        except ChdkShellError as error:
            shot.called_off, target = error, None
            each_of(team, lambda name, camera: camera.call_off())
        done = each_of(
            team,
            lambda name, camera: end_shot(
                camera, self._request, number, target, self._clocks.get(name), self._cancel
            ),
        )
        for name, ended in done.results.items():
            ended.problem = shot.cameras[name].problem or ended.problem
            shot.cameras[name] = ended
        return shot

    def _arm(self, shot: SyncShot) -> dict[str, ArmedCamera]:
        """Have all cameras get ready; return those that are, with their clocks read."""

        def arm(name: str, camera: Camera) -> ArmedCamera:
            self._check_there(name)
            if not camera.is_connected:
                camera.reconnect(RECONNECT_SECONDS, self._cancel)
                camera.scripts.end_own()
            armed = self._armed[name] = ArmedCamera(name, camera, self._request)
            try:
                armed.arm(self._cancel)
                self._clocks[name] = self._read_clock(name, armed)
                if self._is_over:
                    raise Cancelled
            except BaseException:
                armed.abort()
                raise
            return armed

        done = each_of(self._members, arm)
        for name, error in done.errors.items():
            shot.cameras[name].problem = error
        return done.results

    def _read_clock(self, name: str, armed: ArmedCamera) -> TickClock:
        known = self._clocks.get(name)
        is_good = known is not None and not known.is_stale(time.perf_counter(), WANTED_BOUND)
        return armed.read_clock(known, CHECKS if is_good else QUESTIONS, self._cancel)

    def _aim(self, shot: SyncShot, team: dict[str, ArmedCamera], due: float | None) -> SyncTarget:
        """Choose the moment, and tell all cameras their ticks. Who does not hear is left out."""
        lead = self._lead(team)
        earliest = time.perf_counter() + 2 * lead
        wanted = earliest if due is None else due - self._early
        target = choose_target({name: self._clocks[name] for name in team}, max(wanted, earliest))

        def aim(name: str, armed: ArmedCamera) -> None:
            seconds = target.moment - lead - time.perf_counter()
            armed.aim(target.cameras[name], seconds, self._cancel)

        done = each_of(team, aim)
        for name, error in done.errors.items():
            shot.cameras[name].problem = error
            team.pop(name).abort()
        self._cancel.check()
        self._check_enough(len(team), "heard when to shoot")
        self._cancel.wait(max(0.0, target.moment - lead - time.perf_counter()))
        return target

    def _release(self, shot: SyncShot, team: dict[str, ArmedCamera], target: SyncTarget) -> None:
        """Give all cameras the word to fire, after which nothing is cancelled.

        One of which no answer comes may have had it: the others do not leave it to fire alone.
        """
        answer_by = target.moment - self._slowest(team) - ROOM_SECONDS

        def release(name: str, armed: ArmedCamera) -> bool:
            return armed.release(answer_by - time.perf_counter())

        done = each_of(team, release)
        for name, error in done.errors.items():
            shot.cameras[name].problem = error
        late = [name for name, in_time in done.results.items() if not in_time]
        for name in late:
            shot.cameras[name].problem = told_too_late(name)
        self._check_enough(len(team) - len(late), "were told in time")
        if self._request.trigger is not None:
            time.sleep(max(0.0, target.moment + self._early - time.perf_counter()))
            try:
                self._request.trigger()
            except ChdkShellError as error:
                self._listener.warn(f"the trigger: {error}")

    @property
    def _early(self) -> float:
        """Seconds before the shot at which the keys go down."""
        return EDGE_LEAD if self._request.edge else 0.0

    def _slowest(self, team: Mapping[str, ArmedCamera]) -> float:
        return max(armed.slowest for armed in team.values())

    def _lead(self, team: Mapping[str, ArmedCamera]) -> float:
        """Return how many seconds before the shot the cameras are told to fire."""
        return 2.5 * self._slowest(team) + SPARE_SECONDS

    def _check_enough(self, count: int, what: str) -> None:
        if count < self._needed:
            raise ChdkError(
                f"{count} of {len(self._members)} cameras {what}: nobody shoots",
                reason=Reason.NOT_ALL_READY,
            )
