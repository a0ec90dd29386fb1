"""What the C layer needs of the program that it runs in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from chdkshell.camera import Camera
from chdkshell.flow import NEVER, CancelToken
from chdkshell.transport.base import Device

PROGRAM_API = (0, 7)
"""The version of chdkptp's C core that the functions of this layer are."""


class Services(Protocol):
    """The cameras, the terminal and the command line of the program."""

    def write(self, data: bytes) -> None:
        """Write what a Lua program prints."""

    def write_error(self, data: bytes) -> None:
        """Write what a Lua program says beside its output."""

    def read_line(self, prompt: bytes) -> bytes | None:
        """Return the next line of standard input with its end; None at the end."""

    def devices(self) -> Sequence[Device]:
        """Return the cameras on USB, and those elsewhere that were connected."""

    def connected(self, address: str) -> Camera | None:
        """Return the camera at an address, None where it is not connected."""

    def open(self, address: str, cancel: CancelToken) -> Camera:
        """Connect the camera at an address and return it. Raises `ConnectError`."""

    def close(self, camera: Camera) -> None:
        """Disconnect a camera."""

    def use(self, camera: Camera) -> None:
        """Make a camera the one that commands use."""

    def current(self) -> Camera | None:
        """Return the camera that commands use, None where it is not connected."""

    def run_command(self, line: str) -> tuple[bool, str]:
        """Run a command line; return whether it succeeded, and what it gave or why it failed."""

    def get_option(self, name: str) -> bool | int | str:
        """Return an option of the program. Raises `UsageError`."""

    def set_option(self, name: str, value: str) -> None:
        """Set an option of the program. Raises `UsageError`."""


@dataclass
class Host:
    """What all functions of the C layer share.

    `cancel` ends what runs. `stopped` is what is to end the whole program that runs, whatever it
    catches. `exit_value` is the status that it asked for, None where it did not. `program_api` is
    the version of chdkptp's C core that its Lua files are told.
    """

    services: Services
    arguments: tuple[str, ...] = ()
    program_api: tuple[int, int] = PROGRAM_API
    cancel: CancelToken = NEVER
    stopped: BaseException | None = None
    exit_value: int | None = None
    verbose: int = 0
    reset_on_close: bool = False
    started: list[Camera] = field(default_factory=list)
    """Cameras on which this run started a script."""
