"""What tests use: the bus as a fixture, cameras on it, and programs that see it."""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chdkshell.ptp.datasets import DeviceInfo
from chdkshell.sim.camera import SimCamera
from chdkshell.sim.interfaces.usbdevice import PRODUCT_ID, UsbCamera
from support.emulated_usb.bus import Bus
from support.emulated_usb.camera import FaultyCamera, FaultySim
from support.emulated_usb.usbfs import Node
from support.timeouts import TIMEOUT

HERE = Path(__file__).parent
LIBRARY_VARIABLE = "CHDKSHELL_LIBUSB"


class ClientError(Exception):
    """The program under test answered with an error. `kind` is its class."""

    def __init__(self, kind: str, message: str, hint: str) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind
        self.message = message
        self.hint = hint


class Client:
    """A child process that runs client.py: its functions are called as methods of this object."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "support.emulated_usb.client"],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def __getattr__(self, name: str) -> Any:
        return functools.partial(self._call, name)

    def _call(self, name: str, **arguments: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([name, arguments]) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            self._process.wait(TIMEOUT)  # then the bus knows, too, that it holds nothing any more
        answer = json.loads(line or '{"error": "it died"}')
        if "error" in answer:
            raise ClientError(answer["error"], answer.get("message", ""), answer.get("hint", ""))
        return answer["value"]

    def end(self) -> None:
        """End it as a user would: by closing its input."""
        self._process.communicate(timeout=TIMEOUT)
        assert self._process.returncode == 0, "the program did not end well"

    def begin_to_die(self) -> None:
        """Kill it, whoever waits for its answer."""
        self._process.kill()

    def kill(self) -> None:
        """End it in the middle of whatever it does."""
        self._process.kill()
        self._process.communicate(timeout=TIMEOUT)


class UsbBus:
    """The emulated bus with what a test does on it."""

    def __init__(self, shim: Path) -> None:
        self.bus = Bus(shim)
        self._clients: list[Client] = []

    def plug(
        self,
        address: int = 4,
        *,
        model: str = "Canon PowerShot SIM1",
        serial: str = "SIM0001",
        product_id: int = PRODUCT_ID,
        change_descriptor: Callable[[bytes], bytes] = bytes,
        **conditions: Any,
    ) -> tuple[Node, FaultyCamera]:
        """Plug in a camera that fails on request. `conditions` as for `Bus.plug`."""
        info = DeviceInfo("Canon Inc.", model, "1-1.0.0.0", serial)

        def make(changed: Callable[[int], None]) -> FaultyCamera:
            camera = FaultyCamera(info, changed, product_id)
            camera.configuration_descriptor = change_descriptor(camera.configuration_descriptor)
            return camera

        node = self.bus.plug(make, address, **conditions)
        assert isinstance(node.camera, FaultyCamera)
        return node, node.camera

    def plug_sim(self, camera: SimCamera, address: int = 4, **conditions: Any) -> Node:
        """Plug in a simulated camera as its model is on USB. The caller closes it."""
        identity = camera.state.identity
        return self.bus.plug(
            lambda changed: UsbCamera(
                *(camera.responder, camera.device_info, changed),
                *(identity.product_id, identity.bulk_packet),
                events=camera.standard.events,
            ),
            address,
            **conditions,
        )

    def plug_faulty_sim(
        self, camera: SimCamera, address: int = 4, **conditions: Any
    ) -> tuple[Node, FaultySim]:
        """Plug in a simulated camera that fails on request. The caller closes `camera`."""
        node = self.bus.plug(lambda changed: FaultySim(camera, changed), address, **conditions)
        assert isinstance(node.camera, FaultySim)
        return node, node.camera

    def environment(self, libusb: str = "") -> dict[str, Any]:
        """The environment in which a program sees this bus, through the `libusb` that is named."""
        paths = (str(HERE.parent.parent), str(HERE.parent), os.environ.get("PYTHONPATH", ""))
        return {
            **os.environ,
            **self.bus.environment(),
            "PYTHONPATH": os.pathsep.join(filter(None, paths)),
            LIBRARY_VARIABLE: libusb,
        }

    def client(self, libusb: str = "") -> Client:
        """Start a program under test."""
        client = Client(self.environment(libusb))
        self._clients.append(client)
        return client

    def close(self) -> None:
        """End the programs and take the bus away."""
        for client in self._clients:
            client.kill()
        self.bus.close()


def _require(condition: bool, reason: str) -> None:
    if condition:
        return
    if os.environ.get("CHDKSHELL_REQUIRE_PEERS") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def usb_shim() -> Iterator[Path]:
    """The compiled shim.c."""
    _require(sys.platform == "linux", "the emulated USB bus needs Linux")
    compiler = shutil.which("gcc")
    _require(compiler is not None, "the emulated USB bus needs gcc")
    with tempfile.TemporaryDirectory(prefix="usbshim") as folder:
        shim = Path(folder) / "shim.so"
        subprocess.run(
            [
                str(compiler),
                *("-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Werror"),
                *("-o", str(shim), str(HERE / "shim.c"), "-ldl", "-lpthread"),
            ],
            check=True,
        )
        yield shim


@pytest.fixture
def usb_bus(usb_shim: Path) -> Iterator[UsbBus]:
    """An emulated USB bus without cameras."""
    bus = UsbBus(usb_shim)
    yield bus
    bus.close()
