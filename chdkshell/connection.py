"""A camera as a link to it: what it is, and connecting, coming back and leaving."""

from __future__ import annotations

import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

from chdkshell.chdk.protocol import ChdkProtocol
from chdkshell.chdk.scripts import Scripts
from chdkshell.errors import NotConnectedError, PtpError, TransportError
from chdkshell.flow import NEVER, SILENT, CancelToken, Progress
from chdkshell.identity import Identity, find_again
from chdkshell.link import CameraLink, open_link
from chdkshell.ptp.datasets import DeviceInfo
from chdkshell.ptp.session import Session
from chdkshell.transport.base import split_address

if TYPE_CHECKING:
    from chdkshell.chdk.card.files import Files
    from chdkshell.chdk.templates.variables import NamingInfo
    from chdkshell.standard.device import PtpDevice
    from chdkshell.standard.eos import Eos
    from chdkshell.trace.tracer import Tracer

RECONNECT_SECONDS = 10.0
"""How long `Camera.reconnect` looks for the camera: a reboot takes a few seconds."""

_DEPARTURE_STEP = 0.05


class Connection:
    """The link to one camera, which a reconnect replaces.

    `label` and `number` tell it from others in the names of files, where there are several.
    """

    def __init__(
        self,
        address: str = "usb:",
        *,
        timeout: float | None = None,
        tracer: Tracer | None = None,
        cancel: CancelToken = NEVER,
    ) -> None:
        self.address = address
        self.label, self.number = "1", 1
        self._timeout = timeout
        self._tracer = tracer
        self._link: CameraLink | None = open_link(address, timeout, tracer, cancel)
        self._last = self._link
        self._info = self._link.info
        self._identity = Identity.of(self._link)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        if not self.is_connected:
            return f"<Camera {self.model} at {self.address}, not connected>"
        version = self.chdk_version
        chdk = "without CHDK" if version is None else f"CHDK protocol {version[0]}.{version[1]}"
        return f"<Camera {self.model} at {self.address}, {chdk}>"

    # ---- what it is ----

    @property
    def info(self) -> DeviceInfo:
        """What the camera said about itself when it was connected."""
        return self._info

    @property
    def model(self) -> str:
        """The camera's name, such as "Canon PowerShot SX50 HS"."""
        return self._info.model

    @property
    def serial(self) -> str:
        """The serial number as PTP gives it, "" where the model does not tell it."""
        return self._info.serial_number

    @property
    def place(self) -> str:
        """What the camera hangs on, by which one without a serial number is told from others.

        Like "USB port 1-4.2", or host, port and GUID on PTP/IP; "" where it cannot be known.
        """
        return self._identity.place

    @property
    def product_id(self) -> int:
        """The model's number on USB, 0 for a camera that is not on USB."""
        return self._connected().session.transport.product_id

    @property
    def naming(self) -> NamingInfo:
        """What the names of files can say about the camera."""
        from chdkshell.chdk.templates.variables import NamingInfo

        return NamingInfo(self.serial, self.product_id, self.label, self.number)

    @property
    def chdk_version(self) -> tuple[int, int] | None:
        """Major and minor version of CHDK's protocol, or None where the camera runs no CHDK."""
        return self._connected().chdk_version

    @property
    def is_connected(self) -> bool:
        """Whether calls can reach the camera, as far as is known without trying."""
        return self._link is not None and not self._link.session.broken

    # ---- what it is made of ----

    @property
    def session(self) -> Session:
        """The PTP session."""
        return self._connected().session

    @property
    def protocol(self) -> ChdkProtocol:
        """The commands of the CHDK operation."""
        return self._connected().protocol

    @property
    def scripts(self) -> Scripts:
        """Scripts and their messages."""
        return self._connected().scripts

    @property
    def files(self) -> Files:
        """The files on the card."""
        return self._connected().files

    @property
    def ptp(self) -> PtpDevice:
        """The camera as standard PTP has it: operations by name, objects, properties."""
        return self._connected().ptp

    @property
    def eos(self) -> Eos:
        """The camera as an EOS that this computer controls: settings, events, its shutter."""
        return self._connected().eos

    # ---- coming and going ----

    def trace(self, tracer: Tracer) -> None:
        """Have `tracer` write what goes to and from the camera, also after a reconnect."""
        self._tracer = tracer
        if self._link is not None:
            tracer.adopt(self._link.session)

    @property
    def timeout(self) -> float:
        """How many seconds the camera may send nothing before a call fails. Can be set."""
        return self.session.transport.timeout

    @timeout.setter
    def timeout(self, seconds: float) -> None:
        self._timeout = seconds
        if self._link is not None:
            self._link.session.transport.timeout = seconds

    def close(self) -> None:
        """Disconnect. Never raises, and may be called twice."""
        link, self._link = self._link, None
        if link is not None:
            link.session.close()

    def reconnect(
        self,
        wait: float = RECONNECT_SECONDS,
        cancel: CancelToken = NEVER,
        progress: Progress = SILENT,
    ) -> None:
        """Connect to the same camera again, after it slept, rebooted or was replugged.

        Looks for it for up to `wait` seconds; `progress` is told when it is not there at once. On
        USB it is found at all addresses by its serial number; one that tells none is taken only at
        the port where it was (`place`), or, on PTP/IP, with the same GUID. Raises `ConnectError`
        where it does not come back, or where another camera answers in its place.
        """
        self.close()
        deadline = time.monotonic() + wait
        pause = 0.05

        def open_at(address: str) -> CameraLink:
            return open_link(address, self._timeout, self._tracer, cancel)

        while True:
            try:
                self._link = find_again(self._identity, self.address, open_at)
            except (TransportError, PtpError):
                left = deadline - time.monotonic()
                if left <= 0:
                    raise
            else:
                self._info = self._link.info
                self._identity = Identity.of(self._link)
                self._link.scripts.follow(self._last.scripts)
                self._last = self._link
                return
            progress.describe(f"waiting for {self._identity}")
            cancel.wait(min(pause, left))
            pause = min(2 * pause, 0.5)

    def reboot(
        self, file: str | None = None, wait: float = 3.5, cancel: CancelToken = NEVER
    ) -> None:
        """Restart the camera, with the firmware in `file` (a path on the card) if one is given.

        Disconnects, and waits for up to `wait` seconds until the camera has gone; `reconnect` then
        finds it again. A script that runs is ended; but with a `file`, which is looked for first,
        it is an error. Raises `CardError` where that is no file, and what running a script raises.
        """
        from chdkshell.chdk.card.lookup import stat_file
        from chdkshell.chdk.paths import camera_path
        from chdkshell.lua.literals import serialize

        if file is not None:
            stat_file(self.files.card, camera_path(file), cancel)
        argument = "" if file is None else serialize(camera_path(file))
        # The camera gets a second: some do not take a new connection if they restart in this one.
        self.scripts.start(f"sleep(1000);reboot({argument})", kill_running=True)
        address = self.session.transport.address
        if split_address(address)[0] == "usb":
            self.close()
            self._watch_it_go(address, wait, cancel)
        else:
            self._ask_until_gone(wait, cancel)
            self.close()

    def _watch_it_go(self, address: str, wait: float, cancel: CancelToken) -> None:
        from chdkshell.transport.usb import addresses

        deadline = time.monotonic() + wait
        while time.monotonic() < deadline and address in addresses():
            cancel.wait(_DEPARTURE_STEP)

    def _ask_until_gone(self, wait: float, cancel: CancelToken) -> None:
        deadline = time.monotonic() + wait
        self.session.transport.timeout = 1.0
        while time.monotonic() < deadline:
            try:
                self.protocol.script_status(cancel=cancel)
            except (TransportError, PtpError):
                return
            cancel.wait(_DEPARTURE_STEP)

    def _connected(self) -> CameraLink:
        if self._link is None:
            raise NotConnectedError
        return self._link
