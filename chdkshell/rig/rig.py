"""Several cameras as one: each by its name or number, and calls on all of them at once."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

from chdkshell.camera import Camera
from chdkshell.errors import (
    ChdkShellError,
    LeftOnCard,
    NotConnectedError,
    TransportError,
)
from chdkshell.flow import NEVER, SILENT, CancelToken, Progress
from chdkshell.rig.connecting import cameras_at, connect_all
from chdkshell.rig.members import Member
from chdkshell.rig.results import RigResult, RigResults, told_together
from chdkshell.rig.roster import Roster
from chdkshell.rig.seeking import Seeker
from chdkshell.rig.selection import ALL, check_name
from chdkshell.rig.together import in_parallel

if TYPE_CHECKING:
    from pathlib import Path

    from chdkshell.rig.clock import TickClock
    from chdkshell.rig.syncreport import SyncListener, SyncReport, SyncRequest
    from chdkshell.trace.tracer import Tracer

T = TypeVar("T")

PER_BUS = 4
"""Cameras of a USB bus that transfer files at the same time: more would share its speed."""

MOST_TOLD = 100
"""How much of what happened by itself is kept until somebody asks."""


class Rig(Roster):
    """Several cameras as one. Use it in a `with` statement, or `close` it.

    `rig["left"]` and `rig["3"]` are cameras, by name or number; iterating gives their names, or
    numbers where they have none. A number stays with its camera. One that drops off the bus is
    looked for in the background, and takes part again when it is back; `listener` is told of both,
    in another thread.

    >>> with Rig.connect({"left": "sim:serial=1", "right": "sim:serial=2"}) as rig:
    ...     rig.each(lambda cam: cam.lua("return get_zoom()")).results
    {'left': 0, 'right': 0}
    """

    def __init__(
        self, cameras: Iterable[Camera] = (), listener: Callable[[str], None] | None = None
    ) -> None:
        super().__init__()
        self._lanes: dict[str, threading.Semaphore] = {}
        self._told: deque[str] = deque(maxlen=MOST_TOLD)
        self._listener = listener
        self._seeker = Seeker(self._tell)
        for camera in cameras:
            self.add(camera)

    @classmethod
    def connect(
        cls,
        addresses: Iterable[str] | Mapping[str, str],
        *,
        timeout: float | None = None,
        tracer: Tracer | None = None,
        cancel: CancelToken = NEVER,
        listener: Callable[[str], None] | None = None,
    ) -> Self:
        """Connect to all cameras at these addresses at once; a mapping gives them names.

        In a list, a computer alone (`ssh:pi1`) stands for all cameras on its USB.
        Where some cannot be connected the others are let go, and an `ExceptionGroup` of the errors
        is raised, each with its address in its notes.
        """
        names = list(addresses) if isinstance(addresses, Mapping) else []
        places = list(addresses.values()) if isinstance(addresses, Mapping) else list(addresses)
        for name in names:
            check_name(name)
        failures: list[ChdkShellError] = []
        if not names:
            places, failures = cameras_at(places, cancel)
        found = [*connect_all(places, timeout, tracer, cancel), *failures]
        failures = [each for each in found if isinstance(each, ChdkShellError)]
        cameras = [each for each in found if isinstance(each, Camera)]
        if failures:
            for camera in cameras:
                camera.close()
            raise ExceptionGroup(f"{len(failures)} of {len(found)} cameras failed", failures)
        rig = cls(cameras, listener)
        for member, name in zip(rig.members, names, strict=False):
            rig.name(member, name)
        return rig

    @classmethod
    def load(
        cls,
        path: str | Path,
        *,
        timeout: float | None = None,
        tracer: Tracer | None = None,
        cancel: CancelToken = NEVER,
        listener: Callable[[str], None] | None = None,
    ) -> Self:
        """Connect to the cameras that `save` wrote to a file, with their numbers and names.

        A camera is known again by its serial number, or else by what it hangs on. Raises
        `HostFileError`, `UsageError` for what is no such file, and an `ExceptionGroup` as `connect`
        does.
        """
        from chdkshell.rig.rigfile import find_saved, read_rig

        entries = read_rig(path)
        found = find_saved(entries, (), timeout, tracer, cancel)
        failures = [each for each in found if isinstance(each, Exception)]
        if failures:
            for each in found:
                if isinstance(each, Camera):
                    each.close()
            raise ExceptionGroup(f"{len(failures)} of {len(found)} cameras failed", failures)
        rig = cls(listener=listener)
        for entry, camera in zip(entries, found, strict=True):
            assert isinstance(camera, Camera)
            rig.add(camera, entry.name, entry.number)
        return rig

    def save(self, path: str | Path) -> None:
        """Write numbers, names, and how each camera is known again, to a file.

        Raises `UsageError` where two cameras cannot be told apart, and `HostFileError`.
        """
        from chdkshell.rig.rigfile import write_rig

        write_rig(path, self.members)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # ---- who is in it ----

    def drop(self, camera: Camera) -> None:
        """Take a camera out of the rig, which stays connected if it is."""
        member = self.find(camera)
        if member is not None:
            self._seeker.stop(member)
            self._forget(member)

    def take_place(self, camera: Camera) -> None:
        """Let a camera that was connected anew be the one that was looked for."""
        identity = self._identity(camera)
        for member in self.members:
            is_other = member.gone and member.camera is not camera
            if is_other and self._identity(member.camera) == identity:
                self.drop(member.camera)

    def stop(self) -> None:
        """Look for no camera any more."""
        for member in self.members:
            self._seeker.stop(member)

    def close(self) -> None:
        """Disconnect all cameras."""
        self.stop()
        in_parallel([member.camera.close for member in self.members])

    # ---- all at once ----

    def each(self, function: Callable[[Camera], T], selection: str = ALL) -> RigResults[T]:
        """Call a function with each camera, all at once; return results and errors of each.

        None is left out because another failed. Ctrl-C breaks the connections of all off.
        """
        members = self.select(selection)

        def call(member: Member) -> T:
            member.check_there()
            return function(member.camera)

        came = in_parallel(
            [partial(call, member) for member in members], partial(self.break_off, members)
        )
        return self._results(members, came)

    def _results(
        self, members: Iterable[Member], came: Iterable[T | BaseException]
    ) -> RigResults[T]:
        results: list[RigResult[T]] = []
        for member, result in zip(members, came, strict=True):
            if isinstance(result, Exception):
                self.heed(member, result)
                results.append(RigResult(member, None, result))
            elif isinstance(result, BaseException):
                raise result
            else:
                results.append(RigResult(member, result))
        return RigResults(results)

    def collect(
        self,
        destination: str = "${camera}_${name}",
        selection: str = ALL,
        *,
        remove: bool = False,
        listener: Callable[[Member, str, Path], None] | None = None,
        cancel: CancelToken = NEVER,
    ) -> RigResults[int]:
        """Fetch the pictures that cameras took for the rig and that did not come yet.

        One that was to go somewhere goes there, another to where `destination` says
        (`chdk.templates.variables.SHOOT`). A few cameras of a USB bus at a time. `remove` deletes
        each from the card once it is safe here. `listener` is told of each, in other threads: the
        camera, the path on its card, and the file. Returns how many came from each camera.
        """
        from chdkshell.rig.fetching import fetch_left

        members = self.select(selection)

        def fetch(member: Member) -> int:
            member.check_there()
            with self.lane(member):
                return fetch_left(member, destination, remove, listener, cancel)

        came = in_parallel(
            [partial(fetch, member) for member in members], partial(self.break_off, members)
        )
        return self._results(members, came)

    def lane(self, member: Member) -> AbstractContextManager[object]:
        """Return what lets some cameras of one USB bus transfer files at the same time."""
        scheme, _, rest = member.camera.session.transport.address.partition(":")
        if scheme != "usb":
            return nullcontext()
        with self._lock:
            return self._lanes.setdefault(rest.partition(":")[0], threading.Semaphore(PER_BUS))

    def sync(self, selection: str = ALL, cancel: CancelToken = NEVER) -> RigResults[TickClock]:
        """Measure the clocks of cameras: how far each is ahead of this computer's, within bounds.

        Measured again later, it is known how much faster or slower each one runs.
        """
        from chdkshell.rig.clockscript import measure_clocks

        members = self.select(selection)
        there = [member for member in members if self._why_away(member) is None]
        clocks = {member.label: member.clock for member in there if member.clock}
        done = measure_clocks({member.label: member.camera for member in there}, clocks, cancel)
        results: list[RigResult[TickClock]] = []
        for member in members:
            error = done.errors.get(member.label) or self._why_away(member)
            self.heed(member, error)
            member.clock = done.results.get(member.label, member.clock)
            results.append(RigResult(member, None if error else member.clock, error))
        return RigResults(results)

    def _why_away(self, member: Member) -> ChdkShellError | None:
        try:
            member.check_there()
        except ChdkShellError as error:
            return error
        return None

    def after(self, seconds: float) -> float:
        """Return the moment so many seconds from now, for `shoot`."""
        return time.perf_counter() + seconds

    def shoot(
        self,
        request: SyncRequest | None = None,
        *,
        at: float | None = None,
        selection: str = ALL,
        listener: SyncListener | None = None,
        progress: Progress = SILENT,
        cancel: CancelToken = NEVER,
    ) -> SyncReport:
        """Have cameras in record mode take shots at the same moment, and report what came of them.

        `request` says what is taken, else one picture to each card; `at` is the moment of the first
        shot (`after`), else as soon as all are ready. Nobody fires where not enough of them are.
        Raises `UsageError`, and `NotConnectedError` where too many cameras are gone, before
        anything is sent; what fails later is in the report.
        """
        from chdkshell.rig.syncreport import SyncRequest
        from chdkshell.rig.syncshot import synchronised_shoot

        members = {member.label: member for member in self.select(selection)}
        request = request or SyncRequest()
        self._check_enough_there(members.values(), request.needed(len(members)))
        clocks = {label: member.clock for label, member in members.items() if member.clock}
        report = synchronised_shoot(
            {label: member.camera for label, member in members.items()},
            request if at is None else replace(request, at=at),
            clocks=clocks,
            listener=listener,
            progress=progress,
            cancel=cancel,
            why_away=lambda label: self._why_away(members[label]) if members[label].gone else None,
        )
        for member in members.values():
            member.clock = clocks.get(member.label)
            self._heed_shots(member, report)
        return report

    def _check_enough_there(self, members: Iterable[Member], needed: int) -> None:
        why = {member.label: self._why_away(member) for member in members}
        away = {label: error for label, error in why.items() if error is not None}
        if away and len(why) - len(away) < needed:
            first = next(iter(away.values()))
            told = "; ".join(told_together(away))
            error = NotConnectedError(f"nobody shoots: {told}", first.detail)
            error.reason = first.reason
            raise error

    def _heed_shots(self, member: Member, report: SyncReport) -> None:
        """Note which pictures of a camera are on its card only, and whether it is gone."""
        for shot in report.shots:
            own = shot.cameras.get(member.label)
            if own is None:
                continue
            self.heed(member, own.problem)
            if not own.removed:
                came = len(own.downloads)
                known = {left.path for left in member.left_on_card}
                new = [p.path for p in own.pictures[came:] if p.path not in known]
                member.left_on_card += map(LeftOnCard, new)

    def break_off(self, members: Iterable[Member]) -> None:
        """Have all calls fail that these cameras are asked for from now on."""
        for member in members:
            if member.camera.is_connected:
                member.camera.session.broken = True

    # ---- those that drop off ----

    def heed(self, member: Member, error: BaseException | None = None) -> None:
        """Note what an error says of a camera: what is left on its card, and whether it is gone.

        One that is gone is looked for.
        """
        if error is not None:
            member.keep_left(error)
        is_away = isinstance(error, TransportError | NotConnectedError)
        if is_away and not member.camera.is_connected:
            self._seeker.look_for(member, str(error))

    def leave_to(self, camera: Camera) -> None:
        """Stop looking for a camera: somebody else does."""
        member = self.find(camera)
        if member is not None:
            self._seeker.stop(member)
            member.gone = ""

    def _tell(self, text: str) -> None:
        self._told.append(text)
        if self._listener is not None:
            self._listener(text)

    def news(self) -> list[str]:
        """Return what happened by itself since this was asked last: who is gone, and back."""
        told = []
        while self._told:
            told.append(self._told.popleft())
        return told
