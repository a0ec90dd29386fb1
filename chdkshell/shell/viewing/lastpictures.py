"""The thumbnails of pictures that a camera takes while its live view goes on.

They are read in pieces, each an action of its own, and only while the camera has nothing else to
do: so frames and keys wait for a piece at most.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chdkshell.chdk.card.thumbnails import thumbnail_by
from chdkshell.chdk.shooting.cardpictures import taken_shot
from chdkshell.errors import ChdkError, ChdkShellError, printable_name
from chdkshell.lua.literals import serialize
from chdkshell.lua.values import LuaValue
from chdkshell.shell.viewing.cameraactions import Action, CameraActions

if TYPE_CHECKING:
    from chdkshell.shell.terminal.pictures import Picture

MOST_SHOWN = 3

PIECE = 8 << 10
"""Bytes of a file that are read at once."""

RETRY_SECONDS = 0.5
"""How long to wait for a file that the camera has not written yet."""

MOST_TRIES = 20


class _MoreError(Exception):
    """The thumbnail goes on behind what was read."""


@dataclass(frozen=True, slots=True, eq=False)
class LastPicture:
    """A picture that was taken. `thumbnail` is None where it has none that can be shown."""

    name: str
    thumbnail: Picture | None


class LastPictures:
    """Finds out which pictures were taken and fetches their thumbnails. The last come first."""

    def __init__(self, actions: CameraActions) -> None:
        self._actions = actions
        self._shown: deque[LastPicture] = deque(maxlen=MOST_SHOWN)
        self._count: int | None = None
        self._path = ""
        self._data = bytearray()
        self._tries = 0
        self._due = 0.0
        self._now = 0.0

    @property
    def shown(self) -> tuple[LastPicture, ...]:
        """The pictures, the newest first."""
        return tuple(self._shown)

    def ask(self, now: float, count: int | None) -> None:
        """Go on, if the camera has nothing else to do. `count` is its counter of pictures."""
        self._now = now
        if count is None or self._actions.busy or now < self._due:
            return
        if self._path:
            self._read()
        elif count != self._count:
            is_new = self._count is not None  # else it was there before the view
            self._count = count
            if is_new:
                code = "return shot_files({})"
                self._actions.submit(Action(code, self._told, self._failed, ("shoot",)))

    def _told(self, values: tuple[LuaValue, ...]) -> None:
        try:
            shot = taken_shot(values[0] if values else None)
        except ChdkError as error:
            self._failed(error)
            return
        if shot.pictures:  # the JPEG is the last of them
            self._path, self._tries = shot.pictures[-1].path, 0
            self._data.clear()

    def _read(self) -> None:
        call = f"viewfinder_read({serialize(self._path)},{len(self._data)},{PIECE})"
        self._actions.submit(Action(f"return {call}", self._take, self._failed))

    def _take(self, values: tuple[LuaValue, ...]) -> None:
        piece = values[0] if values else None
        data = piece.encode() if isinstance(piece, str) else piece
        data = data[:PIECE] if isinstance(data, bytes) else b""
        if not data and not self._data and self._tries < MOST_TRIES:
            self._tries += 1  # the firmware writes it a while after the shot
            self._due = self._now + RETRY_SECONDS
            return
        self._data += data
        try:
            found = thumbnail_by(self._piece if len(data) == PIECE else self._end)
        except _MoreError:
            return
        self._show(found)

    def _piece(self, offset: int, size: int) -> bytes:
        if offset >= len(self._data):
            raise _MoreError
        return bytes(self._data[offset : offset + size])

    def _end(self, offset: int, size: int) -> bytes:
        return bytes(self._data[offset : offset + size])

    def _show(self, jpeg: bytes | None) -> None:
        from chdkshell.shell.terminal.pictures import decoded

        name = printable_name(self._path.rpartition("/")[2])
        self._shown.appendleft(LastPicture(name, decoded(jpeg)))
        self._path = ""
        self._data.clear()

    def _failed(self, error: ChdkShellError) -> None:
        if self._path:
            self._show(None)
