"""Several cameras as one: each by its name or number, and calls on all of them at once."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

from chdkshell.camera import Camera
from chdkshell.errors import NotConnectedError, TransportError, UsageError
from chdkshell.flow import NEVER, CancelToken
from chdkshell.rig.connecting import connect_all
from chdkshell.rig.members import Member
from chdkshell.rig.results import RigResult, RigResults
from chdkshell.rig.seeking import Seeker
from chdkshell.rig.selection import ALL, check_name, chosen
from chdkshell.rig.together import in_parallel

if TYPE_CHECKING:
    from pathlib import Path

    from chdkshell.trace.tracer import Tracer

T = TypeVar("T")

MOST_TOLD = 100
"""How much of what happened by itself is kept until somebody asks."""


class Rig(Mapping[str, Camera]):
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
        self._members: list[Member] = []
        self._numbers: dict[tuple[str, str, str], tuple[int, str]] = {}
        self._highest = 0
        self._lock = threading.RLock()
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

        Where some cannot be connected the others are let go, and an `ExceptionGroup` of the errors
        is raised, each with its address in its notes.
        """
        names = list(addresses) if isinstance(addresses, Mapping) else []
        places = list(addresses.values()) if isinstance(addresses, Mapping) else list(addresses)
        for name in names:
            check_name(name)
        found = connect_all(places, timeout, tracer, cancel)
        failures = [each for each in found if isinstance(each, Exception)]
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

    @property
    def members(self) -> list[Member]:
        """The cameras with their numbers and names, in the order of the numbers."""
        with self._lock:
            return sorted(self._members, key=lambda member: member.number)

    def __getitem__(self, name: str | int) -> Camera:
        for member in self.members:
            if str(name) in (member.name, str(member.number)):
                return member.camera
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter([member.label for member in self.members])

    def __len__(self) -> int:
        return len(self._members)

    def select(self, selection: str = ALL) -> list[Member]:
        """Return the cameras that a selection means: all, names, numbers, 4-6, or ^3.

        Raises `UsageError`.
        """
        members = self.members
        numbers = chosen(selection, [(member.number, member.name) for member in members])
        return [member for member in members if member.number in numbers]

    def find(self, camera: Camera | None) -> Member | None:
        """Return the member that a camera is, None where it is none."""
        return next((member for member in self.members if member.camera is camera), None)

    def add(self, camera: Camera, name: str = "", number: int | None = None) -> Member:
        """Take a connected camera in; one that was in it before gets its number and name again.

        Raises `UsageError` where another camera has that name or number.
        """
        with self._lock:
            known = self.find(camera)
            if known is not None:
                return known
            identity = self._identity(camera)
            before = self._numbers.get(identity)
            if before and not self._is_taken(before[0]):
                number, name = number or before[0], name or before[1]
            if number is not None and self._is_taken(number):
                raise UsageError(f"there is a camera {number} already")
            if name and self._has_name(name):
                name = ""
            self._highest = max(self._highest, number or self._highest + 1)
            member = Member(number or self._highest, camera, name and check_name(name))
            self._members.append(member)
            self._numbers[identity] = member.number, member.name
            return member

    def _is_taken(self, number: int) -> bool:
        return any(member.number == number for member in self._members)

    def _has_name(self, name: str) -> bool:
        return any(member.name == name for member in self._members)

    def name(self, member: Member, name: str) -> None:
        """Give a camera a name, or none with "". Raises `UsageError`."""
        with self._lock:
            if name and member.name != name and self._has_name(check_name(name)):
                raise UsageError(f"another camera is called {name}", "names are there once")
            member.rename(name)
            self._remember(member)

    def swap(self, first: Member, second: Member) -> None:
        """Exchange the names and numbers of two cameras."""
        with self._lock:
            first.name, second.name = second.name, first.name
            first.number, second.number = second.number, first.number
            for member in (first, second):
                member.tell_name()
                self._remember(member)

    def _remember(self, member: Member) -> None:
        self._numbers[self._identity(member.camera)] = member.number, member.name

    @staticmethod
    def _identity(camera: Camera) -> tuple[str, str, str]:
        return camera.model, camera.serial, camera.place

    def drop(self, camera: Camera) -> None:
        """Take a camera out of the rig, which stays connected if it is."""
        member = self.find(camera)
        if member is not None:
            self._seeker.stop(member)
            with self._lock:
                self._members.remove(member)

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
        outcomes: list[RigResult[T]] = []
        for member, result in zip(members, came, strict=True):
            if isinstance(result, Exception):
                self.heed(member, result)
                outcomes.append(RigResult(member, None, result))
            elif isinstance(result, BaseException):
                raise result
            else:
                outcomes.append(RigResult(member, result))
        return RigResults(outcomes)

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
