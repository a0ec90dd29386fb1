"""Connections as chdkptp has them: an object for each place where a camera may be."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from chdkshell.camera import Camera
from chdkshell.chdk.constants import PROTOCOL_VERSION
from chdkshell.chdk.protocol import ChdkProtocol
from chdkshell.errors import ChdkShellError, ConnectError, NoDeviceError, PtpError, TransportError
from chdkshell.hostlua.arguments import Fields, LuaObject, instance, is_table, table, text
from chdkshell.hostlua.faults import Fault, WrongCall, not_connected
from chdkshell.hostlua.services import Host
from chdkshell.ptp.packet import PORT
from chdkshell.transport.base import SCHEMES, split_address
from chdkshell.version import __version__

DUMMY = "dummy"
"""Bus and device of the connection that leads nowhere."""


class LuaConnection(LuaObject):
    """A place where a camera may be; it may be connected or not.

    `counted` are the bytes that had gone before `reset_counters`.
    """

    def __init__(self, host: Host, spec: dict[str, str]) -> None:
        self._host = host
        self.spec = spec
        self.counted = (0, 0)
        self._camera: Camera | None = None

    @property
    def is_ip(self) -> bool:
        """Whether it was named by host and port."""
        return "host" in self.spec

    @property
    def address(self) -> str:
        """The address of the place, "" for the dummy."""
        if self.is_ip:
            host = self.spec["host"]
            host = f"[{host}]" if ":" in host else host
            return f"ip:{host}:{self.spec['port']}"
        bus, device = self.spec["bus"], self.spec["dev"]
        if bus == DUMMY:
            return ""
        return f"{bus}:{device}" if bus in SCHEMES else f"usb:{bus}:{device}"

    @property
    def found(self) -> Camera | None:
        """The camera that is connected here, also where Lua did not connect it."""
        if self._camera is not None and self._camera.is_connected:
            return self._camera
        self._camera = self._host.services.connected(self.address) if self.address else None
        return self._camera

    @property
    def camera(self) -> Camera:
        """The camera. Raises `Fault` where none is connected."""
        camera = self.found
        if camera is None:
            raise not_connected()
        return camera

    @property
    def protocol(self) -> ChdkProtocol:
        """The commands of CHDK. Raises `Fault`."""
        return self.camera.protocol

    def adopt(self, camera: Camera) -> None:
        """Stand for a camera that is connected here."""
        self._camera = camera

    def counts(self) -> tuple[int, int]:
        """Return how many bytes were read and written since the last reset."""
        camera = self.found
        if camera is None:
            return 0, 0
        session = camera.session
        now = session.bytes_read, session.bytes_written
        return max(now[0] - self.counted[0], 0), max(now[1] - self.counted[1], 0)

    def reset_counts(self) -> None:
        """Count from here on."""
        camera = self.found
        session = camera.session if camera else None
        self.counted = (session.bytes_read, session.bytes_written) if session else (0, 0)


def spec_of(address: str) -> dict[str, str]:
    """Return the bus and device, or host and port, that a camera's address stands for."""
    scheme, rest = split_address(address)
    if scheme == "usb":
        bus, _, device = rest.partition(":")
        return {"bus": bus, "dev": device}
    if scheme == "ip":
        host, colon, port = rest.rpartition(":")
        if not colon or rest.endswith("]"):
            host, port = rest, str(PORT)
        return {"host": host.strip("[]"), "port": port}
    return {"bus": scheme, "dev": rest}


class ConnectionList:
    """All connections of a Lua state, one for each place."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._by_key: dict[str, LuaConnection] = {}

    def at(self, spec: dict[str, str]) -> LuaConnection:
        """Return the connection of a place."""
        key = "tcp:{host}:{port}" if "host" in spec else "usb:{bus}/{dev}"
        return self._by_key.setdefault(key.format(**spec), LuaConnection(self._host, spec))

    def connection(self, spec: object = None) -> LuaConnection:
        """chdk.connection: by bus and dev, by host and port, or the dummy."""
        if not is_table(spec):
            return self.at({"bus": DUMMY, "dev": DUMMY})
        fields = Fields(spec)
        given = {name: fields.get(name) for name in ("bus", "dev", "host", "port")}
        words = {name: text(value, 1) for name, value in given.items() if value is not None}
        if "host" in words or "port" in words:
            if "dev" in words or "bus" in words:
                raise WrongCall("cannot specify dev or bus with PTP/IP")
            if "host" not in words:
                raise WrongCall("missing host")
            return self.at({"port": str(PORT)} | words)
        if "dev" not in words or "bus" not in words:
            raise WrongCall("invalid device spec")
        return self.at(words)

    def get_conlist(self) -> dict[str, LuaConnection]:
        """chdk.get_conlist: all by their keys."""
        return dict(self._by_key)

    def list_usb_devices(self) -> list[dict[str, object]]:
        """chdk.list_usb_devices: those on USB, and those elsewhere that the program knows."""
        found = []
        for device in self._host.services.devices():
            scheme, _, rest = device.address.partition(":")
            found.append(
                {
                    "bus": device.bus or scheme,
                    "dev": device.device or rest,
                    "vendor_id": device.vendor_id,
                    "product_id": device.product_id,
                }
            )
        return found

    def connect(self, con: object) -> None:
        """Connect a camera that is not connected."""
        place = instance(con, LuaConnection, 1)
        if place.found is not None:
            raise Fault("connect_connected", "connection already connected")
        if not place.address:
            raise Fault("connect_no_dev", "no matching device")
        try:
            place.adopt(self._host.services.open(place.address, self._host.cancel))
        except NoDeviceError:
            raise Fault("connect_no_dev", "no matching device") from None
        except ConnectError as error:
            raise Fault("connect_fail", f"connection failed: {error}") from None
        place.reset_counts()

    def disconnect(self, con: object) -> None:
        """Disconnect a camera, if one is connected."""
        place = instance(con, LuaConnection, 1)
        if place.found is not None:
            self._host.services.close(place.camera)

    def is_connected(self, con: object) -> bool:
        """Whether a camera is connected, and still there where USB can tell."""
        place = instance(con, LuaConnection, 1)
        camera = place.found
        if camera is None:
            return False
        if not place.is_ip and camera.chdk_version is not None:
            with contextlib.suppress(PtpError):
                try:
                    camera.protocol.script_status()
                except TransportError:
                    return False
        return True

    def reset_device(self, spec: object = None) -> None:
        """chdk.reset_device: end a session that another program left open."""
        fields = Fields(table(spec, 1)) if is_table(spec) else None
        if fields is None or fields.get("bus") is None or fields.get("dev") is None:
            raise Fault("baddev", "invalid device spec")
        place = self.connection(spec)
        found = place.found
        try:
            camera = found or self._host.services.open(place.address, self._host.cancel)
        except NoDeviceError:
            raise Fault("nodev", "no matching device") from None
        camera.session.recover()
        self._host.services.close(camera)

    def set_usb_reset_on_close(self, value: object = None) -> None:
        """Note the wish; this program resets a camera that does not answer, and no other."""
        self._host.reset_on_close = bool(value)

    def program_version(self) -> dict[str, object]:
        """chdk.program_version: the version of the C core that the Lua files ask for."""
        major, minor = self._host.program_api
        return {
            "MAJOR": major,
            "MINOR": minor,
            "BUILD": 0,
            "DESC": f"chdkshell {__version__}",
            "DATE": "",
            "TIME": "",
            "COMPILER_VERSION": "",
        }

    def functions(self) -> dict[str, Callable[..., object]]:
        """Return the library chdk."""
        return {
            "connection": self.connection,
            "host_api_version": lambda: dict(
                zip(("MAJOR", "MINOR"), PROTOCOL_VERSION, strict=True)
            ),
            "program_version": self.program_version,
            "list_usb_devices": self.list_usb_devices,
            "get_conlist": self.get_conlist,
            "reset_device": self.reset_device,
            "set_usb_reset_on_close": self.set_usb_reset_on_close,
            "get_usb_reset_on_close": lambda: self._host.reset_on_close,
        }


def quietly_ended(camera: Camera) -> None:
    """End the script that runs on a camera. A camera that cannot do that is left alone."""
    try:
        camera.scripts.kill()
    except ChdkShellError:
        return
