"""The simulated camera: card, state, scripts and responder, put together."""

from __future__ import annotations

import tempfile
from pathlib import Path

from chdkshell.chdk.constants import CaptureData
from chdkshell.errors import UsageError
from chdkshell.ptp.codes import OperationCode
from chdkshell.ptp.datasets import DeviceInfo
from chdkshell.sim import fresh_card
from chdkshell.sim.api.firmware import FIRMWARE
from chdkshell.sim.card import Card
from chdkshell.sim.chdk_commands import ChdkCommands
from chdkshell.sim.clock import Clock
from chdkshell.sim.darkroom import FIRST_FOLDER, Darkroom, last_picture
from chdkshell.sim.display.playback import Playback
from chdkshell.sim.display.screen import Screen, ScreenSetup
from chdkshell.sim.hands import Hands
from chdkshell.sim.individual import Delay, Individual, ShutterLog
from chdkshell.sim.key_actions import give_keys
from chdkshell.sim.lua.heap import HEAP_LIMIT
from chdkshell.sim.lua.host import ScriptHost
from chdkshell.sim.models import SIM1, model_named
from chdkshell.sim.pace import CameraPace, pace_named
from chdkshell.sim.remotecap import SENSOR_ROWS, WHOLE_SHOT, RemoteCapture
from chdkshell.sim.responder import Responder
from chdkshell.sim.settings import GROUPS, NATIVE_CALLS
from chdkshell.sim.shot import Shot
from chdkshell.sim.standard.standardptp import StandardPtp
from chdkshell.sim.state import CameraState

MODEL = SIM1.name

_MICROSOFT = 0x0000000B
"""The vendor extension id that PowerShots report (ISO 15740, annex: registered extensions)."""

_EXIF_JPEG = 0x3801
"""Object format code of EXIF/JPEG (ISO 15740, 6.2)."""


class SimCamera:
    """A camera that runs CHDK, as most models do, without the camera.

    `card` is the host folder that serves as its memory card, and is kept; without one a fresh card
    is made and removed by `close`. Pictures are numbered on from its own on the card. `model` is a
    camera of `models.MODELS`, or a name for the default one. `sensor` is its bits a pixel, where
    they are not to be its own, and `craw` says whether it makes Canon's own raw files. `lua_heap`
    is how many bytes scripts have. `pace` is how quick it is: without one, what the environment
    says, else as a real camera. `native_calls` is CHDK's setting that lets scripts call the
    firmware. With `boot` it makes CHDK's folders on a card of the caller's where they are missing.
    `individual` is which of several cameras it is, and gives the `serial` unless there is one.
    Without `chdk` it is a camera on which CHDK was not started.

    Raises `UsageError` where `card` is no folder, and where there is no such sensor. `times_off`
    counts how often it left its connections: one from before then is gone.
    """

    def __init__(
        self,
        card: Path | None = None,
        model: str = MODEL,
        serial: str | None = None,
        screen: ScreenSetup | None = None,
        sensor: int | None = None,
        craw: bool = False,
        clock: Clock | None = None,
        lua_heap: int = HEAP_LIMIT,
        pace: CameraPace | None = None,
        native_calls: bool = False,
        boot: bool = False,
        individual: Individual | None = None,
        chdk: bool = True,
    ) -> None:
        individual = individual or Individual()
        serial = individual.serial if serial is None else serial
        if sensor is not None and sensor not in SENSOR_ROWS:
            bits = ", ".join(map(str, SENSOR_ROWS))
            raise UsageError(f"there is no sensor of {sensor} bits", f"there are: {bits}")
        known = model_named(model)
        identity = known or SIM1
        model = identity.name if known else model
        self._own_card: tempfile.TemporaryDirectory[str] | None = None
        first_folder = FIRST_FOLDER
        if card is None:
            self._own_card = tempfile.TemporaryDirectory(
                prefix="chdkshell-card-", ignore_cleanup_errors=True
            )
            card = Path(self._own_card.name)
            fresh_card.fill_card(card, identity.has_chdk)
            first_folder = fresh_card.FIRST_FOLDER
        elif not card.is_dir():
            raise UsageError(f"the card '{card}' is not a folder", "make it first, or name another")
        elif boot and identity.has_chdk:
            fresh_card.boot_card(card)
        self.card = Card(card)
        craw = craw or identity.canon_raw
        support = WHOLE_SHOT | (CaptureData.CANON_RAW if craw else 0)
        shape = identity.sensor
        rows = SENSOR_ROWS[sensor or 12] if sensor or shape is None else shape.height
        self.state = CameraState(
            clock=clock or individual.clock(),
            pace=pace or pace_named(None),
            model=model,
            canon_raw=craw,
            capture=RemoteCapture(support, rows),
            identity=identity,
            sensor_bits=sensor,
            focal_lengths=identity.focal_lengths,
            battery_mv=identity.battery_mv,
        )
        for group in GROUPS:
            self.state.config.load(self.card, group, None)
        self.state.config[NATIVE_CALLS] = int(native_calls)
        self.state.recording = identity.is_eos
        self.state.exposure_count, self.state.image_dir = last_picture(self.card, first_folder)
        darkroom = Darkroom(self.card, self.state)
        self.state.shutter_lag = Delay(individual.shutter_lag, individual.number).draw
        self._shutter_log = ShutterLog(individual.shutter_log) if individual.shutter_log else None
        self.state.on_open = self._note_exposure
        self.state.on_raw = darkroom.open_raw
        self.state.on_shoot = darkroom.develop
        self.state.movie.on_end = darkroom.store_movie
        self.state.on_power_off = self._power_off
        self.state.on_usb_lost = self._leave_bus
        self.screen = Screen(self.state, screen, Playback(self.card, self.state))
        self.scripts = ScriptHost(self.card, self.state, FIRMWARE, lua_heap)
        commands = ChdkCommands(self.card, self.state, self.scripts, self.screen)
        self.standard = StandardPtp(self.card, self.state, serial)
        operations = identity.report.operations
        if identity.has_chdk and chdk:
            operations = (*operations, OperationCode.CHDK)
        self.device_info = DeviceInfo(
            manufacturer=identity.report.manufacturer,
            model=model,
            device_version=identity.report.version,
            serial_number=serial,
            operations_supported=operations,
            events_supported=identity.report.events,
            device_properties_supported=tuple(self.standard.properties.properties),
            capture_formats=(_EXIF_JPEG,),
            image_formats=identity.report.formats,
            vendor_extension_id=_MICROSOFT,
            vendor_extension_version=100,
        )
        travel = Delay(individual.latency, individual.number).pass_half
        self.responder = Responder(self.device_info, self.standard, commands, travel)
        give_keys(self.state)
        self.hands = Hands(self.state)
        self.times_off = 0

    def close(self) -> None:
        """Stop the script that runs, and remove a card of its own. May be called twice."""
        self.hands.close()
        self.scripts.close()
        self.state.movie.stop()
        self.state.shutter.close()
        if self._shutter_log is not None:
            log, self._shutter_log = self._shutter_log, None
            log.close()
        if self._own_card is not None:
            self._own_card.cleanup()

    def _note_exposure(self, shot: Shot) -> None:
        if self._shutter_log is not None:
            self._shutter_log.note(self.device_info.serial_number, shot.number)

    def _leave_bus(self) -> None:
        self.times_off += 1
        self.responder.end_session()

    def _power_off(self) -> None:
        """Leave every connection. The camera is on again, in play mode, for the next one."""
        self._leave_bus()
        self.scripts.kill()
        self.scripts.outbox.clear()
        self.scripts.inbox.clear()
        self.state.capture.reset()
        self.state.recording = self.state.identity.is_eos
        self.state.powered = True
