"""What the commands that shoot have in common: ${shotseq}, and telling what happens."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from chdkshell.chdk.shooting.capture import CapturedShot, FileKind
from chdkshell.chdk.shooting.cardpictures import CardPicture
from chdkshell.chdk.shooting.exif import read_exposure
from chdkshell.chdk.shooting.exposure import Exposure, ShotExposure
from chdkshell.chdk.shooting.series import CardShot, ShotListener
from chdkshell.errors import HostFileError, LeftOnCard
from chdkshell.shell.prefs import SHOT_SEQUENCE
from chdkshell.shell.results.files import CopiedFile, Deletion
from chdkshell.shell.results.shooting import ShotFile, ShotTaken
from chdkshell.shell.shots.lastnumber import next_number
from chdkshell.shell.shots.switches import AUTO

if TYPE_CHECKING:
    from chdkshell.shell.context import Context
    from chdkshell.shell.results import Result

TELLS_EXPOSURE = (FileKind.JPG, FileKind.DNG, FileKind.DNG_HEADER, FileKind.CANON_RAW)
"""Kinds of files that have Exif data."""

MAX_SCRIPT = 1 << 20
"""Bytes of a script of the user's own; a camera has less memory."""


def start_sequence(context: Context, number: int | None, template: str | None = None) -> int:
    """Return what ${shotseq} is for the next shot; it is `number`, where one is given.

    `AUTO` is the number after the highest that files have which are named by `template`.
    """
    if number == AUTO:
        number = next_number(template or "")
    if number is not None:
        context.prefs.set(SHOT_SEQUENCE, str(number))
    return context.prefs.number(SHOT_SEQUENCE)


def count_shot(context: Context) -> None:
    """Note that a shot was taken."""
    context.prefs.set(SHOT_SEQUENCE, str(context.prefs.number(SHOT_SEQUENCE) + 1))


class ShotPrinter(ShotListener):
    """Tells the user of a row of shots, and counts them if `counts`.

    Of each shot there is a line on stderr, not if `quiet`, and an object in JSON, as it happens.
    `asked` is what the user has the shots taken with, for files that do not say it. `command` is
    what runs after each, in place of what the options say.
    """

    def __init__(
        self,
        context: Context,
        asked: Exposure,
        counts: bool = True,
        quiet: bool = False,
        command: str | None = None,
    ) -> None:
        self._context = context
        self._asked = ShotExposure.from_apex96(asked.tv, asked.av, asked.sv)
        self._counts = counts
        self._quiet = quiet
        self._command = command
        self._shots = 0
        self._sizes: dict[Path, int] = {}

    def warn(self, text: str) -> None:
        self._context.warn(text)

    def message(self, text: str) -> None:
        self._context.warn(f"script msg {text}")

    def downloaded(self, picture: CardPicture, local: Path, size: int) -> None:
        self._sizes[local] = size
        self._step("download", CopiedFile(picture.path, str(local), size))
        self._context.after_download(str(local), picture.path)

    def removed(self, picture: CardPicture) -> None:
        self._step("remove", Deletion(picture.path, True, ""))

    def card_shot(self, shot: CardShot) -> None:
        if self._context.member is not None and not shot.downloads and not shot.removed:
            self._context.member.left_on_card += [LeftOnCard(p.path) for p in shot.pictures]
        copies = [*shot.downloads, *([None] * (len(shot.pictures) - len(shot.downloads)))]
        files = tuple(
            ShotFile(
                None if local is None else str(local),
                picture.image_format,
                None if local is None else self._sizes.pop(local, None),
                picture.path,
                shot.removed,
            )
            for picture, local in zip(shot.pictures, copies, strict=True)
        )
        self._taken(shot.number, shot.exposure, files)

    def captured(self, shot: CapturedShot) -> None:
        files = tuple(ShotFile(str(f.path), f.kind.image_format, f.size) for f in shot.files)
        for file in shot.files:
            self._context.after_download(str(file.path), "")
        self._taken(shot.image_number, self._exposure_of(shot), files, shot.patched_pixels)

    def _exposure_of(self, shot: CapturedShot) -> ShotExposure:
        """Return what the first file says that says anything."""
        for file in shot.files:
            if file.kind in TELLS_EXPOSURE and (found := read_exposure(file.path)) is not None:
                return found
        return self._asked

    def _taken(
        self, number: int, exposure: ShotExposure, files: tuple[ShotFile, ...], patched: int = 0
    ) -> None:
        if self._counts:
            count_shot(self._context)
        self._shots += 1
        now = datetime.now().astimezone().isoformat(timespec="seconds")
        shot = ShotTaken(self._shots, number, now, exposure, files, patched)
        if not self._quiet:
            self._context.tell(shot.line)
        self._context.output.event("shot", shot, is_result=True)
        self._context.after_shot([file.place for file in files], self._command)

    def _step(self, kind: str, result: Result) -> None:
        if not self._quiet or self._context.output.is_json:
            self._context.output.event(kind, result)


def read_script(path: str) -> bytes:
    """Return a script of the user's own. Raises `HostFileError`."""
    try:
        with Path(path).open("rb") as file:
            data = file.read(MAX_SCRIPT + 1)
    except OSError as error:
        raise HostFileError(f"cannot read {path}: {error.strerror or error}") from error
    if len(data) > MAX_SCRIPT:
        raise HostFileError(f"{path} is too long for a script", f"{MAX_SCRIPT} bytes at most")
    return data
