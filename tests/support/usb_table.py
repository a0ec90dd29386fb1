"""A desk with a computer on it, for tests of what goes wrong on USB."""

from __future__ import annotations

from pathlib import Path

from chdkshell.sim.camera import SimCamera
from support.emulated_usb.camera import FaultySim
from support.emulated_usb.fixtures import UsbBus
from support.emulated_usb.shell import Shell
from support.emulated_usb.usbfs import Node

BIG = 3_000_000
"""Bytes of the large file on each card, about."""


class Table:
    """A desk with a computer on it: its USB bus, the program, and cameras."""

    def __init__(self, usb: UsbBus, libusb: str, folder: Path) -> None:
        self.usb = usb
        self.folder = folder
        self.libusb = libusb
        self.sims: list[SimCamera] = []
        self.shells: list[Shell] = []

    def shell(self, *arguments: str) -> Shell:
        """Start the program."""
        shell = Shell(self.usb.environment(self.libusb), *arguments)
        self.shells.append(shell)
        return shell

    def sim(self, model: str = "Canon PowerShot ONE", serial: str = "AAA1") -> SimCamera:
        """Return a simulated camera with a large and an oddly sized file on its card."""
        card = self.folder / f"card{len(self.sims)}"
        card.mkdir()
        (card / "BIG.BIN").write_bytes(bytes(range(251)) * (BIG // 251 + 1))
        (card / "FULL.BIN").write_bytes(b"x" * (1024 - 12))
        sim = SimCamera(card, model, serial)
        self.sims.append(sim)
        return sim

    def plug(
        self, sim: SimCamera | None = None, address: int = 4, **conditions: object
    ) -> tuple[Node, FaultySim]:
        """Plug a camera in that fails on request."""
        return self.usb.plug_faulty_sim(sim or self.sim(), address, **conditions)

    def close(self) -> None:
        for shell in self.shells:
            shell.kill()
        for sim in self.sims:
            sim.close()
