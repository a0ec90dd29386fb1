"""Which cameras are in a rig: their numbers and names."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping

from chdkshell.camera import Camera
from chdkshell.errors import UsageError
from chdkshell.rig.members import Member
from chdkshell.rig.selection import ALL, check_name, chosen


class Roster(Mapping[str, Camera]):
    """Cameras by name and number. A camera that comes again has its number and name again."""

    def __init__(self) -> None:
        self._members: list[Member] = []
        self._numbers: dict[tuple[str, str, str], tuple[int, str]] = {}
        self._highest = 0
        self._lock = threading.RLock()

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

    def arrange(self, wanted: Iterable[tuple[Camera, int, str]]) -> None:
        """Give cameras numbers and names; others that have one of these get a new number, no name.

        Cameras that are not in the rig yet are taken in.
        """
        with self._lock:
            places = list(wanted)
            moved = [self.add(camera) for camera, _, _ in places]
            numbers = {number for _, number, _ in places}
            names = {name for _, _, name in places if name}
            for member in self._members:
                if member not in moved and member.name in names:
                    member.name = ""
            self._highest = max(self._highest, *numbers, 0)
            for member in self._members:
                if member not in moved and member.number in numbers:
                    self._highest += 1
                    member.number = self._highest
            for member, (_, number, name) in zip(moved, places, strict=True):
                member.number, member.name = number, name
            for member in self._members:
                member.tell_name()
                self._remember(member)

    def _remember(self, member: Member) -> None:
        self._numbers[self._identity(member.camera)] = member.number, member.name

    @staticmethod
    def _identity(camera: Camera) -> tuple[str, str, str]:
        return camera.model, camera.serial, camera.place

    def _forget(self, member: Member) -> None:
        with self._lock:
            self._members.remove(member)
