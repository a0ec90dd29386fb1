"""What checks work with: the camera, a folder on its card, and one on this computer."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from chdkshell.chdk.card.writer import temporary_name
from chdkshell.chdk.constants import ScriptStatus
from chdkshell.chdk.paths import encode_path
from chdkshell.chdk.transfersizes import is_risky, upload_size
from chdkshell.errors import CardError
from chdkshell.flow import CancelToken
from chdkshell.lua.literals import serialize
from chdkshell.lua.values import LuaValue
from chdkshell.selftest.outcomes import Measured, require, short
from chdkshell.streams import BytesSource

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chdkshell.camera import Camera
    from chdkshell.chdk.shooting.cardpictures import CardShotSettings, TakenShot

FOLDER = "A/CHSHTEST"
"""Where all files of checks are."""

PICTURES, RAW_PICTURES = "A/DCIM", "A/RAW"
"""Where the folders of pictures are."""

SCRIPT_SECONDS = 30.0
"""How long a script of a check may take: each ends by itself much sooner."""

_PAUSE = 0.01
"""Seconds between two looks at a script."""

TEMPORARY = temporary_name(0)
"""The name under which the library sends a file: it counts to the size of the data phase."""


class Bench:
    """A camera that is tried. `local` is a folder on this computer for files that come from it.

    `pictures` are files of pictures that were taken here and are on the card. `on_deleted` is told
    of each that is deleted.
    """

    def __init__(
        self,
        camera: Camera,
        local: Path,
        cancel: CancelToken,
        on_deleted: Callable[[str], None] = lambda path: None,
    ) -> None:
        self.on_deleted = on_deleted
        self.camera = camera
        self.local = local
        self.cancel = cancel
        self.measured: Measured = {}
        self.pictures: list[str] = []
        self._shot: CardShotSettings | None = None
        self._shot_before = 0
        self._folders: set[str] = set()

    def lua(
        self, code: str | bytes, *arguments: LuaValue, libraries: Sequence[str] = ()
    ) -> LuaValue | tuple[LuaValue, ...]:
        """Run a script and return what it returns. `arguments` are what `...` stands for in it."""
        if arguments:
            text = code if isinstance(code, str) else code.decode("latin-1")
            words = ",".join(map(serialize, arguments))
            code = f"return (function(...) {text} end)({words})"
        return self.camera.scripts.call(
            code, timeout=SCRIPT_SECONDS, libraries=libraries, cancel=self.cancel
        )

    def number(self, code: str) -> int:
        """Run a script and return the number that it returns."""
        return self.numbers(code, 1)[0]

    def numbers(self, code: str, count: int) -> tuple[int, ...]:
        """Run a script and return the numbers that it returns."""
        answer = self.lua(code)
        values = answer if isinstance(answer, tuple) else (answer,)
        found = tuple(v for v in values if isinstance(v, int) and not isinstance(v, bool))
        right = len(found) == len(values) == count
        require(right, f"a script returned {short(values)}", f"{count} numbers")
        return found

    def wait_message(self) -> bool:
        """Wait until a message of the script waits, or it has ended; return whether one waits."""
        deadline = time.monotonic() + SCRIPT_SECONDS
        while time.monotonic() < deadline:
            status = self.camera.scripts.status()
            if status & ScriptStatus.MESSAGE_WAITING or not status:
                return bool(status)
            self.cancel.wait(_PAUSE)
        return False

    def path(self, name: str) -> str:
        """Return the path of a file of this name on the card."""
        return f"{FOLDER}/{name}"

    @staticmethod
    def data(size: int, seed: int = 1) -> bytes:
        """Return bytes that look like noise, always the same for a size and a seed."""
        return random.Random(f"{size} {seed}").randbytes(size)

    @staticmethod
    def quiet_size(wanted: int) -> int:
        """Return the size next to `wanted`, not above it, with which no camera is known to hang."""
        path = f"{FOLDER}/{TEMPORARY}".encode()
        return next(size for size in range(wanted, -1, -1) if not is_risky(upload_size(path, size)))

    def write(self, name: str, data: bytes) -> str:
        """Write a file to the card and return its path."""
        path = self.path(name)
        self.camera.files.write(path, data, cancel=self.cancel)
        return path

    def upload(self, name: str, data: bytes) -> str:
        """Write a file in one transaction, as one can while a script runs; return its path."""
        path = self.path(name)
        source = BytesSource(data)
        self.camera.protocol.upload_file(encode_path(path), source, cancel=self.cancel)
        return path

    def read(self, path: str) -> bytes:
        """Return what a file on the card holds."""
        return self.camera.files.read(path, cancel=self.cancel)

    # ---- pictures -------------------------------------------------------------------------------

    def take_picture(self, settings: CardShotSettings) -> TakenShot:
        """Take a picture to the card; its files are deleted at the end, if not before."""
        from chdkshell.chdk.shooting import cardpictures

        scripts = self.camera.scripts
        with self.shooting(settings):
            put_back = cardpictures.before_shot(scripts, settings, self.cancel)
            taken = cardpictures.shoot(scripts, settings, put_back, self.cancel)
            self.pictures += [picture.path for picture in taken.pictures]
        return taken

    @contextmanager
    def shooting(self, settings: CardShotSettings) -> Iterator[None]:
        """Note that a shot is under way in the block. What it leaves is found where it fails."""
        from chdkshell.chdk.shooting.cardpictures import shot_count

        if not self._folders:
            self._folders = self._picture_folders()
        self._shot_before = shot_count(self.camera.scripts, self.cancel)
        self._shot = settings
        yield
        self._shot = None

    def find_picture(self) -> None:
        """Note the files of a shot that was broken off, if the camera took it after all."""
        from chdkshell.chdk.shooting.cardpictures import last_shot

        settings, self._shot = self._shot, None
        if settings is None:
            return
        taken = last_shot(self.camera.scripts, settings)
        # With more shots somebody else took some: which are whose cannot be told.
        if taken.number == self._shot_before + 1:
            self.pictures += [picture.path for picture in taken.pictures]

    def delete_pictures(self) -> None:
        """Delete the files of the pictures that were taken, and folders that were made for them.

        Raises `ChdkError` where one stays.
        """
        files = self.camera.files
        folders = {path.rpartition("/")[0] for path in self.pictures}
        while self.pictures:
            path = self.pictures[-1]
            if files.exists(path):
                files.remove(path)
                self.on_deleted(path)
            self.pictures.pop()
        for folder in folders - self._folders:
            with suppress(CardError):  # there is more in it
                files.remove(folder)

    def _picture_folders(self) -> set[str]:
        """Return the folders in which pictures are now."""
        files = self.camera.files
        found = {PICTURES, RAW_PICTURES}
        for parent in (PICTURES, RAW_PICTURES):
            if files.exists(parent, self.cancel):
                entries = files.scandir(parent, self.cancel)
                found |= {entry.path for entry in entries if entry.is_dir}
        return found
