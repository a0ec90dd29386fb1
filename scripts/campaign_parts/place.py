"""The place of a case: a camera with its card, a folder of this computer, and a shell on both."""

from __future__ import annotations

import io
import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from support.cut_link import content
from support.file_cases import write
from support.small_dng import SMALL

from campaign_parts.case import Case
from campaign_parts.links import Fault, Way, faulty_links
from chdkshell.shell.dispatch import Shell
from chdkshell.shell.output.render import Renderer
from chdkshell.shell.prefs import OutputKind, Prefs
from chdkshell.sim import remotecap
from chdkshell.sim.camera import SimCamera
from chdkshell.sim.clock import Clock
from chdkshell.sim.imaging import pictures, sensor
from chdkshell.sim.interfaces.ipserver import IpServer
from chdkshell.sim.properties import Prop

CALM = 1.0
"""How fast the camera's clock runs while nothing is wrong: a busy computer keeps up with it."""

QUICK = 8.0
"""The same once the link has failed. The camera's 30 s for a capture are 4 s then."""

HURRY = 5000.0
"""The same while the end of a script is waited for: 15 s pass in 3 ms."""

END_SECONDS = 60.0
"""How long, in real time, a script may take to end then."""

MEASURED = {Prop.AV, Prop.TV, Prop.SV, Prop.SV_MARKET, Prop.BV, Prop.DELTA_SV, Prop.FOCUS_STATE}
"""Properties that each measurement changes, of light or distance."""


@contextmanager
def small_pictures() -> Iterator[None]:
    """Have simulated cameras of this process take pictures that are quickly made."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sensor.SENSORS, 12, SMALL)
        patch.setitem(remotecap.SENSOR_ROWS, 12, SMALL.mosaic.height)
        patch.setattr(pictures, "SIZE", (64, 48))
        patch.setattr(pictures, "RAW_LIGHT", (64, 48))
        yield


class Taken:
    """The pictures that a camera has taken: files that it wrote, and what it offered the host."""

    def __init__(self, camera: SimCamera) -> None:
        self.files: dict[str, bytes] = {}
        self.offered: list[bytes] = []
        state, root = camera.state, Path(camera.card.root)
        develop, offer = state.on_shoot, state.capture.offer
        assert develop

        def developed(shot: Any) -> None:
            before = set(content(root / "DCIM"))
            develop(shot)
            now = content(root / "DCIM")
            self.files |= {f"DCIM/{name}": now[name] for name in now.keys() - before}

        def offered(bit: int, number: int, pieces: Any, clock: Clock) -> None:
            chunks = (bytes(chunk) for piece in pieces for chunk in piece.chunks())
            self.offered.append(b"".join(chunks))
            offer(bit, number, pieces, clock)

        state.on_shoot = developed
        setattr(state.capture, "offer", offered)  # noqa: B010 - a method of one object


class Outcome:
    """What a line came to. `was_cut`: the fault struck."""

    def __init__(self, line: str, ok: bool, status: int, stdout: str, stderr: str) -> None:
        self.line, self.ok, self.status = line, ok, status
        self.stdout, self.stderr = stdout, stderr
        self.was_cut = False


class Desk:
    """A shell in this process. `run` runs lines in it, on `address`."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._out, self._err = io.StringIO(), io.StringIO()
        prefs = Prefs(OutputKind.PLAIN)
        self.shell = Shell(prefs, Renderer(prefs, self._out, self._err))

    def connect(self) -> None:
        if not self.shell.connect(self._place.server.address):
            raise AssertionError(f"cannot connect: {self._err.getvalue()}")

    def run(self, line: str, cancel_after: float | None = None) -> Outcome:
        """Run a line; one that does not end gets a Ctrl-C after some seconds."""
        for stream in (self._out, self._err):
            stream.seek(0)
            stream.truncate()
        line = line.replace("$address", self._place.server.address)
        with ctrl_c(cancel_after):
            ok = self.shell.run(line)
        status = int(self.shell.status)
        return Outcome(line, ok, status, self._out.getvalue(), self._err.getvalue())


@contextmanager
def ctrl_c(seconds: float | None) -> Iterator[None]:
    """Send a Ctrl-C after so many seconds; None: none."""
    if seconds is None:
        yield
        return
    over = threading.Event()

    def press() -> None:
        if not over.wait(seconds):
            os.kill(os.getpid(), signal.SIGINT)

    before = signal.signal(signal.SIGINT, lambda number, frame: None)
    thread = threading.Thread(target=press)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        signal.signal(signal.SIGINT, before)


class Place:
    """One at a time: `set_up` makes it anew for a case, with another camera on the same port."""

    def __init__(self, root: Path) -> None:
        self.card, self.folder = root / "card", root / "work"
        self.temporary = root / "tmp"
        for folder in (self.card, self.folder, self.temporary):
            folder.mkdir()
        self.editor = root / "editor"
        self.editor.write_text('#!/bin/sh\nprintf ", and more" >> "$1"\n')
        self.editor.chmod(0o755)
        self.camera = SimCamera(self.card)
        self.server = IpServer(self.camera)
        self.case: Case
        self.taken: Taken

    def set_up(self, case: Case) -> None:
        """Make card, folder and camera as they are before a case."""
        self.camera.close()
        for folder in (self.card, self.folder, self.temporary):
            for entry in os.scandir(folder):
                if entry.is_dir(follow_symlinks=False):
                    shutil.rmtree(entry.path)
                else:
                    Path(entry.path).unlink()
        write(self.card, case.files.card)
        write(self.folder, case.files.here)
        self.case = case
        self.camera = self.server.camera = SimCamera(self.card, clock=Clock(CALM), craw=True)
        self.camera.state.recording = case.record
        for number, value in case.settings.items():
            self.camera.state.set_prop(number, value)
        self.taken = Taken(self.camera)

    @contextmanager
    def desk(self, fault: Fault | None = None, begins: bool = True) -> Iterator[Desk]:
        """Give a shell that is connected, but for a case that connects itself.

        `begins`: the lines before the case have been run.
        """
        if fault is not None and fault.way is not Way.DRIP:
            fault.on_strike = lambda: self.run_clock(QUICK)
        with pytest.MonkeyPatch.context() as patch, faulty_links(fault or Fault()):
            patch.chdir(self.folder)
            patch.setenv("EDITOR", str(self.editor))
            patch.delenv("VISUAL", raising=False)
            patch.setattr(tempfile, "tempdir", str(self.temporary))
            desk = Desk(self)
            try:
                if fault is not None and self.case.joins:
                    fault.begin()
                elif not self.case.silent:
                    desk.connect()
                for line in self.case.before if begins else ():
                    done = desk.run(line)
                    assert done.ok, f"{line}: {done.stderr}"
                if fault is not None and not self.case.joins:
                    fault.begin()
                yield desk
            finally:
                desk.shell.close()

    def hurry(self) -> bool:
        """Let the camera's time fly until no script runs and no shot is under way.

        Returns whether that came.
        """
        self.run_clock(HURRY)
        ended = self.camera.scripts.wait_ended(END_SECONDS)
        deadline = time.monotonic() + END_SECONDS
        while self.camera.state.shutter._busy and time.monotonic() < deadline:
            time.sleep(0.001)
        self.run_clock(CALM)
        return ended

    def run_clock(self, speed: float) -> None:
        """Let the camera's clock go with another speed from now on, for what waits already, too."""
        state = self.camera.state
        state.clock.speed = speed
        self.camera.scripts._mailbox.wake()
        state.shutter.look_again()
        with state.capture._changed:
            state.capture._changed.notify_all()

    def close(self) -> None:
        self.server.close()
        self.camera.close()


def settings_of(camera: SimCamera) -> dict[str, object]:
    """Return how a camera is set, by the names that `Case.may_change` uses."""
    state = camera.state
    properties = dict(state.properties)
    return {
        "mode": (state.record_mode, properties.pop(Prop.SHOOTING_MODE, b"")),
        "exposure": {number: properties.pop(number, b"") for number in MEASURED},
        "zoom": (state.zoom, properties.pop(Prop.OPTICAL_ZOOM_POSITION, b"")),
        "focus": (state.focus, properties.pop(Prop.FOCUS_MODE, b""), state.manual_focus),
        "properties": properties,
        "overrides": repr(state.overrides),
        "raw": state.raw,
        "image format": state.image_format,
        "configuration": state.config.values(),
        "capture": state.capture.target,
        "keys": sorted(state.keys_held),
        "clock": round(state.clock._offset / 3),
        "hooks": [
            getattr(state.shutter, f"hook_{name}").timeout for name in ("preshoot", "shoot", "raw")
        ],
        "usb": repr(state.usb),
        "display": (state.display, state.backlight),
    }


@contextmanager
def a_root() -> Iterator[Path]:
    """Give a folder in memory, where the system has that."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(
        prefix="campaign-", dir=memory if memory.is_dir() else None
    ) as root:
        yield Path(root)


@contextmanager
def a_place() -> Iterator[Place]:
    """Give a place, in memory."""
    with a_root() as root, small_pictures():
        place = Place(root)
        try:
            yield place
        finally:
            place.close()
