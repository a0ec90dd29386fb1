"""A computer that the doctor examines: files below a folder."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import chdkshell
from chdkshell.chdk.constants import ScriptSupport
from chdkshell.errors import NoChdkError
from chdkshell.shell.doctor import Doctor, Finding, LibusbInfo, SystemView

NODE = "dev/bus/usb/001/004"
RULE = 'SUBSYSTEM=="usb", ATTR{idVendor}=="04a9", GROUP="plugdev", MODE="0660", TAG+="uaccess"'
MEND_ACCESS = (
    f"echo '{RULE}' | sudo tee /etc/udev/rules.d/70-chdkshell.rules"
    " && sudo udevadm control --reload && sudo udevadm trigger --attr-match=idVendor=04a9"
)


class Camera:
    """A camera that is connected, as far as the doctor asks it."""

    def __init__(
        self,
        version: tuple[int, int] | None = (2, 9),
        support: int = 1,
        address: str = "usb:001:004",
        remote: int = 0,
    ) -> None:
        self.model, self.serial, self.chdk_version = "Canon PowerShot X", "A1B2", version
        self.protocol = SimpleNamespace(
            script_support=lambda: ScriptSupport(support),
            no_chdk=lambda: NoChdkError("the camera does not run CHDK"),
        )
        self.scripts = SimpleNamespace(aside=lambda: nullcontext(True), call=lambda code: remote)
        self.session = SimpleNamespace(transport=SimpleNamespace(address=address))
        self.closed = False

    def __enter__(self) -> Camera:
        return self

    def __exit__(self, *error: object) -> None:
        self.closed = True


class Computer:
    """A Linux computer below a folder, at first with USB, udev and no camera."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for folder in ("dev/bus/usb/001", "sys/bus/usb/devices", "run/udev", "proc/self"):
            (root / folder).mkdir(parents=True)
        self.allowed = True
        self.connects_to: Camera | Exception = Camera()
        self.connected: Sequence[Camera] = ()
        self.asked: list[str] = []
        self.user = "root"
        self.groups = frozenset({"users"})
        self.environ: dict[str, str] = {}
        self.outputs: dict[str, str] = {}
        self.write("etc/os-release", 'NAME=x\nPRETTY_NAME="Debian GNU/Linux 13 (trixie)"\n')

    def write(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def plug_in(self, classes: Sequence[str] = ("06",), vendor: str = "04a9") -> None:
        """Plug in a device with interfaces of the given classes."""
        files = {"idVendor": vendor, "idProduct": "32c8", "busnum": "1", "devnum": "4"}
        for name, text in (files | {"product": "Canon Digital Camera"}).items():
            self.write(f"sys/bus/usb/devices/1-2/{name}", text + "\n")
        for number, kind in enumerate(classes):
            self.write(f"sys/bus/usb/devices/1-2/1-2:1.{number}/bInterfaceClass", kind + "\n")
        self.write(NODE, "")
        (self.root / NODE).chmod(0o664)

    def add_rule(self, text: str = RULE, path: str = "etc/udev/rules.d/70-chdkshell.rules") -> None:
        self.write(path, text + "\n")

    def run(self, pid: int, comm: str, command: str = "", opens: str = "") -> None:
        """Start a program that has the file `opens` open."""
        self.write(f"proc/{pid}/comm", comm + "\n")
        self.write(f"proc/{pid}/cmdline", command + "\0--quiet\0" if command else "")
        (self.root / f"proc/{pid}/fd").mkdir()
        if opens:
            (self.root / f"proc/{pid}/fd/9").symlink_to(opens)

    def connect(self, address: str) -> Camera:
        self.asked.append(address)
        if isinstance(self.connects_to, Exception):
            raise self.connects_to
        return self.connects_to

    def doctor(self, **changes: Any) -> Doctor:
        system = SystemView(
            root=self.root,
            platform="linux",
            own=(99, 98),
            may_open=lambda path: self.allowed,
            output_of=lambda command: self.outputs.get(" ".join(command[:2]), ""),
            user=self.user,
            groups=self.groups,
            environ=self.environ,
            python="Python 3.13.5 (aarch64)",
        )
        doctor = Doctor(
            system=system,
            libusb=lambda: LibusbInfo("libusb-1.0.so.0", "1.0.26", "the system"),
            devices=list,
            connect=cast(Callable[[str], chdkshell.Camera], self.connect),
            connected=cast(Sequence[chdkshell.Camera], self.connected),
        )
        return dataclasses.replace(doctor, **changes)

    def findings(self, **changes: Any) -> list[Finding]:
        return list(self.doctor(**changes).findings())
