"""The simulated camera: card, state, scripts and responder, put together."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

from chdkshell.errors import UsageError
from chdkshell.ptp.codes import EventCode, Operation
from chdkshell.ptp.datasets import DeviceInfo
from chdkshell.sim.card import Card
from chdkshell.sim.fresh_card import fill_card
from chdkshell.sim.lua_host import ScriptHost
from chdkshell.sim.pictures import last_picture, make_folders, picture
from chdkshell.sim.responder import Responder
from chdkshell.sim.screen import Screen, ScreenSetup
from chdkshell.sim.state import CameraState, Shot

MODEL = "Canon PowerShot SIM1"
SERIAL = "SIM0001"

_MICROSOFT = 0x0000000B
"""The vendor extension id that PowerShots report (ISO 15740, annex: registered extensions)."""

_EXIF_JPEG = 0x3801
"""Object format code of EXIF/JPEG (ISO 15740, 6.2)."""


class SimCamera:
    """A camera that runs CHDK, without the camera.

    `card` is the host folder that serves as its memory card, and is kept; without one a fresh card
    is made and removed by `close`. Raises `UsageError` where `card` is no folder. `times_off`
    counts how often it was switched off: a connection from before then is gone.
    """

    def __init__(
        self,
        card: Path | None = None,
        model: str = MODEL,
        serial: str = SERIAL,
        screen: ScreenSetup | None = None,
    ) -> None:
        self._own_card: tempfile.TemporaryDirectory[str] | None = None
        if card is None:
            self._own_card = tempfile.TemporaryDirectory(
                prefix="chdkshell-card-", ignore_cleanup_errors=True
            )
            card = Path(self._own_card.name)
            fill_card(card)
        elif not card.is_dir():
            raise UsageError(f"the card '{card}' is not a folder", "make it first, or name another")
        self.card = Card(card)
        self.device_info = DeviceInfo(
            manufacturer="Canon Inc.",
            model=model,
            device_version="1-1.0.0.0",
            serial_number=serial,
            operations_supported=(
                Operation.GET_DEVICE_INFO,
                Operation.OPEN_SESSION,
                Operation.CLOSE_SESSION,
                Operation.GET_STORAGE_IDS,
                Operation.GET_STORAGE_INFO,
                Operation.CHDK,
            ),
            events_supported=(
                EventCode.OBJECT_ADDED,
                EventCode.OBJECT_REMOVED,
                EventCode.DEVICE_INFO_CHANGED,
            ),
            capture_formats=(_EXIF_JPEG,),
            image_formats=(_EXIF_JPEG,),
            vendor_extension_id=_MICROSOFT,
            vendor_extension_version=100,
        )
        self.state = CameraState(model=model)
        self.state.exposure_count, self.state.image_dir = last_picture(self.card)
        self.state.on_shoot = self._store
        self.state.on_power_off = self._power_off
        self.screen = Screen(self.state, screen)
        self.scripts = ScriptHost(self.card, self.state)
        self.responder = Responder(self)
        self.times_off = 0

    def close(self) -> None:
        """Stop the script that runs, and remove a card of its own. May be called twice."""
        self.scripts.close()
        if self._own_card is not None:
            self._own_card.cleanup()

    def _store(self, shot: Shot) -> None:
        """Write the picture of a shot to the card, unless it goes to the host."""
        if self.state.capture.target:
            return
        folder = self.state.image_dir
        path = f"{folder}/IMG_{shot.number:04d}.JPG"
        # A card that is full or read-only costs the picture, on a camera too.
        with contextlib.suppress(OSError):
            make_folders(self.card, folder)
            with self.card.open(path, "w") as file:
                file.write(picture(shot.number, shot.taken, self.device_info.model))
            self.card.utime(path, shot.taken, shot.taken)

    def _power_off(self) -> None:
        """Leave every connection. The camera is on again, in play mode, for the next one."""
        self.times_off += 1
        self.responder.end_session()
        self.scripts.kill()
        self.scripts.outbox.clear()
        self.scripts.inbox.clear()
        self.state.recording = False
        self.state.powered = True
