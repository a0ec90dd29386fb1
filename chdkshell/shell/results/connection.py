"""Results of the commands about connections."""

from __future__ import annotations

from typing import Any

from chdkshell.errors import printable
from chdkshell.shell.results import Result


class Versions(Result):
    """Protocol versions of this program and of the camera, None where no CHDK is connected.

    `connected`: a camera is, with CHDK or without.
    """

    __slots__ = ("camera", "connected", "host", "libraries", "program")

    def __init__(
        self,
        host: tuple[int, int],
        camera: tuple[int, int] | None,
        program: str | None,
        libraries: tuple[tuple[str, str], ...],
        connected: bool = False,
    ) -> None:
        self.connected = connected
        self.host = host
        self.camera = camera
        self.program = program
        self.libraries = libraries

    def json(self) -> Any:
        return {
            "host": [*self.host],
            "camera": [*self.camera] if self.camera else None,
            "program": self.program,
            "libraries": [[*library] for library in self.libraries],
        }

    def text(self) -> str:
        """Return the protocol's versions on one line, the others on one each."""
        absent = "no CHDK" if self.connected else "not connected"
        camera = "{}.{}".format(*self.camera) if self.camera else absent
        program = [self.program] if self.program else []
        libraries = [f"{name} {version}" for name, version in self.libraries]
        return "\n".join([*program, "host:{}.{} cam:{}".format(*self.host, camera), *libraries])


class Connected(Result):
    """A camera was connected. `max_packet_size` is in bytes, 0 where there are no USB packets."""

    __slots__ = ("address", "max_packet_size", "model", "serial")

    def __init__(self, address: str, model: str, serial: str, max_packet_size: int) -> None:
        self.address = address
        self.model = model
        self.serial = serial
        self.max_packet_size = max_packet_size

    def json(self) -> Any:
        return {
            "address": self.address,
            "model": self.model,
            "serial": self.serial,
            "max_packet_size": self.max_packet_size,
        }

    def text(self) -> str:
        """Return the model and the size of packets."""
        return printable(f"connected: {self.model}, max packet size {self.max_packet_size}")
