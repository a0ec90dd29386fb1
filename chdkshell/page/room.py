"""The control room: the cameras, who holds the controls, and what is allowed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chdkshell.camera import Camera
from chdkshell.flow import CancelToken
from chdkshell.page.feeds import EventHub
from chdkshell.page.holding import Controls
from chdkshell.page.listening import new_token
from chdkshell.page.problems import CallRefusedError
from chdkshell.page.shapes import HolderReport, RoomReport
from chdkshell.page.station import Station
from chdkshell.page.work import CameraWork
from chdkshell.rig.clock import TickClock
from chdkshell.rig.roster import Roster
from chdkshell.version import __version__


@dataclass(frozen=True, slots=True)
class RoomOptions:
    """What the control room may do. `folder` is where pictures go on this computer."""

    fps: float = 15.0
    quality: int = 80
    overlay: bool = False
    folder: Path | None = None
    readonly: bool = False
    allowlua: bool = False
    picture_only: bool = False


class ControlRoom:
    """All that the page's calls work on.

    The cameras have their numbers and names of `roster`, or of one that is made for them. `cancel`
    is set when all ends.
    """

    def __init__(
        self, cameras: Sequence[Camera], options: RoomOptions, roster: Roster | None = None
    ) -> None:
        self.roster = Roster() if roster is None else roster
        self.options = options
        self.hub = EventHub()
        self.token = new_token()
        self.cancel = CancelToken()
        self.controls = Controls(self.tell_holder)
        self.clocks: dict[str, TickClock] = {}
        self._work: dict[int, CameraWork] = {}
        self.stations = [
            Station(
                self.roster.add(camera),
                self.hub,
                fps=options.fps,
                quality=options.quality,
                folder=options.folder,
            )
            for camera in cameras
        ]

    @property
    def frames(self) -> int:
        """How many frames were fetched."""
        return sum(station.frames.count for station in self.stations)

    def start(self) -> None:
        """Begin to work with the cameras."""
        for station in self.stations:
            station.start()

    def stop(self) -> None:
        """End all that runs."""
        self.cancel.set()
        for station in self.stations:
            station.cancel.set()  # a shot that is under way is not waited for
        for work in list(self._work.values()):  # a request may add one
            work.stop()
        self.hub.close()
        for station in self.stations:
            station.stop()

    def work_of(self, station: Station) -> CameraWork:
        """Return what goes on for longer at a camera."""
        return self._work.setdefault(station.number, CameraWork(station))

    def station(self, number: int) -> Station:
        """Return a camera by its number. Raises `CallRefusedError`."""
        for station in self.stations:
            if station.number == number:
                return station
        raise no_camera(str(number), self.stations)

    def report(self, client: str) -> RoomReport:
        """Return what there is, for a client."""
        held, name = self.controls.holder()
        folder = self.options.folder
        return RoomReport(
            cameras=[station.report() for station in self.stations],
            holder=HolderReport(name, bool(held) and held == client),
            readonly=self.options.readonly,
            allowlua=self.options.allowlua,
            picture_only=self.options.picture_only,
            folder="" if folder is None else str(folder),
            version=__version__,
        )

    def tell_holder(self) -> None:
        """Tell all who listen who holds the controls now."""
        self.hub.publish("holder", {"name": self.controls.holder()[1]})


def no_camera(asked: str, stations: Sequence[Station]) -> CallRefusedError:
    """Return the error for a camera that is asked for and not there."""
    there = ", ".join(str(station.number) for station in stations)
    return CallRefusedError(404, f"there is no camera {asked}", f"there are: {there}")
