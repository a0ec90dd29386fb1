"""A shell in this process on several simulated cameras that no other test uses."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from chdkshell.camera import connect
from chdkshell.shell.dispatch import Shell, Status
from chdkshell.shell.output.render import Renderer
from chdkshell.shell.prefs import OutputKind, Prefs
from chdkshell.sim.camera import SimCamera
from support.sim_rig import addresses, behind


class RigShell:
    """Runs lines. `sims` are the cameras behind the shell, with the numbers 1, 2 ..."""

    def __init__(self, places: list[str], output: OutputKind) -> None:
        self.out, self.err = io.StringIO(), io.StringIO()
        prefs = Prefs(output)
        self.shell = Shell(prefs, Renderer(prefs, self.out, self.err))
        self.context = self.shell.context
        self.sims: list[SimCamera] = []
        for address in places:
            camera = connect(address)
            self.context.connections.use(camera)
            self.sims.append(behind(camera))
        self.rig = self.context.connections.rig

    def run(self, line: str) -> list[str]:
        """Run a line that must succeed; return what it printed."""
        out, err = self.try_(line)
        assert self.shell.status is Status.OK, (line, err)
        return out

    def fail(self, line: str) -> list[str]:
        """Run a line that must fail; return the lines on stderr."""
        _, err = self.try_(line)
        assert self.shell.status is not Status.OK, line
        return err

    def try_(self, line: str) -> tuple[list[str], list[str]]:
        """Run a line; return the lines on stdout and stderr."""
        for stream in (self.out, self.err):
            stream.seek(0)
            stream.truncate()
        self.shell.run(line)
        return self.out.getvalue().splitlines(), self.err.getvalue().splitlines()

    def objects(self, line: str) -> list[dict[str, Any]]:
        """Run a line; return the objects of JSON that it printed."""
        return [json.loads(text) for text in self.try_(line)[0]]


@contextmanager
def rig_shell(
    monkeypatch: pytest.MonkeyPatch, count: int = 3, output: OutputKind = OutputKind.PLAIN
) -> Iterator[RigShell]:
    """Give a shell with new cameras, which are let go at the end."""
    shell = RigShell(addresses(monkeypatch, count), output)
    try:
        yield shell
    finally:
        shell.shell.close()
