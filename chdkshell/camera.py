"""The public Python API: a camera, connected.

with chdkshell.connect("sim:") as cam:
    cam.lua("return get_zoom()")
    cam.files.download("DCIM/100CANON/IMG_0001.JPG", Path("shots"))
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Self

from chdkshell.chdk.card.files import Files
from chdkshell.chdk.card.trees import Trees
from chdkshell.chdk.luadata import LuaValue, serialize
from chdkshell.chdk.protocol import ChdkProtocol
from chdkshell.chdk.scripts import MessageHandler, Scripts
from chdkshell.errors import (
    ConnectError,
    DisconnectedError,
    NoChdkError,
    NoDeviceError,
    NotConnectedError,
    PtpError,
    TransportError,
    printable,
)
from chdkshell.flow import NEVER, SILENT, CancelToken, Progress
from chdkshell.ptp.datasets import DeviceInfo
from chdkshell.ptp.session import Session
from chdkshell.transport.base import DeviceState, list_devices, open_transport, split_address

if TYPE_CHECKING:
    from chdkshell.trace.tracer import Tracer

RECONNECT_SECONDS = 10.0
"""How long `Camera.reconnect` looks for the camera: a reboot takes a few seconds."""

HANDSHAKE_SECONDS = 5.0
"""How long a camera may be silent while it is connected, before it is reset, and again after."""

_DEPARTURE_STEP = 0.05


def connect(
    address: str = "usb:",
    *,
    silence: float | None = None,
    tracer: Tracer | None = None,
    cancel: CancelToken = NEVER,
) -> Camera:
    """Connect to a camera and return it.

    `address` is `usb:` (the only one on USB), `usb:001:004` (bus and device), `usb:serial=...`,
    `ip:192.168.1.20`, `ip:host:port`, or `sim:` (a simulated camera in this process). `silence` is
    how many seconds the camera may send nothing before a call fails. `tracer` writes what goes to
    and from the camera while it is switched on. Raises `UsageError` for what is no address, and
    `ConnectError` with the reason.
    """
    return Camera(address, silence=silence, tracer=tracer, cancel=cancel)


@dataclass(frozen=True, slots=True)
class _Link:
    """Everything that belongs to one connection and is replaced by a reconnect."""

    session: Session
    info: DeviceInfo
    protocol: ChdkProtocol
    scripts: Scripts
    files: Files
    trees: Trees
    chdk_version: tuple[int, int] | None


class Camera:
    """A connected camera. Use it in a `with` statement, or `close` it.

    - `lua` runs Lua on the camera and returns what it returns
    - `files` lists, downloads, uploads and removes what is on the card
    - `trees` does so with whole trees, and with pictures by their numbers
    - `scripts` starts, feeds and kills scripts, and reads their messages
    - `protocol` has the single commands of CHDK, `session` the PTP transactions below them

    A camera without CHDK can be connected, too: `chdk_version` is then None, and what needs CHDK
    raises `NoChdkError`.

    >>> cam.lua("return 6*7, {mode=get_mode()}")
    (42, {'mode': False})
    """

    def __init__(
        self,
        address: str = "usb:",
        *,
        silence: float | None = None,
        tracer: Tracer | None = None,
        cancel: CancelToken = NEVER,
    ) -> None:
        self.address = address
        self._silence = silence
        self._tracer = tracer
        self._link: _Link | None = _open_link(address, silence, tracer, cancel)
        self._info = self._link.info

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
    def chdk_version(self) -> tuple[int, int] | None:
        """Major and minor version of CHDK's protocol, or None where the camera runs no CHDK."""
        return self._connected().chdk_version

    @property
    def is_connected(self) -> bool:
        """Whether calls can reach the camera, as far as is known without trying."""
        return self._link is not None and not self._link.session.broken

    # ---- what it does ----

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
    def trees(self) -> Trees:
        """Whole trees of files, and pictures."""
        return self._connected().trees

    def lua(
        self,
        code: str | bytes,
        timeout: float | None = None,
        *,
        libraries: Sequence[str] = (),
        on_message: MessageHandler | None = None,
        cancel: CancelToken = NEVER,
    ) -> LuaValue | tuple[LuaValue, ...]:
        """Run Lua code on the camera, wait for it, and return what it returns.

        One value comes as it is, several as a tuple, none as None; `chdk.luadata` has the types.
        `timeout` is in seconds. `on_message` gets what the script sends with write_usb_msg. Raises
        `ScriptError`, which tells the line of `code`, `ScriptRunningError` and
        `ScriptTimeoutError`.

        >>> cam.lua("return get_zoom()")
        0
        """
        return self.scripts.call(
            code, timeout=timeout, libraries=libraries, on_message=on_message, cancel=cancel
        )

    # ---- the connection ----

    def trace(self, tracer: Tracer) -> None:
        """Have `tracer` write what goes to and from the camera, also after a reconnect."""
        self._tracer = tracer
        if self._link is not None:
            tracer.adopt(self._link.session)

    def allow_silence(self, seconds: float) -> None:
        """Set how long the camera may send nothing before a call fails, from now on."""
        self._silence = seconds
        if self._link is not None:
            self._link.session.transport.silence = seconds

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

        Looks for it for up to `wait` seconds, on USB at all addresses; `progress` is told when it
        is not there at once. Raises `ConnectError` where it does not come back, or where only
        another model or another serial number answers in its place.
        """
        self.close()
        deadline = time.monotonic() + wait
        pause = 0.05
        while True:
            try:
                self._link = self._find_again(cancel)
            except (TransportError, PtpError):
                left = deadline - time.monotonic()
                if left <= 0:
                    raise
            else:
                self._info = self._link.info
                return
            progress.note(f"waiting for {_described(self._info)}")
            cancel.wait(min(pause, left))
            pause = min(2 * pause, 0.5)

    def reboot(self, file: str = "", wait: float = 3.5, cancel: CancelToken = NEVER) -> None:
        """Restart the camera, with the firmware in `file` (a path on the card) if one is given.

        Disconnects, and waits for up to `wait` seconds until the camera has gone; `reconnect` then
        finds it again. A script that runs is ended. Raises what running a script raises.
        """
        argument = serialize(file) if file else ""
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
        self.session.transport.silence = 1.0
        while time.monotonic() < deadline:
            try:
                self.protocol.script_status(cancel=cancel)
            except (TransportError, PtpError):
                return
            cancel.wait(_DEPARTURE_STEP)

    def _find_again(self, cancel: CancelToken) -> _Link:
        """Return a link to the same camera, or raise the most telling thing that went wrong."""
        failures: list[TransportError | PtpError] = []
        for address in self._places_to_look():
            try:
                link = _open_link(address, self._silence, self._tracer, cancel)
            except (TransportError, PtpError) as failure:
                failures.append(failure)
                continue
            if (link.info.model, link.info.serial_number) == (self.model, self.serial):
                return link
            link.session.close()
            failures.append(_another(link.info, self._info))
        if not failures:
            raise NoDeviceError(
                f"{_described(self._info)} is not there", "wake it or plug it in, then `reconnect`"
            )
        raise failures[0]

    def _places_to_look(self) -> list[str]:
        if split_address(self.address)[0] != "usb":
            return [self.address]
        # A camera that was replugged, or that rebooted, has a new device number.
        return [d.address for d in list_devices("usb") if d.state is not DeviceState.CONNECTED]

    def _connected(self) -> _Link:
        if self._link is None:
            raise NotConnectedError
        return self._link


def _open_link(
    address: str, silence: float | None, tracer: Tracer | None, cancel: CancelToken
) -> _Link:
    transport = open_transport(address)
    if silence is not None:
        transport.silence = silence
    session = Session(transport)
    if tracer is not None:
        tracer.adopt(session)
    try:
        info = _shake_hands(session, cancel)
        protocol = ChdkProtocol(session, info.operations_supported)
        scripts = Scripts(protocol)
        version = _chdk_version(protocol, cancel)
    except BaseException:
        session.close()
        raise
    return _Link(
        session,
        info,
        protocol,
        scripts,
        Files(protocol, scripts),
        Trees(protocol, scripts),
        version,
    )


def _shake_hands(session: Session, cancel: CancelToken) -> DeviceInfo:
    """Open the session and ask for the device info. A camera that is out of step is reset."""
    patience = session.transport.silence
    session.transport.silence = min(patience, HANDSHAKE_SECONDS)
    try:
        session.open(cancel)
        info = session.get_device_info(cancel)
    except DisconnectedError:
        raise
    except TransportError as error:
        try:
            session.recover()
        except TransportError:
            raise error from None
        session.open(cancel)
        info = session.get_device_info(cancel)
    session.transport.silence = patience
    return info


def _chdk_version(protocol: ChdkProtocol, cancel: CancelToken) -> tuple[int, int] | None:
    try:
        return protocol.version(cancel=cancel)
    except NoChdkError:
        return None


def _another(found: DeviceInfo, wanted: DeviceInfo) -> ConnectError:
    return ConnectError(
        f"another camera answered: {_described(found)} instead of {_described(wanted)}",
        "`connect` to it if that is the one you want",
    )


def _described(info: DeviceInfo) -> str:
    serial = f" (serial {info.serial_number})" if info.serial_number else ""
    return printable(f"{info.model}{serial}")
