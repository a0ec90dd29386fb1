"""The program in a process of its own that is ended in the middle, and what it leaves behind."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chdkshell.sim.camera import SimCamera
from chdkshell.sim.clock import Clock
from chdkshell.sim.fresh_card import fill_card
from chdkshell.sim.interfaces.ipserver import IpServer
from support.shell_process import environment, program
from support.timeouts import TIMEOUT


@dataclass(frozen=True)
class Desk:
    """A camera in this process on a TCP port, and a folder for programs that use it."""

    camera: SimCamera
    address: str
    folder: Path
    patch: pytest.MonkeyPatch

    @contextmanager
    def running(self, *arguments: str, **options: Any) -> Iterator[subprocess.Popen[str]]:
        """Run the program, connected to the camera, with its three streams as pipes."""
        child = subprocess.Popen(
            [*program(), "-r", "--device", self.address, *arguments],
            **{
                "stdin": subprocess.PIPE,
                "stdout": subprocess.PIPE,
                "stderr": subprocess.PIPE,
                "cwd": self.folder,
                "env": environment(PYTHONWARNINGS="error,ignore::ResourceWarning"),
                "encoding": "utf-8",
                **options,
            },
        )
        try:
            yield child
        finally:
            child.kill()
            child.communicate()

    def at_script(self, part: str) -> Held:
        """Hold up the first script with `part` in its source, before it starts."""
        held = Held(self.camera, part.encode())
        self.patch.setattr(self.camera.scripts, "execute", held.execute)
        return held

    def when(self, owner: object, call: str) -> threading.Event:
        """Return what is set when `owner`'s method `call` is called."""
        happened = threading.Event()
        used = getattr(owner, call)

        def noted(*arguments: Any, **named: Any) -> Any:
            happened.set()
            return used(*arguments, **named)

        self.patch.setattr(owner, call, noted)
        return happened

    def pass_time(self, seconds: float) -> None:
        """Let so much of the camera's time pass at once; then it nearly stands."""
        camera, clock = self.camera, self.camera.state.clock
        clock.advance(round(seconds * 1000))
        clock.speed = 0.1
        camera.state.shutter.look_again()
        with camera.state.capture._changed:
            camera.state.capture._changed.notify_all()
        camera.scripts._mailbox.wake()

    def check_in_order(self, seconds: float = TIMEOUT) -> None:
        """Check that nothing goes on, is held, set or left over in the camera and the folder."""
        camera, state = self.camera, self.camera.state
        assert camera.scripts.wait_ended(seconds), "its script goes on"
        assert not state.keys_held
        assert not state.capture.target
        assert not state.raw
        assert state.image_format == 1
        assert state.config[226] == 0, "DNG"
        assert not [path for path in self.folder.rglob("*") if path.name.endswith(".part")]
        assert not list(camera.card.root.glob("CHSH*"))

    def check_next(self) -> None:
        """Check that the next command works."""
        with self.running("-e", "luar return 6*7") as child:
            out, err = child.communicate(timeout=TIMEOUT)
        assert (child.returncode, err) == (0, ""), err
        assert out.endswith(":return:42\n")


class Held:
    """Holds a script up: `begun` is set when it is to start, and `go` lets it."""

    def __init__(self, camera: SimCamera, part: bytes) -> None:
        self.begun, self.go = threading.Event(), threading.Event()
        self._part = part
        self._execute = camera.scripts.execute

    def execute(self, source: bytes, flags: int = 0) -> Any:
        if self._part in source and not self.begun.is_set():
            self.begun.set()
            assert self.go.wait(TIMEOUT)
        return self._execute(source, flags)


@contextmanager
def new_desk(tmp_path: Path, patch: pytest.MonkeyPatch, speed: float = 4) -> Iterator[Desk]:
    """Give a camera with some pictures on its card, in record mode, and a folder."""
    card, folder = tmp_path / "card", tmp_path / "work"
    card.mkdir()
    folder.mkdir()
    fill_card(card)
    camera = SimCamera(card=card, clock=Clock(speed))
    camera.state.recording = True
    with IpServer(camera) as server:
        yield Desk(camera, server.address, folder, patch)
    camera.close()
