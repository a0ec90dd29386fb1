"""What the prompt knows of the camera without asking it: status, listings and names, kept fresh.

Everything here is read at once from memory. Fresh values come from jobs in the background, and
those use the camera only while nothing else does and no script runs or has left messages.
"""

from __future__ import annotations

import copy
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from chdkshell.chdk.constants import ScriptStatus
from chdkshell.chdk.luamodules import Fields, known_fields
from chdkshell.chdk.luanames import LIST_NAMES
from chdkshell.chdk.paths import ROOT, camera_path, path_in
from chdkshell.errors import ScriptError, ScriptTimeoutError, UsageError
from chdkshell.flow import CancelToken
from chdkshell.lua.values import LuaValue
from chdkshell.shell.connections import Connections
from chdkshell.shell.prompt.background import Background
from chdkshell.shell.prompt.ptpview import PtpView
from chdkshell.transport.base import Device, list_devices

if TYPE_CHECKING:
    from chdkshell.camera import Camera
    from chdkshell.chdk.cardentry import CardEntry
    from chdkshell.chdk.scriptheader import ScriptHeader
    from chdkshell.rig.members import Member
    from chdkshell.shell.prompt.userfiles import KnownCameras

STATUS_SECONDS = 2.0
"""How often the camera is asked whether a script runs."""

CAMERA_SECONDS = 15.0
"""How often a small script asks for mode, battery and free space."""

LISTING_SECONDS = 20.0
"""How old a listing may be before it is fetched again."""

DEVICES_SECONDS = 5.0
"""How old the list of cameras on USB may be."""

ASK_SECONDS = 5.0
"""How long one of the small scripts may take."""

MAX_LISTINGS = 200
"""Folders whose listings are kept."""

_FACTS = (
    "local rec,video,mode=get_mode() "
    "return {rec=rec,video=video,mode=mode,battery=get_vbatt(),free=get_free_disk_space(),"
    "propset=get_propset()}"
)
_FIELDS = (
    "local ok,module=pcall(require,'%s') if not ok or type(module)~='table' then return false end "
    "local fields={} for k,v in pairs(module) do if type(k)=='string' then "
    "fields[k]=type(v)=='number' and v end end return fields"
)


@dataclass(frozen=True, slots=True)
class ToolbarStatus:
    """What the toolbar shows. None is what is not known. `battery` is in mV, `free` in KiB.

    `messages` only says that some wait: ScriptStatus has one bit for them, and to count them they
    would have to be taken away from whoever wants to read them.
    """

    model: str
    script: bool = False
    messages: bool = False
    recording: bool | None = None
    video: bool = False
    battery: int | None = None
    free: int | None = None


@dataclass(slots=True)
class _Listing:
    entries: tuple[CardEntry, ...]
    fetched: float


@dataclass(slots=True)
class _Known:
    """What is known of one camera."""

    camera: Camera
    status: ToolbarStatus
    listings: dict[str, _Listing] = field(default_factory=dict)
    names: frozenset[str] = frozenset()
    propset: int | None = None
    modules: dict[str, Fields] = field(default_factory=dict)
    headers: dict[str, ScriptHeader] = field(default_factory=dict)


class CameraView:
    """What is known of the current camera.

    `on_change` is called when something of it has changed, `on_listing` when a listing has come,
    and `on_error` when `late_errors` has one more: that of a script which no command waited for.
    """

    def __init__(
        self,
        connections: Connections,
        background: Background,
        on_change: Callable[[], None] = lambda: None,
        on_listing: Callable[[], None] = lambda: None,
        on_error: Callable[[], None] = lambda: None,
        cameras: KnownCameras | None = None,
    ) -> None:
        self._cameras = cameras
        self._on_change = on_change
        self._on_listing = on_listing
        self._on_error = on_error
        self.late_errors: deque[ScriptError] = deque()
        self._connections = connections
        self._background = background
        self.ptp = PtpView(connections, background, on_listing)
        self._state: _Known | None = None
        self._others: dict[Camera, CameraView] = {}
        self._devices: list[Device] = []
        self._devices_seen = -DEVICES_SECONDS
        background.every(STATUS_SECONDS, "status", self._refresh_status)
        background.every(CAMERA_SECONDS, "camera", self._refresh_camera)

    def of(self, selection: str) -> CameraView:
        """Return what is known of the first camera that a selection means and that is there.

        It knows of no camera where none is meant.
        """
        try:
            members = self._connections.rig.select(selection)
        except UsageError:  # it is being typed
            members = []
        camera = next((m.camera for m in members if m.camera.is_connected), None)
        if camera is not None and camera is self._connections.current:
            return self
        known = self._others.get(camera) if camera else None
        if known is None:
            known = copy.copy(self)
            known._state, known._others = None, {}
            known._connections = self._connections.beside(camera)
            known.ptp = PtpView(known._connections, self._background, self._on_listing)
            if camera is not None:
                there = {c: view for c, view in self._others.items() if c.is_connected}
                self._others = {**there, camera: known}
        return known

    # ---- what is known ----

    @property
    def folder(self) -> str:
        """Where paths begin on the card, "" at its top."""
        return self._connections.folder

    @property
    def status(self) -> ToolbarStatus | None:
        """The status of the current camera, or None where none is connected."""
        known = self._known()
        return known.status if known else None

    @property
    def names(self) -> frozenset[str]:
        """Names of the camera's Lua globals, and of their fields as `os.stat`."""
        known = self._known()
        return known.names if known else frozenset()

    def module_fields(self, module: str) -> Fields:
        """Return the fields of a Lua module, and have the camera's own read where they are not."""
        known = self._known()
        if known is None:
            return known_fields(module, None)
        if module not in known.modules:
            self._background.submit(
                ("module", module), lambda cancel: self._fetch_fields(known, module, cancel)
            )
        return known.modules.get(module) or known_fields(module, known.propset)

    def script_header(self, name: str) -> ScriptHeader | None:
        """Return the header of a script on the card, and have it fetched where it is not known."""
        known = self._known()
        if known is None:
            return None
        place = self._connections.folder + name
        if place not in known.headers:
            self._background.submit(
                ("script", place), lambda cancel: self._fetch_header(known, name, cancel)
            )
        return known.headers.get(place)

    def listing(self, folder: str) -> tuple[CardEntry, ...]:
        """Return what is known of a folder of the card, and have it fetched where that is old."""
        known = self._known()
        if known is None:
            return ()
        if self._connections.folder:
            folder = path_in(self._connections.folder, folder or ".")
        path = camera_path(folder or ROOT).rstrip("/").upper()
        listing = known.listings.get(path)
        if listing is None or time.monotonic() - listing.fetched > LISTING_SECONDS:
            self._background.submit(
                ("listing", path), lambda cancel: self._fetch(known, path, folder, cancel)
            )
        return listing.entries if listing else ()

    def members(self) -> list[Member]:
        """Return the cameras of the rig, in the order of their numbers."""
        return self._connections.rig.members

    def devices(self) -> list[Device]:
        """Return the cameras that were there when last looked, and have them looked for again."""
        if time.monotonic() - self._devices_seen > DEVICES_SECONDS:
            self._background.submit("devices", self._look_for_devices)
        connected = [
            Device(camera.address, model=camera.model, serial=camera.serial or None)
            for camera in self._connections.all()
        ]
        return [*connected, *self._devices]

    def earlier_devices(self) -> list[Device]:
        """Return the cameras that were connected before, whether they are there or not."""
        return self._cameras.devices if self._cameras else []

    def forget_listings(self) -> None:
        """The card may have changed: fetch listings again when they are next asked for."""
        known = self._state
        if known is not None:
            for listing in list(known.listings.values()):
                listing.fetched = 0.0
            known.headers.clear()
        self.ptp.forget()
        for view in self._others.values():
            view.forget_listings()

    def _known(self) -> _Known | None:
        camera, known = self._connections.current, self._state
        if camera is None or not camera.is_connected:
            known = None
        elif known is None or known.camera is not camera:
            known = _Known(camera, ToolbarStatus(camera.model))
        self._state = known  # set in one step: the prompt and the background both come here
        return known

    # ---- jobs ----

    def _refresh_status(self, cancel: CancelToken) -> None:
        known = self._known()
        if known is None or known.camera.chdk_version is None:
            return
        with known.camera.session.exclusive(wait=False) as free:
            if not free:
                return
            scripts = known.camera.scripts
            errors = scripts.late_errors()
            status = scripts.status()
        self._update(
            known,
            script=bool(status & ScriptStatus.RUNNING),
            messages=bool(status & ScriptStatus.MESSAGE_WAITING) or scripts.keeps_messages,
        )
        if errors:
            self.late_errors += errors
            self._on_error()

    def _refresh_camera(self, cancel: CancelToken) -> None:
        known = self._known()
        if known is None:
            return
        answer = self._ask(known, _FACTS, cancel)
        if isinstance(answer, dict):
            known.propset = _number(answer.get("propset"))
            self._update(
                known,
                recording=bool(answer.get("rec")),
                video=bool(answer.get("video")),
                battery=_number(answer.get("battery")),
                free=_number(answer.get("free")),
            )
        if not known.names:
            names = self._ask(known, LIST_NAMES, cancel)
            if isinstance(names, list):
                known.names = frozenset(name for name in names if isinstance(name, str))

    def _fetch_fields(self, known: _Known, module: str, cancel: CancelToken) -> None:
        answer = self._ask(known, _FIELDS % module, cancel)
        if answer is None:
            return
        fields = answer if isinstance(answer, dict) else {}
        known.modules[module] = {
            name: _number(value) for name, value in fields.items() if isinstance(name, str)
        }
        self._on_listing()

    def _fetch_header(self, known: _Known, name: str, cancel: CancelToken) -> None:
        from chdkshell.chdk.cardscripts import find_on_card
        from chdkshell.chdk.scriptheader import ScriptHeader

        if known.camera.chdk_version is None:
            return
        with known.camera.scripts.aside() as free:
            if not free:
                return
            folder, camera = self._connections.folder, known.camera
            paths = dict.fromkeys((path_in(folder, name), name) if folder else (name,))
            found = (find_on_card(camera.files, camera.scripts, path, cancel) for path in paths)
            script = next(filter(None, found), None)
        known.headers[folder + name] = script.header if script else ScriptHeader()
        self._on_listing()

    def _look_for_devices(self, cancel: CancelToken) -> None:
        self._devices_seen = time.monotonic()
        self._devices = list_devices("usb")

    def _ask(self, known: _Known, code: str, cancel: CancelToken) -> object:
        camera = known.camera
        if camera.chdk_version is None:
            return None
        with camera.scripts.aside() as free:
            if not free:
                return None
            try:
                return camera.scripts.call(code, timeout=ASK_SECONDS, cancel=cancel)
            except ScriptTimeoutError:
                camera.scripts.kill()
                return None

    def _fetch(self, known: _Known, path: str, folder: str, cancel: CancelToken) -> None:
        files = known.camera.files
        with files.card.aside() as free:
            if not free:
                return
            entries = files.scandir(folder or ROOT, cancel=cancel)
        if len(known.listings) >= MAX_LISTINGS:
            known.listings.clear()
        known.listings[path] = _Listing(tuple(entries), time.monotonic())
        self._on_listing()

    def _update(self, known: _Known, **status: bool | int | None) -> None:
        changed = replace(known.status, **status)  # type: ignore[arg-type]
        if changed != known.status:
            known.status = changed
            self._on_change()


def _number(value: LuaValue) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
