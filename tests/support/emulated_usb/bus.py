"""The bus: a folder with the /sys and /dev of the cameras on it, and the servers behind them."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import struct
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

from chdkshell.sim.interfaces.usbdevice import UsbCamera
from support.emulated_usb.usbfs import Node, OpenNode

_ONE_PAGE = 4096
_HIGH_SPEED_MEGABITS = 480


class Bus:
    """Cameras can be plugged in and unplugged at any time. `shim` is the compiled shim.c."""

    def __init__(self, shim: Path) -> None:
        # A socket's path holds 108 bytes, so pytest's own long folders will not do.
        self.root = Path(tempfile.mkdtemp(prefix="usb"))
        self._shim = shim
        self._listeners: dict[Node, socket.socket] = {}
        for folder in ("sys/bus/usb/devices", "dev/bus/usb", "poll", "server"):
            (self.root / folder).mkdir(parents=True)

    def environment(self) -> dict[str, str]:
        """The variables with which a program sees this bus. They must be set when it starts."""
        return {"LD_PRELOAD": str(self._shim), "USB_BUS_ROOT": str(self.root)}

    def plug(
        self,
        make_camera: Callable[[Callable[[int], None]], UsbCamera],
        address: int,
        *,
        bus: int = 1,
        port: str = "",
        kernel_driver: str | None = None,
        open_errno: int = 0,
        configured: bool = True,
    ) -> Node:
        """Plug in the camera that `make_camera` makes, which is called with `changed`.

        `port` is where on the bus, like "4", or "2.1" behind a hub; "" stands for the address.
        """
        import fcntl  # only where there is one: other systems collect the tests and skip them

        name = f"{bus:03d}/{address:03d}"
        poll = self.root / "poll" / f"{bus:03d}_{address:03d}"
        os.mkfifo(poll)
        fifo = os.open(poll, os.O_RDWR | os.O_NONBLOCK)
        fcntl.fcntl(fifo, fcntl.F_SETPIPE_SZ, _ONE_PAGE)
        node = Node(bus, address, fifo, port or str(address))
        node.kernel_driver, node.open_errno = kernel_driver, open_errno
        node.camera = make_camera(node.endpoint_changed)
        node.camera.plug_in()

        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        server = self.root / "server/dev/bus/usb" / name
        server.parent.mkdir(parents=True, exist_ok=True)
        listener.bind(str(server))
        listener.listen()
        self._listeners[node] = listener
        threading.Thread(target=_serve, args=(node, listener), name="usb node", daemon=True).start()

        device = self.root / "dev/bus/usb" / name
        device.parent.mkdir(exist_ok=True)
        # The program sees another name than this process has open: what looks for the programs
        # that hold a node must not find the bus.
        os.link(poll, device)
        self._write_sys(node, configured)
        return node

    def unplug(self, node: Node) -> None:
        """Pull the cable. Waits for the camera's thread, so it must be called from another."""
        listener = self._listeners.pop(node)
        name = f"{node.bus:03d}/{node.address:03d}"
        node.unplug()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        (self.root / "sys/bus/usb/devices" / _sys_name(node)).unlink()
        shutil.rmtree(self._sys_folder(node))
        (self.root / "dev/bus/usb" / name).unlink()
        (self.root / "server/dev/bus/usb" / name).unlink()
        (self.root / "poll" / name.replace("/", "_")).unlink()

    def close(self) -> None:
        """Unplug everything."""
        for node in list(self._listeners):
            self.unplug(node)
        shutil.rmtree(self.root)

    def _sys_folder(self, node: Node) -> Path:
        return self.root / f"sys/devices/pci0000:00/0000:00:14.0/usb{node.bus}" / _sys_name(node)

    def _write_sys(self, node: Node, configured: bool) -> None:
        camera = node.camera
        vendor, product, release = struct.unpack_from("<HHH", camera.device_descriptor, 8)
        minor = (node.bus - 1) * 128 + node.address - 1
        properties = {
            "MAJOR": "189",
            "MINOR": str(minor),
            "DEVNAME": f"bus/usb/{node.bus:03d}/{node.address:03d}",
            "DEVTYPE": "usb_device",
            "DRIVER": "usb",
            "PRODUCT": f"{vendor:x}/{product:x}/{release:x}",
            "TYPE": "0/0/0",
            "BUSNUM": f"{node.bus:03d}",
            "DEVNUM": f"{node.address:03d}",
        }
        attributes = {
            "busnum": str(node.bus),
            "devnum": str(node.address),
            "speed": str(_HIGH_SPEED_MEGABITS),
            "bConfigurationValue": "1" if configured else "",
            "idVendor": f"{vendor:04x}",
            "idProduct": f"{product:04x}",
            "dev": f"189:{minor}",
            "uevent": "\n".join(f"{key}={value}" for key, value in properties.items()),
        }
        folder = self._sys_folder(node)
        folder.mkdir(parents=True)
        node.configuration_file = folder / "bConfigurationValue"
        for name, text in attributes.items():
            (folder / name).write_text(text and text + "\n")
        (folder / "descriptors").write_bytes(
            camera.device_descriptor + camera.configuration_descriptor
        )
        _link(folder / "subsystem", self.root / "sys/bus/usb")
        _link(self.root / "sys/bus/usb/devices" / _sys_name(node), folder)


def _serve(node: Node, listener: socket.socket) -> None:
    """Serve every program that opens the node, until the listener is closed."""
    with contextlib.suppress(OSError):
        while True:
            connection, _ = listener.accept()
            OpenNode(node, connection).start()


def _sys_name(node: Node) -> str:
    return f"{node.bus}-{node.port}"


def _link(link: Path, target: Path) -> None:
    link.symlink_to(os.path.relpath(target, link.parent))
