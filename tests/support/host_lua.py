"""A Lua state of the host with simulated cameras, and what its programs write."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import chdkshell
from chdkshell.camera import Camera
from chdkshell.errors import NoDeviceError, UsageError
from chdkshell.flow import CancelToken
from chdkshell.hostlua.state import Exited, HostLua
from chdkshell.hostlua.values import to_plain
from chdkshell.transport.base import Device

_numbers = itertools.count(1)


def fresh_address() -> str:
    """Return the address of a simulated camera that nobody else has."""
    return f"sim:pace=fast,serial=LUA{next(_numbers)}"


class DeskServices:
    """Cameras by their addresses; what was written and read is kept as bytes."""

    def __init__(self, addresses: tuple[str, ...]) -> None:
        self.addresses = addresses
        self.cameras: dict[str, Camera] = {}
        self.used: Camera | None = None
        self.written = b""
        self.told = b""
        self.lines: list[bytes] = []
        self.options: dict[str, bool | int | str] = {"cli_verbose": 1, "trace": ""}
        self.commands: list[str] = []
        self.on_write: Callable[[], None] = lambda: None

    def write(self, data: bytes) -> None:
        self.written += data
        self.on_write()

    def write_error(self, data: bytes) -> None:
        self.told += data

    def read_line(self, prompt: bytes) -> bytes | None:
        self.written += prompt
        return self.lines.pop(0) if self.lines else None

    def devices(self) -> list[Device]:
        return [Device(address, vendor_id=0x4A9, product_id=0x32C8) for address in self.addresses]

    def connected(self, address: str) -> Camera | None:
        camera = self.cameras.get(address)
        return camera if camera is not None and camera.is_connected else None

    def open(self, address: str, cancel: CancelToken) -> Camera:
        if address not in self.addresses:
            raise NoDeviceError(f"nothing at {address}")
        self.cameras[address] = chdkshell.connect(address, cancel=cancel)
        return self.cameras[address]

    def close(self, camera: Camera) -> None:
        camera.close()

    def use(self, camera: Camera) -> None:
        self.used = camera

    def current(self) -> Camera | None:
        return self.used if self.used is not None and self.used.is_connected else None

    def run_command(self, line: str) -> tuple[bool, str]:
        self.commands.append(line)
        return (False, "it failed\n") if line.startswith("bad") else (True, f"did {line}\n")

    def get_option(self, name: str) -> bool | int | str:
        if name not in self.options:
            raise UsageError(f"invalid pref: {name}")
        return self.options[name]

    def set_option(self, name: str, value: str) -> None:
        self.get_option(name)
        self.options[name] = value


class LuaDesk:
    """A state to run programs in. Called with a chunk, it returns the one value or a tuple."""

    def __init__(self, *addresses: str, arguments: tuple[str, ...] = ()) -> None:
        self.services = DeskServices(addresses or (fresh_address(),))
        self.cancel = CancelToken()
        self.state = HostLua(self.services, None, arguments)

    def __call__(self, code: str | bytes, name: str = "=test") -> Any:
        values = self.run(code, name)
        assert not isinstance(values, Exited)
        plain = tuple(to_plain(value) for value in values)
        return plain[0] if len(plain) == 1 else plain or None

    def run(self, code: str | bytes, name: str = "=test") -> tuple[object, ...] | Exited:
        """Run a chunk and return what the state gives."""
        source = code.encode() if isinstance(code, str) else code
        return self.state.run(source, name, self.cancel, shows_calls=True)

    @property
    def camera(self) -> Camera:
        """The first camera, which is connected."""
        return self.services.cameras[self.services.addresses[0]]

    def connected(self) -> Camera:
        """Connect the first camera as the variable `con`."""
        address = self.services.addresses[0]
        bus, _, device = address.partition(":")
        self(f"con = chdku.connection{{bus='{bus}',dev='{device}'}} con:connect()")
        return self.camera

    def close(self) -> None:
        """Disconnect all cameras."""
        for camera in self.services.cameras.values():
            camera.close()
