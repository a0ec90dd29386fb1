"""Simulated cameras for synchronised shots, and what befalls them in the middle of one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import chdkshell
from chdkshell.camera import Camera
from chdkshell.chdk.constants import ChdkCommand
from chdkshell.chdk.shooting.capture import CaptureRequest
from chdkshell.chdk.shooting.destinations import CaptureDestination, DownloadDestination
from chdkshell.rig.syncreport import SyncReport, SyncRequest
from chdkshell.sim.camera import SimCamera
from chdkshell.sim.individual import Individual
from chdkshell.sim.interfaces.ipserver import IpServer

PHASES = ("arming", "aimed", "released", "fetching")
"""While the script starts that gets ready, after the target was told, after the word to fire was
told, and as the files come."""

Strike = Callable[[], object]


class SyncSim:
    """A simulated camera on the network, in record mode, and the host's connection to it."""

    def __init__(self, number: int, **individual: Any) -> None:
        self.name = f"c{number}"
        self.sim = SimCamera(individual=Individual(number, drift=50.0, uptime=600.0, **individual))
        self.server = IpServer(self.sim)
        self.camera: Camera = chdkshell.connect(self.server.address)
        self.camera.switch_mode(True)
        self._shots_before = self.sim.state.shots

    @property
    def shots(self) -> int:
        """How often the shutter opened."""
        return self.sim.state.shots - self._shots_before

    def close(self) -> None:
        self.camera.close()
        self.server.close()
        self.sim.close()

    # ---- what befalls it ------------------------------------------------------------------------

    def die(self) -> None:
        """Lose the power, for good."""
        self.sim.state.power_off()
        threading.Thread(target=self.server.close, daemon=True).start()

    def lose_link(self) -> None:
        """Lose the cable for a moment: the camera goes on."""
        assert self.sim.state.on_usb_lost is not None
        self.sim.state.on_usb_lost()

    def be_cut_off(self) -> None:
        """Lose the cable for good: the camera goes on, and nobody can tell it anything."""
        self.lose_link()
        threading.Thread(target=self.server.close, daemon=True).start()

    def strike_at(self, phase: str, strike: Strike) -> None:
        """Have `strike` called once, in the middle of a phase."""
        sim, done = self.sim, threading.Event()

        def once() -> None:
            if not done.is_set():
                done.set()
                strike()

        if phase == "arming":
            execute = sim.scripts.execute

            def executed(source: bytes, flags: int = 0) -> Any:
                result = execute(source, flags)
                if b"return sync_" in source:
                    once()
                return result

            sim.scripts.execute = executed  # type: ignore[method-assign]
        elif phase in ("aimed", "released"):
            word = b"at " if phase == "aimed" else b"go"
            write = sim.scripts.write_message

            def written(data: bytes, script_id: int = 0) -> Any:
                result = write(data, script_id)
                if data.startswith(word):
                    once()
                return result

            sim.scripts.write_message = written  # type: ignore[method-assign]
        else:
            transact = sim.responder.transact

            def transacted(request: Any, source: Any, sink: Any) -> Any:
                fetches = ChdkCommand.DOWNLOAD_FILE, ChdkCommand.REMOTE_CAPTURE_GET_DATA
                if request.params and request.params[0] in fetches:
                    once()
                    sim.responder.transact = transact  # type: ignore[method-assign]
                return transact(request, source, sink)

            sim.responder.transact = transacted  # type: ignore[method-assign]


@contextmanager
def sync_rig(count: int = 3, **individual: Any) -> Iterator[list[SyncSim]]:
    """Simulated cameras c1, c2 ... with clocks of their own."""
    sims = [SyncSim(number + 1, **individual) for number in range(count)]
    try:
        yield sims
    finally:
        for sim in sims:
            sim.close()


def cameras(sims: list[SyncSim]) -> dict[str, Camera]:
    """Return the members as a synchronised shot takes them."""
    return {sim.name: sim.camera for sim in sims}


def to_card(sims: list[SyncSim], folder: Path, **more: Any) -> SyncRequest:
    """Return a request for shots to the card that are downloaded to `folder`."""
    places = {
        sim.name: DownloadDestination(f"{folder}/{sim.name}-${{name}}", sim.camera.naming)
        for sim in sims
    }
    return SyncRequest(downloads=places, **more)


def to_host(sims: list[SyncSim], folder: Path, **more: Any) -> SyncRequest:
    """Return a request for remote captures to `folder`."""
    places = {
        sim.name: CaptureDestination(f"{folder}/{sim.name}-${{name}}", sim.camera.naming)
        for sim in sims
    }
    return SyncRequest(files=CaptureRequest(jpg=True), captures=places, **more)


def check_true(report: SyncReport, sims: list[SyncSim]) -> None:
    """Check that the report says of each camera what it did."""
    for sim in sims:
        told = [shot.cameras[sim.name].fired for shot in report.shots]
        known = sum(fired is True for fired in told)
        assert known <= sim.shots <= known + told.count(None), (sim.name, told, sim.shots)


def check_together(report: SyncReport, sims: list[SyncSim]) -> None:
    """Check that nobody fired twice for a shot, and nobody alone."""
    fired = [sim.shots for sim in sims]
    assert max(fired) <= len(report.shots)
    assert sum(count > 0 for count in fired) != 1, fired


def check_kept(report: SyncReport, sims: list[SyncSim], folder: Path) -> None:
    """Check that each picture is whole here, or on the card, and that nothing is half done."""
    assert not [path for path in folder.iterdir() if ".part" in path.name]
    for shot in report.shots:
        for sim in sims:
            told = shot.cameras[sim.name]
            for path in (*told.downloads, *(file.path for file in told.captured)):
                assert path.read_bytes()[-2:] == b"\xff\xd9"
            for picture in told.pictures:
                on_card = sim.sim.card.root / picture.path.removeprefix("A/")
                assert told.removed or on_card.exists()


def check_at_rest(sims: list[SyncSim]) -> None:
    """Check that a camera holds no key, and runs no script."""
    for sim in sims:
        assert sim.sim.scripts.wait_ended(20)
        assert not sim.sim.state.keys_held
        assert not sim.sim.state.usb.sync_wait
        assert not sim.sim.state.capture.target
