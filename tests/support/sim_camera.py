"""Scripts on a whole simulated camera, with shutter, card and screen."""

from __future__ import annotations

from pathlib import Path

from chdkshell.sim.camera import SimCamera
from chdkshell.sim.clock import Clock
from support.sim_scripts import Runner


class CameraRunner(Runner):
    """Runs scripts on a whole camera. `files` are the pictures on its card."""

    def __init__(self, camera: SimCamera) -> None:
        super().__init__(camera.scripts)
        self.camera = camera

    @property
    def files(self) -> list[str]:
        folder = self.root / "DCIM"
        return sorted(str(path.relative_to(folder)) for path in folder.glob("*/*.*"))


def power_on(card: Path, speed: float = 10) -> CameraRunner:
    """Return a camera in record mode."""
    card.mkdir(exist_ok=True)
    camera = SimCamera(card=card, clock=Clock(speed))
    camera.state.recording = True
    return CameraRunner(camera)
