"""What `shoot` does: shots to the card, downloads of them, and their deletion."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from chdkshell.chdk.paths import base_name, host_name
from chdkshell.chdk.shooting.destinations import DownloadDestination
from chdkshell.chdk.shooting.exposure import Exposure
from chdkshell.chdk.shooting.modes import check
from chdkshell.chdk.shooting.shots import (
    CanonFormat,
    CardPicture,
    CardShotSettings,
    card_pictures,
    shoot,
    wait_written,
)
from chdkshell.errors import ChdkShellError, TransportError, UsageError, printable
from chdkshell.shell.results import Deletion, Transfer
from chdkshell.shell.shots import shotrun

if TYPE_CHECKING:
    from chdkshell.shell.context import Context


def settings_of(
    exposure: Exposure, raw: bool | int | None, dng: bool | int | None, cfmt: str | None
) -> CardShotSettings:
    """Return the settings that the switches describe. Raises `UsageError`."""
    canon_format = None
    if cfmt is not None:
        try:
            canon_format = CanonFormat[cfmt.upper()]
        except KeyError:
            raise UsageError(f"unexpected cfmt {printable(cfmt)}", "JPG, CR2 or BOTH") from None
    return CardShotSettings(
        exposure,
        None if raw is None else bool(raw),
        None if dng is None else bool(dng),
        canon_format,
    )


class CardShots:
    """Takes shots to the card as `shoot` says. Raises `UsageError` for a wrong destination."""

    def __init__(
        self,
        context: Context,
        settings: CardShotSettings,
        download: bool | str,
        remove: bool,
        sequence: int | None,
    ) -> None:
        self._context = context
        self._settings = settings
        self._remove = remove
        self._sequence = sequence
        self._destination: DownloadDestination | None = None
        self._last_number: int | None = None
        self._was_cut_off = False
        self._not_fetched: list[CardPicture] = []
        if download:
            text = "${name}" if download is True else download
            self._destination = DownloadDestination(text, shotrun.camera_names(context))

    def check_nowait(self, shots: int) -> None:
        """Raise `UsageError` for what cannot be done without waiting."""
        if self._destination or self._remove:
            raise UsageError("can't download or remove with nowait")
        if shots > 1:
            raise UsageError("can't take several shots with nowait")

    def run(self, shots: int, interval: float) -> None:
        """Take the shots, and fetch and delete their files as told."""
        shotrun.start_sequence(self._context, self._sequence if self._destination else None)
        if shots > 1:
            self._last_number = self._exposure_count()
        with self._context.progress("shoot") as progress:
            shotrun.run_lapse(self._context, progress, shots, interval, self._take, self._after_gap)

    def _take(self, shot: int) -> None:
        if not self._not_fetched:
            self._not_fetched = self._taken_unseen() or self._shoot()
        pictures = self._not_fetched
        if self._destination:
            self._destination.shot_number = shotrun.shot_number(self._context)
        while pictures:
            self._handle(pictures[0])
            pictures.pop(0)
        if self._destination:
            shotrun.count_shot(self._context)

    def _shoot(self) -> list[CardPicture]:
        pictures = shoot(self._context.camera.scripts, self._settings, self._context.cancel)
        if self._last_number is not None:
            self._last_number = self._exposure_count()
        return pictures

    def _after_gap(self) -> None:
        self._was_cut_off = True

    def _taken_unseen(self) -> list[CardPicture]:
        """Return the files of a shot that was taken when the connection broke, if one was."""
        if not self._was_cut_off:
            return []
        self._was_cut_off = False
        number = self._exposure_count()
        if number == self._last_number:
            return []
        self._last_number = number
        scripts = self._context.camera.scripts
        folder = scripts.call("return get_image_dir()", cancel=self._context.cancel)
        bits = self._settings.canon_format or CanonFormat.JPG
        return card_pictures({"dir": folder, "exp": number, "format": int(bits)})  # type: ignore[dict-item]

    def _exposure_count(self) -> int:
        answer = check(self._context.camera.scripts.call("return get_exp_count()"))
        return answer if isinstance(answer, int) else 0

    def _handle(self, picture: CardPicture) -> None:
        """Download and delete one picture as told; a failure is raised, and leaves it there."""
        context = self._context
        if not self._destination and not self._remove:
            return
        try:
            wait_written(context.camera.scripts, picture.path, context.cancel)
            if self._destination:
                target = _free(self._destination.path(picture), picture.path)
                with context.progress(picture.path) as progress:
                    done = context.camera.files.download(
                        picture.path, target, progress=progress, cancel=context.cancel
                    )
                context.emit(Transfer(done.remote, str(done.local), done.size))
            if self._remove:
                context.camera.files.remove(picture.path, cancel=context.cancel)
                context.emit(Deletion(picture.path, True, ""))
        except TransportError:
            raise
        except ChdkShellError as error:
            error.hint = error.hint or f"{picture.path} is still on the card"
            raise


def _free(text: str, remote: str) -> Path:
    """Return the path of a download, with a number in its name where there is such a file."""
    path = Path(text)
    if not text or text.endswith(("/", os.sep)) or path.is_dir():
        path = path / host_name(base_name(remote))
    wanted, number = path, 0
    while os.path.lexists(path):
        number += 1
        path = wanted.with_name(f"{wanted.stem}_{number}{wanted.suffix}")
    return path
