"""Series of shots to the card, with downloads and deletions of their files."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from chdkshell.chdk.changes import PutBack
from chdkshell.chdk.constants import ScriptStatus
from chdkshell.chdk.paths import base_name, escaped_name
from chdkshell.chdk.scripts import Scripts
from chdkshell.chdk.shooting.cardpictures import (
    CardPicture,
    CardShotSettings,
    TakenShot,
    before_shot,
    last_shot,
    shoot,
    shot_count,
    wait_written,
)
from chdkshell.chdk.shooting.destinations import DownloadDestination
from chdkshell.chdk.shooting.modes import switch_mode
from chdkshell.chdk.shooting.series import CardShot, ConnectedCamera, ShotListener, ShotSeries
from chdkshell.chdk.transfer import free_path, tidy_shots
from chdkshell.errors import ChdkError, ChdkShellError, HostFileError, LeftOnCard
from chdkshell.flow import NEVER, SILENT, CancelToken, Progress
from chdkshell.hostnames import names_folder
from chdkshell.outlets import is_outlet

_SCRIPT_POLL = 0.05


class CardSeries(ShotSeries):
    """Takes shots to the card, fetches their files and deletes them there as told.

    Each file is fetched to where `destination` says, which also says whether one that is there is
    overwritten. With `remove` each file is deleted once it is safe. `verify` reads each file a
    second time, and compares. `first_number` is what ${shotseq} starts with.
    """

    def __init__(
        self,
        camera: ConnectedCamera,
        settings: CardShotSettings,
        shots: int = 1,
        interval: float = 0.0,
        *,
        destination: DownloadDestination | None = None,
        remove: bool = False,
        verify: bool = False,
        first_number: int = 1,
        listener: ShotListener | None = None,
        progress: Progress = SILENT,
        cancel: CancelToken = NEVER,
    ) -> None:
        super().__init__(
            camera, shots, interval, listener=listener, progress=progress, cancel=cancel
        )
        self._settings = settings
        self._destination = destination
        self._remove = remove
        self._verify = verify
        self._first_number = first_number
        self._shots: list[CardShot] = []
        self._last_number: int | None = None
        self._tidied: set[Path] = set()
        self._present: _Present | None = None
        self._put_back: PutBack | None = None
        self._knows_settings = False

    def run(self) -> list[CardShot]:
        """Take the shots, and return what came of each.

        A series survives a camera that drops off the bus. Raises `ChdkError` and `HostFileError`;
        what was not fetched is then still on the card.
        """
        try:
            self._take_all()
        except ChdkShellError as error:
            self._name_left(error)
            raise
        return self._shots

    def _get_ready(self) -> None:
        """Note which shot is the last one before: a drop-out may hide one of the series."""
        if self._count > 1 and self._last_number is None:
            self._last_number = shot_count(self._camera.scripts, self._cancel)

    def _take_shot(self, number: int) -> None:
        if self._present is None:
            self._present = self._shoot()
        if self._destination:
            self._destination.shot_number = self._first_number + number
        for file in self._present.files:
            self._handle(file)
        shot = self._present.result(self._remove)
        self._present = None
        self._shots.append(shot)
        self._listener.card_shot(shot)

    def _shoot(self) -> _Present:
        scripts = self._camera.scripts
        if not self._knows_settings:
            self._put_back = before_shot(scripts, self._settings, self._cancel)
            self._knows_settings = True
        shot = shoot(scripts, self._settings, self._put_back, self._cancel)
        self._last_number = shot.number
        return _Present(shot, [_File(picture) for picture in shot.pictures])

    # ---- drop-outs ----

    def _after_drop_out(self) -> bool:
        """Let a shot that was under way come to its end, and switch to record mode.

        Returns whether a shot has to be taken: the one that was under way may have come about.
        """
        scripts = self._camera.scripts
        _let_script_end(scripts, self._settings.exposure.longest_shot, self._cancel)
        switch_mode(scripts, True, self._cancel)
        if self._present is None:
            self._present = self._taken_unseen()
        return self._present is None

    def _taken_unseen(self) -> _Present | None:
        """Return the shot that was taken when the connection broke, None if there was none.

        A shot of which nothing came to the card was none.
        """
        if self._last_number is None:
            return None
        shot = last_shot(self._camera.scripts, self._settings, self._cancel)
        found = []
        for picture in shot.pictures if shot.number != self._last_number else ():
            try:
                wait_written(self._camera.scripts, picture.path, self._cancel)
                found.append(_File(picture))
            except ChdkError:
                self._listener.warn(f"{picture.path} was not written when the camera was gone")
        self._last_number = shot.number
        return _Present(shot, found) if found else None

    # ---- files ----

    def _handle(self, file: _File) -> None:
        """Download and delete one file as told; a failure is raised, and leaves it there."""
        if not self._destination and not self._remove:
            return
        if self._destination and file.local is None:
            self._download(file, self._destination)
        if self._remove and not file.is_removed:
            self._delete(file)

    def _name_left(self, error: ChdkShellError) -> None:
        """Name with an error the files that are still on the card, and where they were to go.

        The same call again would take another picture.
        """
        for file in self._present.files if self._present is not None else ():
            if (not self._destination and not self._remove) or file.is_removed:
                continue
            path = file.picture.path
            if self._destination and file.local is None:
                target = file.target or _target(self._destination, file.picture)
                error.left_on_card.append(LeftOnCard(path, str(target)))
            elif self._remove:
                error.left_on_card.append(LeftOnCard(path))

    def _download(self, file: _File, destination: DownloadDestination) -> None:
        path = file.picture.path
        wait_written(self._camera.scripts, path, self._cancel)
        target = file.target = file.target or _target(destination, file.picture)
        if target.parent not in self._tidied:
            self._tidied.add(target.parent)
            tidy_shots(target.parent)
        self._progress.describe(path)
        done = self._camera.files.download(
            path,
            target,
            to_disk=self._remove,
            verify=self._verify,
            is_new=True,
            progress=self._progress,
            cancel=self._cancel,
        )
        if self._remove and is_outlet(done.local):
            raise HostFileError(f"{done.local} is no file to keep a picture in")
        file.local = done.local
        self._listener.downloaded(file.picture, done.local, done.size)

    def _delete(self, file: _File) -> None:
        files, path = self._camera.files, file.picture.path
        # The answer to a first try may have been lost with the connection.
        if not file.was_tried_to_remove or files.exists(path, self._cancel):
            if not self._destination:
                wait_written(self._camera.scripts, path, self._cancel)
            file.was_tried_to_remove = True
            files.remove(path, self._cancel)
        file.is_removed = True
        self._listener.removed(file.picture)


class TakenFiles(CardSeries):
    """Fetches and deletes the files of a shot that was taken already, as `CardSeries` does.

    After a `TransportError` `run` goes on with what is left, over the camera's new connection.
    """

    def __init__(
        self,
        camera: ConnectedCamera,
        shot: TakenShot,
        *,
        destination: DownloadDestination | None = None,
        remove: bool = False,
        first_number: int = 1,
        listener: ShotListener | None = None,
        progress: Progress = SILENT,
        cancel: CancelToken = NEVER,
    ) -> None:
        super().__init__(
            camera,
            CardShotSettings(),
            destination=destination,
            remove=remove,
            first_number=first_number,
            listener=listener,
            progress=progress,
            cancel=cancel,
        )
        self._present = _Present(shot, [_File(picture) for picture in shot.pictures])


@dataclass(slots=True)
class _File:
    """A file of the present shot, and how far it has come."""

    picture: CardPicture
    target: Path | None = None
    local: Path | None = None
    was_tried_to_remove: bool = False
    is_removed: bool = False


@dataclass(slots=True)
class _Present:
    """The shot whose files are handled."""

    shot: TakenShot
    files: list[_File]

    def result(self, removed: bool) -> CardShot:
        """Return the shot as it is when all is done."""
        pictures = tuple(file.picture for file in self.files)
        downloads = tuple(file.local for file in self.files if file.local is not None)
        return CardShot(self.shot.number, pictures, downloads, removed, self.shot.exposure)


def _let_script_end(scripts: Scripts, seconds: float, cancel: CancelToken) -> None:
    """Wait until the script of a connection that broke has ended; end it after `seconds`.

    One of somebody else's is neither waited for nor ended.
    """
    deadline = time.monotonic() + seconds
    while scripts.owns_running and scripts.status() & ScriptStatus.RUNNING:
        if time.monotonic() >= deadline:
            scripts.end_own()
            return
        cancel.wait(_SCRIPT_POLL)


def _target(destination: DownloadDestination, picture: CardPicture) -> Path:
    """Return the path of a download, with a number in its name where it would replace a file and
    is not to."""
    text = destination.path(picture)
    path = Path(text)
    if not text or names_folder(text) or path.is_dir():
        path = path / escaped_name(base_name(picture.path))
    return path if destination.replaces else free_path(path)
