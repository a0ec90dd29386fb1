"""A shell in this process on a simulated camera of its own, for the tests that shoot."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from chdkshell.camera import Camera
from chdkshell.shell.dispatch import Shell
from chdkshell.shell.output.render import Renderer
from chdkshell.shell.prefs import OutputKind, Prefs
from chdkshell.sim.camera import SimCamera
from chdkshell.sim.interfaces import transport


class ShootingShell:
    """Runs lines. `sim` is the camera behind the shell, `camera` the shell's end of it."""

    def __init__(self, sim: SimCamera, camera: Camera, output: OutputKind) -> None:
        self.sim = sim
        self.camera = camera
        self.out, self.err = io.StringIO(), io.StringIO()
        self.told: list[str] = []
        prefs = Prefs(output)
        self.shell = Shell(prefs, Renderer(prefs, self.out, self.err))
        self.context = self.shell.context
        self.context.connections.use(camera)

    def run(self, line: str) -> list[str]:
        """Run a line, which must succeed without a word on stderr; return what it printed."""
        ok, out, err = self.try_(line)
        assert (ok, err) == (True, []), (line, err)
        return out

    def fail(self, line: str) -> str:
        """Run a line, which must fail; return what it says on stderr."""
        ok, _, err = self.try_(line)
        assert not ok, line
        return "\n".join(err)

    def try_(self, line: str) -> tuple[bool, list[str], list[str]]:
        """Run a line; return whether it succeeded, and the lines on stdout and stderr.

        What is told of each shot, and what copies came to, is left in `told`.
        """
        for stream in (self.out, self.err):
            stream.seek(0)
            stream.truncate()
        ok = self.shell.run(line)
        err = self.err.getvalue().splitlines()
        self.told = [line for line in err if line.startswith(("shot ", "copied "))]
        return ok, self.out.getvalue().splitlines(), [x for x in err if x not in self.told]


@contextmanager
def shooting_shell(
    card: Path, output: OutputKind = OutputKind.PLAIN, record: bool = True, **settings: Any
) -> Iterator[ShootingShell]:
    """Give a shell on a camera with the card `card`, in record mode."""
    card.mkdir(parents=True, exist_ok=True)
    sim = SimCamera(card=card, **settings)
    address = f"sim:card={card}"
    transport._cameras[address] = sim
    camera = Camera(address)
    try:
        shell = ShootingShell(sim, camera, output)
        if record:
            shell.run("rec")
        yield shell
    finally:
        camera.close()
        sim.close()
        del transport._cameras[address]
