"""What the commands that shoot have in common: ${shotseq}, and telling what happens."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from chdkshell.chdk.shooting.capture import CapturedShot
from chdkshell.chdk.shooting.cardpictures import CardPicture
from chdkshell.chdk.shooting.series import CardShot, ShotListener
from chdkshell.errors import HostFileError
from chdkshell.shell.results.files import CopiedFile, Deletion
from chdkshell.shell.results.shooting import ShotFile, ShotFiles

if TYPE_CHECKING:
    from chdkshell.shell.context import Context

SHOT_SEQUENCE = "cli_shotseq"

MAX_SCRIPT = 1 << 20
"""Bytes of a script of the user's own; a camera has less memory."""


def start_sequence(context: Context, number: int | None) -> int:
    """Return what ${shotseq} is for the next shot; it is `number`, where one is given."""
    if number is not None:
        context.prefs.set(SHOT_SEQUENCE, str(number))
    return context.prefs.number(SHOT_SEQUENCE)


def count_shot(context: Context) -> None:
    """Note that a shot was taken."""
    context.prefs.set(SHOT_SEQUENCE, str(context.prefs.number(SHOT_SEQUENCE) + 1))


class ShotPrinter(ShotListener):
    """Tells the user of a row of shots, and counts them if `counts`."""

    def __init__(self, context: Context, counts: bool = True) -> None:
        self._context = context
        self._counts = counts

    def warn(self, text: str) -> None:
        self._context.warn(text)

    def message(self, text: str) -> None:
        self._context.warn(f"script msg {text}")

    def downloaded(self, picture: CardPicture, local: Path, size: int) -> None:
        self._context.emit(CopiedFile(picture.path, str(local), size))

    def removed(self, picture: CardPicture) -> None:
        self._context.emit(Deletion(picture.path, True, ""))

    def card_shot(self, shot: CardShot) -> None:
        self._count()

    def captured(self, shot: CapturedShot) -> None:
        self._count()
        self._context.emit(shot_result(shot))

    def _count(self) -> None:
        if self._counts:
            count_shot(self._context)


def shot_result(shot: CapturedShot) -> ShotFiles:
    """Return the files of a shot as a result."""
    files = tuple(ShotFile(str(f.path), f.kind.image_format, f.size) for f in shot.files)
    return ShotFiles(shot.image_number, files, shot.patched_pixels)


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
