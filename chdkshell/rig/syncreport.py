"""What is asked of a synchronised shot, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chdkshell.chdk.shooting.capture import CapturedFile, CaptureRequest
from chdkshell.chdk.shooting.cardpictures import CardPicture, CardShotSettings
from chdkshell.chdk.shooting.destinations import CaptureDestination, DownloadDestination
from chdkshell.chdk.shooting.exposure import UNKNOWN_EXPOSURE, Exposure, ShotExposure
from chdkshell.errors import ChdkShellError, UsageError


@dataclass(frozen=True, slots=True)
class SyncRequest:
    """Shots that several cameras take at the same moment. Raises `UsageError` for what cannot be.

    `settings` are those of all cameras. With `files` it is a remote capture, and `captures` says
    for each camera where its files go; else the pictures go to the cards, and are fetched from
    there to where `downloads` says for a camera, and deleted with `remove`. The n-th of `shots` is
    due n times `interval` seconds after the first, which is taken at `at` (`time.perf_counter`), or
    as soon as all are ready. With fewer than `minimum` cameras ready nobody shoots; None: all of
    them. `lock` names the camera that measures the exposure for all. `edge`: the shot waits until
    the 5 V on the cameras' USB line go away. `trigger` is called at the time of each shot, such as
    to switch them off.
    """

    settings: CardShotSettings = field(default_factory=CardShotSettings)
    files: CaptureRequest | None = None
    captures: Mapping[str, CaptureDestination] = field(default_factory=dict)
    downloads: Mapping[str, DownloadDestination] = field(default_factory=dict)
    remove: bool = False
    shots: int = 1
    interval: float = 0.0
    at: float | None = None
    minimum: int | None = None
    lock: str | None = None
    edge: bool = False
    trigger: Callable[[], object] | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.shots <= 1_000_000:
            raise UsageError("invalid shot count", "1 to 1000000")
        if not 0 <= self.interval <= 1_000_000:
            raise UsageError("invalid interval", "seconds, like 0.5 or 30")
        if self.minimum is not None and self.minimum < 1:
            raise UsageError(f"invalid minimum {self.minimum}", "1 or more cameras")
        if self.trigger is not None and not self.edge:
            raise UsageError("a trigger without an edge", "a trigger switches the 5 V of the edge")

    def needed(self, cameras: int) -> int:
        """Return how many of so many cameras have to be ready."""
        return cameras if self.minimum is None else min(self.minimum, cameras)


@dataclass(slots=True)
class CameraShot:
    """What came of one shot on one camera.

    `fired` is None where that is not known: the camera was gone. `lateness` is how many ms after
    the target the camera fired as far as it can tell, for certain not before `earliest` and not
    after `latest`; None where nothing is known of it. `count` is the camera's counter of shots
    after this one. `pictures` are its files on the card, `downloads` what became of them here,
    `captured` the files of a remote capture. `problem` is what failed.
    """

    camera: str
    fired: bool | None = False
    lateness: float | None = None
    earliest: float | None = None
    latest: float | None = None
    count: int | None = None
    exposure: ShotExposure = UNKNOWN_EXPOSURE
    pictures: tuple[CardPicture, ...] = ()
    downloads: tuple[Path, ...] = ()
    removed: bool = False
    captured: tuple[CapturedFile, ...] = ()
    problem: ChdkShellError | None = None

    @property
    def bound(self) -> float | None:
        """How many ms the camera's lateness can be from what is told at most."""
        if self.lateness is None or self.earliest is None or self.latest is None:
            return None
        return max(self.lateness - self.earliest, self.latest - self.lateness)


@dataclass(slots=True)
class SyncShot:
    """One shot of all cameras. `target` is its moment (`time.perf_counter`), None for none.

    `called_off` is why nobody was told to fire.
    """

    number: int
    cameras: dict[str, CameraShot]
    target: float | None = None
    called_off: ChdkShellError | None = None

    @property
    def fired(self) -> list[CameraShot]:
        """The cameras that are known to have fired."""
        return [shot for shot in self.cameras.values() if shot.fired]

    @property
    def spread(self) -> float | None:
        """How many ms lie between the first and the last camera; None for fewer than two."""
        late = [shot.lateness for shot in self.fired if shot.lateness is not None]
        return max(late) - min(late) if len(late) > 1 else None

    @property
    def spread_bound(self) -> float | None:
        """How many ms may lie between the first and the last camera at most."""
        first = [shot.earliest for shot in self.fired if shot.earliest is not None]
        last = [shot.latest for shot in self.fired if shot.latest is not None]
        return max(last) - min(first) if len(first) > 1 else None


@dataclass(slots=True)
class SyncReport:
    """What came of all shots. `locked` is the exposure that one camera measured for all.

    `ended` is what ended the series before its last shot, such as `Cancelled`.
    """

    shots: list[SyncShot] = field(default_factory=list)
    locked: Exposure | None = None
    ended: ChdkShellError | None = None

    @property
    def problems(self) -> list[ChdkShellError]:
        """All that failed, in order."""
        found = []
        for shot in self.shots:
            found += [shot.called_off] if shot.called_off else []
            found += [camera.problem for camera in shot.cameras.values() if camera.problem]
        return found + ([self.ended] if self.ended else [])

    def check(self) -> None:
        """Raise an `ExceptionGroup` of all that failed, if anything did."""
        if self.problems:
            raise ExceptionGroup("the synchronised shot", self.problems)


class SyncListener:
    """Hears of a synchronised shot while it is taken. This base class ignores all of it.

    Its methods are called in the caller's thread.
    """

    def warn(self, text: str) -> None:
        """Something went wrong that the series survives, such as a camera that dropped off."""

    def locked(self, exposure: Exposure) -> None:
        """One camera has measured the exposure for all."""

    def shot(self, shot: SyncShot) -> None:
        """A shot is over, with its downloads."""
