"""gphoto2 at work on a simulated camera, over PTP/IP or the emulated USB bus."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from chdkshell.sim.camera import SimCamera
from chdkshell.sim.interfaces.ipserver import IpServer
from support.emulated_usb.fixtures import UsbBus
from support.timeouts import TIMEOUT

CARD = "/store_00010001"
"""How gphoto2 calls the simulated card."""

TRIES = 5
"""How often it is run: over PTP/IP it waits 2.5 s for an answer, and no longer."""


@dataclass(frozen=True, slots=True)
class Gphoto:
    """The program with the words that lead to the camera; it works in `folder`."""

    program: str
    words: tuple[str, ...]
    environment: dict[str, str]
    folder: Path
    camera: SimCamera

    def try_(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run it, and return what came of it."""
        return subprocess.run(
            [self.program, *self.words, *words],
            env={**self.environment, "HOME": str(self.folder), "LC_ALL": "C"},
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )

    def run(self, *words: str) -> str:
        """Run it, check that it is content, and return what it printed."""
        for _ in range(TRIES):
            result = self.try_(*words)
            if "Connection timed out" not in result.stderr:
                break
        assert result.returncode == 0, result.stderr
        assert "*** Error" not in result.stderr
        return result.stdout


@contextmanager
def gphoto_at(
    door: str, program: str, camera: SimCamera, folder: Path, bus: UsbBus | None
) -> Iterator[Gphoto]:
    """gphoto2 with a camera behind the door `ip` or `usb`. Settings of its own are in `folder`."""
    if door == "usb":
        assert bus is not None
        bus.plug_sim(camera, 7)
        yield Gphoto(program, (), bus.environment(), folder, camera)
        return
    with IpServer(camera) as server:
        port = ("--port", server.gphoto_port)
        yield Gphoto(program, port, dict(os.environ), folder, camera)
