"""What the prompt keeps between runs, in files that only the user can read."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from prompt_toolkit.history import FileHistory, History, InMemoryHistory

from chdkshell.errors import printable
from chdkshell.transport.base import Device

if TYPE_CHECKING:
    from chdkshell.camera import Camera

LUA_HISTORY_FILE = "lua_history"
CAMERAS_FILE = "cameras"

MAX_CAMERAS = 20
"""How many cameras are kept, those of last time first."""


def private_file(folder: str, name: str) -> Path:
    """Return a file in `folder` that is there and can be read by the user only.

    Raises `OSError`.
    """
    path = Path(folder) / name
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
    path.chmod(0o600)
    return path


def open_history(folder: str, name: str, warn: Callable[[str], None]) -> History:
    """Return the history that is kept in `folder`; one for this run where that cannot be."""
    try:
        return FileHistory(private_file(folder, name))
    except OSError as error:
        warn(f"the history is not kept: {Path(folder) / name}: {error.strerror}")
        return InMemoryHistory()


class KnownCameras:
    """The cameras that were connected in this run and before, one a line: address, model, serial.

    One on USB is known by its serial number, since it gets another place with each plugging.
    Simulated ones are left out. A file that cannot be read or written is no trouble.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._devices = self._load()

    @property
    def devices(self) -> list[Device]:
        """The cameras, that of last time first."""
        return self._devices

    def remember(self, cameras: Sequence[Camera]) -> None:
        """Put `cameras` first, in their order, and write that down if it is new."""
        before = self._devices
        for camera in reversed(cameras):
            serial = printable(camera.serial)
            address = camera.address
            if address.startswith("usb:"):
                address = f"usb:serial={serial}" if serial else ""
            if not address or address.startswith("sim:"):
                continue
            new = Device(address, model=printable(camera.model), serial=serial or None)
            others = (device for device in self._devices if device.address != address)
            self._devices = [new, *others][:MAX_CAMERAS]
        if self._devices != before:
            self._save()

    def _load(self) -> list[Device]:
        try:
            lines = (Path(self._folder) / CAMERAS_FILE).read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            return []
        return [device for device in map(_read, lines[:MAX_CAMERAS]) if device]

    def _save(self) -> None:
        lines = [json.dumps([d.address, d.model, d.serial]) for d in self._devices]
        try:
            private_file(self._folder, CAMERAS_FILE).write_text(
                "".join(f"{line}\n" for line in lines), "utf-8"
            )
        except OSError:
            return


def _read(line: str) -> Device | None:
    try:
        address, model, serial = json.loads(line)
    except (ValueError, TypeError, RecursionError):
        return None
    if not isinstance(address, str) or not all(isinstance(v, str | None) for v in (model, serial)):
        return None
    return Device(address, model=model, serial=serial)
